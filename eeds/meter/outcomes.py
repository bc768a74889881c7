"""What follows from the models of a trace: sums of predictions, savings in the reporting period and in a normal year,
and the rows of what was used and predicted."""

from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np

from eeds.meter.arrays import Indexes, Mask, Numbers, totals
from eeds.meter.fit_quality import GUIDELINE_14
from eeds.meter.fits import Fit
from eeds.meter.series import Series
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
from eeds.meter.uncertainty import DAY_HOURS, FitStatistics


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
    for interpretation, predicted, spread_of in (
        (ANNUALIZED_WEATHER_NORMAL, fit.normal, fit.statistics.expected_sum),
        (GROSS_PREDICTED, fit.predicted.select(fit.view.reporting), statistics_of_reporting(fit).measured_sum),
    ):
        there = predicted.present
        if there.energy.size:
            lower, upper = spread_of(there).distances(confidence_level)
            yield Derivative(interpretation, float(there.energy.sum()), upper, lower, there.days)


def statistics_of_reporting(fit: Fit) -> FitStatistics:
    """Those of the fit, with the noise of the days of the reporting period that it was not fitted to."""
    mask = comparable(fit) & ~np.isin(fit.view.cells.dates, fit.statistics.fitted.dates)
    return fit.statistics.with_window(fit.predicted.select(mask), fit.view.cells.energy[mask])


def comparable(fit: Fit) -> Mask:
    """The cells with a reading and a temperature of what the reporting period has as a whole (CalTRACK 4.1)."""
    return fit.view.compared & ~np.isnan(fit.view.cells.energy) & ~np.isnan(fit.predicted.energy)


def savings_of(trace_id: int, fits: Mapping[str, Fit], confidence_level: float) -> TraceSavings:
    """Both kinds, as far as the models are there; `fits` by period."""
    baseline, reporting = fits.get(BASELINE), fits.get(REPORTING)
    if baseline is None:
        return TraceSavings(trace_id, None, None)
    metered, months = metered_savings(baseline, confidence_level)
    normalized = normalized_savings(baseline, reporting, confidence_level) if reporting else None
    return TraceSavings(trace_id, metered, normalized, months, baseline.target.name)


def metered_savings(baseline: Fit, confidence_level: float) -> tuple[Savings | None, tuple[MonthSavings, ...]]:
    """The counterfactual minus what was measured, over the comparable cells, in all and by calendar month; None if
    there are none. A bill counts in each month with the days that it has there."""
    mask = comparable(baseline)
    if not mask.any():
        return None, ()
    predicted, measured = baseline.predicted.select(mask), baseline.view.cells.energy[mask]
    statistics = statistics_of_reporting(baseline)
    months, month = np.unique(predicted.dates.astype("datetime64[M]"), return_inverse=True)
    by_month = tuple(
        month_savings(first.item(), statistics, predicted, measured, month - number, confidence_level)
        for number, first in enumerate(months)
    )
    counterfactual, spread = float(predicted.energy.sum()), statistics.measured_sum(predicted)
    lower, upper = spread.distances(confidence_level)
    saved = counterfactual - float(measured.sum())
    return Savings(saved, upper, lower, predicted.days, counterfactual, spread), by_month


def month_savings(
    first: date,
    statistics: FitStatistics,
    predicted: Series,
    measured: Numbers,
    month: Indexes,
    confidence_level: float,
) -> MonthSavings:
    """Those of the cells whose month is 0, with the bounds of their sum with the cells before."""
    there = month == 0
    own, until = predicted.select(there), predicted.select(month <= 0)
    counterfactual = float(own.energy.sum())
    return MonthSavings.of(
        first,
        (counterfactual - float(measured[there].sum()), own.days, counterfactual),
        statistics.measured_sum(own),
        statistics.measured_sum(until),
        confidence_level,
    )


def normalized_savings(baseline: Fit, reporting: Fit, confidence_level: float) -> Savings | None:
    """The difference of both models' predictions for the normal year; None if it has no temperatures."""
    before, after = baseline.normal.present, reporting.normal.present
    if not before.energy.size:
        return None
    own, other = statistics_of_reporting(baseline), reporting.statistics
    own, other = own.with_noise(other.noise), other.with_noise(own.noise)
    spread = own.expected_sum(before).minus(other.expected_sum(after))
    (lower, upper), use = spread.distances(confidence_level), float(before.energy.sum())
    return Savings(use - float(after.energy.sum()), upper, lower, before.days, use, spread)


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
