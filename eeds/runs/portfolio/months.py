"""Metered savings of many projects by calendar month, in kWh, and their sum from the first month on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from math import hypot, sqrt
from typing import Any

from sqlalchemy import Row, Select, Subquery, func, select

from eeds.db.tables import SavingsAggregation, SavingsMonth
from eeds.meter.spread import Spread
from eeds.runs.portfolio.members import USUAL_LEVEL, Portfolio
from eeds.runs.portfolio.members_table import MEMBERS
from eeds.runs.portfolio.sums import METERED, SUMS, accepted, added_up, spread_of, sums_of

ERRORS = ("offset", "variance", "shared")


@dataclass(frozen=True)
class Month:
    """What the projects saved that report a month, and all of them up to it; distances to bounds are None where a
    result of an earlier release has none."""

    month: date
    projects: int
    value: float
    baseline: float
    cumulative: float
    upper: float | None = None
    lower: float | None = None
    cumulative_upper: float | None = None
    cumulative_lower: float | None = None


@dataclass
class Errors:
    """Those of a sum that grows; `shared` by station and model."""

    offset: float = 0.0
    variance: float = 0.0
    shared: dict[Any, float] = field(default_factory=dict)

    def add(self, group: Any, offset: float | None, variance: float | None, shared: float | None) -> None:
        """Those of a group more; None of results that have none."""
        self.offset += offset or 0.0
        self.variance += variance or 0.0
        self.shared[group] = self.shared.get(group, 0.0) + (shared or 0.0)

    def distances(self, whole: Spread, confidence_level: float) -> tuple[float, float]:
        """To the lower and the upper bound, for noise that has so many degrees of freedom and such cosines."""
        part = sqrt(self.variance / whole.variance) if whole.variance else 0.0
        cosines = tuple(part * cosine for cosine in whole.cosines)
        spread = Spread(self.offset, self.variance, hypot(*self.shared.values()), whole.freedom, cosines)
        return spread.distances(confidence_level)


def months(
    portfolio: Portfolio, fuel: str, confidence_level: float = USUAL_LEVEL, results_level: float | None = None
) -> list[Month]:
    """Metered savings of the accepted projects by month, in order of time: two statements. Levels as in `totals`.

    The errors of a month and of the sum up to it are added up as those of the whole. What the cosines of the whole say
    of shocks in common holds for every part of it, for all parts have the same noise.
    """
    session = portfolio.session
    whole = sums_of(METERED).where(SUMS.c.interpretation == fuel).subquery("whole")
    row = session.execute(added_up(whole, ["interpretation"])).one_or_none()
    if row is None:
        return []
    spread = spread_of(row, results_level or confidence_level)
    return list(by_month(session.execute(of_groups(fuel)), spread, confidence_level))


def of_groups(fuel: str) -> Select[Any]:
    """The sums of the months of all projects of one station and model. `steps` are what a month adds to the errors of
    the sum up to it."""
    steps = month_rows(fuel)
    names = ("value", "baseline", *ERRORS, *(f"{name}_step" for name in ERRORS))
    return (
        select(
            steps.c.month,
            steps.c.station,
            steps.c.model,
            func.count().label("projects"),
            func.count(steps.c.variance).label("known"),
            *(func.sum(steps.c[name]).label(name) for name in names),
        )
        .group_by(steps.c.month, steps.c.station, steps.c.model)
        .order_by(steps.c.month)
    )


def month_rows(fuel: str) -> Subquery:
    """A row for each project and month."""
    month, whole = SavingsMonth, SavingsAggregation
    same = (MEMBERS.c.result_id == month.project_result_id) & (month.trace_interpretation == fuel)
    return (
        select(
            month.month,
            month.value,
            month.baseline,
            whole.station,
            whole.model,
            *(getattr(month, f"month_{name}").label(name) for name in ERRORS),
            *(step(getattr(month, f"cumulative_{name}")).label(f"{name}_step") for name in ERRORS),
        )
        .join(MEMBERS, same)
        .join(whole, accepted())
        .where(MEMBERS.c.interpretation == fuel)
        .subquery("steps")
    )


def step(cumulative: Any) -> Any:
    """By how much it is more than in the month before, of each result."""
    before = func.lag(cumulative, 1, 0.0).over(partition_by=SavingsMonth.project_result_id, order_by=SavingsMonth.month)
    return cumulative - before


def by_month(rows: Iterable[Row[Any]], whole: Spread, confidence_level: float) -> Iterator[Month]:
    """The months of rows of groups."""
    cumulative, until, are_known = 0.0, Errors(), True
    for month, of_month in groupby(rows, key=lambda row: row.month):
        groups, own = list(of_month), Errors()
        for row in groups:
            own.add((row.station, row.model), row.offset, row.variance, row.shared)
            until.add((row.station, row.model), row.offset_step, row.variance_step, row.shared_step)
        projects, value, baseline = (
            sum(getattr(row, name) for row in groups) for name in ("projects", "value", "baseline")
        )
        cumulative += value
        are_known &= all(row.known == row.projects for row in groups)
        bounds: list[float | None] = [None] * 4
        if are_known:
            bounds = [*own.distances(whole, confidence_level), *until.distances(whole, confidence_level)]
        lower, upper, down, up = bounds
        yield Month(month, projects, value, baseline, cumulative, upper, lower, up, down)
