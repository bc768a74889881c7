"""Runs whose weather is not stored: they wait while it is fetched, and fail with the reason where it cannot be."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from eeds.accounts.operations import create_user
from eeds.accounts.principal import Principal, principal_of
from eeds.config.settings import Settings
from eeds.db.engine import Database, connect, psycopg_connection
from eeds.db.tables import ConsumptionMetadata, Project, ProjectRun, WeatherDownload
from eeds.jobs.leases import MAX_LOST, JobTable, claim_job, sweep_jobs, waiting_jobs
from eeds.runs.changes import cancel_run, retry_run
from eeds.runs.lifecycle import RUNS
from eeds.runs.operations import request_run
from eeds.runs.progress import oldest_pending_seconds
from eeds.weather.downloads import DOWNLOADS
from eeds.weather.fetch import locked_year
from eeds.weather.fetching import MOST_FAILURES
from eeds.weather.sources import download
from eeds.weather.years import GHCNH
from tests.readings import store_series
from tests.weather.file_server import Answer, FileServer, serving
from tests.weather.ghcnh_files import (
    ANKENY_ID,
    ANKENY_PLACE,
    DES_MOINES_ID,
    Observation,
    hourly,
    path_of,
    psv_1_1_0,
)
from tests.workers.family import FIRST, PERIODS, Family, eventually, readings
from workers.claimed_job import failing
from workers.jobs import compute_or_wait
from workers.weather_jobs import NEVER, fetch_and_wake

ZIPCODE = "50321"
SETTINGS = {"ignore_disqualification": True}
DES_MOINES = "temperatures of station 725460 (DES MOINES INTERNATIONAL AIRPORT) in 2013, 2014"
ANKENY = "temperatures of station 725466 (ANKENY REGIONAL AIRPORT) in 2013, 2014"
BUSY = [Answer(503)] * 3
YEARS = (2013, 2014)


def seasons(year: int) -> list[Observation]:
    """A year of temperatures that a house can be fitted with, in degC."""
    days = np.arange(len(hourly(year))) / 24
    temps = 10 - 17 * np.cos(days * 2 * np.pi / 365.25)
    return [Observation(seen.time, f"{temp:.1f}") for seen, temp in zip(hourly(year), temps, strict=True)]


DES_MOINES_FILES = {path_of(DES_MOINES_ID, year): psv_1_1_0(seasons(year)) for year in YEARS}
ANKENY_FILES = {path_of(ANKENY_ID, year): psv_1_1_0(seasons(year), ANKENY_ID, ANKENY_PLACE) for year in YEARS}


@dataclass
class Datastore:
    """A database with an owner, and a source of weather, whose jobs are done by this process."""

    database: Database
    noaa: FileServer
    settings: Settings
    claims: list[str] = field(default_factory=list)  # every claim that was made, as "run 1"

    @property
    def principal(self) -> Principal:
        with self.database.session() as session:
            return principal_of(session, 1)

    def order(self, zipcode: str | None = ZIPCODE, **settings: Any) -> int:
        """A run of a new project with readings of 2013 and 2014."""
        with self.database.session() as session:
            project = Project(project_id=os.urandom(4).hex(), project_owner_id=1, zipcode=zipcode, **PERIODS)
            session.add(project)
            session.flush()
            trace = ConsumptionMetadata(project_id=project.id, interpretation="E_C_S", unit="KWH")
            session.add(trace)
            session.flush()
            values = readings(project.id)
            store_series(psycopg_connection(session), trace.id, str(FIRST), np.timedelta64(1, "D"), values)
            return request_run(session, self.principal, project.id, {**SETTINGS, **settings})

    def work(self, *tables: JobTable[Any]) -> None:
        """Do what the relay would put into the queue, until nothing is left."""
        while todo := [(table, job.id) for table in tables or (DOWNLOADS, RUNS) for job in self.waiting(table)]:
            for table, id in todo:
                self.do(table, id)

    def waiting(self, table: JobTable[Any]) -> list[Any]:
        with self.database.connection() as connection:
            return waiting_jobs(connection, table, 100)

    def do(self, table: JobTable[Any], id: int) -> None:
        """One job, from its claim to its end."""
        with self.database.connection() as connection:
            held = claim_job(connection, table, id)
        if held is not None:
            self.claims.append(str(held))
            with failing(self.database, held):
                {RUNS.name: compute_or_wait, DOWNLOADS.name: fetch_and_wake}[table.name](
                    self.database, held, self.settings
                )

    def run(self, id: int) -> ProjectRun:
        with self.database.session() as session:
            return session.get_one(ProjectRun, id)

    def state(self, id: int) -> tuple[str, str | None]:
        run = self.run(id)
        return run.status, run.waiting_for

    def downloads(self) -> list[tuple[str, list[int], str, str | None]]:
        """Station, years, status and message of each."""
        with self.database.connection() as connection:
            return connection.execute(
                "SELECT station, years, status, message FROM weather_downloads ORDER BY id"
            ).fetchall()


@pytest.fixture
def datastore(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Datastore]:
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0.0)
    with database.session() as session:
        create_user(session, "owner")
    with serving() as noaa:
        environment = {"DATABASE_URL": database_url, "EEDS_DATA_DIR": str(tmp_path), "EEDS_GHCNH_URLS": noaa.url}
        yield Datastore(database, noaa, Settings.from_env(environment))


def test_a_download_that_shall_not_be_fetched_any_more(datastore: Datastore) -> None:
    """EEDS_FETCH_WEATHER is never from now on: the run that waits fails, and the source is not asked."""
    datastore.noaa.files = {**DES_MOINES_FILES}
    run = datastore.order()
    datastore.work(RUNS)
    assert datastore.state(run) == ("PENDING", DES_MOINES)
    datastore.settings = replace(datastore.settings, fetches_weather=False)
    datastore.work()
    assert datastore.downloads() == [("725460", [*YEARS], "FAILED", NEVER)]
    assert datastore.state(run) == ("FAILED", None)
    assert "No hourly temperatures for station 725460" in str(datastore.run(run).traceback)
    assert datastore.noaa.asked == []


def test_a_run_waits_until_its_weather_is_fetched(datastore: Datastore) -> None:
    datastore.noaa.files = {**DES_MOINES_FILES}
    first, second = datastore.order(), datastore.order()
    datastore.work(RUNS)
    assert [datastore.state(run) for run in (first, second)] == [("PENDING", DES_MOINES)] * 2
    # no worker is given them, and nobody is told to look why they are not taken
    assert datastore.waiting(RUNS) == []
    with datastore.database.connection() as connection:
        assert claim_job(connection, RUNS, first) is None
    with datastore.database.session() as session:
        assert oldest_pending_seconds(session) is None

    datastore.work()
    assert [datastore.state(run) for run in (first, second)] == [("SUCCESS", None)] * 2
    assert datastore.downloads() == [("725460", [2013, 2014], "SUCCESS", None)]
    assert sorted(datastore.noaa.asked) == sorted(DES_MOINES_FILES)
    assert datastore.claims == ["run 1", "run 2", "download 1", "run 1", "run 2"]


def test_the_next_station_is_asked_for_where_the_first_has_too_little(datastore: Datastore) -> None:
    datastore.noaa.files = {**ANKENY_FILES}
    run = datastore.order()
    datastore.work(RUNS)
    datastore.work(DOWNLOADS)
    datastore.work(RUNS)
    assert datastore.state(run) == ("PENDING", ANKENY)
    datastore.work()
    assert datastore.state(run) == ("SUCCESS", None)


def test_where_no_station_has_any_it_fails_as_ever(datastore: Datastore) -> None:
    run = datastore.order()
    datastore.work()
    message = datastore.run(run).traceback or ""
    assert message.startswith(
        "No hourly temperatures for station 725460 (DES MOINES INTERNATIONAL AIRPORT) in 2013-01-"
    )
    assert "2013, 2014: GHCNh has no file for that year." in message
    assert len(datastore.downloads()) == 5  # of each of the stations that are tried, and of no other
    # within a day nothing is asked for again
    again, asked = datastore.order(), len(datastore.noaa.asked)
    datastore.work()
    assert (datastore.run(again).status, len(datastore.noaa.asked)) == ("FAILED", asked)


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ({"zipcode": None}, "No weather station: the project has no ZIP code"),
        ({"weather_station": "roof"}, "No hourly temperatures for station roof in "),
    ],
)
def test_what_cannot_be_fetched_is_not_waited_for(datastore: Datastore, order: dict[str, Any], message: str) -> None:
    run = datastore.order(**order)
    datastore.work()
    assert (datastore.run(run).traceback or "").startswith(message)
    assert datastore.downloads() == []


def test_a_datastore_that_may_not_fetch_fails_at_once(datastore: Datastore) -> None:
    run = datastore.order()
    environment = {"EEDS_FETCH_WEATHER": "never", "EEDS_DATA_DIR": str(datastore.settings.data_dir)}
    datastore.settings = Settings.from_env(environment)
    datastore.work()
    assert (datastore.run(run).traceback or "").startswith("No hourly temperatures for station 725460")
    assert datastore.downloads() == []


def test_a_source_that_is_down_ends_all_that_wait_with_the_reason(datastore: Datastore) -> None:
    datastore.noaa.answers = [*BUSY]
    datastore.noaa.files = {**DES_MOINES_FILES, **ANKENY_FILES}
    runs = [datastore.order(), datastore.order()]
    datastore.work()
    for run in runs:
        stored = datastore.run(run)
        assert stored.status == "FAILED"
        assert "answered 503 three times; try again later. Fetch them (" in (stored.traceback or "")
    ((station, _, status, message),) = datastore.downloads()  # the outage does not change the station
    assert (station, status) == ("725460", "FAILED")
    assert message is not None
    assert message.startswith("2013: http://")

    # who has them tried again has it fetched again
    with datastore.database.session() as session:
        retry_run(session, datastore.principal, runs[0])
    datastore.work()
    assert datastore.state(runs[0]) == ("SUCCESS", None)


def test_workers_that_are_lost_end_the_wait(datastore: Datastore) -> None:
    datastore.noaa.files = {**DES_MOINES_FILES}
    run = datastore.order()
    datastore.work(RUNS)
    for lost in range(1, MAX_LOST + 1):
        with datastore.database.connection() as connection:
            assert claim_job(connection, DOWNLOADS, 1) is not None
            connection.execute("UPDATE weather_downloads SET lease_expires = now() - interval '1 second'")
            assert sweep_jobs(connection, DOWNLOADS) == {1: "PENDING" if lost < MAX_LOST else "FAILED"}
    datastore.work()
    message = datastore.run(run).traceback or ""
    assert message.endswith(f" The download for station 725460 failed: worker lost {MAX_LOST} times")
    assert datastore.noaa.asked == []


def test_after_some_failures_in_a_row_the_rest_is_not_tried(datastore: Datastore) -> None:
    datastore.noaa.answers = [Answer(503)] * 100
    stations = ["725460", "725466", "725472", "725493", "720701", "725464"]
    runs = [datastore.order(weather_station=station) for station in stations]
    datastore.work()
    assert {datastore.run(run).status for run in runs} == {"FAILED"}
    assert len(datastore.noaa.asked) == 3 * MOST_FAILURES
    message = datastore.run(runs[-1]).traceback or ""
    assert f"It was not tried, for the last {MOST_FAILURES} downloads have failed: 2013: http://" in message


def test_a_run_that_waits_can_be_cancelled(datastore: Datastore) -> None:
    datastore.noaa.files = {**DES_MOINES_FILES}
    run = datastore.order()
    datastore.work(RUNS)
    with datastore.database.session() as session:
        cancel_run(session, datastore.principal, run)
    datastore.work()
    assert datastore.state(run) == ("FAILED", None)
    assert [status for *_, status, _ in datastore.downloads()] == ["SUCCESS"]


def test_few_downloads_are_on_their_way_at_once(datastore: Datastore) -> None:
    for station in ("725460", "725466", "725472"):
        datastore.order(weather_station=station)
    datastore.work(RUNS)
    with datastore.database.connection() as connection:
        assert [job.id for job in waiting_jobs(connection, DOWNLOADS, 2)] == [1, 2]
        assert claim_job(connection, DOWNLOADS, 2) is not None
        assert [job.id for job in waiting_jobs(connection, DOWNLOADS, 2)] == [1]
        connection.execute("UPDATE weather_downloads SET enqueued = now() WHERE id = 1")
        assert waiting_jobs(connection, DOWNLOADS, 2) == []


def test_what_has_ended_is_forgotten_after_a_day(datastore: Datastore) -> None:
    from eeds.weather.downloads import delete_old_downloads

    with datastore.database.session() as session:
        session.add_all(WeatherDownload(station="725460", years=[2013], status="SUCCESS") for _ in range(2))
        session.add(WeatherDownload(station="725460", years=[2014]))
    with datastore.database.connection() as connection:
        connection.execute("UPDATE weather_downloads SET updated = now() - interval '2 days' WHERE id <> 2")
        delete_old_downloads(connection)
    assert [status for *_, status, _ in datastore.downloads()] == ["SUCCESS", "PENDING"]


def test_real_processes_fetch_what_a_run_waits_for(ours: Family, noaa: FileServer) -> None:
    """Though Redis forgets the download, and its worker is killed."""
    noaa.files = {**DES_MOINES_FILES}
    project = ours.project(readings(1))
    ours.client.patch(f"projects/{project}/", {"zipcode": ZIPCODE})
    with connect(ours.urls.database, "test", autocommit=True) as connection:
        with locked_year(connection, {"station": "725460", "source": GHCNH, "year": 2013}):
            run = ours.client.post("project_runs/", {"project": project, "meter_settings": SETTINGS})["id"]
            shown = eventually(
                lambda: ours.client.get(f"project_runs/{run}/", with_state="True").get("waiting_for"),
                60,
                lambda: ours.tail(),
            )
            assert shown == DES_MOINES
            assert ours.progress([run])["waiting"] == [{"runs": 1, "waiting_for": DES_MOINES}]
            eventually(lambda: ours.waiting_for_lock() == 1, 60, ours.tail)
            worker = next(name for name in ("worker.1", "worker.2") if ours.has_job(name))
            for process in ours.processes_of(worker):
                process.kill()
            with psycopg.connect(ours.urls.database, autocommit=True) as other:
                other.execute("UPDATE weather_downloads SET lease_expires = now()")
        ours.await_status([run], "SUCCESS")
    assert ours.results_of([run]) == {run: 1}
