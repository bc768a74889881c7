"""A pgbouncer that gives out connections by transaction, as large deployments have one before their Postgres."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from eeds.config.data_dir import DATABASE, DATABASE_USER
from eeds.server.embedded import Place, running, start_attempts

PROGRAM = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
PORT = 6432
SETTINGS = """
[databases]
{database} = host={sockets} dbname={database} user={user}
[pgbouncer]
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 1000
auth_type = any
listen_addr =
listen_port = {port}
unix_socket_dir = {sockets}
"""

needs_pgbouncer = pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed (Debian: pgbouncer)")


@contextmanager
def pooler(place: Place, size: int) -> Iterator[str]:
    """The URL of a pooler of so many connections to the Postgres of a place, which need not run yet."""
    assert PROGRAM
    values = {"database": DATABASE, "user": DATABASE_USER, "sockets": place.sockets, "port": PORT, "size": size}
    file = place.home / "pgbouncer.ini"
    file.write_text(SETTINGS.format(**values))
    with running(place, "pgbouncer", [PROGRAM, file], signal.SIGINT) as process:
        for _ in start_attempts(process, place.log("pgbouncer")):
            if (place.sockets / f".s.PGSQL.{PORT}").exists():
                break
        yield f"postgresql:///{DATABASE}?host={place.sockets}&port={PORT}&user={DATABASE_USER}"
