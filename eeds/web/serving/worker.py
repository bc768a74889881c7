"""gunicorn's worker with threads, which are given a request when all of it is there.

A poller receives requests and sends what clients have not taken of their answers, so that a client that is slow or
silent costs a socket and no thread. A request with a large body is handled twice: first without the body, so that what
is refused for its head alone, by its token say, is not received; a view that then reads the body has it handled again
when it is there.
"""

import errno
import selectors
import socket
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import msgspec
from gunicorn.config import Config
from gunicorn.errors import ConfigError
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER

from eeds.web.serving.arrival import MAX_HEAD_BYTES
from eeds.web.serving.bodies import ArrivedBody, BodyToCome, MissingBody
from eeds.web.serving.client_socket import NO_ROOM, SEND_SECONDS, ClientSocket
from eeds.web.serving.connection import SMALL_BODY_BYTES, Connection
from eeds.web.serving.watching import WatchingWorker

# Threads for what takes long and much memory; those for all the rest are gunicorn's setting.
LOADS = 4
# What is asked for to see whether the process lives is answered beside everything else.
LIVE_PATH = b"/health/live"
HEAD_SECONDS = 10
# A small body is awaited for so long before its head is looked at.
SMALL_BODY_SECONDS = 2
SILENT_BODY_SECONDS = 10
LINGER_SECONDS = 10
# What has waited so long for a thread is refused, so that one that can be answered is.
MAX_WAIT_SECONDS = 3
RETRY_AFTER_SECONDS = 5
REASONS = {408: "Request Timeout", 431: "Request Header Fields Too Large", 503: "Service Unavailable"}
REASONS[507] = "Insufficient Storage"


class PatientWorker(WatchingWorker):
    """The worker. Methods that are named `on_...` are called by the poller, and nothing in them waits."""

    wsgi: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.loads = ThreadPoolExecutor(LOADS, "load")
        self.lives = ThreadPoolExecutor(1, "live")

    @classmethod
    def check_config(cls, cfg: Config, log: Any) -> None:
        """Raises ConfigError for what this worker does not do."""
        if cfg.is_ssl:
            raise ConfigError("TLS is the business of a proxy in front of gunicorn: take certfile and keyfile away.")

    def load_wsgi(self) -> None:
        """As every worker."""
        super().load_wsgi()
        self.application, self.wsgi = self.wsgi, self.respond

    def respond(self, called: dict[str, Any], start_response: Any) -> Any:
        """Call the application, which is told what it may have to know of the way on which the request came."""
        told: dict[str, Any] = called["gunicorn.socket"].environ
        body: ArrivedBody | MissingBody = MissingBody()
        if told["eeds.has_body"]:
            received = called["gunicorn.socket"].received
            body = ArrivedBody(called["wsgi.input"], received, told["eeds.is_too_large"])
        return self.application({**called, **told, "wsgi.input": body}, start_response)

    # Receiving

    def accept(self, listener: socket.socket) -> None:
        """Take a connection; if they are too many, the one on which least is heard goes."""
        try:
            accepted, client = listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                self.drop_slowest()
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        connection = Connection(self.cfg, ClientSocket(accepted), client, listener.getsockname())
        if self.nr_conns >= self.worker_connections:
            self.drop_slowest()
        self.await_request(connection)

    def await_request(self, connection: Connection) -> None:
        """Receive a request."""
        seconds = HEAD_SECONDS if connection.requests == 1 else self.cfg.keepalive
        if not self.alive:
            seconds = STOP_KEEPALIVE_LINGER
        self.watch(connection, selectors.EVENT_READ, self.on_readable, seconds, self.drop)

    def on_readable(self, connection: Connection) -> None:
        """Receive some of a request."""
        try:
            data = connection.sock.take()
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno in NO_ROOM:
                self.refuse(connection, 507, "The server's disk is full: the body has no room. Nothing was stored.")
            else:
                self.drop(connection)
            return
        self.advance(connection, data)

    def advance(self, connection: Connection, data: bytes) -> None:
        """See whether the request can be handled with what has come; b"" is the end of what the client sends."""
        arrival = connection.arrival
        arrival.add(data)
        connection.is_cut = not data or connection.is_too_large
        if arrival.body is None:
            self.advance_head(connection, data)
        elif connection.has_all or (not connection.is_awaited and self.can_ask(connection)):
            self.handle_soon(connection)
        elif connection.is_awaited:
            self.postpone(connection, SILENT_BODY_SECONDS, self.on_silent_body)
        elif connection.when_late != self.handle_soon:
            self.postpone(connection, SMALL_BODY_SECONDS, self.handle_soon)

    def advance_head(self, connection: Connection, data: bytes) -> None:
        """Wait for more of the head, unless there will be none or there is too much."""
        if not data:
            self.drop(connection)
        elif len(connection.arrival.head) > MAX_HEAD_BYTES:
            self.refuse(connection, 431, f"The head of a request may have {MAX_HEAD_BYTES:,} bytes.")
        elif connection.when_late != self.on_slow_head:
            self.postpone(connection, HEAD_SECONDS, self.on_slow_head)

    def can_ask(self, connection: Connection) -> bool:
        """Whether it is time to find out if a view wants the body: what is small is awaited."""
        return connection.arrival.body_bytes > SMALL_BODY_BYTES or connection.arrival.expects_continue

    def on_slow_head(self, connection: Connection) -> None:
        """The head is not there in time."""
        self.refuse(connection, 408, f"The head of a request has to arrive in {HEAD_SECONDS} seconds.")

    def on_silent_body(self, connection: Connection) -> None:
        """Nothing was received for too long."""
        self.refuse(
            connection, 408, f"Nothing of the body has arrived for {SILENT_BODY_SECONDS} seconds. Nothing was stored."
        )

    # Handling

    def handle_soon(self, connection: Connection) -> None:
        """Give it to a thread of its kind."""
        self.forget(connection)
        connection.queued = time.monotonic()
        connection.read_from_start()
        pool = self.lives if connection.arrival.path == LIVE_PATH else self.tpool
        is_load = connection.is_load and connection.has_all
        connection.sock.environ = {
            "eeds.has_body": connection.has_all,
            "eeds.is_too_large": connection.is_too_large,
            "eeds.is_load": is_load,
            "eeds.is_again": connection.is_awaited,
        }
        if is_load:
            pool = self.loads
        handled = pool.submit(self.handle, connection)
        handled.add_done_callback(lambda future: self.method_queue.defer(self.on_handled, connection, future))

    def handle(self, connection: Connection) -> bool:
        """In a thread: have it answered; whether the connection can be used again. Raises BodyToCome."""
        if time.monotonic() - connection.queued > MAX_WAIT_SECONDS and not connection.is_load:
            self.answer(connection, 503, "The server has too much to do right now; try again.")
            return False
        return super().handle(connection) and connection.arrival.is_whole

    def on_handled(self, connection: Connection, handled: Future[bool]) -> None:
        """Send what is left of the answer, or receive the body that is asked for."""
        try:
            connection.keep = handled.result()
        except BodyToCome as awaited:
            connection.is_awaited, connection.max_body_bytes = True, awaited.max_bytes
            self.watch(connection, selectors.EVENT_READ, self.on_readable, SILENT_BODY_SECONDS, self.on_silent_body)
        except Exception:  # noqa: BLE001 - as in gunicorn: whatever it was has been logged, and the connection is lost
            self.drop(connection)
        else:
            self.send_rest(connection)

    # Answering

    def refuse(self, connection: Connection, status: int, text: str) -> None:
        """Answer without a thread, and end the connection."""
        self.forget(connection)
        connection.keep = False
        try:
            self.answer(connection, status, text)
        except OSError:
            self.drop(connection)
        else:
            self.send_rest(connection)

    def answer(self, connection: Connection, status: int, text: str) -> None:
        """Answer in the shape of the API's errors. Raises OSError if the client is gone."""
        self.log.info("%d to %s: %s", status, connection.client[0] if connection.client else "a socket", text)
        body = msgspec.json.encode({"detail": text})
        retry = f"Retry-After: {RETRY_AFTER_SECONDS}\r\n" if status == 503 else ""
        head = (
            f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n{retry}Connection: close\r\n\r\n"
        )
        connection.sock.sendall(head.encode() + body)

    def send_rest(self, connection: Connection) -> None:
        """Send what the client has not taken yet."""
        if connection.sock.unsent.size:
            self.watch(connection, selectors.EVENT_WRITE, self.on_writable, SEND_SECONDS, self.drop)
        else:
            self.go_on(connection)

    def on_writable(self, connection: Connection) -> None:
        """Send some of an answer."""
        try:
            is_sent = connection.sock.send_unsent()
        except OSError:
            self.drop(connection)
            return
        self.postpone(connection, SEND_SECONDS, self.drop)
        if is_sent:
            self.forget(connection)
            self.go_on(connection)

    def go_on(self, connection: Connection) -> None:
        """Expect the next request, which may be there already, or end the connection."""
        if not connection.keep:
            self.end(connection)
            return
        data = connection.leftover()
        connection.begin(data)
        self.await_request(connection)
        if data:
            self.advance(connection, data)

    def end(self, connection: Connection) -> None:
        """Say that no more will be sent, and close when the client has: it could lose the answer otherwise."""
        try:
            connection.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.drop(connection)
        else:
            seconds = LINGER_SECONDS if self.alive else STOP_KEEPALIVE_LINGER
            self.watch(connection, selectors.EVENT_READ, self.on_lingering, seconds, self.drop)

    def on_lingering(self, connection: Connection) -> None:
        """Receive what nobody wants to know any more."""
        try:
            is_closed = not connection.sock.drain()
        except BlockingIOError:
            return
        except OSError:
            is_closed = True
        if is_closed:
            self.drop(connection)
