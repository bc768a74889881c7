"""The time series of a result as rows, and the formats in which they leave.

A date is a local day as 2014-03-01, for rows of hours an instant as 2014-03-01T06:00:00Z; in Parquet both have a type
of their own. What is not a number is missing.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnClause,
    ColumnElement,
    Date,
    Double,
    Select,
    TableValuedAlias,
    case,
    cast,
    column,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeEngine

from eeds.db.cursors import Rows
from eeds.db.tables import TimeSeries
from eeds.formats import media_types
from eeds.formats.json_array import encode_inner, json_array
from eeds.runs.results.time_series import NUMBERS

COLUMNS = ("energy_trace", "date", *NUMBERS)
ARRAYS: dict[str, TypeEngine[Any]] = {
    "start": TIMESTAMP(timezone=True),
    "day": Date(),
    **dict.fromkeys(NUMBERS, Double()),
}

Columns = Sequence[ColumnElement[Any]]


class SeriesRow(msgspec.Struct, gc=False):
    """A day, an hour or a billing period of a trace."""

    energy_trace: int
    date: str
    observed: float | None
    temperature: float | None
    baseline: float | None
    lower: float | None
    upper: float | None
    reporting: float | None


@dataclass(frozen=True)
class Format:
    """A format of time series: the columns it needs, and how their rows are written in it, be they hours or days."""

    name: str
    media_type: str
    columns: Callable[[TableValuedAlias, bool], Columns]
    write: Callable[[Iterable[Rows], bool], Iterator[bytes]]


def rows_of(result_id: int, format: Format, hourly: bool) -> Select[Any]:
    """The rows of a result's series by trace and time, in the columns of a format."""
    arrays = (getattr(TimeSeries, name) for name in ARRAYS)
    columns: list[ColumnClause[Any]] = [column(name, kind) for name, kind in ARRAYS.items()]
    rows = func.unnest(*arrays).table_valued(*columns).render_derived()
    return (
        select(*format.columns(rows, hourly))
        .select_from(TimeSeries)
        .join(rows, true())
        .where(TimeSeries.project_result_id == result_id)
        .order_by(TimeSeries.energy_trace_id, rows.c.start)
    )


def number_or_null(value: ColumnElement[float]) -> ColumnElement[float | None]:
    """The value, null for NaN (to Postgres the greatest of all numbers) and infinities."""
    greatest = sys.float_info.max
    return case((value.between(-greatest, greatest), value))


def numbers(rows: TableValuedAlias) -> list[ColumnElement[Any]]:
    """The columns that are measured or predicted."""
    return [number_or_null(rows.c[name]) for name in NUMBERS]


def date_text(rows: TableValuedAlias) -> ColumnElement[str]:
    """When a row begins, as people write it."""
    instant = func.to_char(rows.c.start, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    return func.coalesce(func.to_char(rows.c.day, "YYYY-MM-DD"), instant)


def date_number(rows: TableValuedAlias, hourly: bool) -> ColumnElement[int]:
    """The same in seconds or days since 1970."""
    if hourly:
        return cast(func.date_part("epoch", rows.c.start), BigInteger)
    return rows.c.day - cast(literal("1970-01-01"), Date)


def json_columns(rows: TableValuedAlias, hourly: bool) -> Columns:
    """What SeriesRow has, in its order."""
    return [TimeSeries.energy_trace_id.expression, date_text(rows), *numbers(rows)]


def csv_line(rows: TableValuedAlias, hourly: bool) -> Columns:
    """A row as a line of CSV: nothing in it needs quotes, and nothing is what a null becomes."""
    values = [TimeSeries.energy_trace_id, date_text(rows), *numbers(rows)]
    first, *others = values
    return [func.concat(first, *(part for value in others for part in (",", value)))]


def parquet_columns(rows: TableValuedAlias, hourly: bool) -> Columns:
    """Numbers only."""
    return [TimeSeries.energy_trace_id.expression, date_number(rows, hourly), *numbers(rows)]


def write_json(chunks: Iterable[Rows], hourly: bool) -> Iterator[bytes]:
    """A JSON array of rows."""
    return json_array([encode_inner([SeriesRow(*row) for row in rows])] for rows in chunks)


def write_csv(chunks: Iterable[Rows], hourly: bool) -> Iterator[bytes]:
    """CSV with a line of headings."""
    yield ",".join(COLUMNS).encode() + b"\n"
    for rows in chunks:
        yield "\n".join([line for (line,) in rows]).encode() + b"\n"


def write_parquet(chunks: Iterable[Rows], hourly: bool) -> Iterator[bytes]:
    """A Parquet file."""
    from eeds.formats import arrow

    return arrow.write_parquet(chunks, arrow.time_series(NUMBERS, hourly=hourly))


FORMATS = (
    Format("json", media_types.JSON, json_columns, write_json),
    Format("csv", media_types.CSV, csv_line, write_csv),
    Format("parquet", media_types.PARQUET, parquet_columns, write_parquet),
)
