"""A URL that names several servers: the first that answers is taken, and one that hangs is passed over."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy.exc import OperationalError

from eeds.db.engine import Database, Patience
from tests.workers.family import eventually

PORT = "5432"
PATIENCE = Patience(connect=2, notices_silence=True)


class Passage:
    """A socket in a directory that leads to the real server, until it is closed for a while as if that hung."""

    def __init__(self, directory: Path, url: str) -> None:
        self.directory, self.server = directory, conninfo_to_dict(url)
        self.is_open = threading.Event()
        self.is_open.set()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(directory / f".s.PGSQL.{PORT}"))
        self.listener.listen()
        self.start(self.accept)

    def start(self, work: Callable[..., None], *sockets: socket.socket) -> None:
        """Have it done in a thread."""
        threading.Thread(target=work, args=sockets, daemon=True).start()

    def accept(self) -> None:
        """Connect who comes with the server."""
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = self.to_server()
                self.start(self.carry, client, server)
                self.start(self.carry, server, client)

    def to_server(self) -> socket.socket:
        """A connection of the kind that its URL names."""
        host, port = str(self.server["host"]), int(self.server.get("port") or PORT)
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(f"{host}/.s.PGSQL.{port}")
        return connection

    def carry(self, source: socket.socket, target: socket.socket) -> None:
        """What comes from the one to the other, while the passage is open."""
        with source, suppress(OSError):
            while data := source.recv(65536):
                self.is_open.wait()
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@pytest.fixture
def passage(database_url: str, tmp_path: Path) -> Iterator[Passage]:
    passage = Passage(tmp_path, database_url)
    yield passage
    passage.is_open.set()
    passage.listener.close()


@pytest.fixture
def both(passage: Passage) -> Iterator[Database]:
    """The passage, and behind it in the URL the server itself."""
    hosts = f"{passage.directory},{passage.server['host']}"
    ports = f"{PORT},{passage.server.get('port') or PORT}"
    own = {name: value for name, value in passage.server.items() if name not in ("host", "port")}
    url = make_conninfo("", **own, host=hosts, port=ports, target_session_attrs="read-write")
    database = Database(url, PATIENCE)
    yield database
    database.engine.dispose()


def host(database: Database) -> str:
    """The server that a statement was answered by."""
    with database.connection() as connection:
        connection.execute("SELECT 1")
        return connection.info.host


def test_one_that_hangs_is_passed_over_until_it_is_back(both: Database, passage: Passage) -> None:
    assert host(both) == str(passage.directory)
    passage.is_open.clear()
    assert {host(both) for _ in range(3)} == {passage.server["host"]}
    passage.is_open.set()

    def comes_back() -> bool:
        both.engine.dispose()
        return host(both) == str(passage.directory)

    eventually(comes_back, 20)


def test_one_that_hangs_from_the_start_is_waited_for_once(both: Database, passage: Passage) -> None:
    passage.is_open.clear()
    assert {host(both) for _ in range(3)} == {passage.server["host"]}


def test_the_first_says_why_where_none_can_be_had(passage: Passage) -> None:
    url = make_conninfo("", host=f"{passage.directory}/nowhere,{passage.directory}/nowhere-else", port=PORT)
    database = Database(url, PATIENCE)
    with pytest.raises(OperationalError, match=r"nowhere/\.s\.PGSQL"), database.connection():
        pass
