"""The command line, and a real server for it to talk to."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from eeds.accounts.operations import create_user
from eeds.accounts.tokens import store_token
from eeds.cli import main
from eeds.client import Client
from eeds.db.engine import Database
from eeds.jobs import leases
from eeds.jobs.leases import JobTable
from tests.client.scripted import Scripted
from tests.web_server import web_server
from workers.claimed_job import failing

SECRET = "a secret key for the tests, long enough"
PROJECTS = """project_id,zipcode,retrofit_start_date,retrofit_end_date
ABC,50321,2013-06-01T00:00:00+0000,2013-07-01T00:00:00+0000
XYZ,02139,2013-06-01,2013-07-01 00:00
"""


@pytest.fixture(scope="session")
def server(database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a gunicorn that serves the test database."""
    environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "SECRET_KEY": SECRET}
    with web_server(environment, tmp_path_factory.mktemp("server")) as server:
        yield server.url


Login = Callable[..., str]


@pytest.fixture
def login(database: Database) -> Login:
    """Makes a user, who is an admin or not, and gives its token."""

    def make(name: str, *, admin: bool = False, scopes: tuple[str, ...] = ("read", "write")) -> str:
        with database.session() as session:
            user = create_user(session, name, is_admin=admin)
            store_token(session, SECRET, user, f"token-of-{name}", scopes, None)
        return f"token-of-{name}"

    return make


@pytest.fixture
def client(server: str, login: Login) -> Iterator[Client]:
    """A client of the only user, an admin whose project owner has id 1."""
    with Client(server, login("admin", admin=True)) as client:
        yield client


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """A server that answers as told."""
    with Scripted() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    status: int
    out: str
    err: str


Eeds = Callable[..., Outcome]


@pytest.fixture
def eeds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Eeds:
    """Runs `eeds ARGUMENTS`."""

    def run(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["eeds", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        return Outcome(int(left.value.code or 0), *capsys.readouterr())

    return run


@pytest.fixture
def eeds_here(eeds: Eeds, client: Client, monkeypatch: pytest.MonkeyPatch) -> Eeds:
    """Runs `eeds ARGUMENTS` with the environment pointing at the server and its admin."""
    monkeypatch.setenv("EEDS_URL", client.url)
    monkeypatch.setenv("EEDS_TOKEN", client.token)
    return eeds


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Makes a file."""

    def make(name: str, text: str, encoding: str = "utf-8") -> Path:
        file = tmp_path / name
        file.write_text(text, encoding=encoding, newline="")
        return file

    return make


@pytest.fixture
def projects(eeds_here: Eeds, write: Write) -> Path:
    """The projects ABC and XYZ, uploaded."""
    file = write("projects.csv", PROJECTS)
    assert eeds_here("upload", "projects", file).status == 0
    return file


@contextmanager
def working(database: Database, table: JobTable[Any], work: Callable[[Database, Any], None]) -> Iterator[None]:
    """Somebody who does the jobs of a table for the length of a `with` block, as a worker does."""
    over = threading.Event()

    def take() -> None:
        while not over.wait(0.05):
            with database.connection() as connection:
                waiting = leases.waiting_jobs(connection, table)
                held = [leases.claim_job(connection, table, one.id) for one in waiting]
            for one in held:
                assert one is not None
                with failing(database, one):
                    work(database, one)

    thread = threading.Thread(target=take)
    thread.start()
    yield
    over.set()
    thread.join()
