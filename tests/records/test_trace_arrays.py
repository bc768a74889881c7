"""Traces as the meter gets them are what is stored, to the second and the last bit."""

import math
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from eeds.accounts.operations import create_user
from eeds.db.binary_arrays import FLOAT8, read_array, read_arrays, write_array, write_dates, write_time
from eeds.db.binary_copy import HEADER, TRAILER
from eeds.db.engine import Database
from eeds.db.tables import ConsumptionMetadata, Project
from eeds.records.ids import FIRST_START, LAST_START
from eeds.records.trace_arrays import load_traces
from eeds.runs.results.time_series import copy_row
from tests.readings import forget_readings, store_readings

naive = st.datetimes(FIRST_START.replace(tzinfo=None), (LAST_START - timedelta(seconds=1)).replace(tzinfo=None))
starts = naive.map(lambda start: start.replace(microsecond=0))
values = st.none() | st.floats(allow_nan=False)
records = st.dictionaries(starts, st.tuples(values, st.booleans()), max_size=20)


@pytest.fixture
def project(database: Database) -> int:
    with database.session() as session:
        create_user(session, "owner")
        session.add(Project(project_id="ABC", project_owner_id=1))
        session.flush()
        session.add_all(ConsumptionMetadata(project_id=1, interpretation="NG_C_S", unit="THM") for _ in range(2))
    return 1


@given(stored=records)
@example(stored={datetime(1900, 1, 1): (5e-324, True), datetime(1969, 12, 31, 23, 59, 59): (None, False)})
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_trace_is_what_is_stored(
    database: Database, project: int, stored: dict[datetime, tuple[float | None, bool]]
) -> None:
    with database.connection() as connection:
        forget_readings(connection)
        values, estimated = zip(*stored.values(), strict=True) if stored else ((), ())
        store_readings(connection, 2, list(stored), values, estimated)
        empty, trace = load_traces(connection, project)
    assert (empty.start.size, empty.value.size, empty.estimated.size) == (0, 0, 0)
    assert (trace.id, trace.interpretation, trace.unit) == (2, "NG_C_S", "THM")
    assert trace.start.dtype == np.dtype("datetime64[s]")
    found = zip(trace.start.tolist(), trace.value.tolist(), trace.estimated.tolist(), strict=True)
    assert [(start, None if math.isnan(value) else value, flag) for start, value, flag in found] == [
        (start, *stored[start]) for start in sorted(stored)
    ]


@given(values=st.lists(st.lists(st.floats(), min_size=1, max_size=5), min_size=1, max_size=3))
def test_arrays_come_back(values: list[list[float]]) -> None:
    wires = [write_array(np.array(each), FLOAT8) for each in values]
    assert np.array_equal(read_array(wires[0], FLOAT8), np.array(values[0]), equal_nan=True)
    assert np.array_equal(read_arrays(wires, FLOAT8), np.concatenate(values), equal_nan=True)


@given(start=st.lists(starts, min_size=1, max_size=5), value=st.lists(st.floats(allow_nan=False), max_size=5))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_postgres_reads_them(database: Database, start: list[datetime], value: list[float]) -> None:
    times = np.array(start, dtype="datetime64[s]")
    sent = [write_time(times[0]), write_dates(times.astype("datetime64[D]")), write_array(np.array(value), FLOAT8)]
    with database.connection() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE sent (time timestamptz, dates date[], numbers float8[]) ON COMMIT DROP")
        with cursor.copy("COPY sent FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(HEADER + copy_row(sent) + TRAILER)
        ((found_time, found_dates, found_numbers),) = cursor.execute("SELECT * FROM sent").fetchall()
    assert found_time.replace(tzinfo=None) == start[0]
    assert found_dates == [time.date() for time in start]
    assert found_numbers == value
