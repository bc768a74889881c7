"""A client's socket, on which gunicorn reads what has arrived already and writes without waiting for the client."""

import errno
import select
import socket
from tempfile import SpooledTemporaryFile
from typing import IO, Any

CHUNK = 256 * 1024
# A thousand clients that are slow on purpose must not cost more memory than a load does.
IN_MEMORY = 64 * 1024
# An answer that its reader does not take is kept up to here; only a longer one makes a thread wait.
MAX_UNSENT_BYTES = 1024 * 2**20
SEND_SECONDS = 30
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


def temporary_file() -> IO[bytes]:
    """A file for bytes of one connection, on disk once they are many; it is gone when it is closed."""
    return SpooledTemporaryFile(IN_MEMORY)


class ClientSocket(socket.socket):
    """Never waits but for the reader of an endless answer; the worker's poller receives and sends the rest."""

    def __init__(self, accepted: socket.socket) -> None:
        super().__init__(accepted.family, accepted.type, accepted.proto, accepted.detach())
        super().settimeout(0)
        self.received = temporary_file()
        self.unsent = Backlog()
        self.was_continued = False
        self.environ: dict[str, Any] = {}  # for the application, of the request that is handled

    def begin(self, data: bytes) -> None:
        """Forget the last request; `data` is what has arrived of the next one."""
        self.received.close()
        self.received = temporary_file()
        self.received.write(data)
        self.was_continued = False

    def take(self) -> bytes:
        """Receive what is there, and keep it. Raises BlockingIOError if nothing is, OSError also where there is no room
        to keep it; b"" is the end."""
        data = super().recv(CHUNK)
        self.received.seek(0, 2)
        self.received.write(data)
        return data

    def drain(self) -> bytes:
        """Receive what is there, and drop it."""
        return super().recv(CHUNK)

    def recv(self, size: int, flags: int = 0) -> bytes:
        """What has arrived, from the beginning of the request; b"" at its end."""
        return self.received.read(size)

    def send(self, data: Any, flags: int = 0) -> int:
        """gunicorn's `100 Continue`, which a request is told once, though it may be handled twice."""
        if not self.was_continued:
            self.was_continued = True
            self.sendall(data)
        return len(data)

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send what the client takes now, and keep the rest. Raises OSError if the client is gone."""
        rest = memoryview(data)
        if self.send_unsent():
            rest = rest[self.send_some(rest) :]
        try:
            self.unsent.add(rest)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            self.wait_for_reader(rest)
        if self.unsent.size > MAX_UNSENT_BYTES:
            self.wait_for_reader(memoryview(b""))

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send `count` bytes of a file from `offset` on, or all; as sendall does."""
        file.seek(offset)
        sent = 0
        while data := file.read(CHUNK if count is None else min(CHUNK, count - sent)):
            self.sendall(data)
            sent += len(data)
        return sent

    def send_some(self, data: Any) -> int:
        """Send what the client takes now; how many bytes that was."""
        try:
            return super().send(data)
        except BlockingIOError:
            return 0

    def send_unsent(self) -> bool:
        """Send what the client takes now of some of what was kept; whether nothing is left."""
        if self.unsent.size:
            self.unsent.drop(self.send_some(self.unsent.first()))
        return not self.unsent.size

    def wait_for_reader(self, rest: memoryview) -> None:
        """Send all that was kept, and this, as fast as the client takes it. Raises TimeoutError."""
        poller = select.poll()
        poller.register(self, select.POLLOUT)
        while not self.send_unsent() or rest:
            rest = rest[self.send_some(rest) :] if not self.unsent.size else rest
            if (self.unsent.size or rest) and not poller.poll(SEND_SECONDS * 1000):
                raise TimeoutError("The client does not read the answer.")

    def settimeout(self, value: float | None) -> None:
        """gunicorn sets timeouts for reading and writing, neither of which waits here."""

    def setblocking(self, flag: bool) -> None:
        """As settimeout."""

    def close(self) -> None:
        """Close it, and drop what was kept."""
        self.received.close()
        self.unsent.close()
        super().close()


class Backlog:
    """Bytes in order, in a file once they are many."""

    def __init__(self) -> None:
        self.file = temporary_file()
        self.dropped = 0
        self.size = 0

    def add(self, data: Any) -> None:
        """Append; raises OSError where there is no room, and then holds what it held."""
        if data:
            self.file.seek(self.dropped + self.size)
            self.file.write(data)
            self.file.flush()
            self.size += len(data)

    def first(self) -> bytes:
        """Some of the first bytes."""
        self.file.seek(self.dropped)
        return self.file.read(min(CHUNK, self.size))

    def drop(self, number: int) -> None:
        """Drop the first bytes; the room is given back when it is empty."""
        self.dropped += number
        self.size -= number
        if not self.size:
            self.file.close()
            self.file = temporary_file()
            self.dropped = 0

    def close(self) -> None:
        """Drop everything."""
        self.file.close()
