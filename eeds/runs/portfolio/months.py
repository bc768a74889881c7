"""Metered savings of many projects by calendar month, in kWh, and their sum from the first month on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from math import hypot, sqrt
from typing import Any

from sqlalchemy import Row, Select, and_, func, select

from eeds.db.array_parameters import among
from eeds.db.tables import SavingsAggregation, SavingsMonth
from eeds.meter.spread import Spread
from eeds.runs.portfolio.members import USUAL_LEVEL, Portfolio
from eeds.runs.portfolio.sums import METERED, SUMS, added_up, spread_of, sums_of

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
    portfolio: Portfolio,
    fuels: Sequence[str],
    confidence_level: float = USUAL_LEVEL,
    results_level: float | None = None,
) -> Mapping[str, Sequence[Month]]:
    """Metered savings of the accepted projects by month, in order of time, of each of these fuels: two statements.
    Levels as in `totals`.

    The errors of a month and of the sum up to it are added up as those of the whole. What the cosines of the whole say
    of shocks in common holds for every part of it, for all parts have the same noise.
    """
    session = portfolio.session
    sums = sums_of(METERED).where(among(SUMS.c.interpretation, fuels)).subquery("whole")
    wholes = session.execute(added_up(sums, ["interpretation"]))
    spreads = {row.interpretation: spread_of(row, results_level or confidence_level) for row in wholes}
    rows = groupby(session.execute(of_groups(portfolio, fuels)), key=lambda row: row.fuel)
    found = {fuel: list(by_month(of_fuel, spreads[fuel], confidence_level)) for fuel, of_fuel in rows}
    return {fuel: found.get(fuel, []) for fuel in fuels}


def of_groups(portfolio: Portfolio, fuels: Sequence[str]) -> Select[Any]:
    """The sums of the months of all projects of one fuel, station and model; the steps are what a month adds to the
    errors of the sum up to it.

    The members are a parameter: where one statement reads a temporary table, Postgres does not share it out to several
    processes.
    """
    month, whole = SavingsMonth, SavingsAggregation
    keys = whole.trace_interpretation, month.month, whole.station, whole.model
    names = ("value", "baseline", *(f"{kind}_{name}" for kind in ("month", "step") for name in ERRORS))
    of_whole = (month.project_result_id == whole.project_result_id) & (
        month.trace_interpretation == whole.trace_interpretation
    )
    return (
        select(
            whole.trace_interpretation.label("fuel"),
            month.month,
            whole.station,
            whole.model,
            func.count().label("projects"),
            func.count(month.month_variance).label("known"),
            *(func.sum(getattr(month, name)).label(name) for name in names),
        )
        .join(whole, of_whole)
        .where(and_(among(whole.id, portfolio.accepted), among(whole.trace_interpretation, fuels)))
        .group_by(*keys)
        .order_by(whole.trace_interpretation, month.month)
    )


def by_month(rows: Iterable[Row[Any]], whole: Spread, confidence_level: float) -> Iterator[Month]:
    """The months of rows of groups."""
    cumulative, until, are_known = 0.0, Errors(), True
    for month, of_month in groupby(rows, key=lambda row: row.month):
        groups, own = list(of_month), Errors()
        for row in groups:
            own.add((row.station, row.model), row.month_offset, row.month_variance, row.month_shared)
            until.add((row.station, row.model), row.step_offset, row.step_variance, row.step_shared)
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
