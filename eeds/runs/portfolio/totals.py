"""The savings of a portfolio, added up by fuel and group, in kWh, with bounds and beside what was predicted.

How the errors of many buildings add up is said in eeds.meter.spread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, union_all

from eeds.db.tables import SavingsAggregation
from eeds.meter.names import ALL_FUELS, INTERPRETATIONS
from eeds.meter.types import Savings
from eeds.runs.portfolio.members import ELECTRICITY, GAS, USUAL_LEVEL, Portfolio
from eeds.runs.portfolio.members_table import MEMBERS
from eeds.runs.portfolio.realization import Realization, realizations
from eeds.runs.portfolio.sums import KINDS, METERED, NORMALIZED, accepted, added_up, spread_of, sums_of

# In the order in which people ask for them.
FUELS = (ALL_FUELS, ELECTRICITY, GAS, *(name for name in INTERPRETATIONS.values() if name not in (ELECTRICITY, GAS)))
Group = str | None


@dataclass(frozen=True)
class Sum(Savings):
    """The savings of some projects."""

    projects: int = 0
    bias: float | None = None  # kWh, see bias_of

    @property
    def fractional_bias_error(self) -> float | None:
        """CalTRACK 4.3.2.6.1, as eeds.meter.aggregation has it of one project: sqrt(sum of (MB n)^2) / |sum of
        savings|, where MB is the mean bias a day of the baseline model of a trace and n its days; None where a bias is
        not known, or nothing was saved."""
        return None if self.bias is None or not self.value else self.bias / abs(self.value)


@dataclass(frozen=True)
class Total:
    """The accepted projects that have an interpretation, or those of a group; None where none of them has it."""

    interpretation: str
    metered: Sum | None
    normalized: Sum | None
    realized: Realization | None
    group: Group = None


def totals(
    portfolio: Portfolio, confidence_level: float = USUAL_LEVEL, results_level: float | None = None
) -> list[Total]:
    """The savings by interpretation, in order of FUELS: a few statements over few rows. Bounds are at the confidence
    level; `results_level` is that of the distances in results of earlier releases, if it is another."""
    return totals_by(portfolio, (), confidence_level, results_level or confidence_level)


def totals_of_groups(portfolio: Portfolio, confidence_level: float, results_level: float) -> list[Total]:
    """The same of each group: by interpretation, then in order of groups, those without a value last."""
    return totals_by(portfolio, ("group_value",), confidence_level, results_level)


def totals_by(
    portfolio: Portfolio, groups: Sequence[str], confidence_level: float, results_level: float
) -> list[Total]:
    """By interpretation and the columns `groups`, none or that of the group."""
    levels = confidence_level, results_level
    sums = sums_by_kind(portfolio, groups, *levels)
    realized = realizations(portfolio, groups, *levels)
    keys = sorted(
        {(fuel, group) for fuel, group, _ in sums}, key=lambda key: (FUELS.index(key[0]), key[1] is None, key[1])
    )
    return [
        Total(fuel, sums[fuel, group, METERED], sums[fuel, group, NORMALIZED], realized.get((fuel, group)), group)
        for fuel, group in keys
    ]


def sums_by_kind(
    portfolio: Portfolio, groups: Sequence[str], confidence_level: float, results_level: float
) -> Mapping[tuple[str, Group, str], Sum | None]:
    """The savings of every interpretation, group and kind; None where no project has them."""
    rows = union_all(*(sums_of(kind) for kind in KINDS)).subquery("saved")
    statement = added_up(rows, ["interpretation", "kind", *groups])
    sums: dict[tuple[str, Group, str], Sum | None] = {}
    for row in portfolio.session.execute(statement):
        spread = spread_of(row, results_level)
        lower, upper = spread.distances(confidence_level)
        numbers = (row.value, upper, lower, int(row.n or 0), row.baseline, spread, int(row.rows), bias_of(row))
        sums[row.interpretation, row.group_value if groups else None, row.kind] = Sum(*numbers) if row.rows else None
    return sums


def bias_of(row: Any) -> float | None:
    """The root of the sum of the squares of what mean biases make of metered savings; None of others, or where one is
    not known."""
    return (row.bias_squares or 0.0) ** 0.5 if row.kind == METERED and not row.biases_unknown else None


def annual_savings(portfolio: Portfolio, fuel: str) -> Sequence[tuple[float, float]]:
    """Normalized savings and counterfactual of each accepted project that has them, kWh a year."""
    sums = SavingsAggregation
    rows = select(sums.normalized_value, sums.normalized_baseline).join(MEMBERS, accepted())
    rows = rows.where(MEMBERS.c.interpretation == fuel, sums.normalized_value.is_not(None))
    return [(row.normalized_value, row.normalized_baseline) for row in portfolio.session.execute(rows)]
