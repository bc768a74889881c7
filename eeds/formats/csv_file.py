"""Every CSV that is made here: UTF-8, nothing for a missing value, numbers with all digits that they have, quotes where
a cell needs them, and no text that a spreadsheet would run."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from eeds.formats.spreadsheets import without_formula
from eeds.formats.table import Batch, Column, Type, finite


def write(columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
    """The file of Python values, a part for each batch."""
    yield header_of(columns)
    for batch in batches:
        cells = [
            cells_of(column.type, values) for column, values in zip(columns, zip(*batch, strict=True), strict=True)
        ]
        yield as_lines(zip(*cells, strict=True))


def write_lines(columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
    """The file of rows whose only cell is the line, as the database makes it; see eeds.formats.format.expressions."""
    yield header_of(columns)
    for batch in batches:
        yield "\n".join([line for (line,) in batch]).encode() + b"\n"


def header_of(columns: Sequence[Column]) -> bytes:
    """The line of headings."""
    return guarded_lines([[column.name for column in columns]])


def guarded_lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """Rows of any values as lines. A text that is a number stays one."""
    return as_lines([guarded(cell) for cell in row] for row in rows)


def guarded(cell: Any) -> Any:
    """A cell that no spreadsheet runs."""
    return without_formula(cell, may_be_number=True) if isinstance(cell, str) else cell


class Lines:
    """Takes the rows that the standard library's writer makes, each ended as makes it quote CR and LF alike."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, row: str) -> None:
        """One row."""
        self.lines.append(row.removesuffix("\r\n"))


def as_lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """The rows with quotes where a cell needs them, as lines."""
    lines = Lines()
    csv.writer(lines, lineterminator="\r\n").writerows(rows)
    return "".join(f"{line}\n" for line in lines.lines).encode(errors="replace")


def cells_of(type: Type, values: Sequence[Any]) -> Sequence[Any]:
    """The values of a column as they are written; None becomes an empty cell."""
    match type:
        case Type.NUMBER:
            return list(map(finite, values))
        case Type.TEXT:
            return [value and without_formula(value) for value in values]
        case Type.INSTANT | Type.SECOND:
            return [value and value.isoformat().replace("+00:00", "Z") for value in values]
        case Type.FLAG:
            return [value if value is None else str(value).lower() for value in values]
        case Type.INTEGER | Type.DAY:
            return values
