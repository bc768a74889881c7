"""Time series are read back to the last digit, whatever of them is stored."""

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from eeds.accounts.operations import create_user
from eeds.db.engine import Database, psycopg_connection
from eeds.db.tables import ProjectResult, SeriesSet
from eeds.meter.types import TimeSeries
from eeds.runs.results.time_series import NUMBERS, local_days, save_time_series
from tests.runs.portfolio_results import add_project, owner_of

FIRST, HOUR, DAY = np.datetime64("2013-03-08T06:00:00"), np.timedelta64(3600, "s"), np.timedelta64(86_400, "s")
ZONES = ("America/Chicago", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu", "UTC")
STORED = "SELECT shift IS NULL, day IS NULL, distance IS NOT NULL, lower IS NULL FROM time_series"
Draw = st.DrawFn
Starts = NDArray[np.datetime64]


def starts_of(resolution: str, number: int, zone: str) -> Starts:
    """Hours, local midnights, or starts far from regular ones."""
    hours = FIRST + np.arange(24 * (number + 1)) * HOUR
    if resolution == "hourly":
        return hours[:number]
    days = local_days(hours, zone)
    begins = hours[1:][days[1:] != days[:-1]][:number]
    return begins if resolution == "daily" else begins[:: max(1, number // 3)]


@st.composite
def drawn_series(draw: Draw, trace: int, zone: str) -> tuple[TimeSeries, float | None]:
    """A series, and what is said to be the distance of its bounds."""
    resolution = draw(st.sampled_from(["daily", "hourly", "billing"]))
    start = starts_of(resolution, draw(st.integers(0, 40)), zone)
    if draw(st.booleans()) and start.size:
        start = np.delete(start, draw(st.integers(0, start.size - 1)))
    numbers = arrays.arrays(np.float64, start.size, elements=st.floats() | st.sampled_from([0.1, -0.0, 1e308]))
    observed, temperature, baseline, lower, upper, reporting = (draw(numbers) for _ in NUMBERS)
    distance = draw(st.none() | st.floats())
    if distance is not None and draw(st.booleans()):
        with np.errstate(all="ignore"):
            lower, upper = baseline - distance, baseline + distance
    return TimeSeries(trace, resolution, start, observed, temperature, baseline, lower, upper, reporting), distance


def stored_series(database: Database, series: list[TimeSeries], zone: str, distances: Any) -> tuple[list[Any], Any]:
    """The rows of the series as the view has them, and what is not stored of each; nothing is left behind."""
    with database.session() as session:
        create_user(session, "ada")
        project = add_project(session, owner_of(session, "ada"), "ABC")
        series_set = SeriesSet(project_id=project.id)
        session.add(series_set)
        session.flush()
        session.add(ProjectResult(project_id=project.id, series_set_id=series_set.id))
        session.flush()
        save_time_series(session, series_set.id, series, zone, distances)
        connection = psycopg_connection(session)
        columns = "energy_trace_id, resolution, start AT TIME ZONE 'UTC', day, " + ", ".join(NUMBERS)
        rows = connection.execute(f"SELECT {columns} FROM time_series_rows ORDER BY energy_trace_id, start").fetchall()
        left_out = connection.execute(f"{STORED} ORDER BY energy_trace_id").fetchall()
        session.rollback()
    return rows, left_out


def rows_of(series: TimeSeries, zone: str) -> list[Any]:
    """What the view should have of it."""
    days = [None] * series.start.size if series.resolution == "hourly" else local_days(series.start, zone).tolist()
    numbers = (getattr(series, name).tolist() for name in NUMBERS)
    parts = zip(series.start.tolist(), days, *numbers, strict=True)
    return [(series.trace_id, series.resolution, *part) for part in parts]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])  # each is rolled back
@given(st.data())
def test_every_digit_comes_back(database: Database, data: st.DataObject) -> None:
    zone = data.draw(st.sampled_from(ZONES))
    drawn = [data.draw(drawn_series(trace, zone)) for trace in (7, 8)]
    series = [one for one, _ in drawn]
    rows, _ = stored_series(database, series, zone, {one.trace_id: distance for one, distance in drawn})
    assert repr(rows) == repr([row for one in series for row in rows_of(one, zone)])


def test_what_follows_is_not_stored(database: Database) -> None:
    zone = "America/Chicago"
    series = [regular(7, "daily", zone), regular(8, "hourly", zone), regular(9, "billing", zone)]
    rows, left_out = stored_series(database, series, zone, {7: 2.5, 8: 2.5, 9: 2.4})
    assert len(rows) == 30 + 30 + 3
    # the clock changes on the third day
    assert left_out == [(False, True, True, True), (True, True, True, True), (False, False, False, False)]


def regular(trace: int, resolution: str, zone: str) -> TimeSeries:
    """A series whose bounds are 2.5 from its baseline, which is missing in its second row."""
    start = starts_of(resolution, 30, zone)
    baseline = np.arange(start.size) / 10
    baseline[1] = np.nan
    return TimeSeries(trace, resolution, start, baseline, baseline, baseline, baseline - 2.5, baseline + 2.5, baseline)
