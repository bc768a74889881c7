"""A server of files on loopback that answers as NOAA's do, and fails in every way they may."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Answer:
    """What to say instead of what is stored: a status, headers and a body; `cut` leaves out the body's end."""

    def __init__(self, status: int, body: bytes = b"", *, cut: int = 0, **headers: str) -> None:
        self.status, self.body, self.cut, self.headers = status, body, cut, headers


DROP = Answer(0)  # close the connection without a word


class FileServer(ThreadingHTTPServer):
    """Files by path; `answers` are given first, in turn, whatever the path."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.answers: list[Answer] = []
        self.asked: list[str] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away before its answer comes is nothing to report."""

    def answer_to(self, path: str, known: str | None) -> Answer:
        with self.lock:
            self.asked.append(path)
            if self.answers:
                return self.answers.pop(0)
        body = self.files.get(path)
        if body is None:
            return Answer(404, b"<?xml?><Error><Code>NoSuchKey</Code></Error>")
        etag = f'"{hashlib.md5(body).hexdigest()}"'
        return Answer(304, ETag=etag) if known == etag else Answer(200, body, ETag=etag)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FileServer

    def do_GET(self) -> None:
        answer = self.server.answer_to(self.path, self.headers.get("If-None-Match"))
        if answer is DROP:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(answer.body[: len(answer.body) - answer.cut])
        if answer.cut:
            self.close_connection = True

    def log_message(self, *arguments: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[FileServer]:
    """A server for the length of the block."""
    with FileServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
