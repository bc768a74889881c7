"""Loads that outlast their request: watched, lost, refused, and those of a server that stops."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import psutil
import psycopg
import pytest
import requests
from flask import Flask
from sqlalchemy import select

from eeds.accounts.operations import create_user
from eeds.config.settings import Settings
from eeds.db.engine import Database
from eeds.db.tables import Load
from eeds.records.loads import LOST
from eeds.web.background import BUSY, MOST
from tests.api.conftest import AppWith
from tests.portal.conftest import CSRF, PASSWORD, Browser, send, text_of
from tests.readings import ConsumptionRecord
from tests.web_server import WebServer, web_server

DEADLINE_SECONDS = 60
PROJECTS = b"project_id,zipcode,baseline_period_end,reporting_period_start\nA,50321,2014-01-01,2014-02-01\n"
HEADER = b"project_id,trace_id,fuel,unit,start,value\n"
FIRST = HEADER + b"A,main,electricity,kWh,2014-01-01T00:00:00Z,1\n"
SECOND = HEADER + b"A,main,electricity,kWh,2014-01-02T00:00:00Z,2\nA,main,electricity,kWh,2014-01-03T00:00:00Z,oops\n"
TAKEN = "2 batches and uploads of this owner are being worked on"


@dataclass
class Visitor:
    """One who has logged in to a server."""

    url: str
    name: str
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        form = {"csrf_token": self.csrf_token("login/"), "name": self.name, "password": PASSWORD}
        assert self.session.post(f"{self.url}/portal/login/", form, allow_redirects=False).status_code == 303

    def get(self, path: str) -> requests.Response:
        """A page."""
        return self.session.get(f"{self.url}/portal/{path}", timeout=DEADLINE_SECONDS)

    def csrf_token(self, path: str) -> str:
        """The secret of this visitor's forms."""
        found = CSRF.search(self.get(path).text)
        assert found
        return found.group(1)

    def send(self, content: bytes, kind: str = "energy", *, by_script: bool = False) -> requests.Response:
        """Load a file, and be led to where the answer leads."""
        token = self.csrf_token("upload/")
        form = {"csrf_token": token, "kind": kind, "do": "load"}
        headers = {"X-CSRF-Token": token} if by_script else {}
        files = {"file": ("f.csv", content)}
        return self.session.post(
            f"{self.url}/portal/upload/", form, files=files, headers=headers, timeout=DEADLINE_SECONDS
        )

    def watch(self, id: int, is_seen: Callable[[requests.Response], bool]) -> str:
        """What a load shows, as soon as that is seen of it."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            try:
                shown = self.get(f"loads/{id}/now/")
                if is_seen(shown):
                    return words(shown)
            except requests.ConnectionError:
                pass  # a process starts in the place of another
            assert time.monotonic() < deadline, shown.text
            time.sleep(0.1)


def words(response: requests.Response) -> str:
    """What a reader sees."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


def is_done(shown: requests.Response) -> bool:
    """Whether a load has ended."""
    return "X-Done" in shown.headers


def environment(settings: Settings) -> dict[str, str]:
    """Of a server that waits for nothing, on the database of the tests."""
    return {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": settings.secret_key,
        "EEDS_UPLOAD_WAIT": "0",
        "EEDS_HEAVY_REQUESTS": "2",
    }


@pytest.fixture(scope="module")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """A gunicorn whose loads are all watched."""
    with web_server(environment(settings), tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def users(database: Database) -> None:
    """Ada, Eve, and Root, an admin."""
    with database.session() as session:
        for name in ("ada", "eve", "root"):
            create_user(session, name, PASSWORD, is_admin=name == "root")


@pytest.fixture
def ada(server: WebServer, users: None) -> Visitor:
    """Ada, with a project, a trace, and a reading."""
    return with_a_trace(Visitor(server.url, "ada"))


def with_a_trace(visitor: Visitor) -> Visitor:
    """The same, with a project, a trace, and a reading; the work on loads 1 and 2."""
    for id, (content, kind) in enumerate([(PROJECTS, "projects"), (FIRST, "energy")], 1):
        visitor.send(content, kind)
        assert "SUCCESS" in visitor.watch(id, is_done)
    return visitor


@contextmanager
def held(settings: Settings) -> Iterator[None]:
    """All traces are in somebody else's hands: loads of their readings wait."""
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("SELECT id FROM consumption_metadatas FOR UPDATE")
        yield


def stored_values(database: Database) -> list[float | None]:
    with database.session() as session:
        return list(session.scalars(select(ConsumptionRecord.value).order_by(ConsumptionRecord.start)))


def test_a_load_that_takes_long_is_watched_to_its_end(ada: Visitor, settings: Settings, database: Database) -> None:
    with held(settings):
        page = ada.send(SECOND)
        assert [answer.status_code for answer in (*page.history, page)] == [303, 200]
        assert page.url == f"{ada.url}/portal/loads/3/"
        assert 'data-live="/portal/loads/3/now/"' in page.text
        seen = ada.watch(3, lambda shown: "All of it is read." in shown.text)
        assert "It is being loaded" in seen
        assert "RUNNING file f.csv, 137 Bytes it holds Energy data sent" in seen
        assert re.search(r"sent \d{4}-\d\d-\d\d \d\d:\d\d UTC by ada", seen)
        listed = ada.get("loads/list/")
        assert "X-Done" not in listed.headers
        assert "f.csv Energy data RUNNING" in words(listed)
    told = ada.watch(3, is_done)
    assert "f.csv is loaded records 1 created, 0 updated, 0 unchanged, 0 duplicates refused 1" in told
    assert "line 3: value: 'oops' is no number." in told
    assert words(ada.get("loads/3/")).count("SUCCESS") == 1
    rows = ada.get("loads/3/refused.csv")
    assert rows.headers["Content-Disposition"] == "attachment; filename=f.csv.refused.csv"
    assert rows.text.splitlines()[1].startswith("3,A,main,electricity,kWh,2014-01-03T00:00:00Z,oops,value:")
    listed = ada.get("loads/list/")
    assert "X-Done" in listed.headers
    assert "f.csv Energy data SUCCESS records: 1 created 1 " in words(listed)
    assert words(ada.get("upload/")).count("SUCCESS") == 3
    assert stored_values(database) == [1, 2]


def test_loads_of_others_are_not_there(ada: Visitor, server: WebServer) -> None:
    eve, root = Visitor(server.url, "eve"), Visitor(server.url, "root")
    ada.send(SECOND)
    ada.watch(3, is_done)
    for page in ("loads/3/", "loads/3/now/", "loads/3/refused.csv"):
        assert (eve.get(page).status_code, root.get(page).status_code) == (404, 200), page
    assert "f.csv" not in words(eve.get("upload/"))
    assert words(root.get("upload/")).count("ada") == 3


def test_loads_hold_the_places_of_their_owner(ada: Visitor, server: WebServer, settings: Settings) -> None:
    eve = Visitor(server.url, "eve")
    with held(settings):
        assert ada.send(SECOND).ok
        watched = ada.send(SECOND, by_script=True)
        assert (watched.status_code, 'data-live="/portal/loads/4/now/"' in watched.text) == (202, True)
        third = ada.send(SECOND)
        assert (third.status_code, TAKEN in words(third)) == (429, True)
        assert eve.send(PROJECTS, "projects").ok
    assert "1 created" in ada.watch(3, is_done) + ada.watch(4, is_done)
    assert "SUCCESS" in eve.watch(5, is_done)
    assert ada.send(SECOND).ok
    ada.watch(6, is_done)


def test_what_waits_is_bounded(app_with: AppWith, users: None, settings: Settings, database: Database) -> None:
    app = app_with(EEDS_UPLOAD_WAIT="0", EEDS_HEAVY_REQUESTS="100")
    ada = Browser(app)
    ada.log_in("ada")
    for content, kind in ((PROJECTS, "projects"), (FIRST, "energy")):
        send(ada, content, kind)
        await_end(app)
    with held(settings):
        assert [send(ada, SECOND, "energy").status_code for _ in range(MOST)] == [303] * MOST
        refused = send(ada, SECOND, "energy")
        assert (refused.status_code, refused.headers["Retry-After"], BUSY in text_of(refused)) == (503, "5", True)
        assert "It waits until others are loaded" in text_of(ada.get(f"loads/{2 + MOST}/"))
    await_end(app)
    assert text_of(ada.get("upload/")).count("SUCCESS") == 2 + MOST


def await_end(app: Flask) -> None:
    """Until nothing is loaded any more."""
    wait(app.extensions["eeds.web.background"].unfinished.copy(), DEADLINE_SECONDS)


def test_a_load_whose_server_is_killed_is_found_out(
    ada: Visitor, server: WebServer, settings: Settings, database: Database
) -> None:
    with held(settings):
        ada.send(SECOND)
        ada.watch(3, lambda shown: "RUNNING" in shown.text)
        server.kill_workers()
        assert LOST in ada.watch(3, is_done)
        assert f"f.csv Energy data FAILED {LOST}" in words(ada.get("upload/"))
    assert stored_values(database) == [1]
    ada.send(SECOND)
    assert "1 created" in ada.watch(4, is_done)


def test_a_server_that_is_asked_to_stop_ends_its_loads(
    users: None, settings: Settings, database: Database, tmp_path: Path
) -> None:
    with web_server(environment(settings), tmp_path) as leaving:
        ada = with_a_trace(Visitor(leaving.url, "ada"))
        with held(settings):
            ada.send(SECOND)
            ada.watch(3, lambda shown: "RUNNING" in shown.text)
            ada.session.close()
            process = psutil.Process(leaving.pid)
            process.terminate()
            await_no_listener(leaving)
        process.wait(DEADLINE_SECONDS)
    with database.session() as session:
        assert session.scalars(select(Load.status).order_by(Load.id)).all() == ["SUCCESS"] * 3
    assert stored_values(database) == [1, 2]


def await_no_listener(server: WebServer) -> None:
    """Until the server takes no more requests."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        try:
            requests.get(f"{server.url}/health/live", timeout=1)
        except requests.RequestException:
            return
        time.sleep(0.1)
    pytest.fail("The server goes on.")
