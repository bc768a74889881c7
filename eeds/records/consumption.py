"""Consumption records in bulk: the readings of any number of traces, stored in blocks."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.array_parameters import among
from eeds.db.binary_copy import Columns
from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.db.tables import ConsumptionMetadata
from eeds.formats.messages import invalid_pk
from eeds.records.batch import Batch
from eeds.records.block_format import part_of
from eeds.records.block_store import (
    in_order,
    merge_staged,
    stage_blocks,
    traces_to_merge,
    write_blocks,
    write_extents,
)
from eeds.records.fields import FLAG, INSTANT, KEY, VALUE, Field, read_boolean, read_key, read_number, read_time
from eeds.records.history.written import history_of
from eeds.records.ids import FIRST_START, LAST_START, START_RANGE
from eeds.records.merging import Outcome
from eeds.records.record_type import Faults, RecordType
from eeds.records.refusals import Counts, Refusal
from eeds.records.runs_of_readings import Runs, long_runs, run_heads

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

    Readings of a trace that are in order of time, and where nothing is stored, are copied straight into the table, as
    blocks beside the stored ones. Those of other traces go to a staging table and are merged at the end. Loads of the
    same traces take turns, by locks on the traces. An optimistic load locks traces as they appear, and may find itself
    waiting for one that waits for it (DeadlockDetected). One that is not stages all, then locks in id order: two such
    loads cannot deadlock.
    """

    def __init__(self, session: Session, principal: Principal, *, optimistic: bool) -> None:
        self.session = session
        self.principal = principal
        self.direct = optimistic
        self.traces: set[int] = set()  # the principal may write to them
        self.all_locked = True  # as long as we are optimistic
        self.unknown: set[int] = set()
        self.copied = 0
        self.own: list[Runs] = []  # what has been copied straight
        self.staged: set[int] = set()  # traces with staged readings
        self.outcome = Outcome()
        self.connection = psycopg_connection(session)
        self.history = history_of(session)
        self.connection.execute(query("records/load_settings"))

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
        readings = in_order(batch.columns)
        to_merge = self.traces_to_merge(readings)
        if to_merge is None:
            self.stage(readings)
        elif not to_merge:
            self.copy_straight(readings)
        else:
            is_merged = np.isin(readings["metadata_id"], list(to_merge))
            self.stage(part_of(readings, is_merged))
            self.copy_straight(part_of(readings, ~is_merged))

    def look_up(self, ids: set[int]) -> None:
        """Find out which of these traces the principal may write to."""
        if ids:
            writable = find_traces(self.session, self.principal, sorted(ids), lock=self.direct)
            self.all_locked = self.all_locked and self.direct
            self.traces |= writable
            self.unknown |= ids - writable

    def traces_to_merge(self, readings: Columns) -> set[int] | None:
        """The traces of sorted readings that cannot be copied straight; None: all of them."""
        runs = long_runs(readings) if self.direct else None
        if runs is None:
            return None
        return traces_to_merge(self.connection, runs) | (self.staged & set(runs.ids.tolist()))

    def copy_straight(self, readings: Columns) -> None:
        """Store readings where none are stored."""
        runs = long_runs(readings)
        if runs is None:
            self.stage(readings)
            return
        write_blocks(self.connection, readings)
        self.history.add_new(readings, runs)
        self.own.append(runs)
        self.copied += len(readings["start"])

    def stage(self, readings: Columns) -> None:
        """Keep sorted readings for the merge."""
        if not self.staged:
            self.connection.execute(query("records/stage_blocks"))
        self.staged.update(np.unique(readings["metadata_id"]).tolist())
        self.outcome.add(stage_blocks(self.connection, readings))

    def finish(self) -> Counts:
        """Merge what was staged; all traces are locked by then. Raises TraceGone and TooDense."""
        own = Runs.together(self.own)
        if self.staged:
            traces = sorted(self.traces)
            if not self.all_locked and lock_traces(self.session, self.principal, traces) != self.traces:
                raise TraceGone
            self.outcome.add(merge_staged(self.session, self.history, sorted(self.staged), own))
        if self.copied:
            write_extents(self.connection, np.unique(own.ids).tolist())
        return Counts(created=self.copied) + self.outcome.counts


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
