"""The formats in which a list of records leaves: each has the columns it needs, and makes bytes of their rows.

In all of them a value that is not a number, which JSON and the meter do not know, is a missing one.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import BigInteger, ColumnElement, SQLColumnExpression, Text, case, cast, func

from eeds.db.cursors import Rows
from eeds.db.tables import ConsumptionRecord
from eeds.formats import media_types
from eeds.formats.json_array import encode_inner, json_array
from eeds.records.ids import record_id_column

Columns = tuple[SQLColumnExpression[Any], ...]
CSV_HEADER = b"metadata_id,start,value,estimated\n"


class Record(msgspec.Struct, gc=False):
    """A record of a list."""

    id: int
    start: datetime
    value: float | None
    estimated: bool
    metadata: int


@dataclass(frozen=True)
class Format:
    """A format of a list of records, and how the rows of its columns are written in it."""

    name: str
    media_type: str
    suffix: str  # of a file of it
    columns: Columns
    write: Callable[[Iterable[Rows]], Iterator[bytes]]


def record_columns() -> Columns:
    """What Record has, in its order."""
    stored = ConsumptionRecord
    return record_id_column(), stored.start, stored.value, stored.estimated, stored.metadata_id


def number_or_null() -> ColumnElement[float | None]:
    """The value, null for NaN (to Postgres the greatest of all numbers) and infinities."""
    greatest = sys.float_info.max
    return case((ConsumptionRecord.value.between(-greatest, greatest), ConsumptionRecord.value))


def csv_line() -> ColumnElement[str]:
    """A record as a line of CSV: nothing in it needs quotes, and nothing is what a null becomes."""
    stored = ConsumptionRecord
    start = func.to_char(stored.start, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    estimated = cast(stored.estimated, Text)
    return func.concat(stored.metadata_id, ",", start, ",", number_or_null(), ",", estimated)


def arrow_columns() -> Columns:
    """Numbers and booleans only: a start is its seconds since 1970."""
    stored = ConsumptionRecord
    seconds = cast(func.date_part("epoch", stored.start), BigInteger)
    return stored.metadata_id, seconds, number_or_null(), stored.estimated


def write_json(chunks: Iterable[Rows]) -> Iterator[bytes]:
    """A JSON array of records."""
    return json_array([encode_inner([Record(*row) for row in rows])] for rows in chunks)


def write_csv(chunks: Iterable[Rows]) -> Iterator[bytes]:
    """CSV as an upload takes it back."""
    yield CSV_HEADER
    for rows in chunks:
        yield "\n".join([line for (line,) in rows]).encode() + b"\n"


def write_arrow(chunks: Iterable[Rows]) -> Iterator[bytes]:
    """The Arrow streaming format, a record batch for each chunk."""
    from eeds.formats import arrow

    return arrow.write_stream(chunks)


def write_parquet(chunks: Iterable[Rows]) -> Iterator[bytes]:
    """A Parquet file."""
    from eeds.formats import arrow

    return arrow.write_parquet(chunks)


JSON = Format("json", media_types.JSON, "json", record_columns(), write_json)
CSV = Format("csv", media_types.CSV, "csv", (csv_line(),), write_csv)
ARROW = Format("arrow", media_types.ARROW, "arrows", arrow_columns(), write_arrow)
PARQUET = Format("parquet", media_types.PARQUET, "parquet", arrow_columns(), write_parquet)
FORMATS = (JSON, CSV, ARROW, PARQUET)
