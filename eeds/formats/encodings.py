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
LINE_END = re.compile(r"\r\n|\n|\r")


def decode(data: bytes) -> tuple[str, str]:
    """A text, without its byte order mark, and the name of its encoding. Raises MalformedBody for what is no text."""
    mark, encoding = next(
        ((mark, name) for mark, name in MARKS if data.startswith(mark)), (b"", utf16_without_mark(data))
    )
    body = data[len(mark) :]
    if encoding is None:
        text, encoding = decode_bytes(body)
    else:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError as error:
            line = line_of(body[: error.start].decode(encoding, "replace"))
            raise MalformedBody(f"The file begins as text in {encoding.upper()}, but line {line} is not.") from error
    if "\0" in text:
        line = line_of(text[: text.index("\0")])
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


def decode_bytes(data: bytes) -> tuple[str, str]:
    """A text of one byte a character, or of UTF-8."""
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as not_utf8:
        try:
            return data.decode("windows-1252"), "windows-1252"
        except UnicodeDecodeError as error:
            line = line_of(data[: error.start].decode("latin-1"))
            raise MalformedBody(
                f"The byte 0x{data[error.start]:02X} on line {line} is text neither in UTF-8 nor in Windows-1252; "
                "save the file as CSV UTF-8."
            ) from not_utf8


def line_of(before: str) -> int:
    """The number of the line that follows on a text."""
    return len(LINE_END.findall(before)) + 1
