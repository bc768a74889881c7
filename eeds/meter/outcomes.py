"""What follows from the models of a trace: sums of predictions, savings in the reporting period and in a normal year,
and the rows of what was used and predicted."""

from collections.abc import Iterator, Mapping

import numpy as np

from eeds.meter.arrays import totals
from eeds.meter.fit_quality import GUIDELINE_14
from eeds.meter.fits import Fit
from eeds.meter.settings import BILLING, HOURLY
from eeds.meter.types import (
    ANNUALIZED_WEATHER_NORMAL,
    BASELINE,
    GROSS_PREDICTED,
    REPORTING,
    SUCCESS,
    Derivative,
    MonthSavings,
    Savings,
    TimeSeries,
    TraceModelResult,
    TraceSavings,
)
from eeds.meter.uncertainty import DAY_HOURS


def model_result(period: str, fit: Fit, confidence_level: float) -> TraceModelResult:
    """The result of a trace in a period for which it was fitted."""
    statistics = fit.statistics
    distance = statistics.point_distance(confidence_level)
    model = fit.view.targets[period].model
    limits = GUIDELINE_14.get(model)
    return TraceModelResult(
        fit.view.trace.id,
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
        nmbe=statistics.nmbe,
        nmbe_limit=limits.nmbe if limits else None,
        cvrmse_limit=limits.cvrmse if limits else None,
        mean_bias=statistics.bias * (DAY_HOURS if model == HOURLY else 1),
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


def savings_of(trace_id: int, fits: Mapping[str, Fit], confidence_level: float) -> TraceSavings:
    """Both kinds, as far as the models are there; `fits` by period."""
    baseline, reporting = fits.get(BASELINE), fits.get(REPORTING)
    metered, months = metered_savings(baseline, confidence_level) if baseline else (None, ())
    normalized = normalized_savings(baseline, reporting, confidence_level) if baseline and reporting else None
    return TraceSavings(trace_id, metered, normalized, months)


def metered_savings(baseline: Fit, confidence_level: float) -> tuple[Savings | None, tuple[MonthSavings, ...]]:
    """The counterfactual minus what was measured, over the days with a reading and a temperature of what the reporting
    period has as a whole (CalTRACK 4.1), in all and by calendar month; None if there are none. A bill counts in each
    month with the days that it has there."""
    view = baseline.view
    mask = view.compared & ~np.isnan(view.cells.energy) & ~np.isnan(baseline.predicted.energy)
    if not mask.any():
        return None, ()
    predicted, measured = baseline.predicted.select(mask), view.cells.energy[mask]
    months, month = np.unique(predicted.dates.astype("datetime64[M]"), return_inverse=True)
    by_month = []
    for number, first in enumerate(months):
        there = month == number
        counterfactual = float(predicted.energy[there].sum())
        saved = counterfactual - float(measured[there].sum())
        by_month.append(MonthSavings(first.item(), saved, predicted.select(there).days, counterfactual))
    counterfactual = float(predicted.energy.sum())
    distance = baseline.statistics.measured_sum(predicted).distance(confidence_level)
    saved = counterfactual - float(measured.sum())
    return Savings(saved, distance, distance, predicted.days, counterfactual), tuple(by_month)


def normalized_savings(baseline: Fit, reporting: Fit, confidence_level: float) -> Savings | None:
    """The difference of both models' predictions for the normal year; None if it has no temperatures."""
    before, after = baseline.normal.present, reporting.normal.present
    if not before.energy.size:
        return None
    spread = baseline.statistics.expected_sum(before).minus(reporting.statistics.expected_sum(after))
    distance, use = spread.distance(confidence_level), float(before.energy.sum())
    return Savings(use - float(after.energy.sum()), distance, distance, before.days, use)


def time_series_of(fits: Mapping[str, Fit], confidence_level: float) -> TimeSeries:
    """The rows that touch a period or lie between the two, with the models that are there; `fits` by period, at least
    one."""
    view = next(iter(fits.values())).view
    shown = view.shown & (view.row >= 0)
    models = {target.model for target in view.targets.values()}
    _, begin, row, cells = np.unique(view.row[shown], return_index=True, return_inverse=True, return_counts=True)
    nothing = np.full(len(view.row), np.nan)
    baseline, reporting = (
        totals(row, (fits[period].predicted.energy if period in fits else nothing)[shown])
        for period in (BASELINE, REPORTING)
    )
    distance = fits[BASELINE].statistics.point_distance(confidence_level) * cells if BASELINE in fits else np.nan
    return TimeSeries(
        view.trace.id,
        BILLING if BILLING in models else models.pop(),  # if one period has bills, the rows of the other are days
        start=view.cells.start[shown][begin],
        observed=totals(row, view.cells.energy[shown]),
        temperature=totals(row, view.cells.temperature[shown]) / cells,
        baseline=baseline,
        lower=baseline - distance,
        upper=baseline + distance,
        reporting=reporting,
    )
