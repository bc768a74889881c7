"""Consumption records in bulk: the readings of any number of traces, stored by (metadata_id, start)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db import binary_copy
from eeds.db.array_parameters import among
from eeds.db.binary_copy import Columns
from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.db.tables import ConsumptionMetadata
from eeds.formats.messages import invalid_pk
from eeds.records.batch import Batch
from eeds.records.fields import FLAG, INSTANT, KEY, VALUE, Field, read_boolean, read_key, read_number, read_time
from eeds.records.ids import FIRST_START, LAST_START, START_RANGE
from eeds.records.record_type import Faults, RecordType
from eeds.records.refusals import Counts, Refusal

FINAL, STAGED = "consumption_records", "staged_records"
# Looking up what is stored costs a little a run: worth it for runs of this length.
SHORTEST_RUN = 20
FIRST, LAST = (np.datetime64(time.replace(tzinfo=None), "s") for time in (FIRST_START, LAST_START))
# Of every reading, whichever way its trace is given.
READING_FIELDS = {
    "start": Field(read_time, INSTANT, column_names=("start", "date")),
    "value": Field(read_number, VALUE, nullable=True),
    "estimated": Field(read_boolean, FLAG, default=False),
}


def reading_faults(columns: Columns) -> Faults:
    """Starts are whole seconds of a range that ids can be computed for."""
    start = columns["start"]
    yield "start", START_RANGE, (start < FIRST) | (start >= LAST) | (start != start.astype("datetime64[s]"))


CONSUMPTION = RecordType(
    "consumption_records", "records", {"metadata_id": Field(read_key, KEY), **READING_FIELDS}, reading_faults
)


class ReadingStore:
    """Where the readings of one load go, in the session's transaction.

    As long as every trace of a batch is one run in order of time, and nothing is stored where it goes, the batch is
    copied straight into the table. From the first that is not, everything goes to a staging table and is merged at the
    end. Loads of the same traces take turns, by locks on the traces. An optimistic load locks traces as they appear,
    and may find itself waiting for one that waits for it (DeadlockDetected). One that is not stages all, then locks in
    id order: two such loads cannot deadlock.
    """

    def __init__(self, session: Session, principal: Principal, *, optimistic: bool) -> None:
        self.session = session
        self.principal = principal
        self.direct = optimistic
        self.traces: set[int] = set()  # the principal may write to them
        self.all_locked = True  # as long as we are optimistic
        self.unknown: set[int] = set()
        self.copied = 0
        self.connection = psycopg_connection(session)
        self.connection.execute(query("records/load_settings"))
        self.staging = False

    def split(self, batch: Batch) -> tuple[Batch, Sequence[Refusal]]:
        """The readings whose traces the principal may write to, and the refusals of the others."""
        if not batch.rows:
            return batch, []
        ids = batch.columns["metadata_id"]
        self.look_up(set(ids[run_heads(ids)].tolist()) - self.traces - self.unknown)
        if not self.unknown:
            return batch, []
        is_unknown = np.isin(ids, list(self.unknown))
        refusals = [
            batch.refusal(position, "metadata_id", invalid_pk(ids[position]))
            for position in np.flatnonzero(is_unknown).tolist()
        ]
        return batch.part(~is_unknown) if refusals else batch, refusals

    def add(self, batch: Batch) -> None:
        """Copy readings, of which `split` refuses none."""
        if not batch.rows:
            return
        self.direct = self.direct and self.is_free(batch.columns)
        if not self.direct and not self.staging:
            self.connection.execute(query("records/stage_records"))
            self.staging = True
        with self.connection.cursor().copy(query(f"records/copy_{FINAL if self.direct else STAGED}")) as target:
            target.write(binary_copy.records(batch.columns))
        self.copied += len(batch.rows) if self.direct else 0

    def look_up(self, ids: set[int]) -> None:
        """Find out which of these traces the principal may write to."""
        if ids:
            writable = find_traces(self.session, self.principal, sorted(ids), lock=self.direct)
            self.all_locked = self.all_locked and self.direct
            self.traces |= writable
            self.unknown |= ids - writable

    def is_free(self, columns: Columns) -> bool:
        """Whether the readings can be copied as they are: in order, and nothing stored in between."""
        runs = sorted_runs(columns)
        return runs is not None and self.connection.execute(query("records/any_stored_records"), runs).fetchone() == (
            False,
        )

    def finish(self) -> Counts:
        """Merge what was staged; all traces are locked by then. Raises TraceGone."""
        if not self.staging:
            return Counts(created=self.copied)
        if not self.all_locked and lock_traces(self.session, self.principal, sorted(self.traces)) != self.traces:
            raise TraceGone
        created, updated, unchanged, duplicates = (
            self.connection.execute(query("records/merge_records")).fetchone() or (0,) * 4
        )
        return Counts(self.copied + created, updated, unchanged, duplicates)


class TraceGone(Exception):
    """A trace was deleted while its records were on their way: the load has to begin again."""


def find_traces(session: Session, principal: Principal, ids: Sequence[int], *, lock: bool) -> set[int]:
    """Those of the traces that the principal may write to. Locked, in order of id, so that two such calls never wait
    for each other: until the transaction ends nobody deletes them, and other loads of the same traces wait."""
    trace = ConsumptionMetadata
    statement = select(trace.id).where(among(trace.id, ids), visible(principal, trace)).order_by(trace.id)
    return set(session.scalars(statement.with_for_update(key_share=True) if lock else statement))


def lock_traces(session: Session, principal: Principal, ids: Sequence[int]) -> set[int]:
    """Keep those of the traces that are the principal's from being deleted, and other writers of theirs waiting."""
    return find_traces(session, principal, ids, lock=True)


def sorted_runs(columns: Columns) -> dict[str, list[Any]] | None:
    """The runs of records of one trace, each later than the one before: `ids`, and the `first` and `last` start of
    each. None if a trace has more than one run, or they are short."""
    ids, starts = columns["metadata_id"], columns["start"]
    heads = run_heads(ids)
    in_order = starts[1:] > starts[:-1]
    in_order[heads[1:] - 1] = True
    if not in_order.all() or len(ids) < SHORTEST_RUN * len(heads) or len(np.unique(ids[heads])) < len(heads):
        return None
    tails = np.append(heads[1:], len(ids)) - 1
    return {"ids": ids[heads].tolist(), "first": utc_texts(starts[heads]), "last": utc_texts(starts[tails])}


def run_heads(ids: NDArray[np.int64]) -> NDArray[np.intp]:
    """Where another trace begins; one that comes again begins again."""
    return np.flatnonzero(np.concatenate(([True], ids[1:] != ids[:-1]))[: len(ids)])


def utc_texts(starts: NDArray[np.datetime64]) -> list[str]:
    """The starts for Postgres, in UTC."""
    return np.datetime_as_string(starts, timezone="UTC").tolist()  # type: ignore[no-any-return]
