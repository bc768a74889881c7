"""`eeds run-meters` and `eeds progress`: orders for many projects, and what became of them."""

import threading

import pytest
from sqlalchemy import func, update

from eeds.client import Client
from eeds.db.engine import Database
from eeds.db.tables import ProjectResult, ProjectRun, WeatherDownload
from tests.cli.conftest import Eeds


@pytest.fixture
def projects(client: Client) -> None:
    """P1, P2, P3 with the ids 1, 2, 3; the periods of P3 are impossible."""
    for number in (1, 2, 3):
        start = "2013-01-01" if number == 3 else "2014-01-01"
        periods = {"baseline_period_end": "2013-06-01T00:00:00Z", "reporting_period_start": f"{start}T00:00:00Z"}
        client.post("projects/", {"project_id": f"P{number}", "project_owner": 1, **periods})


def end_runs(database: Database, status: str, traceback: str | None = None) -> None:
    """What a worker would have made of the runs that wait."""
    with database.session() as session:
        waiting = update(ProjectRun).where(ProjectRun.status == "PENDING")
        session.execute(waiting.values(status=status, traceback=traceback))


def test_runs_of_some(eeds_here: Eeds, client: Client, projects: None) -> None:
    outcome = eeds_here("run-meters", "--projects", "1-2+900-999")
    assert (outcome.status, outcome.out) == (0, "Ordered 2 runs.\n")
    assert [(run["project"], run["status"]) for run in client.get("project_runs/")] == [(1, "PENDING"), (2, "PENDING")]


def test_runs_of_all_and_one_that_cannot_be_ordered(eeds_here: Eeds, client: Client, projects: None) -> None:
    outcome = eeds_here("run-meters", "--all")
    assert (outcome.status, outcome.out) == (1, "Ordered 2 runs.\n")
    assert "1 projects have no result:" in outcome.err
    assert "project P3 (id 3): " in outcome.err
    assert "reporting_period_start 2013-01-01 is before baseline_period_end 2013-06-01." in outcome.err


def test_runs_of_what_is_stale(eeds_here: Eeds, client: Client, database: Database, projects: None) -> None:
    outcome = eeds_here("run-meters", "--stale", "--wait")
    assert (outcome.status, outcome.out) == (0, "Ordered 0 runs.\n")
    with database.session() as session:
        for project, settings in ((1, {"model": "daily"}), (2, None)):
            found = ProjectResult(project_id=project, meter_settings=settings, stale_since=func.now())
            session.add(found)
    assert list(client.results.list()["stale"]) == [True, True]
    outcome = eeds_here("run-meters", "--stale", "--projects", "1")
    assert (outcome.status, outcome.out) == (0, "Ordered 1 runs.\n")
    assert [run["meter_settings"] for run in client.get("project_runs/")] == [{"model": "daily"}]
    assert client.run_stale().count == 1, "that of the other project"
    nothing = client.run_stale([1])
    assert (nothing.count, nothing.ids, len(nothing.wait().savings())) == (0, "", 0)


def test_runs_of_a_block(eeds_here: Eeds, client: Client, projects: None) -> None:
    block = client.post("project_blocks/", {"name": "b", "projects": [2]})["id"]
    outcome = eeds_here("run-meters", "--block", str(block))
    assert (outcome.status, outcome.out) == (0, "Ordered 1 runs.\n")
    assert [run["project"] for run in client.get("project_runs/")] == [2]


def test_runs_of_a_group_or_a_filter(eeds_here: Eeds, client: Client, projects: None) -> None:
    client.post("groups/", {"name": "first", "filter": {"project_id": "P1"}})
    assert eeds_here("run-meters", "--group", "first").out == "Ordered 1 runs.\n"
    assert eeds_here("run-meters", "--filter", '{"project_id": {"<": "P3"}}').out == "Ordered 2 runs.\n"
    assert [run["project"] for run in client.get("project_runs/")] == [1, 1, 2]
    assert eeds_here("progress", "--group", "first").out == "1 PENDING, 0 RUNNING, 0 SUCCESS, 0 FAILED\n"
    client.post("project_blocks/", {"name": "b", "projects": [1, 2]})
    assert eeds_here("progress", "--block", "1").out == "2 PENDING, 0 RUNNING, 0 SUCCESS, 0 FAILED\n"
    wrong = eeds_here("run-meters", "--filter", '{"zip": "50321"}')
    assert (wrong.status, wrong.out) == (1, "")
    assert 'filter.zip: There is no field "zip"; there are: project_id, zipcode, station' in wrong.err


def test_an_id_that_names_nothing_is_told(eeds_here: Eeds, client: Client, projects: None) -> None:
    outcome = eeds_here("run-meters", "--projects", "1+999")
    assert (outcome.status, outcome.out) == (1, "Ordered 1 runs.\n")
    assert 'project 999: Invalid pk "999" - object does not exist.' in outcome.err
    none = eeds_here("run-meters", "--projects", "3", "--wait")
    assert (none.status, none.out) == (1, "")
    assert "P3: reporting_period_start 2013-01-01 is before baseline_period_end 2013-06-01." in none.err


@pytest.mark.parametrize("options", [(), ("--all", "--projects", "1"), ("--all", "--group", "1")])
def test_which_projects(eeds_here: Eeds, options: tuple[str, ...]) -> None:
    outcome = eeds_here("run-meters", *options)
    assert outcome.status == 2
    assert (
        "Say which projects: --all, or one of --projects 1+3-5, --block ID, --group NAME or --filter JSON."
        in outcome.err
    )


def test_no_projects(eeds_here: Eeds) -> None:
    for options in (("--all",), ("--projects", "5-7")):
        outcome = eeds_here("run-meters", *options)
        assert (outcome.status, outcome.out) == (1, "")
        assert "There are no such projects." in outcome.err


def test_progress_counts_the_latest_run_of_each(
    eeds_here: Eeds, client: Client, database: Database, projects: None
) -> None:
    assert eeds_here("progress").out == "0 PENDING, 0 RUNNING, 0 SUCCESS, 0 FAILED\n"
    eeds_here("run-meters", "--projects", "1+2")
    end_runs(database, "FAILED", "No weather.\n\nTraceback ...")
    client.post("project_runs/", {"project": 2})
    assert eeds_here("progress").out == "1 PENDING, 0 RUNNING, 0 SUCCESS, 1 FAILED\n"
    end_runs(database, "SUCCESS")
    ended = eeds_here("progress", "--wait")
    assert (ended.status, ended.out) == (1, "0 PENDING, 0 RUNNING, 1 SUCCESS, 1 FAILED\n")
    assert "project 1, run 1: No weather.\n" in ended.err
    assert eeds_here("progress", "--wait", "--projects", "2").status == 0


def test_what_was_cancelled_is_told_apart(eeds_here: Eeds, client: Client, database: Database, projects: None) -> None:
    eeds_here("run-meters", "--projects", "1+2")
    client.post("project_runs/1/cancel/", {})
    end_runs(database, "SUCCESS")
    outcome = eeds_here("progress", "--wait")
    counts = "0 PENDING, 0 RUNNING, 1 SUCCESS, 0 FAILED, 1 CANCELLED\n"
    assert (outcome.status, outcome.out, outcome.err) == (3, counts, "")
    eeds_here("run-meters", "--projects", "2")
    end_runs(database, "FAILED", "No weather.")
    assert eeds_here("progress", "--wait").status == 1


def test_what_runs_wait_for_is_told(eeds_here: Eeds, client: Client, database: Database, projects: None) -> None:
    eeds_here("run-meters", "--projects", "1+2")
    with database.session() as session:
        session.add(WeatherDownload(station="725460", years=[2014]))
        session.flush()
        session.execute(update(ProjectRun).values(weather_download_id=1, waiting_for="temperatures of station 725460"))
    assert eeds_here("progress").out == (
        "2 PENDING, 0 RUNNING, 0 SUCCESS, 0 FAILED\n  2 PENDING: waiting for temperatures of station 725460\n"
    )


def test_waiting_for_runs(eeds_here: Eeds, client: Client, database: Database, projects: None) -> None:
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.05):
            end_runs(database, "SUCCESS")

    worker = threading.Thread(target=work)
    worker.start()
    try:
        outcome = eeds_here("run-meters", "--projects", "1+2", "--wait")
    finally:
        over.set()
        worker.join()
    assert (outcome.status, outcome.out) == (0, "Ordered 2 runs.\n0 PENDING, 0 RUNNING, 2 SUCCESS, 0 FAILED\n")
