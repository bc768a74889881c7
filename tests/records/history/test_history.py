"""Whatever is loaded, corrected, deleted and undone: the readings of every time are those that a copy of then has."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.db.engine import Database
from eeds.errors import Conflict, Invalid
from eeds.records import block_cursor, block_store, runs_of_readings
from eeds.records.batch import Batch
from eeds.records.consumption import ReadingStore, lock_traces
from eeds.records.history import as_of
from eeds.records.history.as_of import parse_as_of, readings_as_of
from eeds.records.history.finished import ENERGY, finish
from eeds.records.history.undo import undo_load
from eeds.records.interval_store import store_intervals
from eeds.records.intervals import READING
from eeds.records.record_values import readings_of, records_of
from eeds.records.single_records import change_record, create_records, delete_record
from tests.readings import forget_readings
from tests.records.test_block_store import FIRST, RECORDS, rows_of

EXAMPLES = int(os.environ.get("EEDS_HISTORY_EXAMPLES", "30"))
Stored = dict[tuple[int, datetime], tuple[float | None, bool]]
Operation = Callable[[Session, Principal, Stored, Any], None]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes thousands of readings takes a few."""
    monkeypatch.setattr(runs_of_readings, "SHORTEST_RUN", 2)
    monkeypatch.setattr(block_store, "MANY_SMALL", 3)
    for module in (block_store, block_cursor, as_of):
        monkeypatch.setattr(module, "READINGS_AT_ONCE", 4)
    monkeypatch.setattr(as_of, "TRACES_AT_ONCE", 1)


def load(session: Session, principal: Principal, stored: Stored, how: Any) -> None:
    """Each part is a batch of a load."""
    is_optimistic, batches = how
    store = ReadingStore(session, principal, optimistic=is_optimistic)
    for rows in map(rows_of, batches):
        store.split(batch := Batch(len(rows), range(len(rows)), readings_of(rows)))
        store.add(batch)
    finish(session, principal, ENERGY, store.finish())


def load_intervals(session: Session, principal: Principal, stored: Stored, how: Any) -> None:
    """Readings with ends, as those of Green Button files, window after window of one load."""
    lock_traces(session, principal, [1, 2])
    for trace, first, count, hours, _, value in how:
        readings = np.zeros(count, READING)
        begin = int(FIRST.timestamp()) + 3600 * first
        readings["start"] = begin + 3600 * hours * np.arange(count)
        readings["end"] = readings["start"] + 3600 * hours
        readings["index"] = np.arange(count)
        readings["value"] = np.nan if value is None else min(value, 8.0) + readings["index"]
        store_intervals(session, trace, readings, are_ends_known=True)
    finish(session, principal, ENERGY, ReadingStore(session, principal, optimistic=True).finish())


def one_of(stored: Stored, place: int) -> dict[str, Any] | None:
    """A stored record, if there are some."""
    if not stored:
        return None
    (trace, start), (value, estimated) = sorted(stored.items())[place % len(stored)]
    return {"metadata_id": trace, "start": start, "value": value, "estimated": estimated}


def delete(session: Session, principal: Principal, stored: Stored, how: Any) -> None:
    """Delete a record."""
    if record := one_of(stored, how):
        delete_record(session, principal, record)


def change(session: Session, principal: Principal, stored: Stored, how: Any) -> None:
    """Change a record, or move it, where there is none yet, or make it."""
    place, trace, hour = how
    start = FIRST + timedelta(hours=hour)
    record = one_of(stored, place)
    try:
        if record is None or place % 3 == 0:
            create_records(
                session, principal, [{"metadata_id": trace, "start": start, "value": 7.5, "estimated": True}]
            )
        elif place % 3 == 1:
            change_record(session, principal, record, {"metadata_id": trace, "start": start})
        else:
            change_record(session, principal, record, {"value": float(hour)})
    except Invalid:
        session.rollback()


# As those of blocks, but close to each other, about where a month begins, so that many are between others.
parts = st.tuples(
    st.integers(1, 2),
    st.integers(36, 54),
    st.integers(1, 12),
    st.integers(1, 3),
    st.booleans(),
    st.sampled_from([0.5, None, 1e300]),
)
operations = st.one_of(
    st.tuples(st.just(load), st.tuples(st.booleans(), st.lists(parts, min_size=1, max_size=3))),
    st.tuples(st.just(load_intervals), st.lists(parts, min_size=1, max_size=3)),
    st.tuples(st.just(delete), st.integers(0, 100)),
    st.tuples(st.just(change), st.tuples(st.integers(0, 100), st.integers(1, 2), st.integers(36, 66))),
    st.tuples(st.just("again"), st.integers(1, 3)),
    st.tuples(st.just("undo"), st.integers(1, 4)),
)


class Copies:
    """A full copy of the readings behind each load."""

    def __init__(self, database: Database, principal: Principal) -> None:
        self.database = database
        self.principal = principal
        with database.connection() as connection:
            forget_readings(connection)
            connection.execute("TRUNCATE loads CASCADE")
        self.states: list[tuple[datetime, Stored]] = []
        self.of_load: dict[int, tuple[Stored, Stored]] = {}
        self.note({})

    @property
    def now(self) -> Stored:
        """The latest."""
        return self.states[-1][1]

    def note(self, before: Stored) -> None:
        """Copy what is stored."""
        with self.database.connection() as connection:
            stored = {(id, start): (value, flag) for id, start, value, flag in connection.execute(RECORDS).fetchall()}
            (time,) = connection.execute("SELECT clock_timestamp()").fetchone() or ()
            (id,) = connection.execute("SELECT max(id) FROM loads").fetchone() or ()
        self.states.append((time, stored))
        if id is not None and id not in self.of_load:
            self.of_load[id] = before, stored

    def apply(self, operation: Operation, how: Any) -> None:
        """Do something, and copy what there is then."""
        before = self.now
        with self.database.session() as session:
            operation(session, self.principal, before, how)
        self.note(before)

    def undo(self, id: int) -> None:
        """Undo a load, which is refused if the same readings have been changed since."""
        before, behind = self.of_load[id]
        now = self.now
        affected = {key for key in before.keys() | behind.keys() if before.get(key) != behind.get(key)}
        may = bool(affected) and all(now.get(key) == behind.get(key) for key in affected)
        with self.database.session() as session:
            try:
                undo_load(session, self.principal, id)
            except Conflict:
                assert not may
                session.rollback()
                return
        assert may, (affected, {key: (before.get(key), behind.get(key), now.get(key)) for key in affected})
        self.note(now)
        expected = {key: reading for key, reading in now.items() if key not in affected}
        expected |= {key: reading for key, reading in before.items() if key in affected}
        assert self.now == expected

    def check(self) -> None:
        """Every time has what its copy has."""
        for time, stored in self.states:
            with self.database.session() as session:
                parse_as_of(session, time.isoformat())
                found = [each for part in readings_as_of(session, time, [1, 2]) for each in records_of(part)]
            shown = {(each["metadata_id"], each["start"]): (each["value"], each["estimated"]) for each in found}
            assert len(shown) == len(found)
            assert [*shown] == sorted(shown)
            assert shown == stored


@given(operations=st.lists(operations, min_size=3, max_size=12))
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_every_time_is_as_it_was(
    database: Database,
    principal: Principal,
    small: None,
    operations: Any,
) -> None:
    copies = Copies(database, principal)
    done: list[tuple[Operation, Any]] = []
    for operation, how in operations:
        if operation == "undo":
            if ids := sorted(copies.of_load):
                copies.undo(ids[-min(how, len(ids))])
        elif operation == "again":
            if done:
                copies.apply(*done[-min(how, len(done))])
        else:
            copies.apply(operation, how)
            done.append((operation, how))
    copies.check()
