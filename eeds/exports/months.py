"""Metered savings by calendar month, in kWh: a row for each result, interpretation and month, with the distances to the
bounds of the month and of the sum up to it."""

from typing import Any

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.db.cursors import chunks_of
from eeds.db.tables import Project, ProjectResult, SavingsMonth
from eeds.exports.lifecycle import ClaimedExport
from eeds.exports.selection import exported_results
from eeds.formats.table import Column, Table, Type, columns

COLUMNS = [
    Column("project_id", Type.TEXT),
    Column("project_result__id", Type.INTEGER),
    *columns(Type.TEXT, "trace_interpretation", "month", "unit"),
    *columns(Type.NUMBER, "value", "lower", "upper"),
    Column("n", Type.INTEGER),
    *columns(Type.NUMBER, "baseline", "cumulative_value", "cumulative_lower", "cumulative_upper"),
    Column("project_result__confidence_level", Type.NUMBER),
    Column("project_result__stale_since", Type.INSTANT),
]
UNIT = "KWH"


def table(session: Session, principal: Principal, export: ClaimedExport) -> Table:
    """The months of the latest result of each of the projects, or of all results, by result, interpretation, month."""
    month = SavingsMonth
    wanted = month.project_result_id.in_(exported_results(principal, export))
    total = session.scalars(select(func.count()).select_from(month).where(wanted)).one()
    rows = (
        select(*sources())
        .select_from(month)
        .join(ProjectResult, ProjectResult.id == month.project_result_id)
        .join(Project, Project.id == ProjectResult.project_id)
        .where(wanted)
        .order_by(month.project_result_id, month.trace_interpretation, month.month)
    )
    return Table(COLUMNS, total, chunks_of(session, rows))


def sources() -> list[ColumnElement[Any]]:
    """What is in the COLUMNS."""
    month = SavingsMonth
    series = (month.project_result_id, month.trace_interpretation)
    return [
        Project.project_id,
        month.project_result_id,
        month.trace_interpretation,
        func.to_char(month.month, "YYYY-MM"),
        literal(UNIT),
        month.value,
        month.lower,
        month.upper,
        month.n,
        month.baseline,
        func.sum(month.value).over(partition_by=series, order_by=month.month),
        month.cumulative_lower,
        month.cumulative_upper,
        ProjectResult.provenance["settings"]["confidence_level"].as_float(),
        ProjectResult.stale_since,
    ]
