"""Normalized savings of many projects beside those that were predicted for them, kWh a year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, func, literal, select, union_all

from eeds.db.tables import Project
from eeds.meter.names import ALL_FUELS
from eeds.runs.portfolio.members import USUAL_LEVEL, Portfolio
from eeds.runs.portfolio.members_table import MEMBERS
from eeds.runs.portfolio.sums import NORMALIZED, added_up, of_members, spread_of, sums_of


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
    portfolio: Portfolio, groups: Sequence[str], confidence_level: float, results_level: float
) -> Mapping[tuple[str, str | None], Realization]:
    """Realization by fuel, and of all fuels, and by the columns `groups`, none or that of the group: two statements."""
    of_all_fuels = projects_with_both(portfolio, groups)
    sums = added_up(of_own_and_all_fuels(predicted(sums_of(NORMALIZED))), ["fuel", *groups])
    found = {}
    for row in portfolio.session.execute(sums):
        fuel, group = key_of(row, groups)
        # of one fuel a project has one row
        number = of_all_fuels[group] if fuel == ALL_FUELS else int(row.rows)
        found[fuel, group] = realization_of(row, number, confidence_level, results_level)
    return found


def projects_with_both(portfolio: Portfolio, groups: Sequence[str]) -> Mapping[str | None, int]:
    """How many projects have normalized savings and a prediction of any fuel, by group."""
    c = MEMBERS.c
    keys = [c[name] for name in groups]
    pairs = select(c.project_id, *keys).where(c.is_accepted, c.predicted.is_not(None)).group_by(c.project_id, *keys)
    projects = pairs.subquery("projects_with_both")
    columns = [projects.c[name] for name in groups]
    number = select(func.count().label("number"), *columns).select_from(projects).group_by(*columns)
    return {row.group_value if groups else None: row.number for row in portfolio.session.execute(number)}


def key_of(row: Any, groups: Sequence[str]) -> tuple[str, str | None]:
    """Fuel and group of a row."""
    return row.fuel, row.group_value if groups else None


def realization_of_projects(
    portfolio: Portfolio, fuel: str, confidence_level: float = USUAL_LEVEL
) -> Sequence[tuple[str, Realization]]:
    """The same of each project, with its project_id, in order of these."""
    pairs = of_own_and_all_fuels(predicted(of_members(NORMALIZED)))
    own = select(pairs).where(pairs.c.fuel == fuel).subquery("own")
    sums = added_up(own, ["project"]).subquery("sums")
    statement = select(Project.project_id, sums).join(sums, sums.c.project == Project.id).order_by(Project.project_id)
    rows = portfolio.session.execute(statement)
    return [(row.project_id, realization_of(row, 1, confidence_level, confidence_level)) for row in rows]


def realization_of(row: Any, projects: int, confidence_level: float, results_level: float) -> Realization:
    """The sum in a row."""
    lower, upper = spread_of(row, results_level).distances(confidence_level)
    return Realization(projects, row.predicted, row.value, upper, lower)


def predicted(rows: Select[Any]) -> Select[Any]:
    """Those of the rows that have a prediction."""
    found = rows.subquery("found")
    return select(found).where(found.c.is_predicted)


def of_own_and_all_fuels(rows: Select[Any]) -> Subquery:
    """The rows with `fuel`: once for their own, and once for all fuels."""
    own = rows.subquery("own_rows")
    return union_all(
        *(select(own, fuel.label("fuel")) for fuel in (own.c.interpretation, literal(ALL_FUELS)))
    ).subquery("pairs")
