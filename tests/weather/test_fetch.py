"""Station-years in the database: fetched once, asked for again only when that may bring something, by one at a time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import numpy as np
import psycopg
import pytest

from eeds.config.settings import Settings
from eeds.db.engine import Database, PsycopgConnection
from eeds.weather.errors import NoWeather
from eeds.weather.fetch import Attempt, Outcome, enqueue_year, fetch_year
from eeds.weather.series import load_observed
from eeds.weather.sources.download import Downloads
from eeds.weather.sources.ghcnh import Ghcnh
from eeds.weather.store import store
from tests.weather.conftest import Choose, MakeProject, hours
from tests.weather.file_server import Answer, FileServer, serving
from tests.weather.ghcnh_files import DES_MOINES_ID, hourly, path_of, psv_1_1_0

DES_MOINES = "725460"
BUSY = [Answer(503)] * 3
NO_FILE = "GHCNh has no file for that year."


@pytest.fixture
def noaa() -> Iterator[FileServer]:
    """A server with Des Moines in 2014."""
    with serving() as server:
        server.files[path_of(DES_MOINES_ID, 2014)] = psv_1_1_0(hourly(2014))
        yield server


@pytest.fixture
def connection(database: Database, database_url: str) -> Iterator[PsycopgConnection]:
    """One that commits by itself, as the commands have."""
    with psycopg.connect(database_url, autocommit=True, options="-c timezone=UTC") as connection:
        yield connection


def fetch(connection: PsycopgConnection, noaa: FileServer, year: int = 2014) -> Attempt:
    return fetch_year(connection, Ghcnh([noaa.url], Downloads()), DES_MOINES, year)


def stored(connection: PsycopgConnection) -> list[Any]:
    return connection.execute(
        "SELECT station, source, year, n_observed, first_hour, last_hour, url, etag IS NOT NULL, length(sha256)"
        " FROM weather_years ORDER BY year"
    ).fetchall()


def age(connection: PsycopgConnection, when: str) -> None:
    """Let what is stored have been fetched then."""
    connection.execute("UPDATE weather_years SET fetched_at = %s", [when])


def test_a_year_is_stored_with_its_origin(connection: PsycopgConnection, noaa: FileServer) -> None:
    assert fetch(connection, noaa) == Attempt(DES_MOINES, 2014, Outcome.FETCHED)
    first, last = datetime(2014, 1, 1, tzinfo=UTC), datetime(2014, 12, 31, 23, tzinfo=UTC)
    url = noaa.url + path_of(DES_MOINES_ID, 2014)
    assert stored(connection) == [(DES_MOINES, "ghcnh", 2014, 8760, first, last, url, True, 64)]
    observed = load_observed(connection, DES_MOINES, first, last)
    assert observed.source == "ghcnh"
    np.testing.assert_allclose(observed.temps, 50.0)


def test_a_year_is_final_once_it_was_fetched_in_february(connection: PsycopgConnection, noaa: FileServer) -> None:
    fetch(connection, noaa)
    asked = len(noaa.asked)
    assert fetch(connection, noaa).outcome is Outcome.KEPT
    age(connection, "2015-02-01T00:00:00Z")
    assert fetch(connection, noaa).outcome is Outcome.KEPT
    assert len(noaa.asked) == asked


def test_until_then_it_is_asked_for_again_and_sent_if_it_has_changed(
    connection: PsycopgConnection, noaa: FileServer
) -> None:
    noaa.files[path_of(DES_MOINES_ID, 2014)] = psv_1_1_0(hourly(2014, hours=1000))
    fetch(connection, noaa)
    before = stored(connection)
    age(connection, "2015-01-31T23:59:59Z")
    assert fetch(connection, noaa).outcome is Outcome.UNCHANGED
    assert fetch(connection, noaa).outcome is Outcome.KEPT  # asking makes it final, too
    assert stored(connection) == before
    noaa.files[path_of(DES_MOINES_ID, 2014)] = psv_1_1_0(hourly(2014))
    age(connection, "2015-01-31T23:59:59Z")
    assert fetch(connection, noaa).outcome is Outcome.FETCHED
    assert [row[3] for row in stored(connection)] == [8760]


def test_that_there_is_none_is_remembered_for_a_day(connection: PsycopgConnection, noaa: FileServer) -> None:
    absent = Attempt(DES_MOINES, 2015, Outcome.ABSENT, NO_FILE)
    assert fetch(connection, noaa, 2015) == absent
    asked = len(noaa.asked)
    assert fetch(connection, noaa, 2015) == absent
    assert len(noaa.asked) == asked
    noaa.files[path_of(DES_MOINES_ID, 2015)] = psv_1_1_0(hourly(2015))
    connection.execute("UPDATE weather_fetches SET tried = tried - interval '24 hours'")
    assert fetch(connection, noaa, 2015).outcome is Outcome.FETCHED
    assert connection.execute("SELECT * FROM weather_fetches").fetchall() == []


@pytest.mark.parametrize(
    ("answers", "outcome", "message"),
    [
        (BUSY, Outcome.DOWN, "answered 503 three times; try again later."),
        ([Answer(200, b"<html>")], Outcome.BAD_FILE, "is no GHCNh file: "),
    ],
)
def test_a_failure_is_not_held_against_the_source(
    connection: PsycopgConnection, noaa: FileServer, answers: list[Answer], outcome: Outcome, message: str
) -> None:
    noaa.answers = list(answers)
    failed = fetch(connection, noaa)
    assert failed.outcome is outcome
    assert message in failed.message
    assert stored(connection) == []
    assert connection.execute("SELECT absent, message FROM weather_fetches").fetchall() == [(False, failed.message)]
    assert fetch(connection, noaa).outcome is Outcome.FETCHED


def test_a_failure_leaves_what_is_stored(connection: PsycopgConnection, noaa: FileServer) -> None:
    fetch(connection, noaa)
    before = stored(connection)
    age(connection, "2014-12-31T00:00:00Z")
    noaa.answers = list(BUSY)
    assert fetch(connection, noaa).outcome is Outcome.DOWN
    assert stored(connection) == before


def test_what_is_uploaded_wins_and_nothing_is_fetched_beside_it(
    connection: PsycopgConnection, noaa: FileServer
) -> None:
    fetch(connection, noaa)
    store(connection, [DES_MOINES] * 2, hours("2014-07-01T00", 2), np.array([70.0, 71.0]))
    asked = len(noaa.asked)
    assert fetch(connection, noaa).outcome is Outcome.UPLOADED
    assert len(noaa.asked) == asked
    observed = load_observed(
        connection, DES_MOINES, datetime(2014, 6, 30, 23, tzinfo=UTC), datetime(2014, 7, 1, 3, tzinfo=UTC)
    )
    assert observed.source == "upload"
    np.testing.assert_array_equal(observed.temps, [np.nan, 70.0, 71.0, np.nan])


def test_of_many_at_once_one_fetches(database_url: str, connection: PsycopgConnection, noaa: FileServer) -> None:
    def once(_: int) -> Outcome:
        with psycopg.connect(database_url, autocommit=True) as own:
            return fetch(own, noaa).outcome

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(once, range(6)))
    assert sorted(outcome.value for outcome in outcomes) == ["already there"] * 5 + ["fetched"]
    assert len(noaa.asked) == 1


def test_what_was_fetched_within_a_day_is_not_queued_again(
    connection: PsycopgConnection, noaa: FileServer, database_url: str, redis_url: str, queue: Any, queue_name: str
) -> None:
    """Or a request would be followed by the next, as long as the year is not over."""
    settings = Settings.from_env({"DATABASE_URL": database_url, "REDIS_URL": redis_url})
    year = datetime.now(UTC).year

    def request() -> tuple[Outcome, int]:
        return enqueue_year(connection, settings, DES_MOINES, year).outcome, queue.llen(f"rq:queue:{queue_name}")

    noaa.files[path_of(DES_MOINES_ID, year)] = psv_1_1_0(hourly(year, hours=24))
    assert request() == (Outcome.QUEUED, 1)
    fetch(connection, noaa, year)
    assert request() == (Outcome.UNCHANGED, 1)
    connection.execute("UPDATE weather_years SET fetched_at = now() - interval '24 hours'")
    assert request() == (Outcome.QUEUED, 2)


def test_a_run_that_lacks_the_year_says_why(
    connection: PsycopgConnection, noaa: FileServer, project: MakeProject, choose: Choose
) -> None:
    """The runs of a project find out by themselves when it is there."""
    id = project(weather_station=DES_MOINES)
    for year in (2012, 2013):
        fetch(connection, noaa, year)
    with pytest.raises(NoWeather) as raised:
        choose(id)
    assert str(raised.value) == (
        "No hourly temperatures for station 725460 (DES MOINES INTERNATIONAL AIRPORT) in 2012-01-01..2013-12-31. "
        "2012, 2013: GHCNh has no file for that year. Fetch them (eeds weather fetch --station 725460 --years "
        "2012-2013), upload hourly temperatures of station 725460 to /api/v1/weather_records/sync2/, or set "
        "weather_station to a station that has them."
    )
    connection.execute("DELETE FROM weather_fetches")
    noaa.answers = list(BUSY)
    fetch(connection, noaa, 2012)
    noaa.files[path_of(DES_MOINES_ID, 2013)] = psv_1_1_0(hourly(2013))
    fetch(connection, noaa, 2013)
    with pytest.raises(NoWeather) as raised:
        choose(id)
    assert (
        "covers 8,760 of 17,544 hours of 2012-01-01..2013-12-31, nothing before 2013-01-01. "
        f"2012: {noaa.url}{path_of(DES_MOINES_ID, 2012)} answered 503 three times; try again later. Fetch them"
    ) in str(raised.value)
    noaa.files[path_of(DES_MOINES_ID, 2012)] = psv_1_1_0(hourly(2012))
    fetch(connection, noaa, 2012)
    assert choose(id).station == DES_MOINES
