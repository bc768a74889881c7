"""The columns of an export of results."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eeds.db.array_parameters import among
from eeds.db.tables import (
    DerivativeAggregation,
    EnergyTraceModelResult,
    ModelingPeriodGroup,
    Project,
    ProjectResult,
    SavingsAggregation,
    TraceSavings,
)
from eeds.formats.table import Column, Type, columns
from eeds.meter.types import BASELINE, REPORTING
from eeds.runs.results.nested import BIAS_FIGURES, DATA_WORDS
from eeds.runs.results.savings import ERRORS, FREEDOM, METHODS

PERIODS = {BASELINE: "baseline_period", REPORTING: "reporting_period"}
SIDES = ("baseline", "reporting")
FIGURES = ("value", "lower", "upper", "baseline", "fraction", "fsu", *ERRORS, FREEDOM)


def table_columns(session: Session, ids: Sequence[int]) -> list[Column]:
    """The columns that the results need: the original's, in its order, which is that of their names; then ours."""
    original = [
        *RESULT_COLUMNS,
        *PERIOD_COLUMNS,
        *(column for prefix in sum_prefixes(session, ids) for column in sum_columns(prefix)),
        *(column for n in range(most_rows(session, EnergyTraceModelResult, ids)) for column in model_columns(n)),
    ]
    return [
        *sorted(original, key=lambda column: column.name),
        ADDED,
        *(column for n in range(most_rows(session, EnergyTraceModelResult, ids)) for column in own_model_columns(n)),
        Column("project_result__confidence_level", Type.NUMBER),
        Column("savings__unit", Type.TEXT),
        *(column for fuel in summed_fuels(session, ids) for column in savings_columns(f"savings__{fuel.lower()}")),
        *(column for n in range(most_rows(session, TraceSavings, ids)) for column in trace_columns(n)),
        *STALE,
    ]


# Of the result and its project; dates are text, as the original wrote them.
RESULT_COLUMNS = [
    Column("project__id", Type.INTEGER, Project.id),
    Column("project__project_id", Type.TEXT, Project.project_id),
    Column("project__zipcode", Type.TEXT, Project.zipcode),
    Column("project__baseline_period_end", Type.TEXT, Project.baseline_period_end),
    Column("project__reporting_period_start", Type.TEXT, Project.reporting_period_start),
    Column("project_result__id", Type.INTEGER, ProjectResult.id),
    Column("project_result__project_run__id", Type.INTEGER, ProjectResult.project_run_id),
    Column("project_result__eemeter_version", Type.TEXT, ProjectResult.eemeter_version),
    Column("project_result__meter_class", Type.TEXT, ProjectResult.meter_class),
]
ADDED = Column("project_result__added", Type.TEXT, ProjectResult.added)
STALE = [
    Column("project_result__stale_since", Type.TEXT, ProjectResult.stale_since),
    Column("project_result__stale_because", Type.TEXT, func.array_to_string(ProjectResult.stale_because, ", ")),
    Column("project_result__stale_load", Type.INTEGER, ProjectResult.stale_load_id),
]
PERIOD_COLUMNS = [
    *columns(Type.INTEGER, *(f"{period}__id" for period in PERIODS.values()), "modeling_period_group__id"),
    *columns(Type.TEXT, *(f"{period}__{end}_date" for period in PERIODS.values() for end in ("start", "end"))),
]


def sum_columns(prefix: str) -> Iterator[Column]:
    """The columns of a derivative that is summed over traces."""
    yield Column(f"{prefix}__id", Type.INTEGER)
    for side in SIDES:
        yield Column(f"{prefix}__{side}_n", Type.INTEGER)
        yield from columns(Type.NUMBER, *(f"{prefix}__{side}_{name}" for name in ("value", "upper", "lower")))


def model_columns(number: int) -> list[Column]:
    """The columns of a numbered model. (model_serializiation is the original's spelling.)"""
    prefix = f"energy_trace_model_result-{number}"
    return [
        *columns(Type.INTEGER, *(f"{prefix}__{name}" for name in ("id", "energy_trace_id", "modeling_period_id"))),
        *columns(Type.NUMBER, *(f"{prefix}__{name}" for name in ("n", "r2", "rmse", "cvrmse", "upper", "lower"))),
        *columns(Type.TEXT, f"{prefix}__status", f"{prefix}__model_serializiation"),
    ]


def own_model_columns(number: int) -> list[Column]:
    """Those of a numbered model that the original had not."""
    prefix = f"energy_trace_model_result-{number}"
    return [
        *columns(Type.NUMBER, *(f"{prefix}__{name}" for name in BIAS_FIGURES)),
        *columns(Type.TEXT, *(f"{prefix}__{name}" for name in DATA_WORDS)),
    ]


def savings_columns(prefix: str) -> Iterator[Column]:
    """The columns of metered and of normalized savings."""
    for method in METHODS:
        yield from columns(Type.NUMBER, *(f"{prefix}__{method}__{name}" for name in FIGURES))
        yield Column(f"{prefix}__{method}__n", Type.INTEGER)


def trace_columns(number: int) -> list[Column]:
    """The columns of a numbered trace's savings, in its unit."""
    prefix = f"trace_savings-{number}"
    return [
        Column(f"{prefix}__energy_trace_id", Type.INTEGER),
        *columns(Type.TEXT, f"{prefix}__trace_interpretation", f"{prefix}__unit"),
        *savings_columns(prefix),
    ]


def sum_prefix(trace_interpretation: str, interpretation: str) -> str:
    """The beginning of the names of a summed derivative's columns."""
    return f"derivative_aggregation__{trace_interpretation.lower()}__{interpretation}"


def sum_prefixes(session: Session, ids: Sequence[int]) -> set[str]:
    """The prefixes of the summed derivatives that some of the results have."""
    summed, group = DerivativeAggregation, ModelingPeriodGroup
    statement = select(summed.trace_interpretation, summed.interpretation).distinct().join(group)
    return {sum_prefix(*names) for names in session.execute(statement.where(among(group.project_result_id, ids)))}


def summed_fuels(session: Session, ids: Sequence[int]) -> Sequence[str]:
    """The interpretations of which some of the results have summed savings."""
    fuel = SavingsAggregation.trace_interpretation
    statement = select(fuel).distinct().where(among(SavingsAggregation.project_result_id, ids))
    return session.scalars(statement.order_by(fuel)).all()


def most_rows(session: Session, table: Any, ids: Sequence[int]) -> int:
    """How many rows of a table the result with the most of them has."""
    owner = table.project_result_id
    counts = select(func.count().label("n")).where(among(owner, ids)).group_by(owner).subquery()
    return session.scalar(select(func.max(counts.c.n))) or 0
