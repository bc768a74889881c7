"""Local times as instants: the hour that comes twice in autumn is told apart by its order, the one that clocks skip in
spring is found. Pure: times are whole seconds, local ones as if they were UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.int64]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.signedinteger[Any]]  # of what readings are of

DAY = 86_400
MARGIN = 2 * DAY  # no zone is further from UTC, so that changes beyond cannot matter
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What a column may say of an instant in the hour that comes twice.
NOT_SAID, SUMMER, STANDARD = 0, 1, 2


@dataclass(frozen=True)
class Offsets:
    """The offsets from UTC that a zone has over a span of time: `offsets[i]` until `changes[i]` (UTC), the last from
    then on."""

    changes: Seconds
    offsets: Seconds

    @property
    def begins(self) -> Seconds:
        """The local time at which each offset begins."""
        return np.concatenate(([np.iinfo(np.int64).min], self.changes + self.offsets[1:]))

    @property
    def ends(self) -> Seconds:
        """The local time at which each offset but the last ends."""
        return self.changes + self.offsets[:-1]


def offsets_of(zone: tzinfo, first: int, last: int) -> Offsets:
    """The offsets of a zone between two local times."""
    at, until = first - MARGIN, last + MARGIN
    changes, offsets = [], [offset_at(zone, at)]
    while at < until:
        following = at + DAY
        if offset_at(zone, following) != offsets[-1]:
            changes.append(change_between(zone, at, following))
            offsets.append(offset_at(zone, following))
        at = following
    return Offsets(np.array(changes, np.int64), np.array(offsets, np.int64))


def offset_at(zone: tzinfo, instant: int) -> int:
    """Seconds from UTC at an instant."""
    offset = (EPOCH + timedelta(seconds=instant)).astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def change_between(zone: tzinfo, low: int, high: int) -> int:
    """When the offset changes that is not the same at two instants."""
    before = offset_at(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset_at(zone, middle) == before else (low, middle)
    return high


@dataclass(frozen=True)
class Instants:
    """Instants in UTC. Those that are `skipped` do not exist: no clock showed that local time."""

    seconds: Seconds
    skipped: Mask


def starts_in_utc(zone: tzinfo, local: Seconds, traces: Numbers, said: NDArray[np.int8] | None = None) -> Instants:
    """The instants of starts that stand in the order of their file, `traces` numbers whose they are.

    Of a local time that comes twice, the first in the order of its trace is meant by the first; a trace that is written
    backwards is read backwards. What a column has `said` (SUMMER or STANDARD) goes before that.
    """
    if not len(local):
        return Instants(local, np.zeros(0, bool))
    table = offsets_of(zone, int(local.min()), int(local.max()))
    first = np.searchsorted(table.ends, local, "right")
    second = np.minimum(first + 1, len(table.changes))
    skipped = local < table.begins[first]
    comes_twice = (second > first) & (local >= table.begins[second]) & ~skipped
    is_second = np.zeros(len(local), bool)
    for trace in np.unique(traces[comes_twice]).tolist():
        places = np.flatnonzero(traces == trace)
        is_second[places] = second_times(local[places], comes_twice[places], first[places])
    if said is not None:
        is_second = np.where(said == NOT_SAID, is_second, said == STANDARD) & comes_twice
    return Instants(local - table.offsets[np.where(is_second, second, first)], skipped)


def second_times(local: Seconds, comes_twice: Mask, change: NDArray[np.intp]) -> Mask:
    """Which of the readings of one trace are in the second of two hours of the same name: those behind one in that hour
    that is not earlier by the clock."""
    forward = range(len(local))
    steps = np.sign(np.diff(local))
    order = forward if steps.sum() >= 0 else reversed(forward)
    is_second = np.zeros(len(local), bool)
    previous = -1
    for place in order:
        if comes_twice[place]:
            same = previous >= 0 and comes_twice[previous] and change[previous] == change[place]
            is_second[place] = same and (is_second[previous] or local[place] <= local[previous])
        previous = place
    return is_second


def ends_in_utc(zone: tzinfo, local_starts: Seconds, local_ends: Seconds, starts: Seconds, traces: Numbers) -> Seconds:
    """The instants of the ends of readings that start then.

    An end that no clock showed is the moment of the change. Where the clocks change between start and end, the local
    times may mean the elapsed time or not: what reaches exactly to the next start of the trace is right.
    """
    if not len(local_ends):
        return local_ends
    table = offsets_of(zone, int(local_ends.min()), int(local_ends.max()))
    first = np.searchsorted(table.ends, local_ends, "right")
    second = np.minimum(first + 1, len(table.changes))
    skipped = local_ends < table.begins[first]
    early = local_ends - table.offsets[np.where(skipped, np.maximum(first - 1, 0), first)]
    late = np.where((local_ends >= table.begins[second]) & ~skipped, local_ends - table.offsets[second], early)
    ends = np.where(early > starts, early, late)
    elapsed = starts + local_ends - local_starts
    return np.where((ends != elapsed) & (elapsed == next_starts(starts, traces)), elapsed, ends)


def next_starts(starts: Seconds, traces: Numbers) -> Seconds:
    """The start that comes next in the same trace, in whatever order they are; behind the last the largest number."""
    order = np.lexsort((starts, traces))
    ordered_starts, ordered_traces = starts[order], traces[order]
    is_new = np.append(True, (np.diff(ordered_starts) != 0) | (np.diff(ordered_traces) != 0))
    heads = np.flatnonzero(is_new)
    last = np.iinfo(np.int64).max
    has_next = np.append(ordered_traces[heads[1:]] == ordered_traces[heads[:-1]], False)
    of_head = np.where(has_next, np.append(ordered_starts[heads[1:]], last), last)
    following = np.empty(len(starts), np.int64)
    following[order] = of_head[np.cumsum(is_new) - 1]
    return following
