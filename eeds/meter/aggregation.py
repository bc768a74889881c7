"""Derivatives and savings added up over the traces of a project, in kWh."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from math import hypot
from typing import TypeVar

from eeds.meter.names import ALL_FUELS, INTERPRETATIONS, KWH_PER_UNIT, SUPPLIED
from eeds.meter.types import (
    ANNUALIZED_WEATHER_NORMAL,
    BASELINE,
    GROSS_PREDICTED,
    REPORTING,
    Aggregation,
    Derivative,
    MonthSavings,
    Savings,
    SavingsAggregation,
    Trace,
    TraceModelResult,
    TraceSavings,
)

Part = TypeVar("Part", Derivative, Savings, MonthSavings)
# How the figures of parts are added up. The errors of different meters are taken as independent, so that distances add
# up in quadrature (CalTRACK 4.3.2.5).
ENERGIES, DISTANCES, COUNTS = {"value", "baseline"}, {"upper", "lower"}, {"n"}


def aggregate(traces: Sequence[Trace], results: Sequence[TraceModelResult]) -> tuple[Aggregation, ...]:
    """One aggregation for each interpretation, and one for all fuels supplied, of each derivative that a trace has.

    If some traces have both models, only they are added up: were one trace in the baseline's sum alone, the difference
    of the two sums would show its whole use as savings.
    """
    aggregations = []
    for name, codes in interpretation_groups(traces):
        for interpretation in (ANNUALIZED_WEATHER_NORMAL, GROSS_PREDICTED):
            pairs = derivative_pairs(traces, results, codes, interpretation)
            pairs = [pair for pair in pairs if len(pair) == 2] or pairs
            if pairs:
                baseline, reporting = (
                    add_up([pair[period] for pair in pairs if period in pair]) for period in (BASELINE, REPORTING)
                )
                aggregations.append(Aggregation(name, interpretation, baseline, reporting))
    return tuple(aggregations)


def interpretation_groups(traces: Sequence[Trace]) -> Iterator[tuple[str, Sequence[str]]]:
    """What is added up: a name and the short codes of its traces."""
    present = {trace.interpretation for trace in traces}
    for code, name in INTERPRETATIONS.items():
        if code in present:
            yield name, [code]
    yield ALL_FUELS, SUPPLIED


def derivative_pairs(
    traces: Sequence[Trace], results: Sequence[TraceModelResult], codes: Sequence[str], interpretation: str
) -> list[Mapping[str, Derivative]]:
    """The derivative in kWh of each trace of these codes that has it, by the period of the model."""
    of_traces = [
        {
            result.period: in_kwh(derivative, trace.unit)
            for result in results
            if result.trace_id == trace.id
            for derivative in result.derivatives
            if derivative.interpretation == interpretation
        }
        for trace in traces
        if trace.interpretation in codes
    ]
    return [pair for pair in of_traces if pair]


def in_kwh(part: Part, unit: str) -> Part:
    """The same energy in kWh."""
    names = [field.name for field in fields(part) if field.name in ENERGIES | DISTANCES]
    return replace(part, **{name: KWH_PER_UNIT[unit] * getattr(part, name) for name in names})


def fractional_bias_error(biases: Sequence[float], savings: Sequence[float]) -> float | None:
    """What the mean biases of models make of savings, as a fraction of their sum (CalTRACK 4.3.2.6.1); None of a sum
    that is nothing.

    Biases and savings are energies of the same periods in one unit: the mean bias MB of each site times its Q days. The
    clause divides the sum of MB^2, the square of an energy a period, by an energy: a figure in kWh, that is another in
    MWh. Times Q and under a root, as in the clause before (4.3.2.5), it is the fraction that it is said to be.
    """
    total = sum(savings)
    return hypot(*biases) / abs(total) if total else None


def add_up(parts: Sequence[Part]) -> Part | None:
    """The sum of some parts that are alike but for their figures; None of none."""
    if not parts:
        return None
    figures = {}
    for field in fields(parts[0]):
        values = [getattr(part, field.name) for part in parts]
        if field.name in ENERGIES | COUNTS:
            figures[field.name] = sum(values)
        elif field.name in DISTANCES:
            figures[field.name] = hypot(*values)
    return replace(parts[0], **figures)


def aggregate_savings(traces: Sequence[Trace], savings: Sequence[TraceSavings]) -> tuple[SavingsAggregation, ...]:
    """The savings of each interpretation, and of all fuels supplied; a sum is of the traces that have them."""
    by_trace = {each.trace_id: each for each in savings}
    aggregations = []
    for name, codes in interpretation_groups(traces):
        chosen = [(t.unit, by_trace[t.id]) for t in traces if t.interpretation in codes and t.id in by_trace]
        if chosen:
            metered = add_up([in_kwh(each.metered, unit) for unit, each in chosen if each.metered])
            normalized = add_up([in_kwh(each.normalized, unit) for unit, each in chosen if each.normalized])
            months = add_up_by_month([in_kwh(month, unit) for unit, each in chosen for month in each.months])
            aggregations.append(SavingsAggregation(name, metered, normalized, months))
    return tuple(aggregations)


def add_up_by_month(parts: Sequence[MonthSavings]) -> tuple[MonthSavings, ...]:
    """The sum of each month, in order of time."""
    sums = (add_up([part for part in parts if part.month == month]) for month in sorted({part.month for part in parts}))
    return tuple(month for month in sums if month)
