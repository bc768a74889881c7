"""Observations at any minute into means of hours (CalTRACK 2.3.4)."""

import numpy as np
from numpy.typing import NDArray

from eeds.weather.gaps import Series

MINUTES = 60
REACH = 60  # minutes from an observation within which the straight line to the next one is used


def hourly_means(minutes: NDArray[np.int64], values: Series, hours: int) -> Series:
    """The mean of each of so many hours; NaN for one that is further than REACH minutes from any observation.

    `minutes`: when each of the values was observed, from the beginning of the first hour, in any order. Between
    observations there is a straight line; of several at the same minute their mean counts.
    """
    if not minutes.size:
        return np.full(hours, np.nan)
    known, number, count = np.unique(minutes, return_inverse=True, return_counts=True)
    means = np.bincount(number, weights=values) / count
    grid = np.arange(hours * MINUTES)
    after = np.searchsorted(known, grid)
    to_next = np.abs(known[np.minimum(after, known.size - 1)] - grid)
    to_last = np.abs(grid - known[np.maximum(after - 1, 0)])
    near = np.minimum(to_next, to_last) <= REACH
    line = np.where(near, np.interp(grid, known, means), 0.0).reshape(-1, MINUTES).sum(axis=1)
    minutes_near = near.reshape(-1, MINUTES).sum(axis=1)
    hourly: Series = np.divide(line, minutes_near, out=np.full(hours, np.nan), where=minutes_near > 0)
    return hourly
