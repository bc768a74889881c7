"""What one request may make of a real server: small bodies that become large ones, malformed chunks, and one owner's
uploads beside another's requests."""

import gzip
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests
from sqlalchemy import select

from attack.bomb import MB, Bomb
from attack.memory import BOMBS, MAX_MB, PROJECTS, WARM_UP, highest_memory
from eeds.accounts.operations import create_user
from eeds.accounts.tokens import store_token
from eeds.db.engine import Database
from eeds.db.tables import ProjectOwner
from tests.api.conftest import SECRET
from tests.conftest import emptied
from tests.web_server import WebServer, web_server

TOKEN = "a token of the admin"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
TIMEOUT_SECONDS = 120
WORST = (
    "objects without fields, sync",
    "as many as are taken, sync",
    "one long string",
    "objects without fields, sync2",
    "ragged rows, CSV",
    "ragged rows returned, CSV",
    "ragged rows, any file",
    "20 M rows in a batch, Arrow",
    "20 M rows of nothing, Arrow",
    "a long text in a dictionary, Arrow",
    "lists for values, Arrow",
    "20 M rows in a group, Parquet",
    "a long text again and again, Parquet",
    "20 M projects, Parquet",
    "ranges of ids",
    "readings without a block, Green Button",
    "links of entries, Green Button",
    "related links of entries, Green Button",
    "a block of 200 MB, Green Button",
)


@pytest.fixture(scope="module")
def database(database_url: str) -> Iterator[Database]:
    """The database, with the admin in it, for all tests here."""
    with emptied(database_url) as database:
        with database.session() as session:
            store_token(session, SECRET, create_user(session, "admin", is_admin=True), TOKEN, ("read", "write"), None)
        yield database


@pytest.fixture(scope="module")
def server(
    database: Database, database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebServer]:
    """A server of one process, where an owner has one place for uploads."""
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": SECRET,
        "WEB_CONCURRENCY": "1",
        "EEDS_HEAVY_REQUESTS": "1",
        "EEDS_MAX_DRY_RUN_ROWS": "100000",
        "EEDS_MAX_REFUSED_ROWS": "50000",
    }
    with web_server(environment, tmp_path_factory.mktemp("bounds")) as server:
        yield server


def send(server: WebServer, bomb: Bomb) -> requests.Response:
    headers = {**HEADERS, "Content-Type": bomb.media_type, "Content-Encoding": bomb.encoding}
    url = f"{server.url}/api/v1/{bomb.path}{bomb.query}"
    return requests.post(url, bomb.body(), headers=headers, timeout=TIMEOUT_SECONDS)


def test_no_small_body_becomes_a_large_one(server: WebServer) -> None:
    for prepared in (*PROJECTS, WARM_UP):
        send(server, prepared)
    (web,) = psutil.Process(server.pid).children()
    idle = web.memory_info().rss
    for bomb in BOMBS:
        if bomb.name in WORST:
            Path(f"/proc/{web.pid}/clear_refs").write_text("5")  # counts the highest again
            answer = send(server, bomb)
            assert answer.status_code in (400, 413), (bomb.name, answer.text[:300])
            assert (highest_memory(web) - idle) / MB < MAX_MB, bomb.name


def test_every_worst_input_is_one_that_there_is() -> None:
    assert set(WORST) <= {bomb.name for bomb in BOMBS}


@pytest.mark.parametrize("chunks", [b"zz\r\n", b"-1\r\nabc\r\n", b"5\r\nabc", b"3\r\nabcdef\r\n0\r\n\r\n"])
@pytest.mark.parametrize("path", ["projects/", "consumption_records/sync2/", "greenbutton/?project=1"])
def test_malformed_chunks_are_a_bad_request(server: WebServer, path: str, chunks: bytes) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    head = f"POST /api/v1/{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {TOKEN}\r\n"
    with socket.create_connection((host, int(port)), timeout=TIMEOUT_SECONDS) as client:
        client.sendall(f"{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + chunks)
        client.shutdown(socket.SHUT_WR)
        assert client.makefile("rb").readline().split()[1:2] == [b"400"]


def test_uploads_of_one_owner_take_turns(server: WebServer, database: Database) -> None:
    path = f"{server.url}/api/v1/consumption_records/sync2/"
    csv = {**HEADERS, "Content-Type": "text/csv"}
    header, large = b"metadata_id,start,value\n", b"\n" * 10_000

    def upload(body: bytes = header + large) -> requests.Response:
        return requests.post(path, body, headers=csv, timeout=TIMEOUT_SECONDS)

    with database.session() as session, database.connection() as held:
        owner = session.scalars(select(ProjectOwner.id)).one()
        held.execute("SELECT pg_advisory_xact_lock(hashtextextended('heavy request 0', %s))", [owner])
        answer = upload()
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
        assert "1 batches and uploads of this owner are being worked on" in answer.json()["detail"]
        assert requests.get(f"{server.url}/api/v1/projects/", headers=HEADERS, timeout=TIMEOUT_SECONDS).ok
        assert upload(header).ok  # what is small takes no turn
        packed = requests.post(path, gzip.compress(header), headers={**csv, "Content-Encoding": "gzip"}, timeout=60)
        assert packed.status_code == 429
    assert upload().json()["created"] == 0
