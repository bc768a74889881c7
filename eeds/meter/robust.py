"""A fit that rounding moves less.

The optimiser of the daily and the billing model ends in one of many minima of about the same depth, and which one hangs
on the last bits of its input. So several copies of the data are fitted that differ by less than any meter measures,
and the fit is taken whose predictions are nearest to those of all the others, their medoid (Kaufman and Rousseeuw
1990): one genuine model of the library, as any other. Where two minima are found equally often, it may be either.
"""

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from eeds.meter.arrays import Numbers
from eeds.meter.models.library import FittedModel
from eeds.meter.series import FitFacts, Series
from eeds.meter.settings import MeterSettings

COPIES = 10
# Relative, and normally distributed: more than rounding, and less than the last digit of any reading.
JITTER = 1e-10


@dataclass(frozen=True, eq=False)
class RobustFit:
    """The fit, and the standard deviation of all copies' sums over a normal year, in parts of their mean."""

    model: FittedModel
    numerical_spread: float


def fit_robustly(
    kind: type[FittedModel],
    series: Series,
    asked: Series,
    year: Series,
    settings: MeterSettings,
    facts: FitFacts,
) -> RobustFit:
    """The medoid of fits to copies of a series by their predictions for the cells that are asked for and for a normal
    year; the same for the same series. Raises NotFitted if a copy is not fitted."""
    rng = np.random.default_rng(seed_of(series))
    models = [kind.fit(jittered(series, rng), settings, facts) for _ in range(COPIES)]
    normal = np.array([model.predict(year) for model in models])
    predicted = np.column_stack([[model.predict(asked) for model in models], normal])
    sums = np.nansum(normal, axis=1)
    spread = float(np.std(sums) / abs(np.mean(sums))) if np.mean(sums) else 0.0
    return RobustFit(models[medoid(predicted)], spread)


def seed_of(series: Series) -> list[int]:
    """Of the random numbers, from what is fitted."""
    digest = hashlib.sha256(series.energy.tobytes() + series.temperature.tobytes()).digest()
    return list(digest)


def jittered(series: Series, rng: np.random.Generator) -> Series:
    """A copy with other last digits."""
    energy, temperature = (1 + JITTER * rng.normal(size=len(series.dates)) for _ in range(2))
    return replace(series, energy=series.energy * energy, temperature=series.temperature * temperature)


def medoid(predicted: Numbers) -> int:
    """Which row of predictions is nearest to all others, by the sum of root mean square differences; columns that lack
    a number count for nothing."""
    known = predicted[:, ~np.isnan(predicted).any(axis=0)]
    differences = known[:, None, :] - known[None, :, :]
    return int(np.argmin(np.sqrt((differences**2).mean(axis=2)).sum(axis=1)))
