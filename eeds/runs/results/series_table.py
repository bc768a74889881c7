"""The time series of a result as a table: a row a day, an hour or a billing period of a trace.

A date is a local day as 2014-03-01, for rows of hours an instant as 2014-03-01T06:00:00Z; in Parquet both have a type
of their own, the instant as soon as some series of the result is hourly.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from eeds.db.array_parameters import among
from eeds.db.tables import TIME_SERIES_ROWS, ProjectResult, TimeSeries
from eeds.formats.format import PARQUET, Format, expressions
from eeds.formats.table import Column, Type
from eeds.runs.results.time_series import HOURLY, NUMBERS

ROWS = TIME_SERIES_ROWS.c
DATE_TEXT = func.coalesce(func.to_char(ROWS.day, "YYYY-MM-DD"), func.to_char(ROWS.start, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))


def series_columns(session: Session, result_id: int, format: Format) -> Sequence[Column]:
    """The columns of a result's series in a format; only Parquet has to know whether dates are days or hours."""
    hourly = select(exists().where(of_result(result_id), TimeSeries.resolution == HOURLY))
    is_hourly = format is PARQUET and session.scalars(hourly).one()
    date, type = (ROWS.start, Type.SECOND) if is_hourly else (ROWS.day, Type.DAY)
    return [
        Column("energy_trace", Type.INTEGER, ROWS.energy_trace_id, is_required=True),
        Column("date", type, date, is_required=True, text=DATE_TEXT),
        *(Column(name, Type.NUMBER, ROWS[name]) for name in NUMBERS),
    ]


def select_series(
    result_id: int, format: Format, columns: Sequence[Column], trace_ids: Sequence[int] | None
) -> Select[Any]:
    """The rows of a result's series by trace and time; `trace_ids`: of these alone."""
    statement = (
        select(*expressions(format, columns))
        .where(ROWS.project_result_id == result_id)
        .order_by(ROWS.energy_trace_id, ROWS.start)
    )
    return statement if trace_ids is None else statement.where(among(ROWS.energy_trace_id, trace_ids))


def of_result(result_id: int) -> ColumnElement[bool]:
    """Which rows of TimeSeries are those of a result, which it may share with others."""
    set_id = select(ProjectResult.series_set_id).where(ProjectResult.id == result_id)
    return TimeSeries.series_set_id == set_id.scalar_subquery()
