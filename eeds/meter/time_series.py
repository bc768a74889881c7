"""What a trace used and what its models predict, row by row: days, hours, or billing periods."""

from collections.abc import Mapping

import numpy as np

from eeds.meter.arrays import Numbers
from eeds.meter.fits import Fit
from eeds.meter.settings import BILLING
from eeds.meter.types import BASELINE, REPORTING, TimeSeries
from eeds.meter.views import View


def time_series_of(view: View, fits: Mapping[str, Fit], confidence_level: float) -> TimeSeries:
    """The rows that touch a period or lie between the two, with the models that are there; `fits` by period."""
    shown = view.shown & (view.row >= 0)
    _, begin, row, cells = np.unique(view.row[shown], return_index=True, return_inverse=True, return_counts=True)

    def total(values: Numbers) -> Numbers:
        return np.bincount(row, values[shown], minlength=len(cells)).astype(np.float64)

    nothing = np.full(len(view.row), np.nan)
    baseline, reporting = (
        total(fits[period].predicted.energy if period in fits else nothing) for period in (BASELINE, REPORTING)
    )
    distance = fits[BASELINE].statistics.point_distance(confidence_level) * cells if BASELINE in fits else np.nan
    return TimeSeries(
        view.trace.id,
        resolution(view.models),
        start=view.cells.start[shown][begin],
        observed=total(view.cells.energy),
        temperature=total(view.cells.temperature) / cells,
        baseline=baseline,
        lower=baseline - distance,
        upper=baseline + distance,
        reporting=reporting,
    )


def resolution(models: set[str]) -> str:
    """Of rows that are all days or hours, or some of them bills."""
    return BILLING if BILLING in models else models.pop()
