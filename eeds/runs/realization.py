"""Normalized savings of many projects beside those that were predicted for them, kWh a year."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Subquery, and_, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from eeds.db.tables import Project, ProjectAttribute, ProjectAttributeKey
from eeds.meter.names import ALL_FUELS, INTERPRETATIONS, KWH_PER_UNIT
from eeds.runs.portfolio_sums import NORMALIZED, USUAL_LEVEL, Condition, added_up, latest, saved, spread_of

ELECTRICITY, GAS = (INTERPRETATIONS[code] for code in ("E_C_S", "NG_C_S"))
# The fuels that each is made of, where there are attributes of predictions.
PARTS = {ALL_FUELS: (ELECTRICITY, GAS)}
# The attributes for predicted savings of a year, and their units.
PREDICTED = {"predicted_electricity_savings": (ELECTRICITY, "KWH"), "predicted_natural_gas_savings": (GAS, "THM")}


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


def realizations(
    session: Session, condition: Condition, confidence_level: float = USUAL_LEVEL
) -> Mapping[str, Realization]:
    """Realization by fuel, and of all fuels: two statements."""
    pairs = predicted_and_saved(condition)
    projects = select(pairs.c.fuel, func.count(pairs.c.project.distinct()).label("n")).group_by(pairs.c.fuel)
    numbers = {row.fuel: row.n for row in session.execute(projects)}
    rows = session.execute(added_up(pairs, ["fuel"], ["predicted", "value"]))
    return {row.fuel: realization_of(row, numbers[row.fuel], confidence_level) for row in rows}


def realization_of_projects(
    session: Session, condition: Condition, fuel: str, confidence_level: float = USUAL_LEVEL
) -> Sequence[tuple[str, Realization]]:
    """The same of each project, with its project_id, in order of these."""
    pairs = predicted_and_saved(condition)
    own = select(pairs).where(pairs.c.fuel == fuel).subquery("own")
    sums = added_up(own, ["project"], ["predicted", "value"]).subquery("sums")
    statement = select(Project.project_id, sums).join(sums, sums.c.project == Project.id).order_by(Project.project_id)
    return [(row.project_id, realization_of(row, 1, confidence_level)) for row in session.execute(statement)]


def realization_of(row: Any, projects: int, confidence_level: float) -> Realization:
    """The sum in a row."""
    lower, upper = spread_of(row, confidence_level).distances(confidence_level)
    return Realization(projects, row.predicted, row.value, upper, lower)


def predicted_and_saved(condition: Condition) -> Subquery:
    """The projects and fuels that have both, kWh a year: normalized savings as `saved` has them, with `predicted` and
    `fuel`: once for their own, and once for all fuels."""
    normalized, predicted = saved(latest(condition), NORMALIZED).subquery("normalized"), predictions()
    same = and_(
        predicted.c.project_id == normalized.c.project, predicted.c.interpretation == normalized.c.interpretation
    )
    pairs = [
        select(normalized, predicted.c.predicted, fuel.label("fuel"))
        .join(predicted, same)
        .where(normalized.c.value.is_not(None))
        for fuel in (normalized.c.interpretation, literal(ALL_FUELS))
    ]
    return union_all(*pairs).subquery("pairs")


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
