"""Observations at any minute into means of hours (CalTRACK 2.3.4)."""

import numpy as np
from numpy.typing import NDArray

from eeds.weather.gaps import Series

MINUTES = 60
REACH = 60  # minutes from an observation within which the straight line to the next one is used
HOURS_AT_ONCE = 10_000  # which bounds what is held: 60 minutes an hour, some arrays of them


def hourly_means(minutes: NDArray[np.int64], values: Series, hours: int) -> Series:
    """The mean of each of so many hours; NaN for one that is further than REACH minutes from any observation.

    `minutes`: when each of the values was observed, from the beginning of the first hour, in any order. Between
    observations there is a straight line; of several at the same minute their mean counts.
    """
    return means_of_hours(minutes, values, np.arange(hours))


def means_of_hours(minutes: NDArray[np.int64], values: Series, hours: NDArray[np.int64]) -> Series:
    """The same of some hours, by their numbers."""
    if not minutes.size:
        return np.full(hours.size, np.nan)
    known, number, count = np.unique(minutes, return_inverse=True, return_counts=True)
    means = np.bincount(number, weights=values) / count
    parts = [hours[first : first + HOURS_AT_ONCE] for first in range(0, hours.size, HOURS_AT_ONCE)]
    return np.concatenate([means_of_line(known, means, part) for part in parts] or [np.empty(0)])


def means_of_line(known: NDArray[np.int64], values: Series, hours: NDArray[np.int64]) -> Series:
    """The means of the line through values at `known` minutes, which are distinct and in order."""
    grid = (hours[:, np.newaxis] * MINUTES + np.arange(MINUTES)).ravel()
    after = np.searchsorted(known, grid)
    to_next = np.abs(known[np.minimum(after, known.size - 1)] - grid)
    to_last = np.abs(grid - known[np.maximum(after - 1, 0)])
    near = np.minimum(to_next, to_last) <= REACH
    line = np.where(near, np.interp(grid, known, values), 0.0).reshape(-1, MINUTES).sum(axis=1)
    minutes_near = near.reshape(-1, MINUTES).sum(axis=1)
    hourly: Series = np.divide(line, minutes_near, out=np.full(hours.size, np.nan), where=minutes_near > 0)
    return hourly
