"""Billing periods: what a bill covers in whole local days, and which bills are left out (CalTRACK 2.2.3)."""

from dataclasses import dataclass

import numpy as np

from eeds.meter.arrays import Indexes, Mask, Numbers
from eeds.meter.days import Days
from eeds.meter.limits import BillLimits
from eeds.meter.types import Trace

# CalTRACK 2.2.3.5; the library's settings object has the limit of bimonthly bills for both.
LONGEST_MONTHLY = 35


@dataclass(frozen=True, eq=False)
class Bills:
    """Consecutive bills: the position of the first day of each, how many days it covers, and its energy, NaN where it
    is missing or off cycle."""

    first_day: Indexes
    days: Indexes
    energy: Numbers
    off_cycle: Mask

    def spread(self, count: int) -> tuple[Indexes, Numbers]:
        """For each of so many days the bill that it lies in, -1 for none, and an even share of its energy."""
        day = np.arange(count)
        begun = np.searchsorted(self.first_day, day, side="right") - 1
        bill = np.where(day < np.append(self.first_day + self.days, 0)[begun], begun, -1)
        return bill, np.append(self.energy / np.maximum(self.days, 1), np.nan)[bill]


def bills_of(trace: Trace, days: Days, limits: BillLimits) -> Bills:
    """The bills of a trace, estimated reads combined with the read that follows them; one that none follows is
    left out. A bill begins on the local day of its reading."""
    reads = days.index_of(trace.start)
    actual = np.flatnonzero(~trace.estimated[:-1])
    first_read = np.append(0, actual + 1)[:-1]
    energy = [trace.value[begin : end + 1].sum() for begin, end in zip(first_read, actual, strict=True)]
    first_day, end_day = reads[first_read], reads[actual + 1]
    length = end_day - first_day
    off_cycle = (length < limits.shortest) | (length > longest(length, first_read < actual, limits))
    return Bills(first_day, length, np.where(off_cycle, np.nan, np.array(energy, dtype=np.float64)), off_cycle)


def longest(length: Indexes, combined: Mask, limits: BillLimits) -> Indexes:
    """How many days each bill may cover: a combined one as many as a bimonthly one (CalTRACK 2.2.3.1)."""
    monthly = length.size > 0 and np.median(length) <= LONGEST_MONTHLY
    return np.where(combined | ~np.bool_(monthly), limits.longest, LONGEST_MONTHLY)
