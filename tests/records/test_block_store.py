"""Blocks in the database: whatever is loaded, changed and deleted, they hold what was sent, and never overlap."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eeds.accounts.principal import Principal
from eeds.db.engine import Database
from eeds.records import block_cursor, block_store, runs_of_readings
from eeds.records.batch import Batch
from eeds.records.block_store import TooDense
from eeds.records.consumption import ReadingStore
from eeds.records.record_values import readings_of
from eeds.records.refusals import Counts
from eeds.records.single_records import delete_record
from tests.readings import forget_readings, store_series

FIRST = datetime(2015, 1, 30, tzinfo=UTC)
HOUR = np.timedelta64(1, "h")
BLOCKS = """
    SELECT metadata_id, month, first_start, last_start, readings, energy FROM consumption_blocks
    ORDER BY metadata_id, first_start
"""
RECORDS = "SELECT metadata_id, start, value, estimated FROM consumption_records ORDER BY 1, 2"
EXTENTS = "SELECT metadata_id, first_start, last_start, readings, energy FROM trace_extents ORDER BY 1"
OF_BLOCKS = """
    SELECT metadata_id, min(first_start), max(last_start), sum(readings)::bigint, sum(energy) FROM consumption_blocks
    GROUP BY metadata_id ORDER BY 1
"""
OF_RECORDS = """
    SELECT metadata_id, min(start), max(start), count(*), coalesce(sum(value), 0) FROM consumption_records
    GROUP BY metadata_id ORDER BY 1
"""
Stored = dict[tuple[int, datetime], tuple[float | None, bool]]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes thousands of readings takes a few."""
    monkeypatch.setattr(runs_of_readings, "SHORTEST_RUN", 2)
    monkeypatch.setattr(block_store, "MANY_SMALL", 3)
    monkeypatch.setattr(block_store, "READINGS_AT_ONCE", 4)
    monkeypatch.setattr(block_cursor, "READINGS_AT_ONCE", 4)


# of a trace: where it begins, how many hours, how far apart, backwards or not, and what its values are
parts = st.tuples(
    st.integers(1, 2),
    st.integers(0, 90),
    st.integers(1, 12),
    st.integers(1, 3),
    st.booleans(),
    st.sampled_from([0.5, None, 1e300]),
)
loads = st.lists(st.tuples(st.booleans(), st.lists(parts, min_size=1, max_size=4)), min_size=1, max_size=6)


def rows_of(part: Any) -> list[dict[str, Any]]:
    """The readings of a part."""
    trace, first, count, step, is_backwards, value = part
    rows = [
        {
            "metadata_id": trace,
            "start": FIRST + timedelta(hours=first + step * n),
            "value": value and value + n,
            "estimated": n % 4 == 3,
        }
        for n in range(count)
    ]
    return rows[::-1] if is_backwards else rows


@given(loads=loads)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_loads(database: Database, principal: Principal, small: None, loads: Any) -> None:
    """Each part is a batch of a load."""
    stored: Stored = {}
    with database.connection() as connection:
        forget_readings(connection)
    for is_optimistic, batches in loads:
        before = dict(stored)
        with database.session() as session:
            store = ReadingStore(session, principal, optimistic=is_optimistic)
            for rows in map(rows_of, batches):
                store.split(batch := Batch(len(rows), range(len(rows)), readings_of(rows)))
                store.add(batch)
                stored |= {(row["metadata_id"], row["start"]): (row["value"], row["estimated"]) for row in rows}
            counts = store.finish()
        assert sum(tally.readings for tally in store.outcome.again.values()) == counts.duplicates
        sent = {(row["metadata_id"], row["start"]) for part in batches for row in rows_of(part)}
        assert counts == counts_between(before, stored, sent, sum(part[2] for part in batches))
    assert_stored(database, stored)


def counts_between(before: Stored, after: Stored, sent: set[Any], number: int) -> Counts:
    """What a load of these keys, in so many readings, should say."""
    created = len(sent - before.keys())
    unchanged = sum(before[key] == after[key] for key in sent & before.keys())
    return Counts(created, len(sent) - created - unchanged, unchanged, number - len(sent))


def assert_stored(database: Database, stored: Stored) -> None:
    """The readings are those, the blocks do not overlap, and what is said of them is so."""
    with database.connection() as connection:
        found = [tuple(row) for row in connection.execute(RECORDS).fetchall()]
        blocks = connection.execute(BLOCKS).fetchall()
        extents = connection.execute(EXTENTS).fetchall()
        assert extents == connection.execute(OF_BLOCKS).fetchall()
        assert [row[:4] for row in extents] == [row[:4] for row in connection.execute(OF_RECORDS).fetchall()]
    assert found == [(*key, *stored[key]) for key in sorted(stored)]
    for (trace, _, _, last, *_), (next_trace, _, first, *_) in pairwise(blocks):
        assert trace < next_trace or last < first
    for _, month, first, last, *_ in blocks:
        assert month == first.date().replace(day=1) == last.date().replace(day=1)


def test_blocks_of_appended_days_become_one(database: Database, principal: Principal) -> None:
    """A day in order is put beside the others, until there are too many of them."""
    numbers = []
    for day in range(10):
        rows = rows_of((1, 48 + 24 * day, 24, 1, False, 0.5))
        with database.session() as session:
            store = ReadingStore(session, principal, optimistic=True)
            store.split(batch := Batch(24, range(24), readings_of(rows)))
            store.add(batch)
            assert store.finish() == Counts(created=24)
        with database.connection() as connection:
            numbers.append(len(connection.execute(BLOCKS).fetchall()))
    assert numbers == [1, 2, 3, 4, 5, 6, 7, 8, 1, 2]


def test_a_dense_month_goes_in_order_or_in_words(
    database: Database, principal: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in order needs no more room than its batch; what has to be merged at once does."""
    monkeypatch.setattr(block_store, "MOST_AT_ONCE", 100)
    monkeypatch.setattr(block_store, "READINGS_AT_ONCE", 40)
    for attempt in range(2):
        with database.session() as session:
            store = ReadingStore(session, principal, optimistic=True)
            for first in range(48, 248, 40):
                store.split(batch := Batch(40, range(40), readings_of(rows_of((1, first, 40, 1, False, 0.5)))))
                store.add(batch)
            assert store.finish() == (Counts(unchanged=200) if attempt else Counts(created=200))
    with database.session() as session:
        store = ReadingStore(session, principal, optimistic=True)
        store.split(batch := Batch(120, range(120), readings_of(rows_of((1, 48, 120, 2, False, 1.5)))))
        store.add(batch)
        with pytest.raises(TooDense, match="Trace 1 has more than 100 readings in 2015-02 to be merged at once"):
            store.finish()
        session.rollback()
    with database.connection() as connection, pytest.raises(TooDense, match="Send them in order of time"):
        store_series(connection, 1, "2015-02-01T00:30", HOUR, [1.0])


def test_a_deleted_reading_is_gone_and_the_last_one_leaves_nothing(database: Database, principal: Principal) -> None:
    rows = rows_of((1, 0, 3, 1, False, 0.5))
    stored: Stored = {(row["metadata_id"], row["start"]): (row["value"], row["estimated"]) for row in rows}
    with database.connection() as connection:
        store_series(connection, 1, "2015-01-30", HOUR, [0.5, 1.5, 2.5])
    for row in rows:
        with database.session() as session:
            delete_record(session, principal, row)
        del stored[(row["metadata_id"], row["start"])]
        assert_stored(database, stored)
    with database.connection() as connection:
        assert connection.execute(EXTENTS).fetchall() == []
