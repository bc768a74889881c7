"""The penalty on the coefficients of models with two slopes: elastic_net_penalty of the library's
objective_function.py, for days of equal weight and no ridge."""

import numpy as np

from eeds.meter.arrays import Numbers
from eeds.meter.models.compiled.component import (
    COLD_OBSERVED_SPREAD,
    COLD_TEMPERATURE_SPREAD,
    SORTED_OBSERVED,
    SORTED_TEMPERATURE,
    WARM_OBSERVED_SPREAD,
    WARM_TEMPERATURE_SPREAD,
    WORK,
)
from eeds.meter.models.compiled.energy import TWO_SMOOTH
from eeds.meter.models.compiled.jit import jit
from eeds.meter.models.compiled.sums import spread

# The library's, of a slope that too few days have.
PROHIBITIVE = 1e30


@jit
def penalty(given: Numbers, wrmse: float, lasso: float, least: int, extremes: Numbers, days: Numbers) -> float:
    """Of the coefficients of two slopes; `least` days have a slope of their own."""
    smooth = len(given) == TWO_SMOOTH
    cold, warm = given[0], given[3 if smooth else 2]
    cold_size, warm_size = penalized_points(cold, warm, wrmse, extremes)
    cold_slope, warm_slope = given[1], given[4 if smooth else 3]
    cold_slope, warm_slope = penalized_slopes(cold, warm, cold_slope, warm_slope, least, days)
    if not smooth:
        return lasso * (abs(cold_size) + abs(cold_slope) + abs(warm_size) + abs(warm_slope))
    cold_part, warm_part = given[2], given[5]
    both = cold_part + warm_part
    if both > 1:
        cold_part /= both
        warm_part /= both
    cold_part *= cold_slope / 2
    warm_part *= warm_slope / 2
    heating = abs(cold_size) + abs(cold_slope) + abs(cold_part)
    return lasso * (heating + abs(warm_size) + abs(warm_slope) + abs(warm_part))


@jit
def penalized_points(cold: float, warm: float, wrmse: float, extremes: Numbers) -> tuple[float, float]:
    """What counts of two balance points: how far they lie from the extremes and from each other."""
    lowest, highest = extremes[0], extremes[1]
    scale = wrmse / (highest - lowest)
    half = (warm - cold) / 2
    from_cold = min(abs(cold - lowest), abs(cold - highest))
    from_warm = min(abs(warm - lowest), abs(warm - highest))
    return (from_cold + half) * scale, (from_warm + half) * scale


@jit
def penalized_slopes(
    cold: float, warm: float, cold_slope: float, warm_slope: float, least: int, days: Numbers
) -> tuple[float, float]:
    """What counts of two slopes: in standard deviations of the days that have them."""
    temperature = days[SORTED_TEMPERATURE, :-1]
    count = len(temperature)
    up_to_warm = int(np.searchsorted(temperature, warm, side="right"))
    colder, warmer = int(np.searchsorted(temperature, cold)), count - up_to_warm
    between = max(up_to_warm - colder, 0)
    colder_used, warmer_used = colder, warmer
    if colder < least and warmer >= least:
        colder_used = colder + between
    elif colder >= least and warmer < least:
        warmer_used = warmer + between
    if colder_used < least or warmer_used < least:
        scale = cold_scale(count, days)
        if between < least:
            return cold_slope * scale * PROHIBITIVE, warm_slope * scale * PROHIBITIVE
        return cold_slope * scale, warm_slope * scale
    cold_slope *= cold_scale(colder_used, days)
    warm_slope *= warm_scale(warmer_used, days)
    if colder < least:
        cold_slope *= PROHIBITIVE
    if warmer < least:
        warm_slope *= PROHIBITIVE
    return cold_slope, warm_slope


@jit
def cold_scale(count: int, days: Numbers) -> float:
    """Standard deviation of temperature over that of energy, of the coldest days."""
    known = days[COLD_TEMPERATURE_SPREAD]
    if np.isnan(known[count]):
        known[count] = spread(days[SORTED_TEMPERATURE], 0, count, days[WORK])
        days[COLD_OBSERVED_SPREAD, count] = spread(days[SORTED_OBSERVED], 0, count, days[WORK])
    return known[count] / days[COLD_OBSERVED_SPREAD, count]


@jit
def warm_scale(count: int, days: Numbers) -> float:
    """The same of the warmest days."""
    known = days[WARM_TEMPERATURE_SPREAD]
    if np.isnan(known[count]):
        first = days.shape[1] - 1 - count
        known[count] = spread(days[SORTED_TEMPERATURE], first, count, days[WORK])
        days[WARM_OBSERVED_SPREAD, count] = spread(days[SORTED_OBSERVED], first, count, days[WORK])
    return known[count] / days[WARM_OBSERVED_SPREAD, count]
