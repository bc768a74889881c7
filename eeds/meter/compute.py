"""One run of the meter: a model for each trace and period, what follows from the models, and where it came from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from eeds.meter import sufficiency
from eeds.meter.aggregation import aggregate
from eeds.meter.days import Numbers
from eeds.meter.models import DailyModel, NotFitted, daily_limits, fit_daily, library_version
from eeds.meter.names import INTERPRETATIONS, is_electricity_consumption
from eeds.meter.provenance import provenance
from eeds.meter.series import Mask, Series, TraceDays, normal_year, trace_days
from eeds.meter.settings import MeterSettings
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
from eeds.meter.uncertainty import FitStatistics, fit_statistics


@dataclass(frozen=True)
class Fit:
    """A model with its statistics."""

    model: DailyModel
    statistics: FitStatistics
    confidence_level: float


def compute(traces: Sequence[Trace], weather: Weather, periods: Periods, settings: MeterSettings) -> MeterResult:
    """Model every trace in both periods; a trace that cannot be modelled leaves the others alone.

    Energies in each trace's own unit, in the aggregations in kWh; upper and lower are distances to the bounds at
    settings.confidence_level. The same input gives the same result. Raises NotModelled if nothing could be modelled.
    """
    normal = normal_year(weather, settings.timezone)
    results = [result for trace in traces for result in model_trace(trace, weather, normal, periods, settings)]
    if all(result.status != SUCCESS for result in results):
        raise NotModelled(explain(traces, results))
    return MeterResult(
        library_version(),
        tuple(results),
        aggregate(traces, results),
        provenance=provenance(traces, weather, periods, settings),
    )


def explain(traces: Sequence[Trace], results: Sequence[TraceModelResult]) -> str:
    """Why there is no model at all."""
    if not traces:
        return "The project has no traces; add consumption metadata with records to it."
    names = {trace.id: f"Trace {trace.id} ({INTERPRETATIONS[trace.interpretation]})" for trace in traces}
    lines = [f"{names[result.trace_id]}, {result.period} period: {result.status}" for result in results]
    return "\n".join(["No trace could be modelled.", *lines])


def model_trace(
    trace: Trace, weather: Weather, normal: Series, periods: Periods, settings: MeterSettings
) -> Iterator[TraceModelResult]:
    """The baseline and the reporting model of a trace."""
    if len(trace.start) < 2:
        for period in (BASELINE, REPORTING):
            yield TraceModelResult(trace.id, period, sufficiency.too_few_records(len(trace.start)))
        return
    days = trace_days(trace, weather, periods, settings)
    for period, mask in ((BASELINE, days.baseline), (REPORTING, days.reporting_model)):
        try:
            fit = fit_period(trace, days, mask, settings)
        except NotFitted as reason:
            yield TraceModelResult(trace.id, period, str(reason))
        else:
            yield describe(trace, period, fit, days, normal)


def fit_period(trace: Trace, days: TraceDays, mask: Mask, settings: MeterSettings) -> Fit:
    """The model of the days in a mask; raises NotFitted with the status of the trace."""
    in_period = mask[days.day_of_reading]
    series = days.series.select(mask)
    require(sufficiency.obstacle(trace.start[:-1][in_period], trace.value[:-1][in_period], series))
    if not settings.ignore_disqualification:
        require(sufficiency.of_baseline(series, trace.interpretation, daily_limits()), ignorable=True)
    model = fit_daily(
        series,
        is_electricity=is_electricity_consumption(trace.interpretation),
        ignore_poor_fit=settings.ignore_disqualification,
    )
    predicted = model.predict(series.dates, series.temperature)
    return Fit(model, fit_statistics(series.energy, predicted, model.parameters), settings.confidence_level)


def require(criteria: Sequence[sufficiency.Criterion], *, ignorable: bool = False) -> None:
    """Raises NotFitted with those that are not met."""
    failed = [criterion for criterion in criteria if not criterion.passed]
    if failed:
        raise NotFitted(sufficiency.status(failed, ignorable=ignorable))


def describe(trace: Trace, period: str, fit: Fit, days: TraceDays, normal: Series) -> TraceModelResult:
    """A fit in the terms of a result."""
    statistics = fit.statistics
    distance = statistics.point_distance(fit.confidence_level)
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
        derivatives=tuple(derivatives(fit, days.series.select(days.reporting), normal)),
    )


def derivatives(fit: Fit, reporting: Series, normal: Series) -> Iterator[Derivative]:
    """What the model says of the normal year and of the reporting period, whichever of them has temperatures.

    The energy of the normal year is an expectation; that of the reporting period is compared with what was measured.
    """
    statistics = fit.statistics
    for interpretation, series, distance_of in (
        (ANNUALIZED_WEATHER_NORMAL, normal, statistics.expected_sum_distance),
        (GROSS_PREDICTED, reporting, statistics.measured_sum_distance),
    ):
        predicted = present(fit.model, series)
        if predicted.size:
            distance = distance_of(predicted.size, fit.confidence_level)
            yield Derivative(interpretation, float(predicted.sum()), distance, distance, predicted.size)


def present(model: DailyModel, series: Series) -> Numbers:
    """The model's prediction of the days that have a temperature."""
    if np.all(np.isnan(series.temperature)):
        return np.empty(0)
    predicted = model.predict(series.dates, series.temperature)
    return predicted[~np.isnan(predicted)]
