"""Rows of texts in little memory. As lists of Python's texts those of a file take twenty times its size, packed they
take little more than the file."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from eeds.formats.lazy_sequence import LazySequence

BLOCK = 500  # rows that are packed, and unpacked, at once

Row = Sequence[str]


class PackedRows(LazySequence[Row]):
    """Rows in blocks of msgpack, the last of which is open. Going through them in order unpacks each block once, and so
    does comparing them with those of another block."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.blocks: list[bytes] = []
        self.open: list[Row] = []
        self.unpacked: dict[int, list[Row]] = {}
        for row in rows:
            self.append(row)

    def append(self, row: Row) -> None:
        """Add a row at the end."""
        self.open.append(row)
        if len(self.open) == BLOCK:
            self.blocks.append(msgspec.msgpack.encode(self.open))
            self.open = []

    def block(self, number: int) -> list[Row]:
        """The rows of a block."""
        if number == len(self.blocks):
            return self.open
        if number not in self.unpacked:
            if len(self.unpacked) > 1:
                del self.unpacked[next(iter(self.unpacked))]
            self.unpacked[number] = msgspec.msgpack.decode(self.blocks[number])
        return self.unpacked[number]

    def __len__(self) -> int:
        return BLOCK * len(self.blocks) + len(self.open)

    def __iter__(self) -> Iterator[Row]:
        for packed in self.blocks:
            yield from msgspec.msgpack.decode(packed)
        yield from self.open

    def item(self, place: int) -> Row:
        """A row."""
        number, at = divmod(place, BLOCK)
        return self.block(number)[at]
