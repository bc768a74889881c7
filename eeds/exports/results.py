"""Results, a row each: the columns of the original's portal in its order, then our own.

What a result has several of is spread over columns, as the original did it: sums by fuel and derivative, models and
traces by number. There are as many columns as the richest of the results needs.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.array_parameters import among
from eeds.db.tables import Project, ProjectResult, SavingsAggregation, TraceSavings
from eeds.exports.lifecycle import ClaimedExport
from eeds.exports.result_columns import ADDED, PERIODS, RESULT_COLUMNS, STALE, sum_prefix, table_columns
from eeds.exports.selection import is_exported
from eeds.formats.format import source_of
from eeds.formats.table import Batch, Table
from eeds.projects.latest import latest_ids
from eeds.runs.results.nested import Nested, nested
from eeds.runs.results.savings import METHODS, savings_with_ratios

# Each with the JSON of all its models, which may be megabytes.
RESULTS_OF_A_BATCH = 25
BETWEEN_FLAGS = " | "

Cells = dict[str, Any]  # by the names of their columns


def table(session: Session, principal: Principal, export: ClaimedExport) -> Table:
    """The latest result of each of the projects, or all of them, in order of id."""
    projects = is_exported(principal, export)
    chosen = select(ProjectResult.id).join(Project).where(projects, visible(principal, ProjectResult))
    if not export.every_result:
        chosen = chosen.where(ProjectResult.id.in_(latest_ids(ProjectResult, projects)))
    ids = session.scalars(chosen.order_by(ProjectResult.id)).all()
    columns = table_columns(session, ids)
    return Table(columns, len(ids), batches(session, ids, [column.name for column in columns]))


def batches(session: Session, ids: Sequence[int], names: Sequence[str]) -> Iterator[Batch]:
    """The rows, with a cell for each of the names; None where the result has none."""
    for first in range(0, len(ids), RESULTS_OF_A_BATCH):
        rows = result_rows(session, ids[first : first + RESULTS_OF_A_BATCH])
        yield [tuple(map(cells.get, names)) for cells in rows]


def result_rows(session: Session, ids: Sequence[int]) -> Iterator[Cells]:
    """The results with all below them: a few statements, however many results."""
    below = nested(session, ids)
    sums, traces = (by_result(session, table, ids) for table in (SavingsAggregation, TraceSavings))
    sources: list[Any] = [source_of(column).label(column.name) for column in (*RESULT_COLUMNS, ADDED, *STALE)]
    results = select(ProjectResult.provenance, *sources).join(Project, Project.id == ProjectResult.project_id)
    for row in session.execute(results.where(among(ProjectResult.id, ids)).order_by(ProjectResult.id)).mappings():
        id, settings = row["project_result__id"], (row["provenance"] or {}).get("settings", {})
        yield {
            **{name: as_original(value) for name, value in row.items()},
            "project_result__confidence_level": settings.get("confidence_level"),
            **period_cells(below[id]),
            **sum_cells(below[id]),
            **model_cells(below[id]),
            **summed_savings_cells(sums[id]),
            **trace_savings_cells(traces[id]),
        }


def by_result(session: Session, table: Any, ids: Sequence[int]) -> Mapping[int, list[Any]]:
    """The savings in a table, by result."""
    rows: dict[int, list[Any]] = {id: [] for id in ids}
    statement = select(table).where(among(table.project_result_id, ids)).order_by(table.id)
    for saved in session.scalars(statement.execution_options(yield_per=1000)):
        rows[saved.project_result_id].append(saved)
    return rows


def as_original(value: Any) -> Any:
    """The value; an instant in the text of the original, as 2014-03-01 06:00:00+00:00."""
    return str(value) if isinstance(value, datetime) else value


def period_cells(below: Nested) -> Cells:
    """Of the modeling periods, and the group of the two."""
    cells: Cells = {}
    for group in below["modeling_period_groups"]:
        cells["modeling_period_group__id"] = group["id"]
    for period in below["modeling_periods"]:
        prefix = PERIODS[period["interpretation"]]
        cells[f"{prefix}__id"] = period["id"]
        cells |= {f"{prefix}__{end}": as_original(period[end]) for end in ("start_date", "end_date")}
    return cells


def sum_cells(below: Nested) -> Cells:
    """Of the derivatives, summed over traces."""
    return {
        f"{sum_prefix(summed['trace_interpretation'], summed['interpretation'])}__{name}": value
        for summed in below["derivative_aggregations"]
        for name, value in summed.items()
    }


def model_cells(below: Nested) -> Cells:
    """Of the models of the traces, numbered."""
    names = {"energy_trace": "energy_trace_id", "modeling_period": "modeling_period_id"}
    return {
        f"energy_trace_model_result-{number}__{names.get(name, name)}": value
        for number, model in enumerate(below["energy_trace_model_results"])
        for name, value in {**model, "flags": BETWEEN_FLAGS.join(model["flags"] or ()) or None}.items()
    }


def summed_savings_cells(sums: Sequence[SavingsAggregation]) -> Cells:
    """Of savings, summed over traces."""
    cells: Cells = {"savings__unit": "KWH"} if sums else {}
    for summed in sums:
        cells |= savings_cells(f"savings__{summed.trace_interpretation.lower()}", summed)
    return cells


def trace_savings_cells(traces: Sequence[TraceSavings]) -> Cells:
    """Of the savings of the traces, numbered."""
    cells: Cells = {}
    for number, saved in enumerate(traces):
        prefix, names = f"trace_savings-{number}", ("energy_trace_id", "trace_interpretation", "unit")
        cells |= {f"{prefix}__{name}": getattr(saved, name) for name in names} | savings_cells(prefix, saved)
    return cells


def savings_cells(prefix: str, saved: SavingsAggregation | TraceSavings) -> Cells:
    """Of metered and normalized savings."""
    by_method = {method: savings_with_ratios(saved, method) or {} for method in METHODS}
    return {f"{prefix}__{method}__{name}": value for method in METHODS for name, value in by_method[method].items()}
