"""Local days: readings summed and temperatures averaged from midnight to midnight, with 23 or 25 hours where clocks
change (CalTRACK 3.3.3.5)."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from eeds.meter.types import Trace

Dates = NDArray[np.datetime64]
Instants = NDArray[np.datetime64]
Numbers = NDArray[np.float64]

# A day counts if at least half of it is covered, and then for the whole of it (CalTRACK 2.2.2.1 and 2.2.2.3).
LEAST_COVERAGE = 0.5
# A reading this many times as long as all its neighbours is one behind which readings are missing.
GAP_FACTOR = 1.5
NEIGHBOURS = 2
HOUR_SECONDS = 3600.0


@dataclass(frozen=True)
class Days:
    """Consecutive local days."""

    dates: Dates  # datetime64[D]
    midnights: Instants  # datetime64[s], UTC: when each day starts, and when the last one ends

    @property
    def seconds(self) -> Numbers:
        """How long each day is; zero for the one that Samoa skipped."""
        return np.diff(self.midnights).astype(np.float64)

    def index_of(self, instants: Instants) -> NDArray[np.intp]:
        """The position of the day that contains each instant; -1 before the first day, len(dates) after the last."""
        return np.searchsorted(self.midnights, instants, side="right") - 1


def local_days(first: date, last: date, timezone: str) -> Days:
    """The days from `first` to `last`, both included."""
    dates = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)
    zone = ZoneInfo(timezone)
    edges = np.append(dates, np.datetime64(last, "D") + 1).tolist()
    # fold=0 makes the first of two midnights the start of a day, and the moment of the jump where midnight is jumped
    midnights = [int(datetime.combine(day, time(), zone).timestamp()) for day in edges]
    return Days(dates, np.array(midnights, dtype="datetime64[s]"))


def days_of(trace: Trace, timezone: str) -> Days:
    """The days that a trace's readings touch."""
    zone = ZoneInfo(timezone)
    first, last = (datetime.fromtimestamp(int(trace.start[i].astype(np.int64)), zone).date() for i in (0, -1))
    return local_days(first, last, timezone)


def daily_energy(trace: Trace, days: Days) -> Numbers:
    """Energy of each day in the trace's unit, NaN where it is missing.

    A reading lasts until the next one starts and is spread evenly over that time; the last record only marks the end.
    A missing reading is missing, never zero: what remains of a day is scaled up to the whole of it, or the day is
    missing if more than half of it is.
    """
    cuts = np.union1d(trace.start, days.midnights)
    cuts = cuts[(cuts >= trace.start[0]) & (cuts <= trace.start[-1])]
    cuts = cuts[(cuts >= days.midnights[0]) & (cuts <= days.midnights[-1])]
    seconds = np.diff(cuts).astype(np.float64)
    reading = np.searchsorted(trace.start, cuts[:-1], side="right") - 1
    length = np.diff(trace.start).astype(np.float64)
    value = np.where(precedes_gap(length), np.nan, trace.value[:-1])
    energy = value[reading] * (seconds / length[reading])
    total, covered = sums(days, days.index_of(cuts[:-1]), energy, seconds)
    return total / (covered / days.seconds)


def precedes_gap(length: Numbers) -> NDArray[np.bool_]:
    """Which readings are much longer than the two before and the two after them: behind those, records were left out.

    Such a reading holds either its usual share or all that was used in the gap; nobody can tell, so it is missing.
    """
    padded = np.pad(length, NEIGHBOURS)
    around = [np.roll(padded, shift) for shift in range(-NEIGHBOURS, NEIGHBOURS + 1) if shift]
    longest: Numbers = np.max(around, axis=0)[NEIGHBOURS:-NEIGHBOURS]
    return (longest > 0) & (length > GAP_FACTOR * longest)


def daily_temperature(first_hour: np.datetime64, hourly: Numbers, days: Days) -> Numbers:
    """Mean temperature of each day, NaN where more than half of its hours are missing; an hour belongs to the day in
    which it starts."""
    hours = first_hour.astype("datetime64[s]") + np.arange(len(hourly)) * np.timedelta64(1, "h")
    index = days.index_of(hours)
    inside = (index >= 0) & (index < len(days.dates))
    seconds = np.full(np.count_nonzero(inside), HOUR_SECONDS)
    total, covered = sums(days, index[inside], hourly[inside], seconds)
    return total / (covered / HOUR_SECONDS)


def sums(days: Days, day: NDArray[np.intp], amount: Numbers, seconds: Numbers) -> tuple[Numbers, Numbers]:
    """Amounts that each belong to a day and last some seconds: for each day their sum, leaving out NaN, and the seconds
    that it covers; NaN seconds where that is too little of the day."""
    present = ~np.isnan(amount)
    day, amount, seconds = day[present], amount[present], seconds[present]
    total = np.bincount(day, amount, minlength=len(days.dates)).astype(np.float64)
    covered = np.bincount(day, seconds, minlength=len(days.dates)).astype(np.float64)
    enough = (covered > 0) & (covered >= LEAST_COVERAGE * days.seconds)
    return total, np.where(enough, covered, np.nan)
