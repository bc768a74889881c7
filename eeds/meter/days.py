"""Local days, with 23 or 25 hours where clocks change (CalTRACK 3.3.3.5); readings summed and temperatures averaged
from one edge of time to the next."""

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from eeds.meter.arrays import Dates, Indexes, Instants, Numbers
from eeds.meter.types import Trace

# A day counts if at least half of it is covered, and then for the whole of it (CalTRACK 2.2.2.1 and 2.2.2.3); an hour
# of readings is there as a whole or not at all.
HALF, WHOLE = 0.5, 1.0
HOUR_SECONDS = 3600.0


@dataclass(frozen=True)
class Days:
    """Consecutive local days."""

    dates: Dates  # datetime64[D]
    midnights: Instants  # datetime64[s], UTC: when each day starts, and when the last one ends

    def index_of(self, instants: Instants) -> Indexes:
        """The position of the day that contains each instant; -1 before the first day, len(dates) after the last."""
        return position(self.midnights, instants)


@lru_cache(maxsize=32)
def local_days(first: date, last: date, timezone: str) -> Days:
    """The days from `first` to `last`, both included; kept, for a run asks for the same ones again and again."""
    dates = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)
    zone = ZoneInfo(timezone)
    edges = np.append(dates, np.datetime64(last, "D") + 1).tolist()
    # fold=0 makes the first of two midnights the start of a day, and the moment of the jump where midnight is jumped
    midnights = [int(datetime.combine(day, time(), zone).timestamp()) for day in edges]
    found = Days(dates, np.array(midnights, dtype="datetime64[s]"))
    for kept in (found.dates, found.midnights):
        kept.flags.writeable = False
    return found


def days_of(trace: Trace, timezone: str) -> Days:
    """The days that a trace's readings touch."""
    return local_days_between(trace.start[0], trace.start[-1], timezone)


def local_days_between(first: np.datetime64, last: np.datetime64, timezone: str) -> Days:
    """The days from the one that an instant lies in to that of another."""
    zone = ZoneInfo(timezone)
    seconds = (int(instant.astype("datetime64[s]").astype(np.int64)) for instant in (first, last))
    return local_days(*(datetime.fromtimestamp(second, zone).date() for second in seconds), timezone)


def energy_between(trace: Trace, edges: Instants, least: float = HALF) -> Numbers:
    """Energy from each edge to the next in the trace's unit, NaN where it is missing.

    A reading lasts until the next one starts and is spread evenly over that time; the last record only marks the end.
    A missing reading is missing, never zero: what remains between two edges is scaled up to the whole of it, or is
    missing if that is less than its least share. The trace is as eeds.meter.readings has it.
    """
    cuts = np.union1d(trace.start, edges)
    cuts = cuts[(cuts >= trace.start[0]) & (cuts <= trace.start[-1])]
    cuts = cuts[(cuts >= edges[0]) & (cuts <= edges[-1])]
    seconds = np.diff(cuts).astype(np.float64)
    reading = np.searchsorted(trace.start, cuts[:-1], side="right") - 1
    length = np.diff(trace.start).astype(np.float64)
    energy = trace.value[reading] * (seconds / length[reading])
    total, covered = sums(edges, position(edges, cuts[:-1]), energy, seconds, least)
    return total / (covered / np.diff(edges).astype(np.float64))


def temperature_between(first_hour: np.datetime64, hourly: Numbers, edges: Instants) -> Numbers:
    """Mean temperature from each edge to the next, NaN where more than half of its hours are missing; an hour belongs
    to where it starts."""
    hours = first_hour.astype("datetime64[s]") + np.arange(len(hourly)) * np.timedelta64(1, "h")
    index = position(edges, hours)
    inside = (index >= 0) & (index < len(edges) - 1)
    seconds = np.full(np.count_nonzero(inside), HOUR_SECONDS)
    total, covered = sums(edges, index[inside], hourly[inside], seconds, HALF)
    return total / (covered / HOUR_SECONDS)


def position(edges: Instants, instants: Instants) -> Indexes:
    """Which edge each instant comes after: -1 before the first, len(edges) - 1 from the last on."""
    return np.searchsorted(edges, instants, side="right") - 1


def sums(edges: Instants, where: Indexes, amount: Numbers, seconds: Numbers, least: float) -> tuple[Numbers, Numbers]:
    """Amounts that each belong between two edges and last some seconds: there their sum, leaving out NaN, and the
    seconds that it covers; NaN seconds where that is less than the least share."""
    present = ~np.isnan(amount)
    where, amount, seconds = where[present], amount[present], seconds[present]
    n, length = len(edges) - 1, np.diff(edges).astype(np.float64)
    total = np.bincount(where, amount, minlength=n).astype(np.float64)
    covered = np.bincount(where, seconds, minlength=n).astype(np.float64)
    enough = (covered > 0) & (covered >= least * length)
    return total, np.where(enough, covered, np.nan)
