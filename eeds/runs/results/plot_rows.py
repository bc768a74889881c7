"""The time series of a trace in a result as its plots need them: rows of hours summed to local days."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import class_row
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import find
from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.db.tables import ProjectResult


@dataclass(frozen=True)
class PlotRow:
    """A day or a billing period: energy in the trace's unit, degrees Fahrenheit, None = missing."""

    start: int  # seconds since 1970
    day: int  # the same by the local clock
    observed: float | None
    temperature: float | None
    baseline: float | None
    lower: float | None
    upper: float | None
    reporting: float | None
    saved: float | None


def plot_rows(
    session: Session, principal: Principal, result_id: int, trace_id: int, timezone: str
) -> Sequence[PlotRow]:
    """The rows of the trace, by time; raises NotFound for a result that the principal may not see."""
    find(session, principal, ProjectResult, result_id)
    parameters = {"result_id": result_id, "trace_id": trace_id, "timezone": timezone}
    with psycopg_connection(session).cursor(row_factory=class_row(PlotRow)) as cursor:
        return cursor.execute(query("runs/plot_rows"), parameters).fetchall()
