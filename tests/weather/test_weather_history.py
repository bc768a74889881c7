"""Temperatures as of an earlier time are those that were stored then, whatever was uploaded or fetched since."""

from datetime import datetime

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from eeds.db.engine import Database, PsycopgConnection
from eeds.db.statements import query
from eeds.weather.fetch import store_fetched
from eeds.weather.normals import load_normal
from eeds.weather.series import load_years
from eeds.weather.sources import FetchedYear
from tests.weather.conftest import upload

STATION = "725460"
NAN = float("nan")
temperature = st.one_of(st.just(NAN), st.sampled_from([10.0, 20.0, 30.5]))
Upload = tuple[str, int, list[float]]
# Sources, hours of a year from which on temperatures come, and these.
uploads = st.lists(
    st.tuples(
        st.sampled_from(["upload", "ghcnh"]), st.integers(0, 8755), st.lists(temperature, min_size=1, max_size=30)
    ),
    min_size=1,
    max_size=8,
)


def now(connection: PsycopgConnection) -> datetime:
    """The time, by the clock of the database."""
    ((time,),) = connection.execute("SELECT clock_timestamp()").fetchall()
    assert isinstance(time, datetime)
    return time


def put(connection: PsycopgConnection, source: str, first: int, temps: list[float]) -> None:
    """Upload temperatures, or fetch a year that has no others."""
    if source == "upload":
        start = np.datetime64("2013-01-01T00") + np.timedelta64(first, "h")
        upload(connection, STATION, str(start), temps[: 8760 - first])
        return
    year = np.full(8760, NAN)
    year[first : first + len(temps)] = temps[: 8760 - first]
    fetched = FetchedYear(year, "https://example.org/a.csv", None, "0" * 64)
    store_fetched(connection, {"station": STATION, "source": source, "year": 2013}, fetched)


def years_now(
    connection: PsycopgConnection, as_of: datetime | None = None
) -> dict[int, tuple[str, NDArray[np.float64]]]:
    """The source and the temperatures of each year."""
    years = load_years(connection, STATION, 2012, 2014, as_of)
    return {year: (stored.source, stored.temps) for year, stored in years.items()}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(uploads)
def test_every_time_has_its_temperatures(database: Database, sent: list[Upload]) -> None:
    with database.connection() as connection:
        connection.execute("TRUNCATE weather_years, weather_changes")
        stored = []
        for source, first, temps in sent:
            put(connection, source, first, temps)
            stored.append((now(connection), years_now(connection)))
        for time, then in stored:
            earlier = years_now(connection, time)
            assert earlier.keys() == then.keys()
            for year, (source, year_temps) in then.items():
                assert earlier[year][0] == source
                np.testing.assert_array_equal(earlier[year][1], year_temps)


def test_an_upload_that_changes_nothing_is_no_change(connection: PsycopgConnection) -> None:
    for _ in range(2):
        upload(connection, STATION, "2013-03-01T00", [10, NAN, 30])
    assert connection.execute("SELECT count(*) FROM weather_changes").fetchone() == (1,)


def put_normal(connection: PsycopgConnection, temp_f: float) -> None:
    """Store a normal year of one temperature, as an uploaded file is."""
    row = {"station": STATION, "kind": "TMY3", "utc_offset": -6.0, "temps": [temp_f] * 8760}
    for statement in ("keep_changed_normal", "store_normal"):
        connection.execute(query(f"weather/{statement}"), row)


def test_a_normal_year_as_it_was(connection: PsycopgConnection) -> None:
    times = []
    for temp_f in (50.0, 50.0, 60.0, 70.0):
        put_normal(connection, temp_f)
        times.append(now(connection))
    assert [load_normal(connection, STATION, "TMY3", time)[0] for time in times] == [50, 50, 60, 70]
    assert load_normal(connection, STATION, "TMY3")[0] == 70
    assert connection.execute("SELECT count(*) FROM weather_normal_changes").fetchone() == (2,)
