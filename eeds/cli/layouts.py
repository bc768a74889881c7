"""How the rows of one file become a body for the API, and what the API says of them becomes the file's own words."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from eeds.cli.record_columns import Field, RecordKind, UnfitColumns
from eeds.cli.record_files import Piece, RecordFile, have_quotes
from eeds.messages import BLANK

# How the API lists what is wrong with a row: "field: message; field: message".
COMPLAINT = re.compile(r"(^|; )(\w+): (.*?)(?=; \w+: |\Z)", re.DOTALL)


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
        self.columns = {field.name: column for field, column in columns.items()}
        self.advice = {field.name: field.advice for field in columns}
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

    def in_own_words(self, error: str) -> str:
        """What the API says of a row, with the file's names for its columns, and what to do about it."""
        return COMPLAINT.sub(self.complaint, error)

    def complaint(self, said: re.Match[str]) -> str:
        """The same of one of its fields."""
        separator, name, message = said.groups()
        todo = "".join(f" {todo}" for cause, todo in self.advice.get(name, ()) if cause in message)
        return f"{separator}{self.columns.get(name, name)}: {message}{todo}"


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
            csv.writer(text, lineterminator="\n").writerows(chain([self.columns], rows))
        else:  # then no cell needs them either; twice as fast
            text.writelines(f"{','.join(cells)}\n" for cells in chain([self.columns], rows))
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
    columns = {field: column_of(file.header, field) for field in kind.fields}
    found = {field: column for field, column in columns.items() if column is not None}
    if kind.as_it_is and all(column.lower() == field.name for field, column in found.items()):
        return Layout(file, kind, found)
    return Translated(file, kind, found)


def column_of(header: Sequence[str], field: Field) -> str | None:
    """What a file calls the column of a field; None if it lacks it and may. Raises UnfitColumns."""
    for name in field.columns:
        found = [written for written in header if written.lower() == name]
        if len(found) > 1:
            raise UnfitColumns(f"has {len(found)} columns {name}; leave the one that is meant.")
        if found:
            return found[0]
    if field.optional:
        return None
    raise UnfitColumns(f"has no column {' or '.join(field.columns)}; it has: {', '.join(header) or 'nothing'}.")
