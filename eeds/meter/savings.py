"""Savings of a trace: what was not used that would have been, in the reporting period and in a normal year."""

from collections.abc import Mapping

import numpy as np

from eeds.meter.arrays import Mask
from eeds.meter.fits import Fit
from eeds.meter.types import BASELINE, REPORTING, MonthSavings, Savings, TraceSavings


def savings_of(trace_id: int, fits: Mapping[str, Fit], confidence_level: float) -> TraceSavings:
    """Both kinds, as far as the models are there; `fits` by period."""
    baseline, reporting = fits.get(BASELINE), fits.get(REPORTING)
    return TraceSavings(
        trace_id,
        metered=metered(baseline, confidence_level) if baseline else None,
        normalized=normalized(baseline, reporting, confidence_level) if baseline and reporting else None,
        months=by_month(baseline) if baseline else (),
    )


def metered(baseline: Fit, confidence_level: float) -> Savings | None:
    """The counterfactual minus what was measured, over the days with a reading and a temperature of what the reporting
    period has as a whole (CalTRACK 4.1); None if there are none."""
    mask = compared(baseline)
    if not mask.any():
        return None
    predicted = baseline.predicted.select(mask)
    counterfactual = float(predicted.energy.sum())
    distance = baseline.statistics.measured_sum(predicted).distance(confidence_level)
    saved = counterfactual - float(baseline.view.cells.energy[mask].sum())
    return Savings(saved, distance, distance, predicted.days, counterfactual)


def compared(baseline: Fit) -> Mask:
    """The cells of the reporting period in which what was measured is compared with the model."""
    view = baseline.view
    return view.compared & ~np.isnan(view.cells.energy) & ~np.isnan(baseline.predicted.energy)


def by_month(baseline: Fit) -> tuple[MonthSavings, ...]:
    """Metered savings by calendar month; a bill counts in each month with the days that it has there."""
    mask = compared(baseline)
    predicted, energy = baseline.predicted.select(mask), baseline.view.cells.energy[mask]
    months, month = np.unique(predicted.dates.astype("datetime64[M]"), return_inverse=True)
    savings = []
    for number, first in enumerate(months):
        there = month == number
        counterfactual = float(predicted.energy[there].sum())
        saved = counterfactual - float(energy[there].sum())
        savings.append(MonthSavings(first.item(), saved, predicted.select(there).days, counterfactual))
    return tuple(savings)


def normalized(baseline: Fit, reporting: Fit, confidence_level: float) -> Savings | None:
    """The difference of both models' predictions for the normal year; None if it has no temperatures."""
    before, after = baseline.normal.present, reporting.normal.present
    if not before.energy.size:
        return None
    spread = baseline.statistics.expected_sum(before).minus(reporting.statistics.expected_sum(after))
    distance, use = spread.distance(confidence_level), float(before.energy.sum())
    return Savings(use - float(after.energy.sum()), distance, distance, before.days, use)
