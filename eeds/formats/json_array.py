"""JSON arrays that are never held whole, and tables as such: an object a row."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from eeds.formats.table import Batch, Column

encode = msgspec.json.Encoder().encode


def write(columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
    """The array of the rows, a piece for each batch; NaN and infinities are null."""
    row = row_type(columns)
    return json_array([encode_inner([row(*cells) for cells in batch])] for batch in batches)


def row_type(columns: Sequence[Column]) -> type[msgspec.Struct]:
    """The object of a row; structs are what msgspec encodes fastest."""
    return msgspec.defstruct("Row", [column.name for column in columns], gc=False)


def encode_inner(items: list[msgspec.Struct]) -> bytes:
    """The JSON of the items with commas between: what stands inside the brackets."""
    return encode(items)[1:-1]


def json_array(parts: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """The array of all items, in pieces: of each part, which is an item or several with commas between."""
    separator = b"["
    for part in parts:
        yield separator
        yield from part
        separator = b","
    yield b"[]" if separator == b"[" else b"]"
