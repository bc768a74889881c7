"""Savings of a trace: what was not used that would have been, in the reporting period and in a normal year."""

from collections.abc import Mapping

import numpy as np

from eeds.meter.fits import Fit
from eeds.meter.types import BASELINE, REPORTING, Savings, TraceSavings


def savings_of(trace_id: int, fits: Mapping[str, Fit], confidence_level: float) -> TraceSavings:
    """Both kinds, as far as the models are there; `fits` by period."""
    baseline, reporting = fits.get(BASELINE), fits.get(REPORTING)
    return TraceSavings(
        trace_id,
        metered=metered(baseline, confidence_level) if baseline else None,
        normalized=normalized(baseline, reporting, confidence_level) if baseline and reporting else None,
    )


def metered(baseline: Fit, confidence_level: float) -> Savings | None:
    """The counterfactual minus what was measured, over the days with a reading and a temperature of what the reporting
    period has as a whole (CalTRACK 4.1); None if there are none."""
    view = baseline.view
    mask = view.compared & ~np.isnan(view.cells.energy) & ~np.isnan(baseline.predicted.energy)
    if not mask.any():
        return None
    predicted = baseline.predicted.select(mask)
    counterfactual = float(predicted.energy.sum())
    distance = baseline.statistics.measured_sum(predicted).distance(confidence_level)
    saved = counterfactual - float(view.cells.energy[mask].sum())
    return Savings(saved, distance, distance, predicted.days, counterfactual)


def normalized(baseline: Fit, reporting: Fit, confidence_level: float) -> Savings | None:
    """The difference of what both models say of the normal year; None if it has no temperatures."""
    before, after = baseline.normal.present, reporting.normal.present
    if not before.energy.size:
        return None
    spread = baseline.statistics.expected_sum(before).minus(reporting.statistics.expected_sum(after))
    distance, use = spread.distance(confidence_level), float(before.energy.sum())
    return Savings(use - float(after.energy.sum()), distance, distance, before.days, use)
