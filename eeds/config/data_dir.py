"""The data directory: where the Postgres and Valkey that `eeds up` starts have their files and sockets.

Nothing is started here, so that any command can find the servers of a running `eeds up`.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from eeds.errors import ConfigurationError

# Files of servers that root starts: Postgres refuses to run as root, and the unprivileged user it runs as must be able
# to reach them wherever the data directory lies.
ROOT_DIR = Path("/var/lib/eeds")
DATABASE, DATABASE_USER = "eeds", "eeds"
POSTGRES_SOCKET, VALKEY_SOCKET = ".s.PGSQL.5432", "valkey.sock"
MAX_SOCKET_PATH = 107  # bytes, sun_path of a Unix socket


@dataclass(frozen=True)
class Urls:
    """How to reach a database and a queue."""

    database: str
    redis: str


def default_data_dir() -> Path:
    """The data directory if EEDS_DATA_DIR is not set; raises ConfigurationError for a user without a home."""
    if os.geteuid() == 0:
        return ROOT_DIR / "default"
    if os.environ.get("XDG_DATA_HOME"):
        return Path(os.environ["XDG_DATA_HOME"]) / "eeds"
    try:
        return Path.home() / ".local" / "share" / "eeds"
    except RuntimeError as error:
        raise ConfigurationError(
            f"The user with uid {os.geteuid()} has no home directory; set EEDS_DATA_DIR to a directory for the data."
        ) from error


def server_dir(data_dir: Path) -> Path:
    """Where the servers of a data directory keep cluster and logs: in it, or below /var/lib/eeds for root."""
    return ROOT_DIR / _short_name(data_dir) if os.geteuid() == 0 else data_dir


def socket_dir(data_dir: Path) -> Path:
    """Where their sockets are; a deep data directory has them in /tmp, for the path of a socket is short."""
    inside = server_dir(data_dir) / "run"
    if len(os.fsencode(inside / POSTGRES_SOCKET)) <= MAX_SOCKET_PATH:
        return inside
    return Path("/tmp") / f"eeds-{os.geteuid()}-{_short_name(data_dir)}"  # noqa: S108 - made 0700, checked to be ours


def embedded_urls(data_dir: Path) -> Urls:
    """How to reach the servers of a data directory, running or not."""
    sockets = socket_dir(data_dir)
    return Urls(
        database=f"postgresql:///{DATABASE}?host={quote(str(sockets), safe='/')}&user={DATABASE_USER}",
        redis=f"unix://{quote(str(sockets / VALKEY_SOCKET))}?db=0",
    )


def _short_name(data_dir: Path) -> str:
    return hashlib.sha256(os.fsencode(data_dir.absolute())).hexdigest()[:12]
