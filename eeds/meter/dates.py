"""Days that came as plain dates.

A table of dates without times is stored at midnights UTC, where a site in Chicago has 18:00 or 19:00 of the day before.
No meter there is read at that hour, one hour earlier in winter than in summer: such starts are dates, and their days
are the local days of those dates.
"""

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import numpy as np

from eeds.meter.arrays import Instants, Mask
from eeds.meter.days import local_days
from eeds.meter.types import Periods, Trace

# Hours with gaps have single midnights next to each other; fewer than these in a row are no dates.
LEAST_IN_A_ROW = 3


def are_dates(start: Instants) -> Mask:
    """Which starts are dates: at midnight UTC, as all of the trace are, or several in a row, for a meter may have been
    read by the day before it was by the hour."""
    midnight: Mask = start == start.astype("datetime64[D]")
    if midnight.all():
        return midnight
    edges = np.flatnonzero(np.diff(np.pad(midnight.astype(np.int8), 1)))
    dates = np.zeros(len(start), dtype=bool)
    for begin, end in edges.reshape(-1, 2):
        dates[begin:end] = end - begin >= LEAST_IN_A_ROW
    return dates


def at_local_midnights(trace: Trace, timezone: str) -> Trace:
    """The trace with the starts that are dates moved to the local midnights of those dates (CalTRACK 2.3.3, 3.3.3.5);
    where dates and times meet, a start that would pass its neighbour stays."""
    if timezone == "UTC" or not trace.start.size:
        return trace
    dates = are_dates(trace.start)
    if not dates.any():
        return trace
    named = trace.start[dates].astype("datetime64[D]")
    days = local_days(named[0].item(), named[-1].item(), timezone)
    start = trace.start.copy()
    start[dates] = days.midnights[(named - named[0]).astype(np.int64)]
    passes = np.diff(start).astype(np.int64) <= 0
    start = np.where(np.append(passes, False) | np.append(False, passes), trace.start, start)
    return replace(trace, start=start)


def local_periods(periods: Periods, timezone: str) -> Periods:
    """The periods with the ends that are dates moved to local midnights in the same way."""
    return Periods(
        periods.baseline_start and local_end(periods.baseline_start, timezone),
        local_end(periods.baseline_end, timezone),
        local_end(periods.reporting_start, timezone),
        periods.reporting_end and local_end(periods.reporting_end, timezone),
    )


def local_end(moment: datetime, timezone: str) -> datetime:
    """A start or end of a period; the local midnight of a date."""
    moment = moment.astimezone(UTC)
    if moment.time() != time():
        return moment
    return datetime.combine(moment.date(), time(), ZoneInfo(timezone)).astimezone(UTC)
