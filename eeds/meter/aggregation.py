"""Derivatives and savings added up over the traces of a project, in kWh."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from math import hypot
from typing import TypeVar

from eeds.meter.names import ALL_FUELS, INTERPRETATIONS, KWH_PER_UNIT, SUPPLIED
from eeds.meter.spread import add_spreads
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
ENERGIES = {"value", "baseline", "upper", "lower", "cumulative_upper", "cumulative_lower"}
SPREADS = {"spread", "cumulative_spread"}


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
    kwh, figures = KWH_PER_UNIT[unit], {}
    for field in fields(part):
        value = getattr(part, field.name)
        if field.name in ENERGIES:
            figures[field.name] = kwh * value
        elif field.name in SPREADS and value is not None:
            figures[field.name] = value.times(kwh)
    return replace(part, **figures)


def fractional_bias_error(biases: Sequence[float], savings: Sequence[float]) -> float | None:
    """What the mean biases of models make of savings, as a fraction of their sum (CalTRACK 4.3.2.6.1); None of a sum
    that is nothing.

    Biases and savings are energies of the same periods in one unit: the mean bias MB of each site times its Q days. The
    clause divides the sum of MB^2, the square of an energy a period, by an energy: a figure in kWh, that is another in
    MWh. Times Q and under a root, as in the clause before (4.3.2.5), it is the fraction that it is said to be.
    """
    total = sum(savings)
    return hypot(*biases) / abs(total) if total else None


def add_up(parts: Sequence[Derivative]) -> Derivative | None:
    """The sum of derivatives, None of none. The errors of different meters are taken as independent, so that distances
    add up in quadrature (CalTRACK 4.3.2.5)."""
    if not parts:
        return None
    return Derivative(
        parts[0].interpretation,
        value=sum(part.value for part in parts),
        upper=hypot(*(part.upper for part in parts)),
        lower=hypot(*(part.lower for part in parts)),
        n=sum(part.n for part in parts),
    )


def aggregate_savings(
    traces: Sequence[Trace], savings: Sequence[TraceSavings], confidence_level: float
) -> tuple[SavingsAggregation, ...]:
    """The savings of each interpretation, and of all fuels supplied; a sum is of the traces that have them. Errors add
    up as eeds.meter.spread says."""
    by_trace = {each.trace_id: each for each in savings}
    aggregations = []
    for name, codes in interpretation_groups(traces):
        chosen = [(t.unit, by_trace[t.id]) for t in traces if t.interpretation in codes and t.id in by_trace]
        if chosen:
            metered = [(each.model, in_kwh(each.metered, unit)) for unit, each in chosen if each.metered]
            normalized = [(each.model, in_kwh(each.normalized, unit)) for unit, each in chosen if each.normalized]
            months = [(each.model, [in_kwh(month, unit) for month in each.months]) for unit, each in chosen]
            aggregations.append(
                SavingsAggregation(
                    name,
                    add_up_savings(metered, confidence_level),
                    add_up_savings(normalized, confidence_level),
                    add_up_by_month(months, confidence_level),
                    "+".join(sorted({model for model, _ in metered})),
                )
            )
    return tuple(aggregations)


def add_up_savings(parts: Sequence[tuple[str, Savings]], confidence_level: float) -> Savings | None:
    """The sum of savings, each with the model that they were found with; None of none."""
    if not parts:
        return None
    spread = add_spreads((model, part.spread) for model, part in parts if part.spread)
    lower, upper = spread.distances(confidence_level)
    value, baseline = (sum(getattr(part, name) for _, part in parts) for name in ("value", "baseline"))
    return Savings(value, upper, lower, sum(part.n for _, part in parts), baseline, spread)


def add_up_by_month(
    parts: Sequence[tuple[str, Sequence[MonthSavings]]], confidence_level: float
) -> tuple[MonthSavings, ...]:
    """The sum of each month, in order of time, of months by the traces with their models."""
    every = sorted({month.month for _, months in parts for month in months})
    return tuple(add_up_month(month, parts, confidence_level) for month in every)


def add_up_month(
    month: date, parts: Sequence[tuple[str, Sequence[MonthSavings]]], confidence_level: float
) -> MonthSavings:
    """The sum of a month. What a trace has saved until then it has saved until its last month before."""
    own = [(model, part) for model, months in parts for part in months if part.month == month]
    before = [(model, [part for part in months if part.month <= month]) for model, months in parts]
    return MonthSavings.of(
        month,
        (sum(part.value for _, part in own), sum(part.n for _, part in own), sum(part.baseline for _, part in own)),
        add_spreads((model, part.spread) for model, part in own),
        add_spreads((model, months[-1].cumulative_spread) for model, months in before if months),
        confidence_level,
    )
