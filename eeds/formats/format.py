"""The formats in which tables leave: JSON, CSV, Arrow, Parquet and XLSX; what each asks the database for, and how it
writes the rows as they are read.

    statement = select(*expressions(CSV, columns))
    pieces = write_selected(CSV, columns, chunks_of(session, statement))

Postgres converts what Python would convert slowly: whole lines for CSV, numbers since 1970 for Arrow and Parquet.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Date, SQLColumnExpression, Text, case, cast, func, literal

from eeds.formats import csv_file, json_array, media_types
from eeds.formats.table import Batch, Column, Type

Expression = SQLColumnExpression[Any]


@dataclass(frozen=True)
class Format:
    """A format: how clients name it, and the suffix of its files."""

    name: str
    media_type: str
    suffix: str


JSON = Format("json", media_types.JSON, "json")
CSV = Format("csv", media_types.CSV, "csv")
ARROW = Format("arrow", media_types.ARROW, "arrows")
PARQUET = Format("parquet", media_types.PARQUET, "parquet")
XLSX = Format("xlsx", media_types.XLSX, "xlsx")
OF_ANY_SIZE = (JSON, CSV, ARROW, PARQUET)  # a sheet has a last row
BY_MEDIA_TYPE = {format.media_type: format for format in (*OF_ANY_SIZE, XLSX)}


@dataclass(frozen=True)
class File:
    """A table in a format, written as it is consumed."""

    stem: str  # of its name
    format: Format
    pieces: Iterator[bytes]


def write(format: Format, columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
    """The file of rows of Python values, in pieces, made as the rows are consumed."""
    if format is JSON:
        return json_array.write(columns, batches)
    if format is CSV:
        return csv_file.write(columns, batches)
    if format is XLSX:
        from eeds.formats import workbook_writer

        return workbook_writer.write(columns, batches)
    from eeds.formats import arrow

    cells = (list(zip(*batch, strict=True)) for batch in batches)
    return (arrow.write_stream if format is ARROW else arrow.write_parquet)(columns, cells)


def write_selected(format: Format, columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
    """The file of rows of `expressions`, likewise."""
    return csv_file.write_lines(columns, batches) if format is CSV else write(format, columns, batches)


def expressions(format: Format, columns: Sequence[Column]) -> Sequence[Expression]:
    """What to select for `write_selected`, of columns that have a source: values for JSON, the whole line for CSV, so
    that no column may have text that needs quotes, numbers for the others."""
    if format is JSON:
        return [source_of(column) if column.text is None else column.text for column in columns]
    if format is CSV:
        first, *others = map(text_of, columns)
        return [func.concat(first, *(part for other in others for part in (",", other)))]
    return [number_of(column) for column in columns]


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
