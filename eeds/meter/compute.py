"""One run of the meter: a model for each trace and period, what follows from the models, and where it came from."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from eeds.meter import sufficiency
from eeds.meter.aggregation import aggregate, aggregate_savings
from eeds.meter.fits import Fit, fit_view
from eeds.meter.kept import NOTHING_KEPT, Kept
from eeds.meter.models.library import NotFitted, library_version
from eeds.meter.names import INTERPRETATIONS
from eeds.meter.outcomes import model_result, savings_of, time_series_of
from eeds.meter.provenance import provenance
from eeds.meter.settings import MeterSettings
from eeds.meter.types import (
    BASELINE,
    REPORTING,
    SUCCESS,
    MeterResult,
    NotModelled,
    Periods,
    Trace,
    TraceModelResult,
    Weather,
)
from eeds.meter.views import view_of


def compute(
    traces: Sequence[Trace], weather: Weather, periods: Periods, settings: MeterSettings, kept: Kept = NOTHING_KEPT
) -> MeterResult:
    """Model every trace in both periods; a trace that cannot be modelled leaves the others alone.

    Energies in each trace's own unit, in the aggregations in kWh; upper and lower are distances to the bounds at
    settings.confidence_level. The same input gives the same result, whatever fits of earlier ones were
    kept. Raises NotModelled if nothing could be modelled.
    """
    results: list[TraceModelResult] = []
    savings, series, origins = [], [], []
    for trace in traces:
        results_of_trace, fits = model_trace(trace, weather, periods, settings, kept)
        results += results_of_trace
        savings.append(savings_of(trace.id, fits, settings.confidence_level))
        origins += [origin_of(trace.id, period, fit) for period, fit in fits.items()]
        if fits:
            series.append(time_series_of(fits, settings.confidence_level))
    if all(result.status != SUCCESS for result in results):
        raise NotModelled(explain_no_model(traces, results))
    return MeterResult(
        library_version(),
        tuple(results),
        aggregate(traces, results),
        tuple(savings),
        aggregate_savings(traces, savings, settings.confidence_level),
        tuple(series),
        {**provenance(traces, weather, periods, settings), "fits": origins},
    )


def origin_of(trace_id: int, period: str, fit: Fit) -> dict[str, Any]:
    """Which model a fit is of, by which clauses; what it came from, so that a later run finds it; and of a robust one
    how far its copies lie apart."""
    own = {"energy_trace": trace_id, "period": period, "model": fit.target.name, "sha256": fit.key}
    if fit.model.clauses:
        own["clauses"] = fit.model.clauses
    return own if fit.numerical_spread is None else {**own, "numerical_spread": fit.numerical_spread}


def explain_no_model(traces: Sequence[Trace], results: Sequence[TraceModelResult]) -> str:
    """Why there is no model at all."""
    if not traces:
        return "The project has no traces; add consumption metadata with records to it."
    names = {trace.id: f"Trace {trace.id} ({INTERPRETATIONS[trace.interpretation]})" for trace in traces}
    lines = [f"{names[result.trace_id]}, {result.period} period: {result.status}" for result in results]
    return "\n".join(["No trace could be modelled.", *lines])


def model_trace(
    trace: Trace, weather: Weather, periods: Periods, settings: MeterSettings, kept: Kept
) -> tuple[list[TraceModelResult], dict[str, Fit]]:
    """The result of a trace for each period, and by period the models that it has."""
    records = sufficiency.enough_records(len(trace.start))
    if not records.passed:
        why = sufficiency.status_of([records], ignorable=False)
        return [TraceModelResult(trace.id, period, why) for period in (BASELINE, REPORTING)], {}
    view = view_of(trace, weather, periods, settings)
    results, fits = [], {}
    for period, target in view.targets.items():
        criteria = sufficiency.criteria(view, target)
        try:
            fits[period] = fit_view(view, target, criteria, weather, settings, kept)
        except NotFitted as reason:
            found = TraceModelResult(trace.id, period, str(reason))
        else:
            found = model_result(period, fits[period], settings.confidence_level)
        flags = sufficiency.flags_of(criteria, fitted=period in fits)
        results.append(replace(found, model=target.name, flags=flags))
    return results, fits
