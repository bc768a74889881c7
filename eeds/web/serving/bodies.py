"""The body of a request as the application reads it."""

import io
import os
from typing import IO, Any, NoReturn

from flask import request
from gunicorn.http.body import LengthReader
from gunicorn.http.errors import NoMoreData, ParseException

from eeds.errors import BodyTooLarge, MalformedBody

# Above this a request has been received into a file; see client_socket.IN_MEMORY.
BUFFER_BYTES = 256 * 1024


class BodyToCome(BaseException):
    """A view reads a body that is not there yet, as far as `max_bytes`. No handler of errors may take it for one."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(max_bytes)
        self.max_bytes = max_bytes


class MissingBody:
    """The body of a request that is handled for its head alone."""

    def read(self, size: int = -1) -> NoReturn:
        """Raises BodyToCome with what Flask would let the view read."""
        limits = [request.max_content_length]
        if request.mimetype == "application/x-www-form-urlencoded":
            limits.append(request.max_form_memory_size)
        raise BodyToCome(min(limit for limit in limits if limit is not None))

    readline = readlines = __iter__ = read


class ReceivedFile(io.RawIOBase):
    """A part of an open file, whose own place it leaves alone, and which may be closed before it is."""

    def __init__(self, file: IO[bytes], first: int, size: int) -> None:
        super().__init__()
        self.number = os.dup(file.fileno())
        self.first = first
        self.size = size
        self.place = 0

    def close(self) -> None:
        """Close it."""
        if not self.closed:
            os.close(self.number)
        super().close()

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; gives it."""
        self.place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: self.size}[whence]
        return self.place

    def readinto(self, buffer: Any) -> int:
        """Read what is there, as far as the buffer goes; how many bytes that is."""
        wanted = memoryview(buffer)[: max(0, min(len(buffer), self.size - self.place))]
        count = os.preadv(self.number, [wanted], self.first + self.place) if wanted else 0
        self.place += count
        return count


class ArrivedBody:
    """A body that is there; what is wrong with its chunks is the client's error."""

    def __init__(self, body: Any, received: Any, is_too_large: bool) -> None:
        self.body = body
        self.received = received  # the file with the whole request, of which the parser has read the head
        self.is_too_large = is_too_large  # so that not all of it was received

    def take_file(self) -> IO[bytes] | None:
        """The body as a file that need not be copied, instead of reading it; None if it is short or in chunks, or not
        all of it is there."""
        reader = self.body.reader
        if not isinstance(reader, LengthReader) or reader.length <= BUFFER_BYTES:
            return None
        received, length = self.received, reader.length
        first = received.tell() - len(reader.unreader.buf.getvalue())
        if received.seek(0, os.SEEK_END) < first + length:
            received.seek(first)
            reader.unreader.take_buffered()
            return None
        reader.unreader.take_buffered()
        received.seek(first + length)  # where the next request begins
        reader.length = 0
        return io.BufferedReader(ReceivedFile(received, first, length), BUFFER_BYTES)

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`. Raises MalformedBody, BodyTooLarge."""
        return self.checked(self.body.read, size)

    def readline(self, size: int = -1) -> bytes:
        """The next line, at most `size` bytes of it. Raises MalformedBody, BodyTooLarge."""
        return self.checked(self.body.readline, size)

    def checked(self, read: Any, size: int) -> bytes:
        """What it reads."""
        try:
            return read(size)
        except ParseException as error:
            raise MalformedBody(f"The chunks of the body cannot be read: {error}") from error
        except NoMoreData as error:
            if self.is_too_large:
                raise BodyTooLarge("The request body is too large.") from error
            raise MalformedBody("The body ends before its end: the connection was cut.") from error
