"""Uploads merge into station-years: what is counted, what is kept, and that nothing gets lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from random import Random
from threading import Barrier

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from eeds.db.engine import Database, PsycopgConnection
from eeds.weather.store import Counts, store
from tests.weather.conftest import HOUR, hours, upload

NAN = float("nan")
UNUSED_STATION = count()


def stored(connection: PsycopgConnection, station: str) -> dict[int, NDArray[np.float64]]:
    rows = connection.execute("SELECT year, temps FROM weather_years WHERE station = %s ORDER BY year", [station])
    return {year: np.array(temps, dtype=np.float64) for year, temps in rows}


def test_story(connection: PsycopgConnection) -> None:
    assert upload(connection, "725460", "2013-03-01T00", [10, 20, NAN, 40]) == Counts(3, 0, 1)
    assert upload(connection, "725460", "2013-03-01T00", [10, 20, NAN, 40]) == Counts(0, 0, 4)
    # an hour changed, one as it was, one that was missing, one gone missing, one new
    assert upload(connection, "725460", "2013-03-01T00", [11, 20, 30, NAN, 50]) == Counts(2, 2, 1)

    ((source, n_observed, first, last),) = connection.execute(
        "SELECT source, n_observed, first_hour, last_hour FROM weather_years"
    ).fetchall()
    assert (source, n_observed) == ("upload", 4)
    assert (first, last) == (datetime(2013, 3, 1, 0, tzinfo=UTC), datetime(2013, 3, 1, 4, tzinfo=UTC))
    (temps,) = stored(connection, "725460").values()
    at = (31 + 28) * 24
    assert temps.size == 8760
    np.testing.assert_array_equal(temps[at : at + 5], np.array([11, 20, 30, NAN, 50], dtype=np.float64))
    assert np.isnan(np.delete(temps, slice(at, at + 5))).all()


def test_a_temperature_is_stored_as_it_was_sent(connection: PsycopgConnection) -> None:
    sent = [71.6, np.nextafter(71.6, 72)]
    assert upload(connection, "A", "2013-01-01T00", sent) == Counts(created=2)
    assert upload(connection, "A", "2013-01-01T00", sent) == Counts(unchanged=2)
    (temps,) = stored(connection, "A").values()
    assert temps[:2].tolist() == sent


def test_years_and_stations_are_kept_apart(connection: PsycopgConnection) -> None:
    """A leap year has 8,784 hours; 23:00 of 31 December is its last, and the next hour is in another row."""
    start = np.concatenate([hours("2012-12-31T23", 2), hours("2013-12-31T23", 2), hours("2012-02-29T00", 1)])
    assert store(connection, ["B", "B", "A", "B", "A"], start, np.arange(5.0)) == Counts(created=5)

    a, b = stored(connection, "A"), stored(connection, "B")
    assert {year: temps.size for year, temps in a.items()} == {2012: 8784, 2013: 8760}
    assert {year: temps.size for year, temps in b.items()} == {2012: 8784, 2013: 8760, 2014: 8760}
    assert (b[2012][-1], b[2013][0], a[2013][-1], b[2014][0], a[2012][59 * 24]) == (0, 1, 2, 3, 4)
    assert sum(np.count_nonzero(~np.isnan(temps)) for temps in [*a.values(), *b.values()]) == 5


def test_before_1970(connection: PsycopgConnection) -> None:
    assert upload(connection, "A", "1969-12-31T22", [1, 2, 3]) == Counts(created=3)
    years = stored(connection, "A")
    assert (years[1969][-2], years[1969][-1], years[1970][0]) == (1, 2, 3)


def test_of_several_for_the_same_hour_the_last_counts(connection: PsycopgConnection) -> None:
    start = np.repeat(hours("2013-01-01T00", 1), 500)
    assert store(connection, ["A"] * 500, start, np.arange(500.0)) == Counts(created=1)
    assert stored(connection, "A")[2013][0] == 499


def test_nothing_sent(connection: PsycopgConnection) -> None:
    assert store(connection, [], hours("2013-01-01T00", 0), np.empty(0)) == Counts()
    assert connection.execute("SELECT count(*) FROM weather_years").fetchone() == (0,)


def test_nothing_left(connection: PsycopgConnection) -> None:
    upload(connection, "A", "2013-01-01T00", [1, 2])
    assert upload(connection, "A", "2013-01-01T00", [NAN, NAN]) == Counts(updated=2)
    row = connection.execute("SELECT n_observed, first_hour, last_hour FROM weather_years").fetchone()
    assert row == (0, None, None)


def test_a_start_within_an_hour_is_refused(connection: PsycopgConnection) -> None:
    with pytest.raises(ValueError, match="every start must be a whole hour"):
        store(connection, ["A"], np.array(["2013-01-01T00:30:00"], dtype="datetime64[s]"), np.array([1.0]))


def test_an_upload_leaves_other_sources_alone(connection: PsycopgConnection) -> None:
    connection.execute(
        "INSERT INTO weather_years (station, source, year, temps, n_observed) VALUES ('A', 'ghcnh', 2013, '{1}', 1)"
    )
    assert upload(connection, "A", "2013-01-01T00", [5]) == Counts(created=1)
    rows = connection.execute("SELECT source, temps[1] FROM weather_years ORDER BY source").fetchall()
    assert rows == [("ghcnh", 1.0), ("upload", 5.0)]


FEW_HOURS = st.integers(0, 30)
BATCHES = st.lists(st.lists(FEW_HOURS, max_size=20), max_size=6)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=BATCHES, order=st.randoms(use_true_random=False))
def test_any_split_into_batches_in_any_order_gives_the_same_year(
    connection: PsycopgConnection, batches: list[list[int]], order: Random
) -> None:
    """Batches that overlap, with hours of the end of 2012 and of the beginning of 2013."""
    first, temps = np.datetime64("2012-12-31T09", "s"), np.linspace(0.1, 30.1, 31)
    together, split = f"T{next(UNUSED_STATION)}", f"S{next(UNUSED_STATION)}"
    every = np.array([hour for batch in batches for hour in batch], dtype=int)
    sent = store(connection, [together] * every.size, first + every * HOUR, temps[every])

    order.shuffle(batches)
    created = 0
    for batch in batches:
        counts = store(connection, [split] * len(batch), first + np.array(batch, dtype=int) * HOUR, temps[batch])
        assert counts.updated == 0
        created += counts.created
    assert created == sent.created == np.unique(every).size
    a, b = stored(connection, together), stored(connection, split)
    assert a.keys() == b.keys()
    for year in a:
        np.testing.assert_array_equal(a[year], b[year])


def test_uploads_of_the_same_years_at_once_lose_no_hour(database: Database) -> None:
    """Eight clients that start together, each with every eighth hour of three stations' years, the stations in orders
    that would deadlock if each were locked as it comes."""
    clients, n = 8, 1200
    start = hours("2012-12-10T00", n)  # over the end of the year
    together = Barrier(clients, timeout=60)

    def send(client: int) -> Counts:
        mine = np.arange(client, n, clients)
        stations = ["A", "B", "C"] if client % 2 else ["C", "B", "A"]
        with database.connection() as connection:
            together.wait()
            names = np.repeat(stations, mine.size)
            return store(connection, names, np.tile(start[mine], 3), np.tile(mine, 3).astype(float))

    with ThreadPoolExecutor(clients) as pool:
        results = list(pool.map(send, range(clients)))
    assert sum(counts.created for counts in results) == 3 * n
    with database.connection() as connection:
        for station in "ABC":
            years = stored(connection, station)
            series = np.concatenate([years[2012], years[2013]])
            np.testing.assert_array_equal(series[~np.isnan(series)], np.arange(n))
            observed = connection.execute(
                "SELECT sum(n_observed) FROM weather_years WHERE station = %s", [station]
            ).fetchone()
            assert observed == (n,)
