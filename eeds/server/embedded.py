"""The embedded servers: a Postgres and a Valkey on Unix sockets, which stop with the process that started them."""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import psycopg
import redis

from eeds.config.data_dir import DATABASE, DATABASE_USER, VALKEY_SOCKET, Urls, embedded_urls, server_dir, socket_dir
from eeds.errors import ConfigurationError
from eeds.jobs.processes import Command, spawn, stop
from eeds.server.binaries import postgres_bindir, reachable_copy, valkey_server

START_SECONDS = 60
STOP_SECONDS = 20
POLL_SECONDS = 0.02
POSTGRES_SETTINGS = ("listen_addresses=", "unix_socket_permissions=0700", "timezone=UTC")
# MB. A bulk load writes as fast as the disk takes it; fewer checkpoints let it.
LEAST_WAL, MOST_WAL = 128, 4096


@dataclass
class Servers:
    """Running servers, and how to reach them."""

    urls: Urls
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)


@contextmanager
def embedded_servers(data_dir: Path, *, postgres: bool = True, valkey: bool = True) -> Iterator[Servers]:
    """Run the servers of a data directory for the length of the block, ready when it begins.

    Only one process at a time may do so; raises ConfigurationError if another one does, or a server does not start.
    """
    with ExitStack() as running:
        running.enter_context(locked(data_dir))
        place = Place.prepare(data_dir)
        servers = Servers(embedded_urls(data_dir))
        if postgres:
            servers.processes["postgres"] = running.enter_context(run_postgres(place, servers.urls.database))
        if valkey:
            servers.processes["valkey"] = running.enter_context(run_valkey(place, servers.urls.redis))
        yield servers


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Hold the data directory; the lock goes with the process, however it ends."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "lock").open("w")
    except OSError as error:
        raise ConfigurationError(f"Cannot write to the data directory {data_dir}: {error.strerror}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigurationError(
                f"Another `eeds up` is using the data directory {data_dir}; stop it, or choose another with --data-dir."
            ) from error
        yield


@dataclass(frozen=True)
class Place:
    """Where the servers of one data directory keep their files, and the uid they run as (None: ours)."""

    home: Path
    sockets: Path
    user: int | None

    @classmethod
    def prepare(cls, data_dir: Path) -> "Place":
        """Make the directories, private to the user that the servers run as."""
        place = cls(server_dir(data_dir), socket_dir(data_dir), unprivileged_user())
        place.home.mkdir(parents=True, exist_ok=True)
        make_private(place.sockets, place.user)
        return place

    @property
    def cluster(self) -> Path:
        """Postgres's data."""
        return self.home / "postgres"

    def log(self, name: str) -> Path:
        """The log of a server."""
        return self.home / f"{name}.log"


def private_log(path: Path) -> BinaryIO:
    """A log to add to, which others may not read: Postgres writes statements, and so values, into it."""
    log = open(path, "ab", opener=lambda name, flags: os.open(name, flags, 0o600))  # noqa: SIM115 - by the caller
    path.chmod(0o600)
    return log


def unprivileged_user() -> int | None:
    """The uid for servers that must not run as root; None when we are not root. Raises ConfigurationError for a uid
    that initdb would refuse."""
    if os.geteuid() == 0:
        names = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
        return names.get("postgres", names["nobody"])
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError as error:
        raise ConfigurationError(
            f"The user with uid {os.geteuid()} has no passwd entry, without which Postgres cannot be set up; "
            "set DATABASE_URL to a server that is running."
        ) from error
    return None


def make_private(directory: Path, user: int | None) -> None:
    """Make a directory that only this user can enter; raises ConfigurationError if it belongs to another one."""
    owner = os.geteuid() if user is None else user
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if directory.is_symlink() or directory.stat().st_uid not in (owner, os.geteuid()):
        raise ConfigurationError(f"{directory} belongs to somebody else; remove it.")
    directory.chmod(0o700)
    if user is not None:
        os.chown(directory, user, pwd.getpwuid(user).pw_gid)


@contextmanager
def run_postgres(place: Place, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Postgres on its socket, with the database `eeds`; the cluster is made when it is missing."""
    bindir = postgres_bindir()
    programs = reachable_copy(bindir / "postgres", bindir.parent, place.home).parent
    if not (place.cluster / "PG_VERSION").exists():
        make_cluster(place, programs)
    wait_for_predecessor(place.cluster / "postmaster.pid")
    log_of_changes = wal_settings(shutil.disk_usage(place.home).free // 2**20)
    options = [f"unix_socket_directories={place.sockets}", *POSTGRES_SETTINGS, *log_of_changes]
    settings = [word for option in options for word in ("-c", option)]
    command: Command = [programs / "postgres", "-D", place.cluster, *settings]
    with running(place, "postgres", command, signal.SIGINT) as process:
        for _ in start_attempts(process, place.log("postgres")):
            with suppress(psycopg.OperationalError):  # every cluster has a database `postgres`
                psycopg.connect(url, dbname="postgres", connect_timeout=2).close()
                break
        with psycopg.connect(url, dbname="postgres", autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}".encode())
        yield process


def wal_settings(free: int) -> tuple[str, ...]:
    """How large the write-ahead log becomes on a disk of so many free MB.

    Postgres refuses a statement for which tables have no room, but crashes when the log has none: it takes a twentieth
    of the disk at most, and its first files are used again rather than removed.
    """
    size = min(max(free // 20, LEAST_WAL), MOST_WAL)
    return f"max_wal_size={size}MB", f"min_wal_size={LEAST_WAL}MB"


def make_cluster(place: Place, programs: Path) -> None:
    """Run initdb; a cluster that is not complete never has the cluster's name. Raises ConfigurationError."""
    partial = place.cluster.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    make_private(partial, place.user)
    options: Command = ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", DATABASE_USER, "-D", partial]
    with private_log(place.log("initdb")) as log:
        command = [programs / "initdb", "--no-sync", *options]
        made = spawn(command, when_orphaned=signal.SIGKILL, output=log, cwd=place.sockets, user=place.user)
    if made.wait():
        raise ConfigurationError(f"initdb failed:\n{tail(place.log('initdb'))}")
    partial.rename(place.cluster)


def wait_for_predecessor(pid_file: Path) -> None:
    """Let a Postgres whose parent was killed finish, and remove the file of one that was killed itself."""
    deadline = time.monotonic() + STOP_SECONDS
    while pid_file.exists():
        pid = pid_file.read_text().partition("\n")[0]
        if not is_postgres_on(pid, pid_file.parent):
            pid_file.unlink(missing_ok=True)
        elif time.monotonic() > deadline:
            raise ConfigurationError(f"A Postgres (process {pid}) is still using {pid_file.parent}; stop it.")
        else:
            time.sleep(POLL_SECONDS)


def is_postgres_on(pid: str, cluster: Path) -> bool:
    """Whether the process of that id is a server of the cluster, and not one that has got its number since."""
    try:
        return os.fsencode(cluster) in Path("/proc", pid, "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


@contextmanager
def run_valkey(place: Place, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Valkey on its socket, keeping nothing on disk: the database is the truth."""
    server = valkey_server()
    program = reachable_copy(server, server.parent, place.home)
    socket = place.sockets / VALKEY_SOCKET
    listen: Command = ["--port", "0", "--unixsocket", socket, "--unixsocketperm", "700"]
    keep: Command = ["--save", "", "--appendonly", "no", "--dir", place.sockets]
    with running(place, "valkey", [program, *listen, *keep], signal.SIGTERM) as process:
        for _ in start_attempts(process, place.log("valkey")):
            with suppress(redis.RedisError), redis.from_url(url) as client:
                client.ping()
                break
        yield process


@contextmanager
def running(place: Place, name: str, command: Command, number: signal.Signals) -> Iterator[subprocess.Popen[bytes]]:
    """The server for the length of the block; `number` is the signal on which it ends cleanly."""
    with private_log(place.log(name)) as log:
        process = spawn(command, when_orphaned=number, output=log, cwd=place.sockets, user=place.user)
    try:
        yield process
    finally:
        stop(process, number, STOP_SECONDS)


def start_attempts(process: subprocess.Popen[bytes], log: Path) -> Iterator[None]:
    """For a loop that breaks as soon as the server answers; raises ConfigurationError with the end of its log if it has
    ended, or does not answer in START_SECONDS."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        yield
        time.sleep(POLL_SECONDS)
    raise ConfigurationError(f"{log.stem} did not start. The end of {log}:\n{tail(log)}")


def tail(log: Path) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-10:])


def remove(data_dir: Path) -> None:
    """Delete all that the servers of a data directory have left; they must not be running."""
    for directory in (socket_dir(data_dir), server_dir(data_dir), data_dir):
        shutil.rmtree(directory, ignore_errors=True)
