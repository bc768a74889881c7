"""Readings as they are to be taken, before they are summed: those of several days, estimated ones, and those behind
which others are missing."""

from dataclasses import dataclass, replace

import numpy as np

from eeds.meter.arrays import Indexes, Instants, Mask, Numbers
from eeds.meter.marks import Mark, mark_where
from eeds.meter.types import Trace

DAY, HOUR = 86400.0, 3600.0
# A reading this many times as long as all its neighbours is one behind which readings are missing, or that covers days
# on which the meter is not read.
GAP_FACTOR = 1.5
NEIGHBOURS = 2
# So many long readings, most of them on one weekday, are a pattern.
LEAST_REGULAR = 8
SAME_WEEKDAY = 0.75
# A long reading that holds its energy has at least this share of an ordinary day for each day more.
SHARE_OF_DAY = 0.25
# CalTRACK 2.2.3.1; 2.2.2.2 says no limit for days.
LONGEST_ESTIMATE = 70 * DAY


@dataclass(frozen=True, eq=False)
class Readings:
    """The readings of a trace with what was done to each; the last only marks an end."""

    trace: Trace
    marks: Indexes


def usable(trace: Trace) -> Readings:
    """The readings to be summed. What a reading of several days holds is spread over them; a reading behind which
    others are missing is missing too, for it holds either its usual share or all that was used in the gap; estimated
    readings are combined with the next actual one (CalTRACK 2.2.2.2)."""
    length = lengths(trace)
    long = np.flatnonzero(much_longer(length))
    days_off = days_without_reads(trace, length, long)
    start, value = trace.start.copy(), trace.value.copy()
    start[days_off.late] = days_off.late_start
    value[np.setdiff1d(long, days_off.no_gaps)] = np.nan
    marks = np.zeros(len(start), dtype=np.intp)
    marks[days_off.several_days] = int(Mark.SPREAD)
    return combine_estimated(Readings(replace(trace, start=start, value=value), marks))


def lengths(trace: Trace) -> Numbers:
    """How many seconds each reading lasts."""
    return np.diff(trace.start).astype(np.float64)


def much_longer(length: Numbers) -> Mask:
    """Which readings are much longer than the two before and the two after them."""
    longest = longest_neighbour(length)
    return (longest > 0) & (length > GAP_FACTOR * longest)


def longest_neighbour(length: Numbers) -> Numbers:
    """The longest of the two readings before and the two after each."""
    padded = np.pad(length, NEIGHBOURS)
    around = [np.roll(padded, shift) for shift in range(-NEIGHBOURS, NEIGHBOURS + 1) if shift]
    longest: Numbers = np.max(around, axis=0)[NEIGHBOURS:-NEIGHBOURS]
    return longest


@dataclass(frozen=True, eq=False)
class DaysOff:
    """Readings around days on which a meter is not read, by their positions."""

    no_gaps: Indexes  # long readings behind which nothing is missing
    several_days: Indexes  # readings that hold the energy of several days
    late: Indexes  # readings that are stamped later than they begin
    late_start: Instants  # when these do


def days_without_reads(trace: Trace, length: Numbers, long: Indexes) -> DaysOff:
    """The readings around days off, as weekends are to a meter that is read on working days.

    Long readings are no gaps if they come back on the same weekday and energy grows with their length: of a Friday's
    that lasts until Monday, or of the Monday's behind it, if a reading is stamped with the last of its days. Behind a
    gap both hold what they hold on any other day.
    """
    usual, usual_length = usual_reading(trace.value, length, long)
    of_days = (usual > 0) & (np.abs(usual_length - DAY) <= HOUR)
    at, usual, usual_length = long[of_days], usual[of_days], usual_length[of_days]
    weekly, extra_days, behind = on_weekday(trace, at), length[at] / usual_length - 1, at + 1
    for reading in (at, behind):
        share = (trace.value[reading] / usual - 1) / extra_days
        if weekly.any() and median(share) >= SHARE_OF_DAY:
            chosen = (weekly | (share >= SHARE_OF_DAY)) & (reading < len(length))
            late = chosen & (reading == behind)
            late_start = trace.start[at[late]] + usual_length[late].astype("timedelta64[s]")
            return DaysOff(at[chosen], reading[chosen], behind[late], late_start)
    return DaysOff(at[:0], at[:0], at[:0], trace.start[:0])


def median(values: Numbers) -> float:
    """Of those that are known; NaN if none is."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else float("nan")


def usual_reading(value: Numbers, length: Numbers, at: Indexes) -> tuple[Numbers, Numbers]:
    """What the readings around some others hold and how long they last, but for the one right behind each; NaN where
    there are none."""
    around = at[:, None] + np.array([-2, -1, 2, 3])
    inside = (around >= 0) & (around < len(length))
    around = np.clip(around, 0, len(length) - 1)
    held = np.where(inside, value[around], np.nan)
    known = ~np.isnan(held).all(axis=1)
    usual = np.full(len(at), np.nan)
    usual[known] = np.nanmedian(held[known], axis=1)
    neighbour: Numbers = longest_neighbour(length)[at]
    return usual, neighbour


def on_weekday(trace: Trace, at: Indexes) -> Mask:
    """Which of some readings begin on the weekday on which most of them do; none if they follow no pattern."""
    if len(at) < LEAST_REGULAR:
        return np.zeros(len(at), dtype=bool)
    weekday = trace.start[at].astype("datetime64[D]").astype(np.int64) % 7
    usual: Mask = weekday == np.argmax(np.bincount(weekday))
    return usual if np.mean(usual) >= SAME_WEEKDAY else np.zeros(len(at), dtype=bool)


def combine_estimated(readings: Readings) -> Readings:
    """Estimated readings combined with the next actual one; those that none follows, or that would last too long, are
    missing (CalTRACK 2.2.2.2)."""
    trace = readings.trace
    estimated = trace.estimated[:-1]
    if not estimated.any():
        return readings
    first = np.flatnonzero(np.append(True, ~estimated[:-1]))
    last = np.append(first[1:], len(estimated)) - 1
    kept = np.append(first, len(estimated))
    start = trace.start[kept]
    energy = np.add.reduceat(trace.value[:-1], first)
    too_long = (first < last) & (np.diff(start).astype(np.float64) > LONGEST_ESTIMATE)
    energy = np.where(estimated[last] | too_long, np.nan, energy)
    marks = np.bitwise_or.reduceat(readings.marks[:-1] | mark_where(estimated, Mark.ESTIMATED), first)
    combined = replace(
        trace,
        start=start,
        value=np.append(energy, trace.value[-1]),
        estimated=np.append(estimated[last], False),
    )
    return Readings(combined, np.append(marks, 0))
