"""Columns of texts, gone through a part at a time, so that of a long one little is held."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from eeds.formats.lazy_sequence import LazySequence
from eeds.formats.packed_rows import Row

Read = TypeVar("Read")

PART = 50_000  # cells
# Wrong cells of a column that are told about; who reads the column refuses all of a table that has more.
MOST_WRONG = 80_000


class ColumnOfRows(LazySequence[str]):
    """The cells of one column of some rows."""

    def __init__(self, rows: Sequence[Row], place: int) -> None:
        self.rows = rows
        self.place = place

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[str]:
        return (row[self.place] for row in self.rows)

    def item(self, place: int) -> str:
        """A cell."""
        return self.rows[place][self.place]


def parts(texts: Iterable[str]) -> Iterator[list[str]]:
    """The cells, PART at a time."""
    cells = iter(texts)
    while part := list(islice(cells, PART)):
        yield part


def each_read(texts: Iterable[str], read: Callable[[str], Read]) -> Iterator[Read]:
    """What is read of each cell. Those of the same text, of which most columns have many, are read once."""
    known: dict[str, Read] = {}
    for text in texts:
        if text not in known:
            if len(known) >= PART:
                known.clear()
            known[text] = read(text)
        yield known[text]


def told(wrong: Iterable[tuple[int, str]]) -> dict[int, str]:
    """The first wrong cells, one more than MOST_WRONG, by their position, with their messages. Where there are so many,
    others are not among them: whoever reads the column may take nothing of it."""
    return dict(islice(wrong, MOST_WRONG + 1))
