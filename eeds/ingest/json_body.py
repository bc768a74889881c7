"""Records in JSON: a list of objects, one object, or an object a line.

Pieces of a body are decoded straight into typed structs, at several million records a second and without holding them
all. A piece that does not fit is read again field by field.
"""

from collections.abc import Iterator
from typing import IO

import msgspec

from eeds.ingest.kind import Kind
from eeds.ingest.report import MalformedBody, Refusal
from eeds.ingest.segment import SEGMENT_BYTES, Segment
from eeds.messages import not_an_object
from eeds.values import parse_json

BLANKS = b" \t\r\n"


def json_segments(kind: Kind, file: IO[bytes]) -> Iterator[Segment]:
    """The segments of a JSON body, which is held; raises MalformedBody."""
    body = file.read()
    start = skip_blanks(body, 0)
    if body[start : start + 1] == b"[":
        yield from list_segments(kind, body, start + 1)
        return
    item = parse(body[start:]) if start < len(body) else {}
    if isinstance(item, list | dict):
        yield kind.untyped(item if isinstance(item, list) else [item], 0)
    else:
        yield Segment(1, (), refusals=[Refusal(0, None, item, not_an_object(item))])


def list_segments(kind: Kind, body: bytes, start: int) -> Iterator[Segment]:
    """The segments of a JSON list from behind its bracket. A piece ends with an object; where the cut was made inside a
    text or a nested object it cannot be decoded, and is tried again twice as long."""
    sent, size = 0, SEGMENT_BYTES
    before = b"["  # what stands before the place where we are, shortened: enough to read the rest
    while start < len(body):
        cut = body.rfind(b"}", start, start + size) + 1
        segment = piece_segment(kind, b"[" + body[start:cut] + b"]", sent) if cut else None
        if segment is None:
            if start + size >= len(body):
                break
            size *= 2
            continue
        yield segment
        sent, size, before = sent + segment.sent, SEGMENT_BYTES, b"[0"
        start = skip_blanks(body, cut)
        if body[start : start + 1] == b",":
            start, before = start + 1, b"[0,"
        else:
            break
    yield from the_end(kind, before + body[start:], sent)


def piece_segment(kind: Kind, piece: bytes, first: int) -> Segment | None:
    """The records of a piece of a list; None if it is not JSON."""
    try:
        found = kind.typed(kind.decoder.decode(piece), first)
    except msgspec.DecodeError:
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


def skip_blanks(body: bytes, start: int) -> int:
    """The first place from `start` on that is no blank."""
    while start < len(body) and body[start] in BLANKS:
        start += 1
    return start


def line_segments(kind: Kind, file: IO[bytes]) -> Iterator[Segment]:
    """The segments of a body with a JSON object a line; blank lines count as nothing."""
    sent = 0
    while lines := file.readlines(SEGMENT_BYTES):
        segment = lines_segment(kind, [line for line in lines if line.strip()], sent)
        sent += segment.sent
        yield segment


def lines_segment(kind: Kind, lines: list[bytes], first: int) -> Segment:
    """The records of some lines."""
    try:
        found = kind.typed(kind.line_decoder.decode_lines(b"".join(lines)), first)
    except msgspec.DecodeError:
        found = None
    return found or kind.untyped((line_item(line) for line in lines), first)


def line_item(line: bytes) -> object:
    """What a line says; a line that is not JSON is a record that is no object."""
    try:
        return parse_json(line)
    except ValueError:
        return line.decode(errors="replace").strip()
