"""`eeds weather fetch` and `list`: whose temperatures, from which station, and what is said when there are none."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from eeds.accounts.operations import create_user
from eeds.db.engine import Database, psycopg_connection
from eeds.db.tables import ConsumptionMetadata, Project, ProjectAttribute, ProjectAttributeKey
from eeds.formats.timestamps import parse_datetime
from eeds.weather.sources import download
from tests.cli.conftest import Eeds
from tests.readings import store_readings
from tests.weather.file_server import Answer, FileServer, serving
from tests.weather.ghcnh_files import ANKENY_ID, ANKENY_PLACE, DES_MOINES_ID, hourly, path_of, psv_1_1_0

BUSY = [Answer(503)] * 3
DES_MOINES_2014 = psv_1_1_0(hourly(2014))
ANKENY_2014 = psv_1_1_0(hourly(2014), ANKENY_ID, ANKENY_PLACE)


@pytest.fixture
def noaa(
    monkeypatch: pytest.MonkeyPatch, database: Database, database_url: str, redis_url: str
) -> Iterator[FileServer]:
    """A server with Des Moines in 2014, and an environment that names it, the database and the queue."""
    with serving() as server:
        server.files[path_of(DES_MOINES_ID, 2014)] = DES_MOINES_2014
        monkeypatch.setenv("EEDS_GHCNH_URLS", server.url)
        monkeypatch.setenv("DATABASE_URL", database_url)
        monkeypatch.setenv("REDIS_URL", redis_url)
        monkeypatch.setattr(download, "PAUSE_SECONDS", 0.0)
        yield server


def test_story(eeds: Eeds, noaa: FileServer) -> None:
    first = eeds("weather", "fetch", "--station", "725460", "--years", "2014")
    assert (first.status, first.out) == (0, "1 fetched\n")
    again = eeds("weather", "fetch", "--station", "725460", "--zipcode", "50321", "--years", "2014-2014")
    assert (again.status, again.out) == (0, "1 already there\n")
    assert len(noaa.asked) == 1

    lacking = eeds("weather", "fetch", "--station", "725460", "--years", "2013-2014")
    assert (lacking.status, lacking.out) == (1, "1 already there, 1 not available\n")
    assert lacking.err.startswith(
        "Error: 1 of 1 have too few temperatures:\n"
        "  station 725460: Station 725460 (DES MOINES INTERNATIONAL AIRPORT) covers 8,760 of 17,520 hours of "
        "2013-01-01..2014-12-31, nothing before 2014-01-01. 2013: GHCNh has no file for that year. "
    )

    listed = [line.split("\t") for line in eeds("weather", "list", "--station", "725460").out.splitlines()]
    assert [line[:3] for line in listed] == [["725460", "2013", "ghcnh"], ["725460", "2014", "ghcnh"]]
    assert listed[0][3].endswith(": GHCNh has no file for that year.")
    assert listed[1][3:5] == ["8,760 of 8,760 hours", "2014-01-01..2014-12-31"]
    assert eeds("weather", "list", "--station", "999999").out == ""
    assert len(eeds("weather", "list").out.splitlines()) == 2


def test_the_next_station_that_has_enough(eeds: Eeds, noaa: FileServer) -> None:
    noaa.files[path_of(DES_MOINES_ID, 2014)] = psv_1_1_0(hourly(2014, hours=5736))
    noaa.files[path_of(ANKENY_ID, 2014)] = ANKENY_2014
    outcome = eeds("weather", "fetch", "--zipcode", "50321-1234", "--years", "2014")
    assert (outcome.status, outcome.out) == (0, "2 fetched\n")
    listed = eeds("weather", "list").out
    assert "725460\t2014\tghcnh\t5,737 of 8,760 hours" in listed
    assert "725466\t2014\tghcnh\t8,760 of 8,760 hours" in listed


def test_an_outage_never_changes_the_station(eeds: Eeds, noaa: FileServer) -> None:
    noaa.files[path_of(ANKENY_ID, 2014)] = ANKENY_2014
    noaa.answers = list(BUSY)
    outcome = eeds("weather", "fetch", "--zipcode", "50321", "--years", "2014")
    assert (outcome.status, outcome.out) == (1, "1 failed\n")
    url = noaa.url + path_of(DES_MOINES_ID, 2014)
    assert outcome.err == (
        "Error: 1 of 1 have too few temperatures:\n"
        f"  ZIP code 50321: 2014: {url} answered 503 three times; try again later.\n"
    )
    assert ANKENY_ID not in " ".join(noaa.asked)


def test_an_outage_at_the_next_station_is_named(eeds: Eeds, noaa: FileServer) -> None:
    """Not what the first one lacks, which trying again does not change."""
    noaa.answers = [Answer(200, psv_1_1_0(hourly(2014, hours=100))), *BUSY]
    outcome = eeds("weather", "fetch", "--zipcode", "50321", "--years", "2014")
    assert (outcome.status, outcome.out) == (1, "1 fetched, 1 failed\n")
    url = noaa.url + path_of(ANKENY_ID, 2014)
    assert outcome.err == (
        "Error: 1 of 1 have too few temperatures:\n"
        f"  ZIP code 50321: 2014: {url} answered 503 three times; try again later.\n"
    )


def test_a_source_that_is_down_is_not_waited_for_in_vain(eeds: Eeds, noaa: FileServer) -> None:
    """Five years are tried, of the hundred."""
    noaa.answers = [Answer(503)] * 300
    outcome = eeds("weather", "fetch", "--station", "725460", "--years", "1920-2019")
    assert (outcome.status, outcome.out) == (1, "5 failed\n")
    assert outcome.err.endswith(
        "answered 503 three times; try again later. Ended after 5 such failures; run this again later, what is stored "
        "is not fetched again.\n"
    )
    assert len(noaa.asked) == 15


def add_project(database: Database, name: str, zipcode: str | None = None, station: str | None = None) -> None:
    """A project whose baseline ends in the middle of 2014, with a record in 2010 and one at the end of 2014."""
    with database.session() as session:
        user = create_user(session, f"owner of {name}", is_admin=False)
        project = Project(
            project_id=name,
            project_owner_id=user.id,
            zipcode=zipcode,
            baseline_period_start=parse_datetime("2014-02-01T00:00:00Z"),
            baseline_period_end=parse_datetime("2014-06-01T00:00:00Z"),
        )
        session.add(project)
        session.flush()
        trace = ConsumptionMetadata(project_id=project.id, interpretation="E_C_S", unit="KWH", label=None)
        session.add(trace)
        session.flush()
        store_readings(psycopg_connection(session), trace.id, ["2010-01-01", "2014-12-31"], [1.0, 1.0])
        if station:
            key = ProjectAttributeKey(name="weather_station", display_name="x", data_type="CHAR")
            session.add(key)
            session.flush()
            session.add(ProjectAttribute(project_id=project.id, key_id=key.id, char_value=station))


def test_all_projects_by_the_years_that_their_runs_look_at(eeds: Eeds, noaa: FileServer, database: Database) -> None:
    """Both need 2014 only: the record of 2010 is before the baseline."""
    noaa.files[path_of(ANKENY_ID, 2014)] = ANKENY_2014
    add_project(database, "ABC", zipcode="50321")
    add_project(database, "DEF", zipcode="50321")
    add_project(database, "GHI", station="725466")
    outcome = eeds("weather", "fetch", "--all-projects")
    assert (outcome.status, outcome.out, outcome.err) == (0, "2 fetched\n", "")
    assert len(noaa.asked) == 2


def test_all_projects_in_other_years(eeds: Eeds, noaa: FileServer, database: Database) -> None:
    add_project(database, "ABC", zipcode="50321")
    assert eeds("weather", "fetch", "--all-projects", "--years", "2013-2014").out == "1 fetched, 9 not available\n"


def test_a_pinned_station_is_kept(eeds: Eeds, noaa: FileServer, database: Database) -> None:
    add_project(database, "ABC", zipcode="50321")
    with database.connection() as connection:
        connection.execute(
            "INSERT INTO project_weather (project_id, station, method) VALUES (1, '725466', 'zipcode 50321')"
        )
    outcome = eeds("weather", "fetch", "--all-projects")
    assert outcome.status == 1
    assert outcome.err.startswith(
        "Error: 1 of 1 have too few temperatures:\n  project ABC: No hourly temperatures for station 725466 (ANKENY"
    )
    assert DES_MOINES_ID not in " ".join(noaa.asked)


def test_a_project_without_a_place_does_not_stop_the_others(eeds: Eeds, noaa: FileServer, database: Database) -> None:
    add_project(database, "ABC", zipcode="50306")
    add_project(database, "DEF", zipcode="50321")
    outcome = eeds("weather", "fetch", "--all-projects")
    assert (outcome.status, outcome.out) == (1, "1 fetched\n")
    assert outcome.err.startswith(
        "Error: 1 of 2 have too few temperatures:\n  project ABC: No weather station: ZIP code"
    )


def test_no_projects(eeds: Eeds, noaa: FileServer) -> None:
    assert eeds("weather", "fetch", "--all-projects").out == "nothing to fetch\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "Say whose temperatures: --station ID, --zipcode ZIP or --all-projects."),
        (["--station", "725460"], "Say which years, as --years 2014-2016."),
        *[
            (["--station", "725460", "--years", years], f"{years} is no year, and no two as 2014-2016, from 1900 to ")
            for years in ("x", "14", "2016-2014", "1899", "2014-3000", "2014-", "2014-2015-2016")
        ],
    ],
)
def test_what_makes_no_sense(eeds: Eeds, noaa: FileServer, options: list[str], message: str) -> None:
    outcome = eeds("weather", "fetch", *options)
    assert outcome.status == 2
    assert message in " ".join(outcome.err.split())
    assert noaa.asked == []


def test_a_place_that_nobody_knows(eeds: Eeds, noaa: FileServer) -> None:
    outcome = eeds("weather", "fetch", "--zipcode", "50306", "--years", "2014")
    assert (outcome.status, outcome.out) == (1, "nothing to fetch\n")
    assert "ZIP code 50306: No weather station: ZIP code 50306 has no Census area" in outcome.err


def test_no_database(eeds: Eeds, noaa: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/none")
    outcome = eeds("weather", "fetch", "--station", "725460", "--years", "2014")
    assert outcome.status == 1
    assert outcome.err.startswith("Error: The database does not answer: ")


def test_urls_that_are_none(eeds: Eeds, noaa: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EEDS_GHCNH_URLS", f"{noaa.url} ftp://example.org")
    outcome = eeds("weather", "fetch", "--station", "725460", "--years", "2014")
    assert outcome.err == (
        "Error: EEDS_GHCNH_URLS has 'ftp://example.org'; it must be URLs that begin with https:// or http://.\n"
    )


# By a worker ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def work(queue_name: str) -> Callable[[], str]:
    """Lets a worker do what is in the queue; returns its log."""
    return partial(let_work, queue_name)


def let_work(queue: str) -> str:
    """The log of a worker that has done what was in the queue."""
    command = [sys.executable, "-m", "rq.cli", "worker", "--burst", "--url", os.environ["REDIS_URL"], queue]
    command += ["--serializer", "rq.serializers.JSONSerializer"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_a_worker_fetches(eeds: Eeds, noaa: FileServer, queue: Any, work: Callable[[], str]) -> None:
    noaa.files[path_of(DES_MOINES_ID, 2014)] = psv_1_1_0(hourly(2014, hours=100))
    noaa.files[path_of(ANKENY_ID, 2014)] = ANKENY_2014
    order = ["weather", "fetch", "--zipcode", "50321", "--years", "2014", "--queue"]
    assert (eeds(*order).out, noaa.asked) == ("1 queued\n", [])
    queue.flushall()  # the queue forgets it: it is ordered again
    assert eeds(*order).out == "1 queued\n"
    work()
    # now it is known that the first station is not enough
    assert eeds(*order).out == "1 already there, 1 queued\n"
    work()
    done = eeds(*order)
    assert (done.status, done.out) == (0, "2 already there\n")


def test_a_worker_tries_again_while_the_source_is_down(
    eeds: Eeds, noaa: FileServer, queue: Any, work: Callable[[], str]
) -> None:
    noaa.answers = [Answer(403)]  # which a download does not try again
    order = ["weather", "fetch", "--station", "725460", "--years", "2014", "--queue"]
    assert eeds(*order).out == "1 queued\n"
    assert "answered 403" in work()
    assert len(noaa.asked) == 2
    assert eeds(*order).out == "1 already there\n"


def test_no_queue(eeds: Eeds, noaa: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    outcome = eeds("weather", "fetch", "--station", "725460", "--years", "2014", "--queue")
    assert outcome.status == 1
    assert outcome.err.startswith("Error: The queue does not answer: ")
