"""The formats in which tables leave: JSON, CSV, Arrow and Parquet. Each knows what it asks the database for, and writes
rows as they are read.

    statement = select(*CSV.expressions(columns))
    pieces = CSV.write_selected(columns, chunks_of(session, statement))

Postgres converts what Python would convert slowly: whole lines for CSV, numbers since 1970 for Arrow and Parquet.
"""

import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Date, SQLColumnExpression, Text, case, cast, func, literal

from eeds.formats import csv_file, json_array, media_types
from eeds.formats.table import Batch, Column, Type

Expression = SQLColumnExpression[Any]


@dataclass(frozen=True)
class Format(ABC):
    """A format: how clients name it, and the suffix of its files."""

    name: str
    media_type: str
    suffix: str

    @abstractmethod
    def expressions(self, columns: Sequence[Column]) -> Sequence[Expression]:
        """What to select for `write_selected`, of columns that have a source."""

    @abstractmethod
    def write(self, columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
        """The file of rows of Python values, in pieces, made as the rows are consumed."""

    def write_selected(self, columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
        """The file of rows of `expressions`, likewise."""
        return self.write(columns, batches)


class JsonFormat(Format):
    """An array with an object a row."""

    def expressions(self, columns: Sequence[Column]) -> Sequence[Expression]:
        return [source_of(column) if column.text is None else column.text for column in columns]

    def write(self, columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
        return json_array.write(columns, batches)


class CsvFormat(Format):
    """A line a row. Postgres makes the line, so a column that is read from it has no text that would need quotes."""

    def expressions(self, columns: Sequence[Column]) -> Sequence[Expression]:
        first, *others = map(text_of, columns)
        return [func.concat(first, *(part for other in others for part in (",", other)))]

    def write(self, columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
        return csv_file.write(columns, batches)

    def write_selected(self, columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
        return csv_file.write_lines(columns, batches)


class ArrowFormat(Format):
    """The Arrow streaming format."""

    def expressions(self, columns: Sequence[Column]) -> Sequence[Expression]:
        return [number_of(column) for column in columns]

    def write(self, columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
        from eeds.formats import arrow

        return arrow.write_stream(columns, batches)


class ParquetFormat(ArrowFormat):
    """Parquet, of the same columns."""

    def write(self, columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
        from eeds.formats import arrow

        return arrow.write_parquet(columns, batches)


JSON = JsonFormat("json", media_types.JSON, "json")
CSV = CsvFormat("csv", media_types.CSV, "csv")
ARROW = ArrowFormat("arrow", media_types.ARROW, "arrows")
PARQUET = ParquetFormat("parquet", media_types.PARQUET, "parquet")
BY_MEDIA_TYPE: dict[str, Format] = {format.media_type: format for format in (JSON, CSV, ARROW, PARQUET)}


@dataclass(frozen=True)
class File:
    """A table in a format, written as it is consumed."""

    stem: str  # of its name
    format: Format
    pieces: Iterator[bytes]


def source_of(column: Column) -> Expression:
    """The column's value in the database."""
    assert column.source is not None, f"{column.name} is not read from the database"
    return column.source


def text_of(column: Column) -> Expression:
    """The column as it stands in a line of CSV; null, which concat() leaves out, where the value is missing."""
    if column.text is not None:
        return column.text
    source = source_of(column)
    match column.type:
        case Type.NUMBER:
            return number_or_null(source)
        case Type.SECOND:
            return func.to_char(source, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        case Type.FLAG:
            return cast(source, Text)  # concat() alone makes t and f of them
        case Type.INTEGER:
            return source
        case _:
            raise NotImplementedError(f"{column.name}: Postgres writes no {column.type.value} into CSV")


def number_of(column: Column) -> Expression:
    """The column as Arrow's buffers hold it: instants in seconds since 1970, days in days."""
    source = source_of(column)
    match column.type:
        case Type.NUMBER:
            return number_or_null(source)
        case Type.SECOND:
            return cast(func.date_part("epoch", source), BigInteger)  # not EXTRACT, which computes with decimals
        case Type.DAY:
            return source - cast(literal("1970-01-01"), Date)
        case _:
            return source


def number_or_null(value: Expression) -> Expression:
    """The value, null for NaN (to Postgres the greatest of all numbers) and infinities."""
    largest = sys.float_info.max
    return case((value.between(-largest, largest), value))
