"""Coarse readings and the finer ones in them: what these leave of the time and the energy of those."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Readings = NDArray[np.void]  # of eeds.records.intervals.READING

SMALL_PART = 0.05  # of a reading: an hour in a day is 0.042, a day in a month 0.033
CLOCK_CHANGE = 3600


class Inside:
    """Those of some coarse readings that have finer ones in them, and what these leave of them. `count` is of all the
    coarse ones."""

    def __init__(self, coarse: Readings, finer: Readings) -> None:
        first = np.searchsorted(contiguous(finer["end"]), coarse["start"], side="right")
        self.count = np.searchsorted(contiguous(finer["start"]), coarse["end"], side="left") - first
        has_some = self.count > 0
        self.coarse, counts, first = coarse[has_some], self.count[has_some], first[has_some]
        self.heads = np.cumsum(counts) - counts  # of the finer ones of each coarse one, in `finer`
        self.owner = np.repeat(np.arange(len(counts)), counts)
        self.finer = finer[np.arange(len(self.owner)) - self.heads[self.owner] + first[self.owner]]
        start, end, of = self.finer["start"], self.finer["end"], self.coarse[self.owner]
        seconds = np.minimum(end, of["end"]) - np.maximum(start, of["start"])
        with np.errstate(over="ignore"):
            self.taken = self.each(np.add, self.finer["value"] * (seconds / (end - start)))
            self.energy_left = np.nan_to_num(self.coarse["value"] - self.taken)
        length = self.coarse["end"] - self.coarse["start"]
        self.seconds_left = length - self.each(np.add, seconds)
        self.is_almost_covered = self.seconds_left <= np.minimum(CLOCK_CHANGE, SMALL_PART * length)
        self.has_none_negative = self.each(np.minimum, self.finer["value"]) >= 0
        self.has_later = self.each(np.maximum, rank(self.finer)) > rank(self.coarse)

    def each(self, function: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
        """Values of the finer readings, made one for each coarse one."""
        return function.reduceat(values, self.heads) if len(values) else values

    def rests(self, is_kept: NDArray[np.bool_]) -> Readings:
        """The gaps of some of the coarse readings, each with its share of the energy that is left."""
        tails = np.append(self.heads[1:], len(self.finer)) if len(self.heads) else self.heads
        starts = np.insert(self.finer["end"], self.heads, self.coarse["start"])
        ends = np.insert(self.finer["start"], tails, self.coarse["end"])
        owner = np.insert(self.owner, self.heads, np.arange(len(self.heads)))
        is_gap = (starts < ends) & is_kept[owner]
        starts, ends, owner = starts[is_gap], ends[is_gap], owner[is_gap]
        rests = self.coarse[owner]
        rests["start"], rests["end"] = starts, ends
        rests["value"] = self.energy_left[owner] * ((ends - starts) / self.seconds_left[owner])
        rests["estimated"] |= np.bincount(owner, minlength=len(self.heads))[owner] > 1
        return rests


def contiguous(column: NDArray[Any]) -> NDArray[Any]:
    """A column of readings by itself, as numpy searches it without copying it each time."""
    return np.ascontiguousarray(column)


def rank(readings: Any) -> Any:
    """Which of some readings count where they contradict each other: new ones rather than stored ones, and of those the
    ones of a later document."""
    return np.where(readings["stored"], -1, readings["document"])
