"""What a load changes, written as it goes: see sql/migrations/0026_history.sql.

Whoever writes holds the locks of the traces, so the changes of a trace have one order. A load has all of them by the
time it says when it was (`loads.changed`), so that this is the order of those times.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC
from typing import NamedTuple, cast

import numpy as np
from sqlalchemy.orm import Session

from eeds.db.binary_copy import HEADER, POSTGRES_EPOCH, TRAILER, Columns
from eeds.db.engine import PsycopgConnection, psycopg_connection
from eeds.db.statements import query
from eeds.jobs.stale_results import Span
from eeds.records.block_format import EMPTY, block_heads, encode
from eeds.records.history.changes import Changes, Energies
from eeds.records.history.sent import sent_of
from eeds.records.runs_of_readings import Runs, run_heads

HISTORY = "history"  # what a session keeps of a load, by name
ADDITION = struct.Struct(">h iq iq iq iq ii")
ADDITION_FIELDS = 5
ENDING = 0x656E64696E67  # the lock of loads that end
# Bills a month apart are changed together.
BESIDE = np.timedelta64(45, "D")
LOAD_ID, PART = struct.Struct(">iq"), struct.Struct(">ii")


class ChangedTrace(NamedTuple):
    """What else there is to say of a trace whose readings have changed."""

    unit: str
    project: int | None


@dataclass
class History:
    """What one load changes, in one transaction. `load_id` is given where the load has a row already."""

    connection: PsycopgConnection
    load_id: int | None = None
    parts: int = 0
    added: list[tuple[int, Runs]] = field(default_factory=list)  # that are still to be written, by part
    energies: list[Energies] = field(default_factory=list)
    traces: set[int] = field(default_factory=set)  # that have changed
    touched: list[Runs] = field(default_factory=list)  # what has, by trace and month
    deleted: int = 0

    @property
    def id(self) -> int:
        """That of the load, whose row may still be to come."""
        if self.load_id is None:
            row = self.connection.execute(query("history/next_load_id")).fetchone()
            self.load_id = cast(tuple[int], row)[0]
        return self.load_id

    def changed_traces(self) -> dict[int, ChangedTrace]:
        """The traces that have changed, which are locked, by id. Says that the load is about to say when it was: who
        asks for the readings of that time or a later one waits from now on until it is committed (see `await_ending`).
        """
        if not self.traces:
            return {}
        parameters = {"traces": sorted(self.traces), "load_id": self.load_id, "ending": ENDING}
        rows = self.connection.execute(query("history/changed_traces"), parameters).fetchall()
        self.load_id = rows[0][0]
        return {id: ChangedTrace(unit, project) for _, id, unit, project in rows}

    def add(self, changes: Changes) -> None:
        """Keep what a write changes."""
        if len(changes.added.ids):
            self.added.append((self.parts, changes.added))
            self.traces.update(np.unique(changes.added.ids).tolist())
        if len(changes.replaced["start"]):
            self.traces.update(np.unique(changes.replaced["metadata_id"]).tolist())
            more = [LOAD_ID.pack(8, self.id), PART.pack(4, self.parts)]
            with self.connection.cursor().copy(query("history/copy_versions")) as target:
                target.write(encode(changes.replaced, more))
        self.touched += (changes.added, runs_by_month(changes.replaced))
        self.energies.append(changes.energies)
        self.deleted += changes.deleted
        self.parts += 1

    def add_new(self, readings: Columns, runs: Runs) -> None:
        """Keep that sorted readings were stored where none were: the runs that they consist of."""
        self.add(Changes(runs, energies=Energies.of(readings, EMPTY)))

    def spans(self) -> Iterator[Span]:
        """What has changed of each trace; changes within BESIDE of each other are one."""
        runs = Runs.together(self.touched)
        order = np.lexsort((runs.first, runs.ids))
        ids, first, last = runs.ids[order], runs.first[order], runs.last[order]
        for own in np.split(np.arange(len(ids)), run_heads(ids)[1:]) if len(ids) else ():
            until = np.maximum.accumulate(last[own])
            heads = np.append(0, np.flatnonzero(first[own][1:] - until[:-1] > BESIDE) + 1)
            tails = np.append(heads[1:], len(own)) - 1
            for start, end in zip(first[own][heads].tolist(), until[tails].tolist(), strict=True):
                yield Span(int(ids[own[0]]), start.replace(tzinfo=UTC), end.replace(tzinfo=UTC))

    def write_additions(self) -> None:
        """Store which readings are new."""
        if self.added:
            rows = b"".join([HEADER, *self.additions(self.id), TRAILER])
            with self.connection.cursor().copy(query("history/copy_additions")) as target:
                target.write(rows)
            self.added = []

    def additions(self, load_id: int) -> Iterator[bytes]:
        """The rows of the runs."""
        for part, runs in self.added:
            first, last = ((starts - POSTGRES_EPOCH).astype(np.int64) * 1_000_000 for starts in (runs.first, runs.last))
            for id, start, end in zip(runs.ids.tolist(), first.tolist(), last.tolist(), strict=True):
                yield ADDITION.pack(ADDITION_FIELDS, 8, id, 8, load_id, 8, start, 8, end, 4, part)


def await_ending(connection: PsycopgConnection) -> None:
    """Wait for the loads that have said when they were and are not committed yet, so that what was stored until now is
    the same whenever it is read."""
    connection.execute("SELECT pg_advisory_lock(%s), pg_advisory_unlock(%s)", [ENDING, ENDING])


def runs_by_month(readings: Columns) -> Runs:
    """Sorted readings as a run for each trace and month, whatever is between them."""
    heads = block_heads(readings)
    tails = np.append(heads[1:], len(readings["start"]))[: len(heads)] - 1
    return Runs(readings["metadata_id"][heads], readings["start"][heads], readings["start"][tails])


def history_of(session: Session) -> History:
    """What the load changes that the session's transaction is part of."""
    connection = psycopg_connection(session)
    transaction, history = session.info.get(HISTORY, (None, None))
    if transaction is not session.get_transaction():  # what was changed before has been rolled back, or committed
        history = History(connection, sent_of(session).load_id)
        session.info[HISTORY] = session.get_transaction(), history
    return cast(History, history)
