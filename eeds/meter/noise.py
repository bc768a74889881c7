"""The noise that a model leaves: how much a sum of many days of it varies."""

from dataclasses import dataclass, replace

import numpy as np

from eeds.meter.arrays import Numbers
from eeds.meter.series import Series
from eeds.meter.spread import COSINES

# Correlation that leaves no information at all would make every width infinite.
MAX_AUTOCORRELATION = 0.99
YEAR = 365
# A fit takes the slowest swings of a year for weather, which has the same.
SLOWEST, LONG = 2, 200
LEAST_COSINES = 4
# Days of a window that tell its noise from what was saved.
LEAST_WINDOW = 80
# Balance points, degrees Fahrenheit, for what savings depend on.
HEAT_BELOW, COOL_ABOVE = 60.0, 65.0
MONDAY, SATURDAY, WEEK = 3, 5, 7  # day 0 of numpy's calendar was a Thursday


@dataclass(frozen=True, eq=False)
class Noise:
    """What a model does not explain, as far as it matters to sums of many days."""

    variance: float  # of a sum, for each day of it: v
    freedom: float  # how well that is known, in degrees of freedom of Student's t
    effective_n: float  # P', days (of bills: bills) that are independent of each other
    pattern: tuple[float, ...] = ()  # of its cosines, with their signs; their squares add up to 1
    freedom_of_days: float | None = None  # how well the variance of single days is known, if it is not the same


def noise_of_days(residuals: Numbers, parameters: float) -> Noise:
    """Noise from consecutive days, NaN where one was not fitted: AR(1), unless its slow swings are larger."""
    days, swings = autoregressive(residuals, parameters), cosines(residuals, parameters)
    slow = Noise(mean_square(swings), max(len(swings), 1), days.effective_n, freedom_of_days=days.freedom)
    return with_pattern(slow if slow.variance > days.variance else days, swings)


def with_pattern(noise: Noise, swings: Numbers) -> Noise:
    """The noise with the signs and the relative sizes of cosines."""
    length = float(np.sqrt(np.sum(swings**2)))
    pattern = tuple((swings / length).tolist()) if length else ()
    return replace(noise, pattern=pattern)


def noise_of_window(predicted: Series, misses: Numbers) -> Noise | None:
    """Noise of days that a model has not seen: of what was measured less predicted, beyond what depends on degree days
    and weekends, for that may be savings; None if there are too few."""
    if len(misses) < LEAST_WINDOW:
        return None
    features = what_savings_follow(predicted)
    fitted, *_ = np.linalg.lstsq(features, misses)
    day = (predicted.dates - predicted.dates[0]).astype(np.intp)
    rest = np.full(day[-1] + 1, np.nan)
    rest[day] = misses - features @ fitted
    swings = cosines(rest, features.shape[1])
    return Noise(mean_square(swings), len(swings), len(misses))


def what_savings_follow(days: Series) -> Numbers:
    """A column each: a constant, heating and cooling degrees and weekends, as far as they vary."""
    temperature = np.where(np.isnan(days.temperature), np.nanmean(days.temperature), days.temperature)
    weekend = ((days.dates.astype(np.int64) + MONDAY) % WEEK >= SATURDAY).astype(np.float64)
    columns = [np.maximum(HEAT_BELOW - temperature, 0), np.maximum(temperature - COOL_ABOVE, 0), weekend]
    return np.column_stack([np.ones(len(weekend)), *(column for column in columns if np.ptp(column))])


def cosines(residuals: Numbers, parameters: float) -> Numbers:
    """Slow cosines of the noise of consecutive days, NaN where one is missing; the mean of their squares is the
    variance of a sum for each day of it, with as many degrees of freedom as there are (equally weighted cosines:
    Lazarus, Lewis, Stock and Watson 2018, HAR inference).

    The slowest are left out, for a fit follows them. What it follows of the others is made up for as in the variance
    of residuals.
    """
    there = ~np.isnan(residuals)
    days, n = len(residuals), int(np.count_nonzero(there))
    first = SLOWEST + 1 if days > LONG else SLOWEST
    last = min(first + min(max(round(COSINES * days / YEAR), LEAST_COSINES), COSINES), days)
    swing = np.cos(np.pi * np.outer(np.arange(first, last), np.arange(days) + 0.5) / days)[:, there]
    length = np.sqrt(np.sum(swing**2, axis=1))
    sums = np.divide(swing @ residuals[there], length, out=np.zeros(len(length)), where=length > 0)
    return np.asarray(sums * np.sqrt(n / max(n - parameters, 1)), dtype=np.float64)


def mean_square(values: Numbers) -> float:
    """Of numbers around zero; 0 of none."""
    return float(np.mean(values**2)) if len(values) else 0.0


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
