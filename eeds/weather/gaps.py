"""Gaps in a series: where they are, and filling the short ones."""

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]  # NaN = missing


def find_gaps(series: Series) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where each run of missing values begins, and where it ends (the index after its last), in order."""
    missing = np.concatenate(([False], np.isnan(series), [False]))
    edges = np.flatnonzero(missing[1:] != missing[:-1])
    return edges[::2], edges[1::2]


def longest_gap(series: Series) -> tuple[int, int]:
    """Begin and end of the longest run of missing values, the first of several; (0, 0) if nothing is missing."""
    begins, ends = find_gaps(series)
    if not begins.size:
        return 0, 0
    longest = np.argmax(ends - begins)
    return int(begins[longest]), int(ends[longest])


def fill_short_gaps(series: Series, limit: int) -> Series:
    """A copy with the gaps of at most `limit` values filled by a straight line between the values on either side.
    A longer gap stays as it is, all of it, and so does one that has a value on one side only."""
    known = np.flatnonzero(~np.isnan(series))
    filled = series.copy()
    if known.size:
        begins, ends = find_gaps(series)
        short = (ends - begins <= limit) & (begins > 0) & (ends < series.size)
        steps = np.zeros(series.size + 1, dtype=np.intp)
        steps[begins[short]], steps[ends[short]] = 1, -1
        places = np.flatnonzero(np.cumsum(steps[:-1]) > 0)
        filled[places] = np.interp(places, known, series[known])
    return filled
