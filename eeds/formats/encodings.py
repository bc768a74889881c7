"""The encodings in which tables are kept: UTF-8, UTF-16 as Excel's "Unicode text", and Windows-1252."""

import codecs
import re

from eeds.errors import MalformedBody

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SAMPLE = 4096  # bytes whose NULs tell that each character has two
CHUNK = 2**20  # bytes: Python's text of a whole file may take four times its size
LINE_END = re.compile(r"\r\n|\n|\r")


class NotDecodable(Exception):
    """A text is not in an encoding; `at` is the place of the first byte that is not."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at


def as_utf8(data: bytes) -> tuple[bytes, str]:
    """A text in UTF-8, without its byte order mark, and the name of the encoding that it was in. Raises MalformedBody
    for what is no text."""
    mark, encoding = next(
        ((mark, name) for mark, name in MARKS if data.startswith(mark)), (b"", utf16_without_mark(data))
    )
    body = data[len(mark) :]
    if encoding is None:
        text, encoding = bytes_as_utf8(body)
    else:
        try:
            text = in_utf8(body, encoding)
        except NotDecodable as error:
            line = line_of(body[: error.at].decode(encoding, "replace"))
            raise MalformedBody(f"The file begins as text in {encoding.upper()}, but line {line} is not.") from error
    if b"\0" in text:
        line = line_of(text[: text.index(b"\0")].decode())
        raise MalformedBody(f"Line {line} has a NUL character; the file is no text, or damaged.")
    return text, encoding


def utf16_without_mark(data: bytes) -> str | None:
    """The order of the bytes of UTF-16: of letters and digits every other byte is NUL. None if it is not that."""
    sample = data[:SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    most = len(sample) // 2 * 0.7
    if odd and odd >= most and not even:
        return "utf-16-le"
    return "utf-16-be" if even and even >= most and not odd else None


def bytes_as_utf8(data: bytes) -> tuple[bytes, str]:
    """A text of one byte a character, or of UTF-8, in UTF-8."""
    try:
        return in_utf8(data, "utf-8"), "utf-8"
    except NotDecodable as not_utf8:
        try:
            return in_utf8(data, "windows-1252"), "windows-1252"
        except NotDecodable as error:
            line = line_of(data[: error.at].decode("latin-1"))
            raise MalformedBody(
                f"The byte 0x{data[error.at]:02X} on line {line} is text neither in UTF-8 nor in Windows-1252; "
                "save the file as CSV UTF-8."
            ) from not_utf8


def in_utf8(data: bytes, encoding: str) -> bytes:
    """A text in UTF-8, a chunk after the other; raises NotDecodable."""
    decoder = codecs.getincrementaldecoder(encoding)()
    converted = bytearray()
    for at in range(0, len(data), CHUNK):
        chunk = data[at : at + CHUNK]
        try:
            text = decoder.decode(chunk, final=at + CHUNK >= len(data))
        except UnicodeDecodeError as error:
            # which has the bytes of the chunk behind those that were left of the one before
            raise NotDecodable(at + len(chunk) - len(error.object) + error.start) from error
        if encoding != "utf-8":
            converted += text.encode()
    return data if encoding == "utf-8" else bytes(converted)


def line_of(before: str) -> int:
    """The number of the line that follows on a text."""
    return len(LINE_END.findall(before)) + 1
