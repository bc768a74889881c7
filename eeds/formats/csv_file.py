"""A table as CSV: UTF-8, a line of headings, nothing for a missing value, numbers with all digits that they have."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from eeds.formats.spreadsheets import without_formula
from eeds.formats.table import Batch, Column, Type, finite


def write(columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
    """The file of Python values, a part for each batch."""
    yield as_lines([[column.name for column in columns]])
    for batch in batches:
        cells = [
            cells_of(column.type, values) for column, values in zip(columns, zip(*batch, strict=True), strict=True)
        ]
        yield as_lines(zip(*cells, strict=True))


def write_lines(columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
    """The file of rows whose only cell is the line, as the database makes it; see eeds.formats.format.expressions."""
    yield as_lines([[column.name for column in columns]])
    for batch in batches:
        yield "\n".join([line for (line,) in batch]).encode() + b"\n"


def as_lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """The rows with quotes where a cell needs them."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


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
