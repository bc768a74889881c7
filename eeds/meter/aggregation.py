"""Derivatives and savings added up over the traces of a project, in kWh."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import hypot

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

# The derivatives of one trace in kWh, by the period of the model.
Pair = Mapping[str, Derivative]


def aggregate(traces: Sequence[Trace], results: Sequence[TraceModelResult]) -> tuple[Aggregation, ...]:
    """One aggregation for each interpretation, and one for all fuels supplied, of each derivative that a trace has."""
    return tuple(
        aggregation
        for name, codes in interpretation_groups(traces)
        for derivative in (ANNUALIZED_WEATHER_NORMAL, GROSS_PREDICTED)
        for aggregation in combine(name, derivative, derivative_pairs(traces, results, codes, derivative))
    )


def interpretation_groups(traces: Sequence[Trace]) -> Iterator[tuple[str, Sequence[str]]]:
    """What is added up: a name and the short codes of its traces."""
    present = {trace.interpretation for trace in traces}
    for code, name in INTERPRETATIONS.items():
        if code in present:
            yield name, [code]
    yield ALL_FUELS, SUPPLIED


def derivative_pairs(
    traces: Sequence[Trace], results: Sequence[TraceModelResult], codes: Sequence[str], interpretation: str
) -> list[Pair]:
    """The derivative in kWh of each trace of these codes that has it."""
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


def in_kwh(derivative: Derivative, unit: str) -> Derivative:
    """The same energy in kWh."""
    factor = KWH_PER_UNIT[unit]
    value, upper, lower = (factor * part for part in (derivative.value, derivative.upper, derivative.lower))
    return replace(derivative, value=value, upper=upper, lower=lower)


def combine(name: str, interpretation: str, pairs: Sequence[Pair]) -> list[Aggregation]:
    """One aggregation, or none if no trace has the derivative.

    If some traces have both models, only they are added up: were one trace in the baseline's sum alone, the difference
    of the two sums would show its whole use as savings.
    """
    comparable = [pair for pair in pairs if len(pair) == 2] or pairs
    if not comparable:
        return []
    sides = {period: [pair[period] for pair in comparable if period in pair] for period in (BASELINE, REPORTING)}
    return [Aggregation(name, interpretation, sum_derivatives(sides[BASELINE]), sum_derivatives(sides[REPORTING]))]


def sum_derivatives(derivatives: Sequence[Derivative]) -> Derivative | None:
    """The sum of some, None of none. The errors of different meters are taken as independent, so that distances add up
    in quadrature (CalTRACK 4.3.2.5)."""
    if not derivatives:
        return None
    return Derivative(
        derivatives[0].interpretation,
        value=sum(derivative.value for derivative in derivatives),
        upper=hypot(*[derivative.upper for derivative in derivatives]),
        lower=hypot(*[derivative.lower for derivative in derivatives]),
        n=sum(derivative.n for derivative in derivatives),
    )


def aggregate_savings(traces: Sequence[Trace], savings: Sequence[TraceSavings]) -> tuple[SavingsAggregation, ...]:
    """The savings of each interpretation, and of all fuels supplied; a sum is of the traces that have them."""
    by_trace = {each.trace_id: each for each in savings}
    return tuple(
        SavingsAggregation(name, sum_savings(chosen, "metered"), sum_savings(chosen, "normalized"), sum_months(chosen))
        for name, codes in interpretation_groups(traces)
        if (chosen := [(t.unit, by_trace[t.id]) for t in traces if t.interpretation in codes and t.id in by_trace])
    )


def sum_savings(traces: Sequence[tuple[str, TraceSavings]], kind: str) -> Savings | None:
    """The sum of one kind, with the unit of each trace; None of none. Distances add up as those of derivatives do."""
    parts = [(KWH_PER_UNIT[unit], getattr(savings, kind)) for unit, savings in traces if getattr(savings, kind)]
    if not parts:
        return None
    return Savings(
        value=sum(factor * part.value for factor, part in parts),
        upper=hypot(*[factor * part.upper for factor, part in parts]),
        lower=hypot(*[factor * part.lower for factor, part in parts]),
        n=sum(part.n for _, part in parts),
        baseline=sum(factor * part.baseline for factor, part in parts),
    )


def sum_months(traces: Sequence[tuple[str, TraceSavings]]) -> tuple[MonthSavings, ...]:
    """The sum of each month, with the unit of each trace."""
    parts = [(KWH_PER_UNIT[unit], month) for unit, savings in traces for month in savings.months]
    totals = []
    for first in sorted({month.month for _, month in parts}):
        same = [(factor, month) for factor, month in parts if month.month == first]
        value = sum(factor * month.value for factor, month in same)
        baseline = sum(factor * month.baseline for factor, month in same)
        totals.append(MonthSavings(first, value, sum(month.n for _, month in same), baseline))
    return tuple(totals)
