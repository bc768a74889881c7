"""The portfolio: the savings of the latest results of many projects, added up, in kWh.

    with database.session() as session:
        for total in totals(session, visible(principal, Project)):
            print(total.interpretation, total.metered)

Every statement takes a condition of projects, which has to restrict them to those that the caller may see. Errors of
different buildings are taken as independent, as the meter takes those of different traces: distances to bounds are
added in quadrature.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import CTE, ColumnElement, Row, Subquery, and_, case, distinct, func, select
from sqlalchemy.orm import Session

from eeds.db.tables import (
    Project,
    ProjectAttribute,
    ProjectAttributeKey,
    ProjectResult,
    SavingsAggregation,
    SavingsMonth,
)
from eeds.meter.names import ALL_FUELS, INTERPRETATIONS, KWH_PER_UNIT
from eeds.meter.types import Savings
from eeds.projects.latest import latest_ids

ELECTRICITY, GAS = (INTERPRETATIONS[code] for code in ("E_C_S", "NG_C_S"))
# In the order in which people ask for them.
FUELS = (ALL_FUELS, ELECTRICITY, GAS, *(name for name in INTERPRETATIONS.values() if name not in (ELECTRICITY, GAS)))
# The fuels that each is made of, where there are attributes of predictions.
PARTS = {ALL_FUELS: (ELECTRICITY, GAS)}
# The attributes for predicted savings of a year, and their units.
PREDICTED = {"predicted_electricity_savings": (ELECTRICITY, "KWH"), "predicted_natural_gas_savings": (GAS, "THM")}

Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Sum(Savings):
    """The savings of some projects."""

    projects: int


@dataclass(frozen=True)
class Realization:
    """Normalized savings beside the predicted ones, of the projects and fuels that have both, kWh a year."""

    projects: int
    predicted: float
    value: float
    upper: float
    lower: float

    @property
    def rate(self) -> float | None:
        """The realization rate, savings / prediction; None where nothing was predicted."""
        return self.value / self.predicted if self.predicted else None


@dataclass(frozen=True)
class Total:
    """All projects that have an interpretation; None where none of them has it."""

    interpretation: str
    metered: Sum | None
    normalized: Sum | None
    realized: Realization | None


@dataclass(frozen=True)
class Month:
    """Metered savings of a calendar month, kWh, and how many projects report it."""

    month: date
    projects: int
    value: float
    baseline: float


@dataclass(frozen=True)
class Counts:
    """How many projects there are, how many have a result, and the confidence levels of the bounds in these."""

    projects: int
    results: int
    confidence_levels: Sequence[float]


# Statements --------------------------------------------------------------------------------------------------------


def latest(condition: Condition) -> CTE:
    """The latest result of each of the projects: `id`, `project_id`."""
    projects = ProjectResult.project_id.in_(select(Project.id).where(condition))
    return latest_ids(ProjectResult, projects).add_columns(ProjectResult.project_id).cte("latest")


def counts(session: Session, condition: Condition) -> Counts:
    """The numbers behind the sums: two statements."""
    chosen = latest(condition)
    level = ProjectResult.provenance["settings"]["confidence_level"].as_float()
    results = select(func.count(), func.array_agg(distinct(level))).select_from(chosen)
    number, levels = session.execute(results.join(ProjectResult, ProjectResult.id == chosen.c.id)).one()
    projects = session.scalars(select(func.count()).select_from(Project).where(condition)).one()
    return Counts(projects, number, sorted(level for level in levels or () if level is not None))


def totals(session: Session, condition: Condition) -> list[Total]:
    """The savings of the projects by interpretation, in order of FUELS: two statements."""
    chosen = latest(condition)
    columns = [column for kind in ("metered", "normalized") for column in sums(kind)]
    statement = (
        select(SavingsAggregation.trace_interpretation, *columns)
        .join(chosen, chosen.c.id == SavingsAggregation.project_result_id)
        .group_by(SavingsAggregation.trace_interpretation)
    )
    realized = realizations(session, condition)
    rows = sorted(session.execute(statement), key=lambda row: FUELS.index(row.trace_interpretation))
    return [
        Total(
            row.trace_interpretation,
            sum_of(row, "metered"),
            sum_of(row, "normalized"),
            realized.get(row.trace_interpretation),
        )
        for row in rows
    ]


def sums(kind: str) -> Iterator[ColumnElement[Any]]:
    """The columns of savings of one kind, added up."""

    def column(name: str) -> Any:
        return getattr(SavingsAggregation, f"{kind}_{name}")

    yield func.count(column("value")).label(f"{kind}_projects")
    for name in ("value", "n", "baseline"):
        yield func.sum(column(name)).label(f"{kind}_{name}")
    for name in ("upper", "lower"):
        yield in_quadrature(column(name)).label(f"{kind}_{name}")


def in_quadrature(distance: ColumnElement[float]) -> ColumnElement[float]:
    """The root of the sum of squares."""
    return func.sqrt(func.sum(distance * distance))


def sum_of(row: Row[Any], kind: str) -> Sum | None:
    """The savings of one kind in a row of `totals`."""
    values = {field.name: getattr(row, f"{kind}_{field.name}") for field in fields(Sum)}
    return Sum(**values) if values["projects"] else None


def realizations(session: Session, condition: Condition) -> Mapping[str, Realization]:
    """Realization by fuel, and of all fuels."""
    pairs = predicted_and_saved(condition)
    fuel, projects = func.coalesce(pairs.c.interpretation, ALL_FUELS), func.count(distinct(pairs.c.id))
    by_fuel_and_all = func.grouping_sets(pairs.c.interpretation, func.row())
    rows = session.execute(select(fuel, projects, *realization_sums(pairs)).group_by(by_fuel_and_all))
    return {fuel: Realization(*values) for fuel, *values in rows if values[0]}


def realization_of_projects(session: Session, condition: Condition, fuel: str) -> Sequence[tuple[str, Realization]]:
    """The same of each project, with its project_id, in order of these."""
    pairs = predicted_and_saved(condition)
    statement = (
        select(Project.project_id, *realization_sums(pairs))
        .join(pairs, pairs.c.id == Project.id)
        .where(pairs.c.interpretation.in_(PARTS.get(fuel, (fuel,))))
        .group_by(Project.id)
        .order_by(Project.project_id)
    )
    return [(name, Realization(1, *values)) for name, *values in session.execute(statement)]


def realization_sums(pairs: Subquery) -> Iterator[ColumnElement[float]]:
    """`predicted`, `value`, `upper` and `lower` of a Realization."""
    yield func.sum(pairs.c.predicted)
    yield func.sum(pairs.c.value)
    yield in_quadrature(pairs.c.upper)
    yield in_quadrature(pairs.c.lower)


def predicted_and_saved(condition: Condition) -> Subquery:
    """The projects and fuels that have both, kWh a year: `id` of the project, `interpretation`, `predicted`, and the
    normalized savings."""
    chosen, predicted = latest(condition), predictions()
    same = and_(
        predicted.c.project_id == chosen.c.project_id,
        predicted.c.interpretation == SavingsAggregation.trace_interpretation,
    )
    return (
        select(
            chosen.c.project_id.label("id"),
            predicted.c.interpretation,
            predicted.c.predicted,
            SavingsAggregation.normalized_value.label("value"),
            SavingsAggregation.normalized_upper.label("upper"),
            SavingsAggregation.normalized_lower.label("lower"),
        )
        .join(chosen, chosen.c.id == SavingsAggregation.project_result_id)
        .join(predicted, same)
        .where(SavingsAggregation.normalized_value.is_not(None))
        .subquery("pairs")
    )


def predictions() -> Subquery:
    """Predicted savings by project and fuel, kWh a year: `project_id`, `interpretation`, `predicted`."""
    name = ProjectAttributeKey.name
    fuel = case({name: fuel for name, (fuel, _) in PREDICTED.items()}, value=name)
    kwh = case({name: KWH_PER_UNIT[unit] for name, (_, unit) in PREDICTED.items()}, value=name)
    value = func.coalesce(ProjectAttribute.float_value, ProjectAttribute.integer_value)
    finite = value.between(-sys.float_info.max, sys.float_info.max)
    return (
        # nothing forbids to store an attribute twice
        select(ProjectAttribute.project_id, fuel.label("interpretation"), func.max(value * kwh).label("predicted"))
        .join(ProjectAttributeKey, ProjectAttributeKey.id == ProjectAttribute.key_id)
        .where(name.in_(PREDICTED), finite)
        .group_by(ProjectAttribute.project_id, name)
        .subquery("predictions")
    )


def months(session: Session, condition: Condition, fuel: str) -> list[Month]:
    """Metered savings of the projects by month, in order of time."""
    chosen = latest(condition)
    statement = (
        select(SavingsMonth.month, func.count(), func.sum(SavingsMonth.value), func.sum(SavingsMonth.baseline))
        .join(chosen, chosen.c.id == SavingsMonth.project_result_id)
        .where(SavingsMonth.trace_interpretation == fuel)
        .group_by(SavingsMonth.month)
        .order_by(SavingsMonth.month)
    )
    return [Month(*row) for row in session.execute(statement)]


def annual_savings(session: Session, condition: Condition, fuel: str) -> Sequence[tuple[float, float]]:
    """Normalized savings and counterfactual of each project that has them, kWh a year."""
    chosen = latest(condition)
    saved = SavingsAggregation
    statement = (
        select(saved.normalized_value, saved.normalized_baseline)
        .join(chosen, chosen.c.id == saved.project_result_id)
        .where(saved.trace_interpretation == fuel, saved.normalized_value.is_not(None))
    )
    return [(row.normalized_value, row.normalized_baseline) for row in session.execute(statement)]
