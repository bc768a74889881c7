"""One run of the meter: a model for each trace and period, what follows from the models, and where it came from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from eeds.meter import sufficiency
from eeds.meter.aggregation import aggregate, aggregate_savings
from eeds.meter.fits import Fit, fit_view
from eeds.meter.models.library import NotFitted, library_version
from eeds.meter.names import INTERPRETATIONS
from eeds.meter.provenance import provenance
from eeds.meter.savings import savings_of
from eeds.meter.settings import MeterSettings
from eeds.meter.time_series import time_series_of
from eeds.meter.types import (
    ANNUALIZED_WEATHER_NORMAL,
    BASELINE,
    GROSS_PREDICTED,
    REPORTING,
    SUCCESS,
    Derivative,
    MeterResult,
    NotModelled,
    Periods,
    Trace,
    TraceModelResult,
    Weather,
)
from eeds.meter.views import View, view_of


@dataclass(frozen=True, eq=False)
class Modelled:
    """A trace with the models that it has, and a result for each period."""

    trace: Trace
    results: Sequence[TraceModelResult]
    view: View | None = None
    fits: Mapping[str, Fit] = field(default_factory=dict)  # by period


def compute(traces: Sequence[Trace], weather: Weather, periods: Periods, settings: MeterSettings) -> MeterResult:
    """Model every trace in both periods; a trace that cannot be modelled leaves the others alone.

    Energies in each trace's own unit, in the aggregations in kWh; upper and lower are distances to the bounds at
    settings.confidence_level. The same input gives the same result. Raises NotModelled if nothing could be modelled.
    """
    modelled = [model_trace(trace, weather, periods, settings) for trace in traces]
    results = [result for each in modelled for result in each.results]
    if all(result.status != SUCCESS for result in results):
        raise NotModelled(explain_no_model(traces, results))
    savings = [savings_of(each.trace.id, each.fits, settings.confidence_level) for each in modelled]
    return MeterResult(
        library_version(),
        tuple(results),
        aggregate(traces, results),
        tuple(savings),
        aggregate_savings(traces, savings),
        tuple(
            time_series_of(each.view, each.fits, settings.confidence_level)
            for each in modelled
            if each.view is not None and each.fits
        ),
        provenance(traces, weather, periods, settings),
    )


def explain_no_model(traces: Sequence[Trace], results: Sequence[TraceModelResult]) -> str:
    """Why there is no model at all."""
    if not traces:
        return "The project has no traces; add consumption metadata with records to it."
    names = {trace.id: f"Trace {trace.id} ({INTERPRETATIONS[trace.interpretation]})" for trace in traces}
    lines = [f"{names[result.trace_id]}, {result.period} period: {result.status}" for result in results]
    return "\n".join(["No trace could be modelled.", *lines])


def model_trace(trace: Trace, weather: Weather, periods: Periods, settings: MeterSettings) -> Modelled:
    """The baseline and the reporting model of a trace."""
    records = sufficiency.enough_records(len(trace.start))
    if not records.passed:
        why = sufficiency.status_of([records], ignorable=False)
        return Modelled(trace, [TraceModelResult(trace.id, period, why) for period in (BASELINE, REPORTING)])
    view = view_of(trace, weather, periods, settings)
    results, fits = [], {}
    for period, target in view.targets.items():
        try:
            fits[period] = fit_view(view, target, weather, settings)
        except NotFitted as reason:
            results.append(TraceModelResult(trace.id, period, str(reason)))
        else:
            results.append(model_result(trace, period, fits[period], settings.confidence_level))
    return Modelled(trace, results, view, fits)


def model_result(trace: Trace, period: str, fit: Fit, confidence_level: float) -> TraceModelResult:
    """The result of a trace and period that were fitted."""
    statistics = fit.statistics
    distance = statistics.point_distance(confidence_level)
    return TraceModelResult(
        trace.id,
        period,
        SUCCESS,
        r2=statistics.r2,
        rmse=statistics.rmse,
        cvrmse=statistics.cvrmse,
        upper=distance,
        lower=distance,
        n=statistics.n,
        model_json=fit.model.to_json(),
        derivatives=tuple(derivatives(fit, confidence_level)),
    )


def derivatives(fit: Fit, confidence_level: float) -> Iterator[Derivative]:
    """The model's sums over the normal year and the reporting period, whichever of them has temperatures.

    The energy of the normal year is an expectation; that of the reporting period is compared with what was measured.
    """
    statistics = fit.statistics
    for interpretation, predicted, spread_of in (
        (ANNUALIZED_WEATHER_NORMAL, fit.normal, statistics.expected_sum),
        (GROSS_PREDICTED, fit.predicted.select(fit.view.reporting), statistics.measured_sum),
    ):
        there = predicted.present
        if there.energy.size:
            distance = spread_of(there).distance(confidence_level)
            yield Derivative(interpretation, float(there.energy.sum()), distance, distance, there.days)
