"""Billing periods: what a bill covers in whole local days, which bills are combined, and which are left out (CalTRACK
2.2.3 for the baseline, 3.5.5 for the reporting period)."""

from dataclasses import dataclass

import numpy as np

from eeds.meter.arrays import Indexes, Mask, Numbers
from eeds.meter.days import Days
from eeds.meter.limits import BillLimits
from eeds.meter.marks import Mark, mark_where, marked
from eeds.meter.series import within
from eeds.meter.types import Periods, Trace

# CalTRACK 2.2.3.5 and 3.5.5.4; the library's settings object has the limit of bimonthly bills for both.
LONGEST_MONTHLY = 35


@dataclass(frozen=True, eq=False)
class Bills:
    """Consecutive bills: the position of the first day of each, how many days it covers, its energy, NaN where it is
    missing or left out, and its marks."""

    first_day: Indexes
    days: Indexes
    energy: Numbers
    marks: Indexes

    @property
    def end_day(self) -> Indexes:
        """The day after the last of each."""
        return self.first_day + self.days

    def spread(self, count: int) -> tuple[Indexes, Numbers]:
        """For each of so many days the bill that it lies in, -1 for none, and an even share of its energy."""
        day = np.arange(count)
        begun = np.searchsorted(self.first_day, day, side="right") - 1
        bill = np.where(day < np.append(self.end_day, 0)[begun], begun, -1)
        return bill, np.append(self.energy / np.maximum(self.days, 1), np.nan)[bill]


def bills_of(trace: Trace, days: Days, limits: BillLimits, periods: Periods) -> Bills:
    """The bills of a trace, each from the local day of its reading to that of the next.

    Estimated reads are combined with the actual read that follows them, up to 70 days; those that none follows are no
    bill (2.2.3.1, 3.5.5.1). In the reporting period bills of less than 25 days are combined with the next, up to 70
    days (3.5.5.3), and long ones are marked (3.5.5.4); in the baseline both are left out (2.2.3.4, 2.2.3.5).
    """
    whole = with_estimates(trace, days)
    reporting = within(
        days.midnights[whole.first_day], days.midnights[whole.end_day], periods.reporting_start, periods.reporting_end
    )
    bills, reporting = with_short_ones(whole, reporting, limits)
    combined = marked(bills.marks, Mark.ESTIMATED) | marked(bills.marks, Mark.COMBINED)
    short, long = bills.days < limits.shortest, bills.days > longest(bills.days, combined, limits)
    never = marked(bills.marks, Mark.ESTIMATED) & (bills.days > limits.longest)
    off_cycle = np.where(reporting, never, short | long)
    return Bills(
        bills.first_day,
        bills.days,
        np.where(off_cycle, np.nan, bills.energy),
        bills.marks
        | mark_where(off_cycle, Mark.OFF_CYCLE)
        | mark_where(reporting & short, Mark.SHORT)
        | mark_where(reporting & long & ~never, Mark.LONG),
    )


def with_estimates(trace: Trace, days: Days) -> Bills:
    """A bill for each actual read, with the estimated ones before it."""
    reads = days.index_of(trace.start)
    actual = np.flatnonzero(~trace.estimated[:-1])
    first_read = np.append(0, actual + 1)[:-1]
    energy = [trace.value[begin : end + 1].sum() for begin, end in zip(first_read, actual, strict=True)]
    first_day, end_day = reads[first_read], reads[actual + 1]
    marks = mark_where(first_read < actual, Mark.ESTIMATED)
    return Bills(first_day, end_day - first_day, np.array(energy, dtype=np.float64), marks)


def with_short_ones(bills: Bills, combines: Mask, limits: BillLimits) -> tuple[Bills, Mask]:
    """Each short bill of a mask combined with the next, as long as both are known and in the mask, and what they cover
    is not too long; and the mask of what comes out."""
    if not np.any(combines & (bills.days < limits.shortest)):
        return bills, combines
    known, end_day = ~np.isnan(bills.energy), bills.end_day
    first, last = [], []
    bill, count = 0, len(bills.days)
    while bill < count:
        begin = bill
        while (
            bill + 1 < count
            and end_day[bill] - bills.first_day[begin] < limits.shortest
            and (combines & known)[bill : bill + 2].all()
            and end_day[bill + 1] - bills.first_day[begin] <= limits.longest
        ):
            bill += 1
        first.append(begin)
        last.append(bill)
        bill += 1
    marks = np.bitwise_or.reduceat(bills.marks, first) | mark_where(np.array(first) < last, Mark.COMBINED)
    first_day = bills.first_day[first]
    combined = Bills(first_day, end_day[last] - first_day, np.add.reduceat(bills.energy, first), marks)
    return combined, combines[first]


def longest(length: Indexes, combined: Mask, limits: BillLimits) -> Indexes:
    """How many days each bill may cover: a combined one as many as a bimonthly one (CalTRACK 2.2.3.1)."""
    monthly = length.size > 0 and np.median(length) <= LONGEST_MONTHLY
    return np.where(combined | ~np.bool_(monthly), limits.longest, LONGEST_MONTHLY)
