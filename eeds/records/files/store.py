"""Storing the readings of a file: those with ends as intervals, others as records that last until the next one."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.errors import BodyTooLarge
from eeds.records.balance import Tally, places_by_trace, tallies_by_trace
from eeds.records.batch import BATCH_RECORDS, Batch
from eeds.records.consumption import ReadingStore, TraceGone, lock_traces
from eeds.records.files.accounts import Accounts
from eeds.records.files.local_time import Mask, Seconds
from eeds.records.files.taken import NEVER
from eeds.records.interval_store import store_intervals
from eeds.records.intervals import READING
from eeds.records.merging import LISTED_CHANGES, Change
from eeds.records.refusals import Counts

# Readings of a trace that are resolved with each other and with what is stored: 4 years of quarters of an hour.
MAX_AT_ONCE = 141_000
OVERLAPS = "The reading contradicts {}, which is {:.6g} and of the same time or a part of it."


class TraceTooLong(BodyTooLarge):
    """A trace has more readings than are resolved at once."""


@dataclass(frozen=True)
class Ready:
    """Readings that can be stored: their positions in the file's, their traces, and what is stored, in the units of the
    traces; starts and ends in seconds since 1970, an end NEVER where the file has none."""

    at: NDArray[np.intp]
    ids: Seconds
    starts: Seconds
    ends: Seconds
    values: NDArray[np.float64]
    estimated: Mask

    def part(self, which: NDArray[np.generic]) -> "Ready":
        """Some of them, by a mask or in another order."""
        return Ready(*(getattr(self, each.name)[which] for each in fields(self)))


@dataclass(frozen=True)
class Stored:
    """What became of the records, and the first stored readings that differ now."""

    counts: Counts
    changes: list[Change]


def store_ready(
    session: Session, principal: Principal, ready: Ready, accounts: Accounts, *, optimistic: bool
) -> Stored:
    """Store readings, of which no two of a trace have the same start and end. Raises TraceGone and TraceTooLong."""
    ids = np.unique(ready.ids).tolist()
    if lock_traces(session, principal, ids) != {*ids}:
        raise TraceGone
    if len(ready.at) and (ready.ends != NEVER).all():
        return store_with_ends(session, ready, accounts)
    return store_records(session, principal, ready, accounts, optimistic=optimistic)


def store_with_ends(session: Session, ready: Ready, accounts: Accounts) -> Stored:
    """Store readings that have ends, trace by trace. Those that contradict others are refused."""
    counts = Counts()
    changes: list[Change] = []
    for id, places in places_by_trace(ready.ids):
        require_short(len(places))
        readings = np.zeros(len(places), READING)
        readings["index"], readings["start"], readings["end"] = (
            ready.at[places],
            ready.starts[places],
            ready.ends[places],
        )
        readings["value"], readings["estimated"] = ready.values[places], ready.estimated[places]
        stored = store_intervals(session, id, readings, are_ends_known=False)
        for conflict in stored.conflicts:
            other = "finer ones" if conflict.other is None else f"the one on line {accounts.line_of(conflict.other)}"
            accounts.refuse(conflict.index, "start", OVERLAPS.format(other, conflict.other_value))
        accounts.add(id, stored=stored.stored, replaced=stored.replaced, overwritten=stored.overwritten)
        counts += stored.counts
        changes += stored.changes
    return Stored(counts, changes[:LISTED_CHANGES])


def require_short(readings: int) -> None:
    """Raises TraceTooLong for more readings with ends of one trace than are resolved at once."""
    if readings > MAX_AT_ONCE:
        raise TraceTooLong(
            f"A trace has more than {MAX_AT_ONCE:,} readings with ends; send the file in parts, by years."
        )


def store_records(
    session: Session, principal: Principal, ready: Ready, accounts: Accounts, *, optimistic: bool
) -> Stored:
    """Store readings without ends, each of which lasts until the next one of its trace."""
    store = ReadingStore(session, principal, optimistic=optimistic)
    ordered = ready.part(np.lexsort((ready.starts, ready.ids)))
    for batch in batches(ordered):
        if store.split(batch)[1]:
            raise TraceGone
        store.add(batch)
    counts = store.finish()
    for id, stored in tallies_by_trace(ordered.ids, ordered.values):
        accounts.add(id, stored=stored, overwritten=store.outcome.overwritten.get(id, Tally()))
    return Stored(counts, store.outcome.changes)


def batches(ready: Ready) -> Iterator[Batch]:
    """Readings in batches."""
    for first in range(0, len(ready.at), BATCH_RECORDS):
        part = ready.part(np.arange(first, min(first + BATCH_RECORDS, len(ready.at))))
        columns = {
            "metadata_id": part.ids,
            "start": part.starts.astype("datetime64[s]"),
            "value": part.values,
            "estimated": part.estimated,
        }
        yield Batch(len(part.at), range(len(part.at)), columns)
