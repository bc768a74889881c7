"""The HTTP client against a server that answers as told: what is tried again, and what the user is told."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from eeds.client import ApiError, Client, batches
from eeds.errors import EedsError

Answer = tuple[int, dict[str, str], Any]
DROP = -1  # in place of a status: close the connection without a word
OK: Answer = (200, {}, {"answer": "yes"})


class Scripted(ThreadingHTTPServer):
    """Gives its answers in turn, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = []
        self.asked: list[str] = []
        self.bodies: list[Any] = []
        self.tokens: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Every method alike."""

    protocol_version = "HTTP/1.1"
    server: Scripted

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append(f"{self.command} {self.path}")
        self.server.bodies.append(json.loads(body) if body else None)
        self.server.tokens.append(self.headers["Authorization"])
        status, headers, answer = self.server.answers.pop(0)
        if status == DROP:
            self.close_connection = True
            return
        content = answer if isinstance(answer, bytes) else b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 - names of the base class

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def client(server: Scripted) -> Iterator[Client]:
    with Client(server.url + "/", "secret") as client:
        yield client


def test_requests_carry_token_and_body(server: Scripted, client: Client) -> None:
    server.answers = [OK, (201, {}, {"id": 1}), (204, {}, None), OK]
    assert client.get("projects/", projects="1+3-5", summary="True") == {"answer": "yes"}
    assert client.post("projects/", {"zipcode": "50321"}) == {"id": 1}
    client.delete("projects/1/")
    client.patch("projects/1/", {"zipcode": None})
    assert server.asked == [
        "GET /api/v1/projects/?projects=1%2B3-5&summary=True",
        "POST /api/v1/projects/",
        "DELETE /api/v1/projects/1/",
        "PATCH /api/v1/projects/1/",
    ]
    assert server.bodies == [None, {"zipcode": "50321"}, None, {"zipcode": None}]
    assert set(server.tokens) == {"Bearer secret"}


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, which take no time here."""
    pauses: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", pauses.append)
    return pauses


AWAY = (503, {"Retry-After": "0"}, {"detail": "The database is not available right now; try again."})
BUSY = (429, {"Retry-After": "0"}, {"detail": "Too many requests."})
PROXY = (502, {}, b"<html>Bad Gateway</html>")
DROPPED: Answer = (DROP, {}, None)


@pytest.mark.parametrize("trouble", [AWAY, BUSY, PROXY, DROPPED])
def test_what_may_be_done_twice_is_tried_again(server: Scripted, client: Client, trouble: Answer) -> None:
    for ask in (
        lambda: client.get("projects/"),
        lambda: client.post("consumption_records/sync2/", []),
        lambda: client.sync("projects/sync/", []),
    ):
        server.answers = [trouble, OK]
        assert ask() == {"answer": "yes"}
        assert server.answers == []


def test_a_run_is_ordered_again_only_if_the_server_has_not_read_the_order(server: Scripted, client: Client) -> None:
    server.answers = [BUSY, OK]
    assert client.post("project_runs/", {"project": 1}) == {"answer": "yes"}
    for trouble in (AWAY, PROXY, DROPPED):
        server.answers = [trouble, OK]
        with pytest.raises(EedsError):
            client.post("project_runs/", {"project": 1})
        assert server.answers == [OK]


def test_the_server_says_how_long_to_wait(server: Scripted, client: Client, slept: list[float]) -> None:
    server.answers = [(503, {"Retry-After": "5"}, None), (429, {"Retry-After": "40"}, None), OK]
    client.get("projects/")
    assert slept == [5, 40]


def test_trying_again_ends(server: Scripted, client: Client, slept: list[float]) -> None:
    server.answers = [BUSY] * 20
    with pytest.raises(ApiError, match=r"POST project_runs/ was refused \(HTTP 429\): Too many requests\.") as caught:
        client.post("project_runs/", {})
    assert caught.value.status == 429
    assert len(server.asked) == 7
    assert slept == [1, 2, 4, 8, 16]  # the second try is at once


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, {}, {"detail": "..."}), "does not accept the token. Give a valid one with --token or EEDS_TOKEN"),
        ((403, {}, {"detail": "..."}), "The token may not POST projects/: it lacks the scope, or"),
        ((404, {}, {"detail": "Not found."}), "POST projects/ was refused (HTTP 404): Not found."),
        ((400, {}, {"zipcode": ["Too long."], "x": ["A.", "B."]}), "(HTTP 400): zipcode: Too long.; x: A. B."),
        ((400, {}, {"status": "error", "message": "1 of 2 records refused"}), "(HTTP 400): 1 of 2 records refused"),
        ((500, {}, b"<html>oops"), "The server failed at POST projects/ (HTTP 500), and its log says why: <html>oops"),
        ((500, {}, None), "(HTTP 500), and its log says why: no reason given."),
        ((301, {"Location": "https://eeds.example/"}, None), "redirects to https://eeds.example/; use that as --url."),
    ],
)
def test_refusals_in_words(server: Scripted, client: Client, answer: Answer, said: str) -> None:
    server.answers = [answer]
    with pytest.raises(ApiError) as caught:
        client.post("projects/", {})
    assert said in str(caught.value)
    assert caught.value.status == answer[0]


def test_outcomes_of_a_sync_with_errors(server: Scripted, client: Client) -> None:
    server.answers = [(400, {}, [{"status": "created"}, {"status": "error - no Project found"}])]
    assert [o["status"] for o in client.sync("projects/sync/", [1, 2])] == ["created", "error - no Project found"]
    server.answers = [(400, {}, {"non_field_errors": ["Expected a list."]})]
    with pytest.raises(ApiError, match="Expected a list"):
        client.sync("projects/sync/", [])


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with Client(url, "secret") as client, pytest.raises(EedsError) as caught:
        client.get("projects/")
    assert str(caught.value) == (
        f"Nothing answers at {url}. Is the server running (eeds up), and is --url or EEDS_URL right?"
    )


def test_no_url_at_all() -> None:
    with Client("nonsense", "secret") as client, pytest.raises(EedsError, match="Cannot talk to nonsense: Invalid URL"):
        client.get("projects/")


def test_batches_are_made_as_they_are_consumed() -> None:
    taken: list[int] = []
    numbers = (taken.append(n) or n for n in range(7))
    made = batches(numbers, 3)
    assert (next(made), taken) == ([0, 1, 2], [0, 1, 2])
    assert list(made) == [[3, 4, 5], [6]]
