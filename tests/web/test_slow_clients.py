"""Clients that are slow, silent or large: they cost the others nothing, and are told what was wrong."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import psutil
import pytest
import requests

from attack.target import HEADERS, LIVE, READ, UPLOAD, Target
from tests.web.conftest import MAX_UPLOAD_MB

DEADLINE_SECONDS = 60
MANY = 40  # more than there are threads
TOKEN = f"Authorization: {HEADERS['Authorization']}"
HALF_A_HEAD = f"GET {LIVE} HTTP/1.1\r\nHost: x\r\nX-Slow: ".encode()
CSV = b"metadata_id,start,value\n" + b"1,2020-01-01T00:00:00Z,1\n" * 10_000
CREATED = {"status", "created", "updated", "unchanged", "duplicates"}


@dataclass
class Line:
    """A connection, as a client of our own has it."""

    socket: socket.socket

    def __post_init__(self) -> None:
        self.stream = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        """Send it all."""
        self.socket.sendall(data)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next answer: status, fields and body."""
        status = int(self.stream.readline().split()[1])
        fields = dict(line.decode().strip().lower().split(": ", 1) for line in iter(self.stream.readline, b"\r\n"))
        return status, fields, self.stream.read(int(fields.get("content-length", 0)))

    def is_closed(self) -> bool:
        """Whether the server sends nothing more; waits for it."""
        return self.stream.read(1) == b""


@contextmanager
def lines(attacked: Target, number: int, beginning: bytes) -> Iterator[list[Line]]:
    """So many connections, which begin with some bytes."""
    with ExitStack() as opened:
        connected = []
        for _ in range(number):
            line = Line(opened.enter_context(socket.create_connection(attacked.address, DEADLINE_SECONDS)))
            opened.enter_context(line.stream)
            line.send(beginning)
            connected.append(line)
        yield connected


def upload_head(*fields: str, path: str = UPLOAD) -> bytes:
    """The head of an upload of CSV."""
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", "Content-Type: text/csv", *fields, "\r\n"]).encode()


BEGINNINGS = {
    "nothing": b"",
    "half a head": HALF_A_HEAD,
    "half a small upload": upload_head(TOKEN, "Content-Length: 50000") + CSV[:1000],
    "half an upload": upload_head(TOKEN, "Content-Length: 1000000") + CSV,
}


def get(attacked: Target, path: str) -> requests.Response:
    """The answer to somebody else."""
    return requests.get(attacked.web.url + path, headers=HEADERS, timeout=DEADLINE_SECONDS)


def others_are_served(attacked: Target) -> bool:
    """Whether somebody else gets what he asks for, while the caller of this disturbs."""
    return get(attacked, LIVE).ok and get(attacked, READ).ok


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
def test_clients_that_send_no_more_stop_nobody(attacked: Target, beginning: bytes) -> None:
    with lines(attacked, MANY, beginning):
        assert others_are_served(attacked)


def test_clients_that_read_nothing_stop_nobody_and_get_their_answer_later(attacked: Target) -> None:
    path = "/docs/static/swagger-ui/swagger-ui-bundle.js"
    whole = get(attacked, path).content
    assert len(whole) > 10**6
    with lines(attacked, MANY, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()) as readers:
        assert others_are_served(attacked)
        for reader in readers:
            status, _, body = reader.answer()
            assert (status, body == whole) == (200, True)


def test_silence_is_ended_with_a_reason(attacked: Target) -> None:
    announced = "Content-Length: 1000000"
    with (
        lines(attacked, 1, HALF_A_HEAD) as (head,),
        lines(attacked, 1, upload_head(TOKEN, announced) + CSV) as (body,),
        lines(attacked, 1, upload_head(announced) + CSV[:1]) as (nobody,),
        lines(attacked, 1, b"") as (idle,),
    ):
        assert nobody.answer()[0] == 401  # without waiting for the body
        for line, said in (head, "The head of a request has to arrive"), (body, "Nothing of the body has arrived"):
            status, fields, answer = line.answer()
            assert (status, fields["connection"]) == (408, "close")
            assert json.loads(answer)["detail"].startswith(said)
            assert line.is_closed()
        assert idle.is_closed()


def test_a_head_that_is_too_long(attacked: Target) -> None:
    with lines(attacked, 1, HALF_A_HEAD + b"x" * 100_000) as (line,):
        assert line.answer()[0] == 431


def chunks(body: bytes, size: int) -> Iterator[bytes]:
    """A body in chunks, with the last one."""
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


@pytest.mark.parametrize("packed", [f"Content-Length: {len(CSV)}", "Transfer-Encoding: chunked"])
def test_an_upload_in_pieces_and_the_next_request_on_its_connection(attacked: Target, packed: str) -> None:
    pieces = list(chunks(CSV, 50_000)) if "chunked" in packed else [CSV[:70_000], CSV[70_000:]]
    following = f"GET {LIVE} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with lines(attacked, 1, upload_head(TOKEN, packed)) as (line,):
        for piece in pieces[:-1]:
            line.send(piece)
            assert others_are_served(attacked)
        line.send(pieces[-1] + following + following)
        status, _, body = line.answer()
        assert (status, json.loads(body).keys()) == (200, CREATED)
        assert [line.answer()[0], line.answer()[0]] == [200, 200]


def test_a_client_that_waits_to_be_told_is_told_once(attacked: Target) -> None:
    length = f"Content-Length: {len(CSV)}"
    with lines(attacked, 1, upload_head(TOKEN, length, "Expect: 100-continue")) as (line,):
        assert line.answer()[0] == 100
        line.send(CSV)
        assert line.answer()[0] == 200
    with lines(attacked, 1, upload_head(length, "Expect: 100-continue")) as (line,):
        assert [line.answer()[0], line.answer()[0]] == [100, 401]


def test_a_body_that_is_too_large_is_not_awaited(attacked: Target) -> None:
    too_large = (MAX_UPLOAD_MB * 2**20) + 1
    with lines(attacked, 1, upload_head(TOKEN, f"Content-Length: {too_large}") + CSV[:10]) as (line,):
        assert line.answer()[0] == 413
    endless = b"".join(list(chunks(CSV * 40, 100_000))[:-1])
    with lines(attacked, 1, upload_head(TOKEN, "Transfer-Encoding: chunked") + endless) as (line,):
        assert line.answer()[0] == 413


@pytest.mark.parametrize("path", ["/portal/login/", "/oauth2/token/", READ])
@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_strangers_cannot_send_much(attacked: Target, path: str, media_type: str) -> None:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {media_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    endless = b"".join(list(chunks(b"a" * 2_000_000, 100_000))[:-1])
    with lines(attacked, 1, head.encode() + endless) as (line,):
        assert line.answer()[0] in (400, 401, 413)


@pytest.mark.parametrize("malformed", [b"zz\r\n", b"-1\r\n", b"5\r\nabcdefg\r\n", b"3 3\r\nabc\r\n0\r\n\r\n"], ids=repr)
def test_malformed_chunks(attacked: Target, malformed: bytes) -> None:
    with lines(attacked, 1, upload_head(TOKEN, "Transfer-Encoding: chunked") + malformed) as (line,):
        assert line.answer()[0] == 400
        assert line.is_closed()


def test_many_connections_make_room_for_one_more(attacked: Target) -> None:
    environment: dict[str, Any] = {**attacked.environment, "GUNICORN_CMD_ARGS": "--worker-connections 60 --threads 4"}
    with attacked.another(environment) as small, lines(small, 80, HALF_A_HEAD):
        assert others_are_served(small)


def test_a_server_that_stops_lets_an_upload_end(attacked: Target) -> None:
    """Who keeps a connection for later does not hold it up."""
    length = f"Content-Length: {len(CSV)}"
    with attacked.another(attacked.environment) as leaving, lines(leaving, 1, b"") as (idle,):
        with lines(leaving, 1, upload_head(TOKEN, length, "Expect: 100-continue")) as (line,):
            assert line.answer()[0] == 100
            line.send(CSV[:100_000])
            assert others_are_served(leaving)
            process = psutil.Process(leaving.web.pid)
            process.terminate()
            assert idle.is_closed()
            line.send(CSV[100_000:])
            assert line.answer()[0] == 200
        process.wait(DEADLINE_SECONDS)
