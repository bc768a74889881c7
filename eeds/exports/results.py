"""Results, a row each: the columns of the original's portal in its order, then our own.

What a result has several of is spread over columns, as the original did it: sums by fuel and derivative, models and
traces by number. There are as many columns as the richest of the results needs.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.db.array_parameters import among
from eeds.db.tables import Project, ProjectResult, SavingsAggregation, TraceSavings
from eeds.exports.result_columns import PERIODS, sum_prefix, table_columns
from eeds.exports.selection import Which
from eeds.formats.table import Batch, Table, as_original
from eeds.runs.results.nested import Nested, nested
from eeds.runs.results.savings import KINDS, savings_with_ratios

# Each with the JSON of all its models, which may be megabytes.
RESULTS_OF_A_BATCH = 25

Row = dict[str, Any]


def table(session: Session, which: Which) -> Table:
    """The latest result of each of the projects, or all of them, in order of id."""
    wanted = which.result()
    ids = session.scalars(select(ProjectResult.id).join(Project).where(wanted).order_by(ProjectResult.id)).all()
    columns = table_columns(session, ids)
    return Table(columns, len(ids), batches(session, ids, [column.name for column in columns]))


def batches(session: Session, ids: Sequence[int], names: Sequence[str]) -> Iterator[Batch]:
    """The rows, with a cell for each of the names."""
    rest = iter(ids)
    while some := list(islice(rest, RESULTS_OF_A_BATCH)):
        yield [tuple(map(row.get, names)) for row in rows(session, some)]


def rows(session: Session, ids: Sequence[int]) -> Iterator[Row]:
    """The results with all below them, by the names of the columns: a few statements, however many results."""
    below = nested(session, ids)
    sums = by_result(session, SavingsAggregation, ids)
    traces = by_result(session, TraceSavings, ids)
    results = (
        select(ProjectResult, Project).join(Project).where(among(ProjectResult.id, ids)).order_by(ProjectResult.id)
    )
    for result, project in session.execute(results):
        yield {
            **of_result(result, project),
            **of_periods(below[result.id]),
            **of_sums(below[result.id]),
            **of_models(below[result.id]),
            **of_savings(sums[result.id]),
            **of_traces(traces[result.id]),
        }


def by_result(session: Session, table: Any, ids: Sequence[int]) -> Mapping[int, list[Any]]:
    """The savings of a table, by result."""
    found: dict[int, list[Any]] = {id: [] for id in ids}
    statement = select(table).where(among(table.project_result_id, ids)).order_by(table.id)
    for saved in session.scalars(statement.execution_options(yield_per=1000)):
        found[saved.project_result_id].append(saved)
    return found


def of_result(result: ProjectResult, project: Project) -> Row:
    """The result itself, and its project."""
    settings = (result.provenance or {}).get("settings", {})
    return {
        "project__id": project.id,
        "project__project_id": project.project_id,
        "project__zipcode": project.zipcode,
        "project__baseline_period_end": as_original(project.baseline_period_end),
        "project__reporting_period_start": as_original(project.reporting_period_start),
        "project_result__id": result.id,
        "project_result__project_run__id": result.project_run_id,
        "project_result__eemeter_version": result.eemeter_version,
        "project_result__meter_class": result.meter_class,
        "project_result__added": as_original(result.added),
        "project_result__confidence_level": settings.get("confidence_level"),
    }


def of_periods(below: Nested) -> Row:
    """The modeling periods, and the group of the two."""
    row: Row = {}
    for group in below["modeling_period_groups"]:
        row["modeling_period_group__id"] = group["id"]
    for period in below["modeling_periods"]:
        prefix = PERIODS[period["interpretation"]]
        row[f"{prefix}__id"] = period["id"]
        row |= {f"{prefix}__{end}": as_original(period[end]) for end in ("start_date", "end_date")}
    return row


def of_sums(below: Nested) -> Row:
    """The derivatives, summed."""
    return {
        f"{sum_prefix(found['trace_interpretation'], found['interpretation'])}__{name}": value
        for found in below["derivative_aggregations"]
        for name, value in found.items()
    }


def of_models(below: Nested) -> Row:
    """The models of the traces, numbered."""
    names = {"energy_trace": "energy_trace_id", "modeling_period": "modeling_period_id"}
    return {
        f"energy_trace_model_result-{number}__{names.get(name, name)}": value
        for number, model in enumerate(below["energy_trace_model_results"])
        for name, value in model.items()
    }


def of_savings(sums: Sequence[SavingsAggregation]) -> Row:
    """What was saved, summed."""
    row: Row = {"savings__unit": "KWH"} if sums else {}
    for found in sums:
        row |= numbers(f"savings__{found.trace_interpretation.lower()}", found)
    return row


def of_traces(traces: Sequence[TraceSavings]) -> Row:
    """What the traces saved, numbered."""
    row: Row = {}
    for number, found in enumerate(traces):
        prefix = f"trace_savings-{number}"
        row |= {
            f"{prefix}__{name}": getattr(found, name) for name in ("energy_trace_id", "trace_interpretation", "unit")
        }
        row |= numbers(prefix, found)
    return row


def numbers(prefix: str, found: SavingsAggregation | TraceSavings) -> Row:
    """Savings of both kinds."""
    return {
        f"{prefix}__{kind}__{name}": value
        for kind in KINDS
        for name, value in (savings_with_ratios(found, kind) or {}).items()
    }
