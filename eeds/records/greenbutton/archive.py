"""The documents in a body: XML as it is, packed by gzip, or the XML files of a zip.

What is unpacked is counted while it is, so that a bomb ends at the limit, whatever it says of itself.
"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

from eeds.errors import BodyTooLarge, MalformedBody
from eeds.formats.spool import spool

ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"
EMPTY_ZIP = b"PK\x05\x06"
MAX_DIRECTORY = 4 * 2**20  # bytes of a zip's table of contents, which is held; 50,000 files
END = 22  # bytes of the record at the end of a zip that has no comment
LONGEST_END = END + 2**16
ZIP64 = b"PK\x06\x07"
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class LimitedFile:
    """A file of a zip that is read no further than to a limit of bytes, which all files of the zip share."""

    def __init__(self, file: IO[bytes], budget: list[int]) -> None:
        self.file = file
        self.budget = budget

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; raises BodyTooLarge beyond the limit, and MalformedBody for what cannot be unpacked."""
        with zip_errors():
            data = self.file.read(size)
        self.budget[0] -= len(data)
        if self.budget[0] < 0:
            raise BodyTooLarge("What is packed in the body is larger than the limit of an upload.")
        return data


def documents(body: IO[bytes], limit: int) -> Iterator[tuple[str | None, IO[bytes]]]:
    """The XML documents of a body, each with its name in a zip. `limit` is in bytes, for all of them together. Raises
    BodyTooLarge, and MalformedBody for a zip that cannot be read."""
    magic = body.read(4)
    body.seek(0)
    if magic in (ZIP, EMPTY_ZIP):
        yield from zip_documents(body, limit)
    elif magic.startswith(GZIP):
        with spool(body, "gzip", limit) as unpacked:
            yield None, unpacked
    else:
        yield None, body


def zip_documents(body: IO[bytes], limit: int) -> Iterator[tuple[str | None, IO[bytes]]]:
    """The XML files of a zip, in the order of its table of contents."""
    require_small_directory(body)
    budget = [limit]
    with zip_errors(), zipfile.ZipFile(body) as archive:
        for member in archive.infolist():
            # what a Mac puts beside a file is none
            if member.filename.lower().endswith(".xml") and not member.filename.startswith("__MACOSX/"):
                require_readable(member)
                with archive.open(member) as file:
                    yield member.filename, cast(IO[bytes], LimitedFile(file, budget))


@contextmanager
def zip_errors() -> Iterator[None]:
    """Turn what zipfile raises for a damaged zip into MalformedBody."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise MalformedBody(f"The zip cannot be read: {error}.") from error


def require_readable(member: zipfile.ZipInfo) -> None:
    """Raises MalformedBody for what is encrypted, or packed by a method that may take any amount of memory."""
    if member.flag_bits & 1:
        raise MalformedBody(f"{member.filename} in the zip is encrypted; pack it without a password.")
    if member.compress_type not in METHODS:
        raise MalformedBody(f"{member.filename} in the zip is packed in an unusual way; use deflate.")


def require_small_directory(body: IO[bytes]) -> None:
    """Raises MalformedBody for a table of contents that would fill the memory. It is found as zipfile does."""
    size = body.seek(0, 2)
    tail_at = max(size - LONGEST_END - len(ZIP64) - 16, 0)
    body.seek(tail_at)
    tail = body.read()
    body.seek(0)
    plain = len(tail) - END
    end = plain if tail[plain : plain + 4] == EMPTY_ZIP and tail[-2:] == b"\0\0" else tail.rfind(EMPTY_ZIP)
    if end < 0 or len(tail) - end < END:
        raise MalformedBody("The zip ends before its end: it was cut short.")
    directory = int.from_bytes(tail[end + 12 : end + 16], "little")
    if tail[max(end - 20, 0) : end].startswith(ZIP64) or directory > MAX_DIRECTORY:
        raise MalformedBody("The zip has too many files; send it in parts.")
