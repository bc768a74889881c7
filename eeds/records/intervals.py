"""Readings that have a start and an end, as a trace can keep them: one for each time, and no energy lost or doubled.

What comes together may be given by the quarter of an hour and by the day, or run a little into what follows; files
overlap, repeat and correct each other. `resolve` makes readings of it that do not overlap:

- Of readings of the same time a new one takes the place of a stored one.
- One that starts with a longer one and is alone in it was given before its time was over: the longer one counts.
- One that runs into the next one by a small part of itself, as the hour of a clock change is, ends where that starts.
- Finer readings count where there are some; a coarser one keeps the rest of its time, with the rest of its energy.
- Of readings about as long that overlap, a new one takes the place of a stored one, which keeps the rest of its time if
  that is most of it, or the new one a part of it; two new ones contradict each other.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eeds.records.balance import energy_of
from eeds.records.finer_readings import CLOCK_CHANGE, SMALL_PART, Inside, Readings, rank

# Seconds since 1970, values in the trace's unit, NaN where missing; `index` is the caller's number of a new reading;
# `stored` ones are in the database already; of several documents that come together a later one corrects an earlier.
READING = np.dtype(
    [(name, "<i8") for name in ("index", "start", "end")]
    + [("value", "<f8"), ("estimated", "?"), ("stored", "?"), ("document", "<i4")]
)

SECONDS_LOST = 60  # at most, between a reading that ends with its last second, or is rounded, and the next one
SMALL_GAP = 0.02  # of the reading before it
HALF = 0.5
LEVEL = 1.9  # times the shortest: as far readings are of one level. Months are, a day and two are not
EXCESS = 0.02  # of the energy of a coarse reading, by which the finer ones in it may be more


@dataclass(frozen=True, slots=True)
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
    readings = without_again(readings[np.lexsort((~readings["stored"], readings["end"], readings["start"]))])
    if overlaps(readings):
        readings = one_of_each_start(readings, resolved)
    if overlaps(readings):
        readings = by_levels(readings, resolved)
    resolved.readings = readings
    return resolved


def without_again(readings: Readings) -> Readings:
    """Sorted readings without the stored ones of exactly the time of a new one: nearly all, if a file is sent again."""
    is_same = (readings["start"][1:] == readings["start"][:-1]) & (readings["end"][1:] == readings["end"][:-1])
    is_again = np.append(is_same & readings["stored"][:-1] & ~readings["stored"][1:], False)
    if not is_again.any():
        return readings
    kept: Readings = readings[~is_again[: len(readings)]]
    return kept


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
    of_a, of_b = ((not each["stored"], each["document"]) for each in (a, b))
    is_first_earlier = (of_a, a["index"]) < (of_b, b["index"])
    if not a["stored"] and of_a == of_b and a["value"] != b["value"]:
        loser, other = (second, a) if is_first_earlier else (first, b)
        conflict(readings[loser], other, resolved)
        return loser
    loser = first if is_first_earlier else second
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
        kept = without_wrong_guesses(kept, fitted)
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
    """Readings of one level without those that run into others: a stored one gives way, and one of an earlier document;
    of two others the later is a conflict."""
    if not overlaps(readings):
        return readings
    new = without_new_overlaps(readings[~readings["stored"]], resolved)
    stored = of_other_times(readings[readings["stored"]], new)
    both = np.concatenate((new, beside_finer(stored, new, resolved)))
    return both[np.argsort(both["start"], kind="stable")]


def without_new_overlaps(readings: Readings, resolved: Resolved) -> Readings:
    """New readings of one level without those that run into others of them."""
    ranks, kept = rank(readings), list[int]()
    for place in range(len(readings)):
        while kept and readings["end"][kept[-1]] > readings["start"][place]:
            last = kept[-1]
            if ranks[place] < ranks[last]:
                resolved.give_way(readings[place : place + 1])
                break
            if ranks[place] == ranks[last]:
                conflict(readings[place], readings[last], resolved)
                break
            resolved.give_way(readings[last : last + 1])
            kept.pop()
        else:
            kept.append(place)
    return readings[kept]


def of_other_times(stored: Readings, new: Readings) -> Readings:
    """Stored readings without those whose place new ones of about their length take: of their time, or most of it. One
    that new ones touch less, or are a part of, has more to say than they."""
    inside = Inside(stored, new)
    some, each, of = inside.coarse, inside.finer, inside.coarse[inside.owner]
    is_part = (each["start"] >= of["start"]) & (each["end"] <= of["end"])
    has_parts_alone = inside.each(np.minimum, is_part).astype(bool)
    left = inside.seconds_left / (some["end"] - some["start"])
    is_other = (left > HALF) | (has_parts_alone & (left > SMALL_PART))
    return np.concatenate((stored[inside.count == 0], some[is_other]))


def without_wrong_guesses(finer: Readings, coarse: Readings) -> Readings:
    """Finer readings without those that are stored as estimated, where a new coarse one says that they are wrong: what
    a coarse one left for several gaps was shared out by time, and is shared out again where more of it is known."""
    inside = Inside(coarse, finer)
    some, amount, energy = inside.coarse, np.abs(inside.coarse["value"]), inside.energy_left
    energy = energy * np.where(some["value"] < 0, -1, 1)
    is_wrong = (energy < -EXCESS * amount) | (inside.is_almost_covered & (energy > EXCESS * amount))
    of, each = some[inside.owner], inside.finer
    is_inside = (each["start"] >= of["start"]) & (each["end"] <= of["end"])
    is_guess = each["stored"] & each["estimated"] & is_inside & (is_wrong & ~some["stored"])[inside.owner]
    return finer[np.isin(finer["start"], each["start"][is_guess], invert=True)]


def beside_finer(coarse: Readings, finer: Readings, resolved: Resolved) -> Readings:
    """What is left of coarse readings beside finer ones, both in order of time and without overlaps: of one that has
    none in it all, of another a reading for each gap between those in it, of the gap's share of the energy that they
    leave.

    Nothing is left where the finer ones have all of the time, or all but a little of the time and of the energy. Where
    they have more energy than the coarse one nothing is left either, and it is a conflict if they are not later.
    """
    inside = Inside(coarse, finer)
    some = inside.coarse
    amount, energy = some["value"], inside.energy_left
    is_little = energy * np.where(amount < 0, -1, 1) <= EXCESS * np.abs(amount)
    has_less = (energy < 0) & (amount >= 0) & inside.has_none_negative
    is_wrong = has_less & (-energy > EXCESS * amount) & ~inside.has_later & ~some["stored"]
    is_gone = (inside.seconds_left == 0) | (inside.is_almost_covered & is_little)
    is_conflict = is_wrong & ~is_gone
    is_gone |= has_less & ~is_conflict
    resolved.give_way(some[is_gone])
    for each, taken in zip(some[is_conflict], inside.taken[is_conflict].tolist(), strict=True):
        resolved.conflicts.append(Conflict(int(each["index"]), float(each["value"]), None, taken))
    is_kept = ~is_gone & ~is_conflict
    resolved.gone_in_part += energy_of(inside.taken[is_kept & ~some["stored"]])
    return np.concatenate((coarse[inside.count == 0], inside.rests(is_kept)))


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
