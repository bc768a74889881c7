"""What an aggregation answers: sums with bounds, in the unit that was asked for, as plain JSON.

`lower` and `upper` are bounds, between which the truth is with the probability `confidence_level`; in single results
they are distances.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from eeds.runs.aggregations.settings import FSU_LEVEL, AggregationSettings
from eeds.runs.portfolio.members import Counts, Portfolio, Tally, counts, tallies
from eeds.runs.portfolio.months import Month, months
from eeds.runs.portfolio.realization import Realization
from eeds.runs.portfolio.totals import FUELS, Sum, Total, totals, totals_of_groups

Values = dict[str, Any]
Tallies = Mapping[tuple[str | None, str | None], Tally]


def report(portfolio: Portfolio, settings: AggregationSettings) -> Values:
    """All that there is to say of a portfolio."""
    counted = counts(portfolio)
    level = settings.confidence_level or counted.confidence_level
    levels = level, counted.confidence_level
    found = tallies(portfolio)
    sums = {total.interpretation: total for total in totals(portfolio, *levels)}
    groups = totals_of_groups(portfolio, *levels) if portfolio.is_grouped else []
    fuels = sorted({fuel for fuel, _ in found if fuel is not None}, key=FUELS.index)
    by_month = months(portfolio, fuels, *levels) if settings.months else {}
    return {
        "unit": settings.unit,
        "confidence_level": level,
        **numbers_of(counted, found),
        "fuels": [
            {
                "trace_interpretation": fuel,
                **tally_values(merged(tally for (name, _), tally in found.items() if name == fuel)),
                **sums_values(sums.get(fuel), settings),
                **group_values(fuel, found, groups, settings),
                **month_values(by_month.get(fuel), settings),
            }
            for fuel in fuels
        ],
    }


def numbers_of(counted: Counts, found: Tallies) -> Values:
    """How many projects there are, what became of them, and why the fuels of some are refused."""
    return {
        "projects": counted.projects,
        "results": counted.results,
        "accepted": counted.accepted,
        "rejected": counted.rejected,
        "stale": counted.stale,
        "reasons": merged(tally for (fuel, _), tally in found.items() if fuel is None).reasons,
    }


def merged(some: Any) -> Tally:
    """The sum of tallies."""
    tallies = list(some)
    reasons: dict[str, int] = {}
    for tally in tallies:
        for name, number in tally.reasons.items():
            reasons[name] = reasons.get(name, 0) + number
    return Tally(sum(tally.accepted for tally in tallies), sum(tally.rejected for tally in tallies), reasons)


def tally_values(tally: Tally) -> Values:
    """How many members are accepted and refused, and why."""
    return {"accepted": tally.accepted, "rejected": tally.rejected, "reasons": dict(tally.reasons)}


def sums_values(total: Total | None, settings: AggregationSettings) -> Values:
    """Both kinds of savings and the realization, None where nothing is known."""
    if total is None:
        return {"metered_savings": None, "normalized_savings": None, "realization": None}
    return {
        "metered_savings": total.metered
        and {
            **sum_values(total.metered, settings),
            "fractional_bias_error": total.metered.fractional_bias_error,
        },
        "normalized_savings": total.normalized and sum_values(total.normalized, settings),
        "realization": total.realized and realization_values(total.realized, settings.kwh),
    }


def sum_values(saved: Sum, settings: AggregationSettings) -> Values:
    """Savings with their bounds; `fsu` is at FSU_LEVEL."""
    kwh, fsu = settings.kwh, fsu_of(saved)
    return {
        "projects": saved.projects,
        "value": saved.value / kwh,
        "lower": (saved.value - saved.lower) / kwh,
        "upper": (saved.value + saved.upper) / kwh,
        "baseline": saved.baseline / kwh,
        "reporting": (saved.baseline - saved.value) / kwh,
        "percent": None if saved.fraction is None else 100 * saved.fraction,
        "fsu": fsu,
        "fsu_met": None if fsu is None or settings.fsu_threshold is None else fsu <= settings.fsu_threshold,
    }


def fsu_of(saved: Sum) -> float | None:
    """Fractional savings uncertainty at 90 %: half of what lies between the bounds, of the absolute savings (CalTRACK
    4.3.2.4, ASHRAE Guideline 14); None where nothing was saved. The bounds are those of eeds.meter.spread, where
    CalTRACK 4.3.2.5 takes the errors of buildings for independent."""
    if saved.spread is None or not saved.value:
        return None
    return sum(saved.spread.distances(FSU_LEVEL)) / 2 / abs(saved.value)


def realization_values(realized: Realization, kwh: float) -> Values:
    """Normalized savings beside predictions, of the projects and fuels that have both."""
    return {
        "projects": realized.projects,
        "predicted": realized.predicted / kwh,
        "value": realized.value / kwh,
        "lower": (realized.value - realized.lower) / kwh,
        "upper": (realized.value + realized.upper) / kwh,
        "rate": realized.rate,
    }


def group_values(fuel: str, found: Tallies, groups: Sequence[Total], settings: AggregationSettings) -> Values:
    """The same of each value of the attribute, if there are groups; those without a value last."""
    if settings.group_by is None:
        return {}
    sums = {total.group: total for total in groups if total.interpretation == fuel}
    values = sorted((group for name, group in found if name == fuel), key=lambda group: (group is None, group or ""))
    return {
        "groups": [
            {"value": value, **tally_values(found[fuel, value]), **sums_values(sums.get(value), settings)}
            for value in values
        ]
    }


def month_values(found: Sequence[Month] | None, settings: AggregationSettings) -> Values:
    """Metered savings by month, if they are asked for."""
    return {} if found is None else {"months": [values_of_month(month, settings.kwh) for month in found]}


def values_of_month(month: Month, kwh: float) -> Values:
    """What was saved in a month and until its end, with bounds; None where results of earlier releases have none."""
    return {
        "month": f"{month.month:%Y-%m}",
        "projects": month.projects,
        **with_bounds("", month.value, month.lower, month.upper, kwh),
        "baseline": month.baseline / kwh,
        "reporting": (month.baseline - month.value) / kwh,
        **with_bounds("cumulative_", month.cumulative, month.cumulative_lower, month.cumulative_upper, kwh),
    }


def with_bounds(prefix: str, value: float, lower: float | None, upper: float | None, kwh: float) -> Values:
    """A value with the bounds at these distances."""
    return {
        f"{prefix}value": value / kwh,
        f"{prefix}lower": None if lower is None else (value - lower) / kwh,
        f"{prefix}upper": None if upper is None else (value + upper) / kwh,
    }
