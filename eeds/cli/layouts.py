"""How the rows of one file become a body for the API, and what the API says of them becomes the file's own words."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from eeds.cli.record_files import Piece, RecordFile, have_quotes
from eeds.client.record_columns import Field, RecordKind, Wording, columns_of
from eeds.formats.messages import BLANK


class Body(NamedTuple):
    """Rows as CSV for the API, and how many of a piece are not among them because they have a fault."""

    csv: bytes
    faulty: int


class Layout:
    """The columns of a file that are in the API's own words: they are sent as they are.

    `ignored` are the columns that nothing is made of.
    """

    def __init__(self, file: RecordFile, kind: RecordKind, columns: Mapping[Field, str]) -> None:
        self.file = file
        self.kind = kind
        self.header = file.header
        self.wording = Wording(columns)
        self.ignored = [name for name in self.header if name not in columns.values()]

    def body(self, piece: Piece) -> Body:
        """The rows as a CSV body for the API."""
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerow(map(str.lower, self.header))
        text.writelines(piece.lines)
        return Body(text.getvalue().encode(), 0)

    def fault(self, cells: Sequence[str]) -> str | None:
        """Why a row is not sent at all."""
        return None


class Translated(Layout):
    """The columns of a file that has other names or words than the API: written anew."""

    def __init__(self, file: RecordFile, kind: RecordKind, columns: Mapping[Field, str]) -> None:
        super().__init__(file, kind, columns)
        places = {field: self.header.index(column) for field, column in columns.items()}
        self.pick = itemgetter(*places.values())
        self.words = [(place, field.words) for field, place in places.items() if field.words is not None]
        self.never_empty = [place for field, place in places.items() if field.name in kind.never_empty]

    def body(self, piece: Piece) -> Body:
        """The rows that have no fault as a CSV body for the API."""
        faulty: list[Sequence[str]] = []
        rows = self.translated(piece.rows(), faulty)
        text = io.StringIO(newline="")
        if have_quotes(piece.lines):
            csv.writer(text, lineterminator="\n").writerows(chain([self.wording.columns], rows))
        else:  # then no cell needs them either; twice as fast
            text.writelines(f"{','.join(cells)}\n" for cells in chain([self.wording.columns], rows))
        return Body(text.getvalue().encode(), len(faulty))

    def translated(self, rows: Iterable[list[str]], faulty: list[Sequence[str]]) -> Iterator[Sequence[str]]:
        """The rows in the API's words but for the faulty ones: the one loop that all rows of a file go through."""
        fault, all_words, pick = self.fault, self.words, self.pick
        for cells in rows:
            if fault(cells) is None:
                for place, words in all_words:
                    cells[place] = words[cells[place]]
                yield pick(cells)
            else:
                faulty.append(cells)

    def fault(self, cells: Sequence[str]) -> str | None:
        """Why a row is not sent at all."""
        if len(cells) != len(self.header):
            return f"Expected {len(self.header)} fields, but got {len(cells)}."
        for place in self.never_empty:
            if not cells[place].strip():
                return f"{self.header[place]}: {BLANK}"
        return None


def layout_of(file: RecordFile, kind: RecordKind) -> Layout:
    """The layout of a file of that kind; raises UnfitColumns if it lacks a column, or has one twice."""
    found = columns_of(file.header, kind)
    if kind.as_it_is and all(column.lower() == field.name for field, column in found.items()):
        return Layout(file, kind, found)
    return Translated(file, kind, found)
