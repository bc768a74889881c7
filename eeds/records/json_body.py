"""Records in JSON: a list of objects, one object, or an object a line.

Pieces of a body are decoded straight into typed structs, at several million records a second and without holding the
body. A piece that does not fit is read again field by field.
"""

from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import IO

import msgspec

from eeds.errors import MalformedBody
from eeds.formats.values import parse_json
from eeds.records.batch import SEGMENT_BYTES, Segment
from eeds.records.record_type import Kind

BLANKS = b" \t\r\n"


def json_segments(kind: Kind, file: IO[bytes]) -> Iterator[Segment]:
    """The segments of a JSON body; raises MalformedBody."""
    text = more_text(file, b"").removeprefix(BOM_UTF8).lstrip(BLANKS)
    if text.startswith(b"["):
        yield from list_segments(kind, file, text)
        return
    found = parse(text + file.read()) if text else {}
    yield kind.untyped(found if isinstance(found, list) else [found], 0)


def list_segments(kind: Kind, file: IO[bytes], text: bytes) -> Iterator[Segment]:
    """The segments of a JSON list. `text` is the beginning of what is not yet decoded, with the bracket or the comma in
    front of it."""
    sent = 0
    while text.startswith(b"," if sent else b"["):
        segment, text = next_piece(kind, file, text, sent)
        if segment is None:
            break
        yield segment
        sent += segment.sent
        text = more_text(file, text)
    yield from the_end(kind, (b"[0" if sent else b"") + text + file.read(), sent)


def next_piece(kind: Kind, file: IO[bytes], text: bytes, first: int) -> tuple[Segment | None, bytes]:
    """The records of the longest piece of a list that ends with an object, and the text behind it; None if no piece can
    be decoded. Where the cut was made inside a text or a nested object, it is tried again twice as long."""
    while True:
        cut = text.rfind(b"}") + 1
        segment = piece_segment(kind, b"".join((b"[", memoryview(text)[1:cut], b"]")), first) if cut else None
        if segment:
            return segment, text[cut:]
        more = file.read(max(SEGMENT_BYTES, len(text)))
        if not more:
            return None, text
        text += more


def more_text(file: IO[bytes], text: bytes) -> bytes:
    """The text and some more behind it, from the first that is no blank; empty at the end of the file."""
    while more := file.read(SEGMENT_BYTES):
        text = (text + more).lstrip(BLANKS)
        if text:
            break
    return text


def piece_segment(kind: Kind, piece: bytes, first: int) -> Segment | None:
    """The records of a piece of a list; None if it is not JSON."""
    try:
        found = kind.typed(kind.decoder.decode(piece), first)
    except (msgspec.DecodeError, RecursionError):
        found = None
    try:
        return found or kind.untyped(parse_json(piece), first)
    except ValueError:
        return None


def the_end(kind: Kind, rest: bytes, sent: int) -> Iterator[Segment]:
    """What is left of a list when no more objects can be cut off: nothing, or items that are no objects. Raises
    MalformedBody."""
    items = parse(rest)
    assert isinstance(items, list)
    left = items[1:] if sent else items
    if left:
        yield kind.untyped(left, sent)


def parse(text: bytes) -> object:
    """What a JSON text says; raises MalformedBody."""
    try:
        return parse_json(text)
    except ValueError as error:
        raise MalformedBody(f"JSON parse error - {error}") from error


def line_segments(kind: Kind, file: IO[bytes]) -> Iterator[Segment]:
    """The segments of a body with a JSON object a line; blank lines count as nothing."""
    sent = 0
    while lines := file.read(SEGMENT_BYTES) + file.readline():
        if not lines.isspace():
            segment = lines_segment(kind, lines, sent)
            sent += segment.sent
            yield segment


def lines_segment(kind: Kind, lines: bytes, first: int) -> Segment:
    """The records of some lines."""
    try:
        found = kind.typed(kind.line_decoder.decode_lines(lines), first)
    except (msgspec.DecodeError, RecursionError):
        found = None
    return found or kind.untyped((line_item(line) for line in lines.split(b"\n") if line.strip()), first)


def line_item(line: bytes) -> object:
    """What a line says; a line that is not JSON is a record that is no object."""
    try:
        return parse_json(line)
    except ValueError:
        return line.decode(errors="replace").strip()
