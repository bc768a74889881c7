"""JSON arrays that are never held whole, and tables as such: an object a row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from eeds.formats.table import Batch, Column
from eeds.formats.values import SURROGATES

encode_utf8 = msgspec.json.Encoder().encode


def encode(value: Any) -> bytes:
    """The value as JSON, whatever its texts are: what a message quotes may have unpaired surrogates, which no answer
    can have, and is shown with a replacement character in their place."""
    try:
        return encode_utf8(value)
    except UnicodeEncodeError:
        return encode_utf8(with_valid_texts(value))


def with_valid_texts(value: Any) -> Any:
    """The value with texts that are valid in UTF-8, the keys of objects too."""
    match value:
        case str():
            return SURROGATES.sub("\ufffd", value)
        case Mapping():
            return {with_valid_texts(key): with_valid_texts(item) for key, item in value.items()}
        case list() | tuple():
            return [with_valid_texts(item) for item in value]
        case _:
            return value


def write(columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
    """The array of the rows, a piece for each batch; NaN and infinities are null."""
    row = row_type(columns)
    return json_array([encode_inner([row(*cells) for cells in batch])] for batch in batches)


def row_type(columns: Sequence[Column]) -> type[msgspec.Struct]:
    """The object of a row; structs are what msgspec encodes fastest. Names of columns need not be Python's."""
    names = {f"cell_{number}": column.name for number, column in enumerate(columns)}
    return msgspec.defstruct("Row", list(names), rename=names, gc=False)


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
