"""The HTTP client against a server that answers as told: what is tried again, and what the user is told."""

import gzip
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from eeds.client import AccessDenied, ApiError, Client, Missing, NoAnswer, Refused, ServerFailed, batches
from eeds.client.project_upload import send_projects
from eeds.errors import EedsError
from eeds.formats.media_types import CSV, JSON
from tests.client.scripted import DROP, OK, Answer, Scripted


@pytest.fixture
def client(scripted: Scripted) -> Iterator[Client]:
    with Client(scripted.url + "/", "secret") as client:
        yield client


def test_requests_carry_token_and_body(scripted: Scripted, client: Client) -> None:
    scripted.answers = [OK, (201, {}, {"id": 1}), (204, {}, None), OK]
    assert client.get("projects/", projects="1+3-5", summary="True") == {"answer": "yes"}
    assert client.post("projects/", {"zipcode": "50321"}) == {"id": 1}
    client.delete("projects/1/")
    client.patch("projects/1/", {"zipcode": None})
    assert scripted.asked == [
        "GET /api/v1/projects/?projects=1%2B3-5&summary=True",
        "POST /api/v1/projects/",
        "DELETE /api/v1/projects/1/",
        "PATCH /api/v1/projects/1/",
    ]
    assert [json.loads(body or b"0") for body in scripted.bodies] == [0, {"zipcode": "50321"}, 0, {"zipcode": None}]
    assert {headers["Authorization"] for headers in scripted.headers} == {"Bearer secret"}
    assert {headers["Content-Type"] for headers in scripted.headers} == {"application/json"}


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
def test_what_may_be_done_twice_is_tried_again(scripted: Scripted, client: Client, trouble: Answer) -> None:
    for ask in (
        lambda: client.get("projects/"),
        lambda: client.post("consumption_records/sync2/", []),
        lambda: client.sync("projects/sync/", []),
    ):
        scripted.answers = [trouble, OK]
        assert ask() == {"answer": "yes"}
        assert scripted.answers == []


@pytest.mark.parametrize("trouble", [AWAY, BUSY, PROXY, DROPPED])
def test_what_must_not_be_done_twice_is_sent_again_with_the_same_key(
    scripted: Scripted, client: Client, trouble: Answer
) -> None:
    scripted.answers = [trouble, OK, OK]
    for _ in range(2):
        assert client.post("project_runs/", {"project": 1}) == {"answer": "yes"}
    first, again, other = (headers["Idempotency-Key"] for headers in scripted.headers)
    assert first == again
    assert len({first, other, None}) == 3


def test_a_sync_needs_no_key(scripted: Scripted, client: Client) -> None:
    scripted.answers = [OK, OK]
    client.sync("projects/sync/", [])
    client.get("projects/")
    assert [headers["Idempotency-Key"] for headers in scripted.headers] == [None, None]


def test_the_server_says_how_long_to_wait(scripted: Scripted, client: Client, slept: list[float]) -> None:
    scripted.answers = [(503, {"Retry-After": "5"}, None), (429, {"Retry-After": "40"}, None), OK]
    client.get("projects/")
    assert slept == [5, 40]


def test_no_answer_in_time(scripted: Scripted, slept: list[float]) -> None:
    released = threading.Event()

    def late() -> Answer:
        released.wait()
        return OK

    scripted.answers = [late] * 10
    with Client(scripted.url, "secret", timeout=0.05) as client, pytest.raises(NoAnswer, match="in time; try again"):
        client.get("projects/")
    released.set()
    assert len(scripted.asked) == 4


def test_trying_again_ends(scripted: Scripted, client: Client, slept: list[float]) -> None:
    scripted.answers = [BUSY] * 20
    with pytest.raises(ApiError, match=r"POST project_runs/ was refused \(HTTP 429\): Too many requests\.") as caught:
        client.post("project_runs/", {})
    assert caught.value.status == 429
    assert len(scripted.asked) == 7
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
def test_refusals_in_words(scripted: Scripted, client: Client, answer: Answer, said: str) -> None:
    scripted.answers = [answer]
    with pytest.raises(ApiError) as caught:
        client.post("projects/", {})
    assert said in str(caught.value)
    assert caught.value.status == answer[0]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, AccessDenied), (403, AccessDenied), (404, Missing), (410, Missing), (400, Refused), (422, Refused)],
)
def test_kinds_of_refusals(scripted: Scripted, client: Client, status: int, kind: type[ApiError]) -> None:
    scripted.answers = [(status, {"X-Request-ID": "r-17"}, {"detail": "Because."})]
    with pytest.raises(kind) as caught:
        client.get("projects/")
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.detail, error.request_id, error.body) == (
        status,
        "Because.",
        "r-17",
        {"detail": "Because."},
    )


def test_a_failure_is_told_with_what_the_log_calls_it(scripted: Scripted, client: Client) -> None:
    scripted.answers = [(500, {"X-Request-ID": "r-17"}, {"detail": "Oops."})]
    with pytest.raises(ServerFailed, match=r"\(HTTP 500\), and its log says why, under r-17: Oops\."):
        client.get("projects/")


def test_pages_are_asked_for_one_after_the_other(scripted: Scripted, client: Client) -> None:
    behind = {"Link": f'<{scripted.url}/api/v1/projects/?zipcode=50321&limit=100&cursor=x%3D>; rel="next"'}
    scripted.answers = [(200, behind, [1, 2]), (200, {}, [3])]
    pages = client.pages("projects/", zipcode="50321")
    assert (next(pages), len(scripted.asked)) == ([1, 2], 1)
    assert list(pages) == [[3]]
    assert scripted.asked == [
        "GET /api/v1/projects/?zipcode=50321&limit=100",
        "GET /api/v1/projects/?zipcode=50321&limit=100&cursor=x%3D",
    ]


def test_outcomes_of_a_sync_with_errors(scripted: Scripted, client: Client) -> None:
    scripted.answers = [(400, {}, [{"status": "created"}, {"status": "error - no Project found"}])]
    assert [o["status"] for o in client.sync("projects/sync/", [1, 2])] == ["created", "error - no Project found"]
    scripted.answers = [(400, {}, {"non_field_errors": ["Expected a list."]})]
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


LOADED: Answer = (200, {}, {"status": "success", "created": 1, "refused": 1})


def test_a_table_is_sent_until_it_is_taken(scripted: Scripted, client: Client) -> None:
    scripted.answers = [LOADED, BUSY, LOADED]
    assert client.send_table("x/sync2/", b"start\n2011\n", CSV, {}, JSON)["refused"] == 1
    client.send_table("x/sync2/", b"start\n2011\n", CSV, {"dry_run": "true"}, JSON)
    asked = "POST /api/v1/x/sync2/"
    assert scripted.asked == [asked, f"{asked}?dry_run=true", f"{asked}?dry_run=true"]
    assert scripted.bodies == [b"start\n2011\n"] * 3
    headers = scripted.headers[0]
    assert (headers["Content-Type"], headers["Accept"]) == ("text/csv", "application/json")
    assert headers["Content-Encoding"] is None


def test_refused_rows_come_as_csv_if_there_are_any(scripted: Scripted, client: Client) -> None:
    refused = "line,error\n2,größer\n".encode()
    scripted.answers = [(400, {}, None), (200, {"Content-Type": "text/csv; charset=utf-8"}, refused)]
    with pytest.raises(ApiError, match="was refused"):
        client.send_table("x/sync2/", b"", CSV, {}, CSV)
    assert client.send_table("x/sync2/", b"rows", CSV, {}, CSV) == refused.decode()
    assert scripted.headers[0]["Accept"] == "text/csv"


def test_rows_are_packed_on_their_way_over_a_network(scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    scripted.answers = [LOADED]
    # this machine as well, by a name that the client does not know for it
    with Client(f"http://127.1:{scripted.server_port}", "secret") as client:
        client.send_table("x/sync2/", b"start\n2011\n", CSV, {}, JSON)
    assert scripted.headers[0]["Content-Encoding"] == "gzip"
    assert gzip.decompress(scripted.bodies[0]) == b"start\n2011\n"


def test_the_command_line_does_not_wait_for_pandas() -> None:
    """It takes longer to import than most commands to run."""
    code = "import sys, eeds.cli.upload, eeds.cli.runs; print(sorted({'pandas', 'pyarrow'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_tables_of_projects_are_packed_too(scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with Client(f"http://127.1:{scripted.server_port}", "secret") as client:
        for table, encoding in ((b"project_id\n", ""), (gzip.compress(b"project_id\n"), "gzip")):
            scripted.answers = [OK]
            assert send_projects(client, table, CSV, encoding, owner=7) == {"answer": "yes"}
            assert scripted.asked[-1] == "POST /api/v1/projects/upload/?attributes=true&rows=false&owner=7"
            assert scripted.headers[-1]["Content-Encoding"] == "gzip"
            assert gzip.decompress(scripted.bodies[-1]) == b"project_id\n"
