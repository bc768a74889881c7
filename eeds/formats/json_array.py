"""JSON arrays that are never held whole."""

from collections.abc import Iterable, Iterator

import msgspec

encode = msgspec.json.Encoder().encode


def json_array(parts: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """The array of all items, in pieces: of each part, which is an item or several with commas between."""
    separator = b"["
    for part in parts:
        yield separator
        yield from part
        separator = b","
    yield b"[]" if separator == b"[" else b"]"


def encode_inner(items: list[msgspec.Struct]) -> bytes:
    """The JSON of the items with commas between: what stands inside the brackets."""
    return encode(items)[1:-1]
