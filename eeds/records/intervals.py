"""Readings that have a start and an end, as a trace can keep them: one for each time, and no energy lost or doubled.

What comes together may be given by the quarter of an hour and by the day, or run a little into what follows; files
overlap, repeat and correct each other. `resolve` makes readings of it that do not overlap:

- Of readings of the same time a new one takes the place of a stored one.
- One that starts with a longer one and is alone in it was given before its time was over: the longer one counts.
- One that runs into the next one by a small part of itself, as the hour of a clock change is, ends where that starts.
- Finer readings count where there are some; a coarser one keeps the rest of its time, with the rest of its energy.
- Of readings about as long that overlap, a new one takes the place of a stored one; two new ones contradict each other.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Seconds since 1970, values in the trace's unit, NaN where missing; `index` is the caller's number of a new reading;
# `stored` ones are in the database already.
READING = np.dtype(
    [("index", "<i8"), ("start", "<i8"), ("end", "<i8"), ("value", "<f8"), ("estimated", "?"), ("stored", "?")]
)
Readings = NDArray[np.void]  # of READING

SMALL_PART = 0.05  # of a reading: an hour in a day is 0.042, a day in a month 0.033
CLOCK_CHANGE = 3600
SECONDS_LOST = 60  # at most, between a reading that ends with its last second, or is rounded, and the next one
SMALL_GAP = 0.02  # of the reading before it
LEVEL = 1.9  # times the shortest: as far readings are of one level. Months are, a day and two are not
EXCESS = 0.02  # of the energy of a coarse reading, by which the finer ones in it may be more


@dataclass(frozen=True)
class Conflict:
    """A new reading that contradicts others: its index, the index of the other one (None: finer ones), and the energy
    of that or those."""

    index: int
    value: float
    other: int | None
    other_value: float


class Resolved:
    """Readings that do not overlap, in order of time, and what became of the new ones among the others."""

    def __init__(self) -> None:
        self.readings = np.empty(0, READING)
        self.gone: list[Readings] = []  # gave way to others
        self.gone_in_part = 0.0  # the energy of coarse ones that finer ones have
        self.conflicts: list[Conflict] = []

    def give_way(self, readings: Readings) -> None:
        """Note readings that are left out for others of their time."""
        self.gone.append(readings[~readings["stored"]])


def resolve(readings: Readings) -> Resolved:
    """Readings with values, made to not overlap; see the module. No two new ones are of exactly the same time."""
    resolved = Resolved()
    readings = readings[np.lexsort((readings["end"], readings["start"]))]
    if overlaps(readings):
        readings = one_of_each_start(readings, resolved)
    if overlaps(readings):
        readings = by_levels(readings, resolved)
    resolved.readings = readings
    return resolved


def overlaps(readings: Readings) -> bool:
    """Whether any of some readings, in order of their starts, runs into the next one."""
    return bool((readings["end"][:-1] > readings["start"][1:]).any())


def one_of_each_start(readings: Readings, resolved: Resolved) -> Readings:
    """The readings without those that another one of the same start replaces."""
    start, end = readings["start"], readings["end"]
    kept = np.ones(len(readings), bool)
    later = start[np.minimum(np.searchsorted(start, start, side="right"), len(start) - 1)]  # the next other start
    survivor = -1
    for place in np.flatnonzero(start[1:] == start[:-1]).tolist():
        long = place + 1
        short = survivor if survivor >= 0 and start[survivor] == start[place] else place
        small = SMALL_PART * (end[long] - start[long])
        is_alone = later[long] <= start[long] or later[long] >= end[long] - small
        survivor = long
        if end[long] - end[short] <= small:
            loser = same_time(readings, short, long, resolved)
            kept[loser] = False
            survivor = short if loser == long else long
        elif is_alone:
            kept[short] = False
            resolved.give_way(readings[short : short + 1])
    return readings[kept]


def same_time(readings: Readings, first: int, second: int, resolved: Resolved) -> int:
    """Which of two readings of the same time gives way, by its place."""
    a, b = readings[first], readings[second]
    if not a["stored"] and not b["stored"] and a["value"] != b["value"]:
        loser, other = (second, a) if a["index"] < b["index"] else (first, b)
        conflict(readings[loser], other, resolved)
        return loser
    loser = first if a["stored"] or (not b["stored"] and a["index"] < b["index"]) else second
    resolved.give_way(readings[loser : loser + 1])
    return loser


def conflict(reading: Any, other: Any, resolved: Resolved) -> None:
    """Note that a new reading contradicts another one."""
    resolved.conflicts.append(
        Conflict(int(reading["index"]), float(reading["value"]), int(other["index"]), float(other["value"]))
    )


def by_levels(readings: Readings, resolved: Resolved) -> Readings:
    """Readings of all levels, the finest first: each level where there is room for it."""
    kept = np.empty(0, READING)
    for level in levels(readings):
        fitted = without_overlaps(trimmed(level), resolved)
        kept = np.concatenate((kept, beside_finer(fitted, kept, resolved)))
        kept = kept[np.argsort(kept["start"], kind="stable")]
    return kept


def levels(readings: Readings) -> list[Readings]:
    """The readings by their length, those of about the same length together, shortest first."""
    lengths = readings["end"] - readings["start"]
    bounds: list[int] = []
    for length in np.unique(lengths).tolist():
        if not bounds or length >= LEVEL * bounds[-1]:
            bounds.append(length)
    level = np.searchsorted(bounds, lengths, side="right")
    return [readings[level == number] for number in range(1, len(bounds) + 1)]


def trimmed(readings: Readings) -> Readings:
    """Readings of one level, each of which ends where the next one starts if it ran into that by a small part."""
    readings = readings.copy()
    start, end = readings["start"][:-1], readings["end"][:-1]
    following = readings["start"][1:]
    excess = end - following
    small = (excess > 0) & (excess <= SMALL_PART * (end - start))
    readings["end"][:-1][small] = following[small]
    return readings


def without_overlaps(readings: Readings, resolved: Resolved) -> Readings:
    """Readings of one level without those that run into others: a stored one gives way, and of two new ones the later
    is a conflict."""
    if not overlaps(readings):
        return readings
    kept: list[int] = []
    for place in range(len(readings)):
        while kept and readings["end"][kept[-1]] > readings["start"][place]:
            last = kept[-1]
            if readings["stored"][place]:
                resolved.give_way(readings[place : place + 1])
                break
            if not readings["stored"][last]:
                conflict(readings[place], readings[last], resolved)
                break
            resolved.give_way(readings[last : last + 1])
            kept.pop()
        else:
            kept.append(place)
    return readings[kept]


def beside_finer(coarse: Readings, finer: Readings, resolved: Resolved) -> Readings:
    """What is left of coarse readings beside finer ones, both in order of time and without overlaps."""
    if not len(finer) or not len(coarse):
        return coarse
    length = coarse["end"] - coarse["start"]
    seconds = seconds_until(finer, coarse["end"]) - seconds_until(finer, coarse["start"])
    is_covered = length - seconds <= np.minimum(CLOCK_CHANGE, SMALL_PART * length)
    resolved.give_way(coarse[is_covered])
    is_free = (seconds == 0) & ~is_covered
    rests = [rest_of(reading, finer, resolved) for reading in coarse[~is_free & ~is_covered]]
    return np.concatenate((coarse[is_free], *rests))


def seconds_until(readings: Readings, times: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many seconds before each of some times belong to any of the readings, which do not overlap."""
    start, length = readings["start"], readings["end"] - readings["start"]
    before = np.concatenate(([0], np.cumsum(length)))
    place = np.searchsorted(start, times, side="right") - 1
    inside = np.where(place >= 0, np.minimum(times - start[place], length[place]), 0)
    seconds: NDArray[np.int64] = before[np.maximum(place, 0)] + inside
    return seconds


def rest_of(coarse: Any, finer: Readings, resolved: Resolved) -> Readings:
    """The rest of a coarse reading beside finer ones that lie in it: a reading for each gap between them, of the gap's
    share. If they have more energy than the coarse one, nothing is left of it, and it is a conflict if it is new."""
    first = np.searchsorted(finer["end"], coarse["start"], side="right")
    last = np.searchsorted(finer["start"], coarse["end"], side="left")
    inside = finer[first:last]
    inner = np.minimum(inside["end"], coarse["end"]) - np.maximum(inside["start"], coarse["start"])
    taken = math.fsum(inside["value"] * (inner / (inside["end"] - inside["start"])))
    energy, one = float(coarse["value"]) - taken, np.array([coarse], READING)
    if energy < 0 <= coarse["value"] and (inside["value"] >= 0).all():
        if -energy > EXCESS * coarse["value"] and not coarse["stored"]:
            resolved.conflicts.append(Conflict(int(coarse["index"]), float(coarse["value"]), None, taken))
        else:
            resolved.give_way(one)
        return np.empty(0, READING)
    gaps = gaps_between(coarse, inside)
    rest = np.repeat(one, len(gaps))
    rest["start"], rest["end"] = gaps.T
    lengths = rest["end"] - rest["start"]
    rest["value"] = energy * (lengths / lengths.sum())
    rest["estimated"] |= len(gaps) > 1
    resolved.gone_in_part += 0.0 if coarse["stored"] else taken
    return rest


def gaps_between(coarse: Any, inside: Readings) -> NDArray[np.int64]:
    """The times of a coarse reading that none of the finer ones in it has, a row (start, end) for each."""
    starts = np.concatenate(([coarse["start"]], inside["end"]))
    ends = np.concatenate((inside["start"], [coarse["end"]]))
    gaps: NDArray[np.int64] = np.stack((starts, ends), axis=1)
    return gaps[gaps[:, 0] < gaps[:, 1]]


def without_small_gaps(readings: Readings) -> Readings:
    """Readings that do not overlap, each of which lasts until the next one starts if that is a few seconds later, or
    after the hour that a day of a clock change is longer."""
    readings = readings.copy()
    start, end, following = readings["start"][:-1], readings["end"][:-1], readings["start"][1:]
    gap, length = following - end, end - start
    is_second = (gap <= SECONDS_LOST) & (gap <= SMALL_GAP * length)
    is_clock_change = (gap == CLOCK_CHANGE) & (gap <= SMALL_PART * length)
    closed = (gap > 0) & (is_second | is_clock_change)
    readings["end"][:-1][closed] = following[closed]
    return readings
