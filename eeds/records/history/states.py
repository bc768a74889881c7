"""What a load changed: the readings before it, behind it and now, side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from eeds.db.binary_copy import Columns
from eeds.db.cursors import Rows
from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.records.block_cursor import portions
from eeds.records.block_format import decode, part_of
from eeds.records.history.as_of import BLOCK, CHANGE, FIRST, LAST, LOAD, MONTH, NOW, TRACE, as_they_were, whole_months
from eeds.records.history.changes import Mask
from eeds.records.ids import record_ids

Ids = NDArray[np.int64]
TRACES_AT_ONCE = 1000


@dataclass(frozen=True)
class TraceOfLoad:
    """A trace that a load has changed, and the first and last start of what it changed there."""

    id: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class States:
    """Some of the readings that a load has changed, by their sorted `ids`: as they were `before` and `behind` it, and
    as they are `now`, in sorted columns, without those that there were not."""

    ids: Ids
    before: Columns
    behind: Columns
    now: Columns
    rows: Rows

    def conflicts(self) -> Ids:
        """The ids of those that are not any more as the load left them."""
        return self.ids[~same(self.behind, self.now, self.ids)]

    def loads_behind(self, ids: Ids, load_id: int) -> set[int]:
        """The later loads that have changed the readings of these sorted ids."""
        later = [row for row in self.rows if row[LOAD] not in (None, load_id)]
        return {row[LOAD] for row in later if has_any(row, ids)}


def traces_of_load(session: Session, load_id: int) -> list[TraceOfLoad]:
    """The traces that a load has changed, by id."""
    rows = psycopg_connection(session).execute(query("history/traces_of_load"), {"load": load_id})
    return [TraceOfLoad(*row) for row in rows]


def states_of_load(session: Session, load_id: int, changed: datetime, traces: list[TraceOfLoad]) -> Iterator[States]:
    """What a load, which was at the time `changed`, has changed of these traces, by trace and start: some of it at a
    time, never nothing."""
    for place in range(0, len(traces), TRACES_AT_ONCE):
        some = traces[place : place + TRACES_AT_ONCE]
        span = {
            "ids": [trace.id for trace in some],
            "first": min(trace.first for trace in some),
            "end": max(trace.last for trace in some) + timedelta(seconds=1),
            "time": changed.astimezone(UTC) - timedelta(microseconds=1),
        }
        for rows in whole_months(portions(session, query("history/stored_and_later"), span)):
            before, behind = as_they_were(rows), as_they_were([row for row in rows if row[LOAD] != load_id])
            keys = np.union1d(record_ids(before), record_ids(behind))
            ids = keys[~same(before, behind, keys)]
            if len(ids):
                now = as_they_were([row for row in rows if row[CHANGE] == NOW])
                own = [part_of(each, np.isin(record_ids(each), ids)) for each in (before, behind, now)]
                yield States(ids, own[0], own[1], own[2], rows)


def same(some: Columns, others: Columns, ids: Ids) -> Mask:
    """Which readings of sorted ids are the same in both of sorted readings; those that are in neither are."""
    (is_here, value, estimated), (is_there, other, flag) = (at(readings, ids) for readings in (some, others))
    is_equal = ((value == other) | (np.isnan(value) & np.isnan(other))) & (estimated == flag)
    result: Mask = (is_here == is_there) & (~is_here | is_equal)
    return result


def at(readings: Columns, ids: Ids) -> tuple[Mask, NDArray[np.float64], Mask]:
    """Of sorted readings those of these ids: whether they are there, and their values and flags, of those that are not
    anything."""
    own = record_ids(readings)
    if not len(own):
        return np.zeros(len(ids), bool), np.zeros(len(ids)), np.zeros(len(ids), bool)
    place = np.minimum(np.searchsorted(own, ids), len(own) - 1)
    return own[place] == ids, readings["value"][place], readings["estimated"][place]


def has_any(row: tuple[object, ...], ids: Ids) -> bool:
    """Whether a row of history/stored_and_later.sql is about a reading of one of these sorted ids."""
    if row[MONTH] is not None:
        return bool(np.isin(record_ids(decode([row[BLOCK]])), ids).any())
    bounds = {"metadata_id": np.array([row[TRACE]] * 2, np.int64), "start": np.array([row[FIRST], row[LAST]], np.int64)}
    first, last = record_ids(bounds).tolist()
    return bool(((ids >= first) & (ids <= last)).any())
