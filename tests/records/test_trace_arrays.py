"""Traces as the meter gets them are what is stored, to the second and the last bit."""

import math
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from eeds.accounts.operations import create_user
from eeds.db.binary_arrays import FLOAT8, read_array, read_times, read_values, write_array, write_dates, write_times
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


@given(start=st.lists(starts, max_size=5), value=st.lists(st.floats(), max_size=5))
def test_arrays_come_back(start: list[datetime], value: list[float]) -> None:
    times = np.array(start, dtype="datetime64[s]")
    seconds = (times - np.datetime64("2000-01-01")).astype(">i8")
    assert np.array_equal(read_times((seconds * 1_000_000).astype(">i8").tobytes()), times)
    numbers = np.array(value)
    assert np.array_equal(read_values(numbers.astype(">f8").tobytes(), FLOAT8), numbers, equal_nan=True)
    assert np.array_equal(read_array(write_array(numbers, FLOAT8), FLOAT8), numbers, equal_nan=True)


@given(start=st.lists(starts, max_size=5), value=st.lists(st.floats(allow_nan=False), max_size=5))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_postgres_reads_them(database: Database, start: list[datetime], value: list[float]) -> None:
    times = np.array(start, dtype="datetime64[s]")
    sent = [write_times(times), write_dates(times.astype("datetime64[D]")), write_array(np.array(value), FLOAT8)]
    with database.connection() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE sent (times timestamptz[], dates date[], numbers float8[]) ON COMMIT DROP")
        with cursor.copy("COPY sent FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(HEADER + copy_row(sent) + TRAILER)
        ((found_times, found_dates, found_numbers),) = cursor.execute("SELECT * FROM sent").fetchall()
    assert [time.replace(tzinfo=None) for time in found_times] == start
    assert found_dates == [time.date() for time in start]
    assert found_numbers == value
