"""The body of an upload, unpacked into a file: it may be read more than once, and memory does not grow with it."""

import io
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import IO, cast

from eeds.errors import BodyTooLarge, MalformedBody

CHUNK = 2**20  # as gunicorn takes it from the socket
# Larger bodies cost a load 2 % more time in a file, and a web process a third of its memory out of one.
IN_MEMORY = CHUNK
GZIP = 31  # zlib's code for a gzip header and trailer
# A table of readings packs to a tenth, one that repeats itself to a fiftieth; gzip can do a thousandth.
MAX_RATIO = 200
ALWAYS_TAKEN = 16 * 2**20  # bytes unpacked, whatever they were packed to


class CountedInput(io.RawIOBase):
    """A stream that counts the bytes that are read of it."""

    def __init__(self, body: IO[bytes]) -> None:
        super().__init__()
        self.body = body
        self.size = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`."""
        data = self.body.read(size)
        self.size += len(data)
        return data


def spool(body: IO[bytes], encoding: str, limit: int, ratio: int = MAX_RATIO) -> IO[bytes]:
    """The unpacked body, at its beginning. `encoding` is that of Content-Encoding, "" for none.

    Raises BodyTooLarge as soon as more than `limit` bytes are unpacked, or more than `ratio` times those sent, and
    MalformedBody for what cannot be unpacked.
    """
    unpack = UNPACKERS.get(encoding.strip().lower())
    if unpack is None:
        known = ", ".join(name for name in UNPACKERS if name)
        raise MalformedBody(f'Content-Encoding "{encoding}" is not known; there are: {known}.')
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - the caller's to close
    with ExitStack() as on_error:
        on_error.callback(file.close)
        size, sent = 0, CountedInput(body)
        for chunk in unpack(cast(IO[bytes], sent)):
            size += len(chunk)
            if size > limit:
                raise BodyTooLarge(f"The body has more than {limit / 2**20:,.0f} MB; send it in parts.")
            if size > ALWAYS_TAKEN and size > ratio * sent.size:
                raise BodyTooLarge(
                    f"The body unpacks to more than {ratio} times what was sent; send it in parts, or not packed."
                )
            file.write(chunk)
        on_error.pop_all()
    file.seek(0)
    return file


def chunks(body: IO[bytes]) -> Iterator[bytes]:
    """The body as it is sent."""
    while chunk := body.read(CHUNK):
        yield chunk


def gunzip(body: IO[bytes]) -> Iterator[bytes]:
    """The body unpacked, a bounded piece at a time; it may have several members. Raises MalformedBody."""
    member = zlib.decompressobj(GZIP)
    packed = b""
    try:
        while packed := packed or body.read(CHUNK):
            if member.eof:
                member = zlib.decompressobj(GZIP)
            yield member.decompress(packed, CHUNK)
            packed = member.unconsumed_tail or member.unused_data
        yield member.flush()
    except zlib.error as error:
        raise MalformedBody(f"The body is not gzip: {error}.") from error
    if not member.eof:
        raise MalformedBody("The gzip body ends before its end: it was cut short.")


def unzstd(body: IO[bytes]) -> Iterator[bytes]:
    """The body unpacked. Raises MalformedBody."""
    import pyarrow

    try:
        with pyarrow.CompressedInputStream(pyarrow.PythonFile(body, "r"), "zstd") as stream:
            while chunk := stream.read(CHUNK):
                yield chunk
    except (OSError, pyarrow.ArrowException) as error:
        raise MalformedBody(f"The body is not zstd, or was cut short: {error}.") from error


UNPACKERS: dict[str, Callable[[IO[bytes]], Iterator[bytes]]] = {
    "": chunks,
    "identity": chunks,
    "gzip": gunzip,
    "x-gzip": gunzip,
    "zstd": unzstd,
}
