"""Records in JSON: a list of objects, one object, or an object a line.

Pieces of a body are decoded straight into typed structs, at several million records a second and without holding the
body. A piece that does not fit is read again field by field.
"""

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import IO, Annotated, Any

import msgspec

from eeds.errors import MalformedBody
from eeds.formats.values import MAX_BIGINT, parse_json
from eeds.records.batch import BATCH_BYTES, Batch
from eeds.records.fields import FLAG, INSTANT, KEY, NAME, VALUE
from eeds.records.record_type import RecordType, columns_of_values, is_faultless, read_one_by_one
from eeds.records.starts import starts_of_texts

# What decoding raises for records that are to be read one by one.
UNUSUAL = (msgspec.DecodeError, RecursionError, ValueError)
BLANKS = b" \t\r\n"
MAX_RECORD = 8 * BATCH_BYTES  # no record is nearly as long; what goes on for longer without an end is none
TOO_LONG = f"a record, or a text in it, goes on for more than {MAX_RECORD // 2**20} MB"
UNUSUAL_AT_ONCE = 10_000  # records and their refusals that are held as objects
# Instants as texts: making an object of every start would cost more than all the rest.
JSON_TYPES = {
    KEY: Annotated[int, msgspec.Meta(ge=-MAX_BIGINT, le=MAX_BIGINT)],
    INSTANT: str,
    VALUE: float | None,
    FLAG: bool,
    NAME: str,
}


@cache
def decoder_of(record_type: RecordType, *, of_lists: bool) -> msgspec.json.Decoder[Any]:
    """What decodes usual JSON objects of a type, or lists of them, into structs."""
    fields: list[Any] = []
    for name, field in record_type.fields.items():
        type: Any = JSON_TYPES[field.type]
        if name in record_type.one_of:
            fields.append((name, type | msgspec.UnsetType, msgspec.UNSET))
        else:
            fields.append((name, type, field.default) if field.is_optional else (name, type))
    struct = msgspec.defstruct(record_type.name, fields, gc=False)
    return msgspec.json.Decoder(list[struct] if of_lists else struct)  # type: ignore[valid-type]


def json_batches(record_type: RecordType, file: IO[bytes]) -> Iterator[Batch]:
    """The batches of a JSON body; raises MalformedBody."""
    text = more_text(file, b"").removeprefix(BOM_UTF8).lstrip(BLANKS)
    if text.startswith(b"["):
        yield from list_batches(record_type, file, text)
        return
    body = parse(text + rest_of(file, text)) if text else {}
    yield from unusual_batches(record_type, body if isinstance(body, list) else [body], 0)


def list_batches(record_type: RecordType, file: IO[bytes], text: bytes) -> Iterator[Batch]:
    """The batches of a JSON list. `text` is the beginning of what is not yet decoded, with the bracket or the comma in
    front of it."""
    sent = 0
    while text.startswith(b"," if sent else b"["):
        batches, text = next_piece(record_type, file, text, sent)
        if not batches:
            break
        for batch in batches:
            yield batch
            sent += batch.sent
        text = more_text(file, text)
    yield from the_end(record_type, (b"[0" if sent else b"") + text + rest_of(file, text), sent)


def next_piece(record_type: RecordType, file: IO[bytes], text: bytes, first: int) -> tuple[Iterable[Batch], bytes]:
    """The records of the longest piece of a list that ends with an object, and the text behind it; none if no piece can
    be decoded. Where the cut was made inside a text or a nested object, it is tried again twice as long. Raises
    MalformedBody."""
    while True:
        cut = text.rfind(b"}") + 1
        batches = piece_batches(record_type, b"".join((b"[", memoryview(text)[1:cut], b"]")), first) if cut else ()
        if batches:
            return batches, text[cut:]
        more = file.read(min(max(BATCH_BYTES, len(text)), MAX_RECORD + 1 - len(text)))
        if not more:
            return (), text
        text += more


def rest_of(file: IO[bytes], text: bytes) -> bytes:
    """The rest of a body behind a text; raises MalformedBody if both are longer than a record may be."""
    rest = file.read(MAX_RECORD + 1 - len(text))
    if len(text) + len(rest) > MAX_RECORD:
        raise MalformedBody(f"JSON parse error - {TOO_LONG}")
    return rest


def more_text(file: IO[bytes], text: bytes) -> bytes:
    """The text and some more behind it, from the first that is no blank; empty at the end of the file."""
    while more := file.read(BATCH_BYTES):
        text = (text + more).lstrip(BLANKS)
        if text:
            break
    return text


def piece_batches(record_type: RecordType, piece: bytes, first: int) -> Iterable[Batch]:
    """The records of a piece of a list; none if it is not JSON."""
    batch = usual_batch(record_type, piece, first, of_lists=True)
    try:
        return [batch] if batch else unusual_batches(record_type, parse_json(piece), first)
    except ValueError:
        return ()


def usual_batch(record_type: RecordType, text: bytes, first: int, *, of_lists: bool) -> Batch | None:
    """The records of a list, or of lines, as columns; None if something is wrong with one of them, or unusual."""
    decoder = decoder_of(record_type, of_lists=of_lists)
    try:
        structs = decoder.decode(text) if of_lists else decoder.decode_lines(text)
        return batch_of_structs(record_type, structs, first)
    except UNUSUAL:
        return None


def batch_of_structs(record_type: RecordType, structs: Sequence[Any], first: int) -> Batch | None:
    """Decoded records as columns. Returns None, or raises one of UNUSUAL, if something is wrong with one of them, or
    unusual."""
    values = {name: values_of(name, structs) for name in record_type.fields}
    unset = {name: values[name].count(msgspec.UNSET) for name in record_type.one_of}
    starts = starts_of_texts(values["start"])
    if starts is None or (unset and sorted(unset.values()) != [0, *[len(structs)] * (len(unset) - 1)]):
        return None
    fields = {name: field for name, field in record_type.fields.items() if name != "start" and not unset.get(name)}
    for name, field in fields.items():
        if field.type == NAME:
            read = {text: field.value(text) for text in set(values[name])}
            values[name] = [read[text] for text in values[name]]
    columns, names = columns_of_values(fields, values)
    columns = {**columns, "start": starts}
    if not is_faultless(record_type, columns):
        return None
    return Batch(len(structs), range(first, first + len(structs)), columns, names)


def values_of(name: str, structs: Sequence[Any]) -> list[Any]:
    """The values of a field. Those of readings are named here: it takes less than half the time of attrgetter."""
    match name:
        case "metadata_id":
            return [each.metadata_id for each in structs]
        case "start":
            return [each.start for each in structs]
        case "value":
            return [each.value for each in structs]
        case "estimated":
            return [each.estimated for each in structs]
        case _:
            return list(map(attrgetter(name), structs))


def unusual_batches(record_type: RecordType, items: Sequence[Any], first: int) -> Iterator[Batch]:
    """Decoded records read one by one."""
    for start in range(0, len(items), UNUSUAL_AT_ONCE):
        some = items[start : start + UNUSUAL_AT_ONCE]
        yield read_one_by_one(record_type, record_type.fields, some, range(first + start, first + start + len(some)))


def the_end(record_type: RecordType, rest: bytes, sent: int) -> Iterator[Batch]:
    """What is left of a list when no more objects can be cut off: nothing, or items that are no objects. Raises
    MalformedBody."""
    items = parse(rest)
    assert isinstance(items, list)
    left = items[1:] if sent else items
    yield from unusual_batches(record_type, left, sent)


def parse(text: bytes) -> object:
    """What a JSON text says; raises MalformedBody."""
    try:
        return parse_json(text)
    except ValueError as error:
        raise MalformedBody(f"JSON parse error - {error}") from error


def line_batches(record_type: RecordType, file: IO[bytes]) -> Iterator[Batch]:
    """The batches of a body with a JSON object a line; blank lines count as nothing. Raises MalformedBody."""
    sent = 0
    while lines := whole_lines(file):
        if lines.isspace():
            continue
        batch = usual_batch(record_type, lines, sent, of_lists=False)
        if batch:
            yield batch
            sent += batch.sent
            continue
        items = [line_item(line) for line in lines.split(b"\n") if line.strip()]
        yield from unusual_batches(record_type, items, sent)
        sent += len(items)


def whole_lines(file: IO[bytes]) -> bytes:
    """Some lines, the last of them whole; raises MalformedBody."""
    lines = file.read(BATCH_BYTES)
    end = file.readline(MAX_RECORD)
    if len(end) == MAX_RECORD:
        raise MalformedBody(f"JSON parse error - {TOO_LONG}")
    return lines + end


def line_item(line: bytes) -> object:
    """What a line says; a line that is not JSON is a record that is no object."""
    try:
        return parse_json(line)
    except ValueError:
        return line.decode(errors="replace").strip()
