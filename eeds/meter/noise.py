"""The noise that a model leaves: how much a sum of many days of it varies."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import f as fisher  # type: ignore[import-untyped]

from eeds.meter.arrays import Numbers

WEEK = 7
# Days whose sums are independent of each other though noise lasts for weeks; a year has just enough for a variance.
LASTING = 42
# Correlation that leaves no information at all would make every width infinite.
MAX_AUTOCORRELATION = 0.99
# Weeks must be as much noisier than days let expect as would be chance once in twenty times.
SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Noise:
    """What a model does not explain, as far as it matters to sums of many days."""

    variance: float  # of a sum, for each day of it: v
    freedom: float  # how well that is known, in degrees of freedom of Student's t
    effective_n: float  # P', days (of bills: bills) that are independent of each other


def noise_of_days(residuals: Numbers, parameters: float) -> Noise:
    """Noise from consecutive days, NaN where one was not fitted: AR(1), unless that is too little for their weeks.

    Noise that lasts, such as weeks in which a building is used more than usual, makes weeks vary more than AR(1) days
    would. If they prove it (F test), the noise is taken from sums that are long enough to be independent of each other.
    There are few of those in a year, so that they know it less well.
    """
    days = autoregressive(residuals, parameters)
    weeks = autoregressive(sums(residuals, WEEK), parameters / WEEK)
    if (
        not days.variance
        or fisher.sf(weeks.variance / WEEK / days.variance, weeks.freedom, days.freedom) > SIGNIFICANCE
    ):
        return days
    lasting = sums(residuals, LASTING)
    lasting = lasting[~np.isnan(lasting)]
    # the sum of them all is next to nothing, for the fit made it so
    freedom, n = max(len(lasting) - 1, 1), int(np.count_nonzero(~np.isnan(residuals)))
    variance = float(np.sum(lasting**2)) / LASTING / freedom * n / max(n - parameters, 1)
    return Noise(variance, freedom, days.effective_n) if variance > days.variance else days


def sums(residuals: Numbers, days: int) -> Numbers:
    """Of so many days each; scaled to all of them if most are there, NaN if not."""
    rows = residuals[: len(residuals) // days * days].reshape(-1, days)
    there = np.count_nonzero(~np.isnan(rows), axis=1)
    return np.where(there > days / 2, np.nansum(rows, axis=1) * days / np.maximum(there, 1), np.nan)


def autoregressive(residuals: Numbers, parameters: float) -> Noise:
    """AR(1) noise of consecutive rows of one length; the variance for each row of a sum.

    log v = log(variance of the shocks) - 2 log(1 - rho) has the variance 2/P + 4/P', which is that of chi squared with
    P / (1 + 2 P/P') degrees of freedom.
    """
    n, rho = int(np.count_nonzero(~np.isnan(residuals))), autocorrelation(residuals)
    if n == 0:
        return Noise(0.0, 1.0, 1.0)
    effective = n * (1 - rho) / (1 + rho)
    square = float(np.nansum(residuals**2)) / max(n - parameters, 1)
    return Noise(
        variance=square * n / effective * (1 + 2 / effective),
        freedom=max(n / (1 + 2 * n / effective), 1.0),
        effective_n=effective,
    )


def noise_of_bills(residuals: Numbers, lengths: Numbers, parameters: int) -> Noise:
    """Noise of bills, which are long enough to be independent of each other, its variance in proportion to their
    lengths."""
    freedom = max(len(residuals) - parameters, 1)
    return Noise(float(np.sum(residuals**2 / lengths)) / freedom, freedom, len(residuals))


def autocorrelation(residuals: Numbers) -> float:
    """Lag-1 autocorrelation over the pairs of consecutive rows that are both there, from 0 to MAX_AUTOCORRELATION.

    What the sample has too little of is added (Kendall 1954: its expectation is rho - (1 + 4 rho) / n); a negative one
    is taken as none, for it would promise more information than there are rows.
    """
    products = residuals[1:] * residuals[:-1]
    pairs = np.count_nonzero(~np.isnan(products))
    if pairs == 0 or not np.nansum(residuals**2):
        return 0.0
    rho = np.nansum(products) / pairs / np.nanmean(residuals**2)
    return float(np.clip(rho + (1 + 4 * rho) / pairs, 0.0, MAX_AUTOCORRELATION))
