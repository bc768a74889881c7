"""Real servers for the tests: those of DATABASE_URL and REDIS_URL, or embedded ones in a temporary directory."""

import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
import redis as redis_client
from psycopg import sql
from psycopg.conninfo import make_conninfo

from eeds.config.data_dir import Urls
from eeds.db.engine import Database
from eeds.db.migrate import migrate
from eeds.db.tables import Base
from eeds.jobs.queue_name import queue_of
from eeds.server.embedded import embedded_servers, remove
from tests import citus

# As in a worker, for models are compared bit by bit: a second thread may add up in another order.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of this suite."""
    parser.addoption("--pictures", action="store_true", help="Make the pictures of the portal in docs/ again.")
    parser.addoption("--fuzz", type=int, metavar="N", help="Send N random requests to every operation of the API.")


# How long an example takes is the machine's business.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    """The servers that tests start know no limit of requests but where a test sets one."""
    os.environ.setdefault("EEDS_HEAVY_REQUESTS", "100")
    os.environ.setdefault("EEDS_RATE_LIMIT", "1000000")


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Bytes are named by their argument and a number: packed ones hold the time at which they were made."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def servers() -> Iterator[Urls]:
    """The servers that the environment names; embedded ones for those it does not."""
    given = Urls(citus.COORDINATOR or os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", ""))
    data_dir = Path(tempfile.mkdtemp(prefix="eeds-test-"))
    try:
        with embedded_servers(data_dir, postgres=not given.database, valkey=not given.redis) as started:
            yield Urls(given.database or started.urls.database, given.redis or started.urls.redis)
    finally:
        remove(data_dir)


@pytest.fixture(scope="session")
def database_url(servers: Urls) -> Iterator[str]:
    """A migrated database that is ours alone."""
    text = f"eeds_test_{secrets.token_hex(6)}"
    if citus.COORDINATOR:
        with citus.distributed_database(text) as url:
            yield url
        return
    name = sql.Identifier(text)
    with psycopg.connect(servers.database, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
        url = with_database(servers.database, text)
        migrate(url)
        yield url
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    return make_conninfo(url, dbname=name)


@pytest.fixture(scope="session")
def redis_url(servers: Urls) -> str:
    """The queue."""
    return servers.redis


@pytest.fixture(scope="session")
def queue_name(database_url: str) -> str:
    """What the queue of the database is called."""
    with psycopg.connect(database_url) as connection:
        return queue_of(connection)


@contextmanager
def emptied(database_url: str) -> Iterator[Database]:
    """The database, with nothing in its tables."""
    tables = sql.SQL(", ").join(sql.Identifier(name) for name in Base.metadata.tables)
    with psycopg.connect(database_url) as connection:
        connection.execute("SET lock_timeout = '10s'")  # what a test left open shall not stop all that follow
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(tables))
    database = Database(database_url)
    yield database
    database.engine.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The database, emptied."""
    with emptied(database_url) as database:
        yield database


@pytest.fixture
def queue(redis_url: str) -> Iterator["redis_client.Redis[bytes]"]:
    """The queue's server, emptied."""
    with redis_client.from_url(redis_url) as client:
        client.flushall()
        yield client


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a test that talks to another machine."""
    connect = socket.socket.connect

    def checked(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            pytest.fail(f"A test tried to connect to {address}.")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", checked)
