"""A client's connection, from one request to the next."""

import time
from collections.abc import Callable
from typing import Any

from gunicorn.config import Config
from gunicorn.http import get_parser
from gunicorn.workers.gthread import TConn

from eeds.web.serving.arrival import Arrival
from eeds.web.serving.client_socket import ClientSocket

# Bodies above this are loads.
SMALL_BODY_BYTES = 64 * 1024
USUAL_HEAD_BYTES = 1024


class Connection(TConn):
    """A client's connection, and how much of its request has arrived."""

    sock: ClientSocket

    def __init__(self, cfg: Config, sock: ClientSocket, client: Any, server: Any) -> None:
        super().__init__(cfg, sock, client, server)
        self.deadline = 0.0
        self.when_late: Callable[[Connection], None] | None = None
        self.requests = 0
        self.begin(b"")

    def begin(self, data: bytes) -> None:
        """Expect a request; `data` is what has arrived of it."""
        self.arrival = Arrival()
        self.began = self.queued = time.monotonic()
        self.is_awaited = False  # a view waits for the body
        self.max_body_bytes = 0  # that the view reads
        self.is_cut = False  # by the client, or because it is larger than that
        self.keep = False
        self.requests += 1
        self.sock.begin(data)

    def read_from_start(self) -> None:
        """Let gunicorn read the request from its beginning."""
        self.initialized = True  # there is nothing to wait for
        self.sock.received.seek(0)
        self.parser = get_parser(self.cfg, self.sock, self.client)

    @property
    def has_all(self) -> bool:
        """Whether a thread can read as much of the request as there will be."""
        return self.arrival.is_whole or self.is_cut

    @property
    def is_too_large(self) -> bool:
        """Whether the view that waits for the body will refuse it, however small its chunks are."""
        return self.is_awaited and self.arrival.body_bytes > 2 * self.max_body_bytes + SMALL_BODY_BYTES

    @property
    def is_load(self) -> bool:
        """Whether it has its place among what takes long: bodies that are large, or may be once they are unpacked."""
        arrival = self.arrival
        is_form = arrival.field(b"content-type").lower().startswith(b"multipart/")
        return arrival.body_bytes > SMALL_BODY_BYTES or is_form or bool(arrival.field(b"content-encoding"))

    def bytes_a_second(self, now: float) -> float:
        """How fast the request arrives; one that has just begun is not slow yet."""
        arrived = len(self.arrival.head) + self.arrival.body_bytes
        return (arrived + USUAL_HEAD_BYTES) / (now - self.began + 1)

    def leftover(self) -> bytes:
        """What has arrived behind the request."""
        return bytes(self.parser.unreader.take_buffered() + self.sock.received.read())
