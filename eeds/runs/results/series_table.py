"""The time series of a result as a table: a row a day, an hour or a billing period of a trace.

A date is a local day as 2014-03-01, for rows of hours an instant as 2014-03-01T06:00:00Z; in Parquet both have a type
of their own, the instant as soon as some series of the result is hourly.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Date, Double, Select, column, exists, func, select, true
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from eeds.db.array_parameters import among
from eeds.db.tables import TimeSeries
from eeds.formats.format import PARQUET, Format, expressions
from eeds.formats.table import Column, Type
from eeds.runs.results.time_series import HOURLY, NUMBERS

ARRAYS: dict[str, TypeEngine[Any]] = {
    "start": TIMESTAMP(timezone=True),
    "day": Date(),
    **dict.fromkeys(NUMBERS, Double()),
}
# The arrays of a series side by side: a row for each of their places.
ROWS = (
    func.unnest(*(getattr(TimeSeries, name) for name in ARRAYS))
    .table_valued(*(column(name, type) for name, type in ARRAYS.items()))
    .render_derived()
)
DATE_TEXT = func.coalesce(
    func.to_char(ROWS.c.day, "YYYY-MM-DD"), func.to_char(ROWS.c.start, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
)


def series_columns(session: Session, result_id: int, format: Format) -> Sequence[Column]:
    """The columns of a result's series in a format; only Parquet has to know whether dates are days or hours."""
    hourly = select(exists().where(TimeSeries.project_result_id == result_id, TimeSeries.resolution == HOURLY))
    is_hourly = format is PARQUET and session.scalars(hourly).one()
    date, type = (ROWS.c.start, Type.SECOND) if is_hourly else (ROWS.c.day, Type.DAY)
    return [
        Column("energy_trace", Type.INTEGER, TimeSeries.energy_trace_id, is_required=True),
        Column("date", type, date, is_required=True, text=DATE_TEXT),
        *(Column(name, Type.NUMBER, ROWS.c[name]) for name in NUMBERS),
    ]


def select_series(
    result_id: int, format: Format, columns: Sequence[Column], trace_ids: Sequence[int] | None
) -> Select[Any]:
    """The rows of a result's series by trace and time; `trace_ids`: of these alone."""
    statement = (
        select(*expressions(format, columns))
        .select_from(TimeSeries)
        .join(ROWS, true())
        .where(TimeSeries.project_result_id == result_id)
        .order_by(TimeSeries.energy_trace_id, ROWS.c.start)
    )
    return statement if trace_ids is None else statement.where(among(TimeSeries.energy_trace_id, trace_ids))
