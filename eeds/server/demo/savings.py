"""Savings out of a project result, and how a person reads them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from math import hypot
from typing import Any

from eeds.server.demo.building import Truth

# name, baseline, reporting, savings, bounds, percent, truth
ROW = "{:27}{:>11}{:>11}{:>11}{:>18}{:>10}{:>18}"


@dataclass(frozen=True)
class Savings:
    """What a derivative says was saved, kWh: the use without the retrofit, the use with it, and the 95 % bounds."""

    trace_interpretation: str
    derivative: str
    baseline: float
    reporting: float
    lower: float
    upper: float

    @property
    def value(self) -> float:
        """kWh saved."""
        return self.baseline - self.reporting


def savings_of(result: Mapping[str, Any]) -> list[Savings]:
    """The savings of a project result, by trace interpretation and derivative.

    Both values have bounds, given as distances; those of their difference combine as errors do that have nothing to do
    with each other. Aggregations that lack one of the values have no savings.
    """
    return [
        Savings(
            aggregation["trace_interpretation"],
            aggregation["interpretation"],
            aggregation["baseline_value"],
            aggregation["reporting_value"],
            # the savings are least when the baseline is least and the reporting period's use is greatest
            lower=savings - hypot(aggregation["baseline_lower"], aggregation["reporting_upper"]),
            upper=savings + hypot(aggregation["baseline_upper"], aggregation["reporting_lower"]),
        )
        for aggregation in result["derivative_aggregations"]
        if None not in (aggregation["baseline_value"], aggregation["reporting_value"])
        for savings in [aggregation["baseline_value"] - aggregation["reporting_value"]]
    ]


def savings_table(savings: Iterable[Savings], truths: Mapping[str, Truth]) -> Iterator[str]:
    """Lines of a table, the truth beside the savings of the result; `truths` by derivative."""
    yield ROW.format("", "baseline", "reporting", "savings", "95 % bounds", "percent", "truth")
    for interpretation, group in groupby(savings, key=lambda saved: saved.trace_interpretation):
        yield f"{interpretation}, kWh"
        for saved in group:
            yield savings_line(saved, truths[saved.derivative])


def savings_line(saved: Savings, truth: Truth) -> str:
    """One derivative of the table."""
    numbers = [f"{number:,.0f}" for number in (saved.baseline, saved.reporting, saved.value)]
    bounds = f"{saved.lower:,.0f} to {saved.upper:,.0f}"
    percent = f"{saved.value / saved.baseline:.1%}"
    true = f"{truth.savings:,.0f} ({truth.savings / truth.baseline:.1%})"
    return ROW.format(f"  {saved.derivative}", *numbers, bounds, percent, true)
