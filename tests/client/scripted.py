"""A server that answers as told."""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, str], Any]
DROP = -1  # in place of a status: close the connection without a word
OK: Answer = (200, {}, {"answer": "yes"})


class Scripted(ThreadingHTTPServer):
    """Gives its answers in turn, each of them ready or made when it is due, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer | Callable[[], Answer]] = []
        self.asked: list[str] = []
        self.bodies: list[bytes] = []
        self.headers: list[Any] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away before its answer comes is nothing to report."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Every method alike."""

    protocol_version = "HTTP/1.1"
    server: Scripted

    def answer(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        self.server.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.server.headers.append(self.headers)
        due = self.server.answers.pop(0)
        status, headers, answer = due() if callable(due) else due
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
