"""How good a fit must be, and what ASHRAE Guideline 14 would ask of it."""

from dataclasses import dataclass

import numpy as np

from eeds.meter.arrays import Numbers
from eeds.meter.limits import Limits
from eeds.meter.models.library import NotFitted
from eeds.meter.settings import BILLING, HOURLY
from eeds.meter.uncertainty import FitStatistics

BACKWARDS = "RMSE over interquartile range, for readings that are also negative"
EXPLAINED = (
    "Temperature does not explain this use: look for outliers, or set ignore_disqualification to have the model all "
    "the same."
)


@dataclass(frozen=True)
class Guideline14:
    """The limits of a model that is compared with monthly or hourly data, as shares of the mean use."""

    nmbe: float  # of the absolute value
    cvrmse: float


# ASHRAE Guideline 14-2002, 5.3.2.4 f, and word for word in the edition of 2014: "The computer model shall have an NMBE
# of 5% and a CV(RMSE) of 15% relative to monthly calibration data. If hourly calibration data are used, these
# requirements shall be 10% and 30%, respectively." It has none for days.
GUIDELINE_14 = {BILLING: Guideline14(nmbe=0.05, cvrmse=0.15), HOURLY: Guideline14(nmbe=0.10, cvrmse=0.30)}


def require_good_fit(statistics: FitStatistics, measured: Numbers, cvrmse_threshold: float, limits: Limits) -> None:
    """Raises NotFitted if CVRMSE is above the threshold (CalTRACK 4.3.2.1).

    Where a meter also counts backwards, the mean of what it counts says nothing of how much that is. There the RMSE is
    held against the interquartile range of what was measured, as the library does, by the library's own threshold.
    """
    if np.nanmin(measured) >= 0:
        check("CVRMSE", statistics.cvrmse, cvrmse_threshold)
        return
    lower, upper = np.nanquantile(measured, [0.25, 0.75])
    over_range = statistics.rmse / float(upper - lower) if upper > lower else None
    check(BACKWARDS, over_range, limits.rmse_over_iqr)


def check(name: str, measured: float | None, required: float) -> None:
    """Raises NotFitted if a figure of a fit is undefined or too large."""
    if measured is None or not measured <= required:
        found = "undefined" if measured is None else f"{measured:.2f}"
        raise NotFitted(f"POOR FIT: {name} (measured {found}, required at most {required:g}). {EXPLAINED}")
