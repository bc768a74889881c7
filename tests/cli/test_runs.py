"""`eeds run-meters` and `eeds progress`: orders for many projects, and what became of them."""

import json
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, update

from eeds.cli.meter_settings import TEXTS
from eeds.client import Client
from eeds.db.engine import Database
from eeds.db.tables import ProjectResult, ProjectRun, WeatherDownload
from eeds.meter.settings import ALLOWED, refusal
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


def test_runs_by_name_with_settings(eeds_here: Eeds, client: Client, projects: None, tmp_path: Path) -> None:
    """Of each kind of value; the server checks them."""
    file = tmp_path / "settings.json"
    file.write_text('{"model": "hourly", "seed": 7}')
    settings = {
        "model": "daily",
        "models": {"gas": "billing"},
        "confidence_level": 0.9,
        "baseline_days": None,
        "weather_station": "725460",
        "disqualify": ["2.2.6"],
        "net_metering_changed": "2024-06-30",
        "timezone": None,
        "robust": True,
    }
    options = [f"{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in settings.items()]
    single = [each for option in options for each in ("--setting", option)]
    outcome = eeds_here("run-meters", "--project", "P1", "--project", "P2", "--settings", str(file), *single)
    assert (outcome.status, outcome.out) == (0, "Ordered 2 runs.\n")
    assert [(run["project"], run["meter_settings"]) for run in client.get("project_runs/")] == [
        (1, {**settings, "seed": 7}),
        (2, {**settings, "seed": 7}),
    ]
    assert eeds_here("progress", "--project", "P2").out == "1 PENDING, 0 RUNNING, 0 SUCCESS, 0 FAILED\n"


def test_texts_are_the_settings_that_are_texts() -> None:
    texts = {
        name
        for name in ALLOWED
        for value in ("2024-06-30", "UTC", "auto", "2024-06-30T00:00:00Z")
        if name not in ("models", "disqualify") and not refusal(name, value)
    }
    assert set(TEXTS) == texts


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        (("--setting", "model"), 2, "--setting model: give it as NAME=VALUE, for example model=daily."),
        (("--setting", "=daily"), 2, "--setting =daily: give it as NAME=VALUE"),
        (("--settings", "{here}"), 2, "settings.json is not JSON: "),
        (("--settings", "{list}"), 2, "list.json must have an object of settings"),
        (("--settings", "{nowhere}"), 2, "does not exist"),
        (("--setting", "model=guess"), 1, "model: 'guess' is not allowed; give one of the models there are: auto, "),
        (("--setting", "colour=red"), 1, "there is no such setting; there are model, models, "),
    ],
)
def test_settings_that_are_none(
    eeds_here: Eeds, projects: None, tmp_path: Path, options: tuple[str, str], status: int, message: str
) -> None:
    files = {name: str(tmp_path / f"{word}.json") for name, word in (("here", "settings"), ("list", "list"))}
    Path(files["here"]).write_text("model: daily")
    Path(files["list"]).write_text('["daily"]')
    options = options[0], options[1].format(**files, nowhere=tmp_path / "nowhere.json")
    outcome = eeds_here("run-meters", "--all", *options)
    assert outcome.status == status
    assert message in " ".join(outcome.err.split())


def test_cancel_and_retry_many(eeds_here: Eeds, client: Client, database: Database, projects: None) -> None:
    eeds_here("run-meters", "--projects", "1+2")
    outcome = eeds_here("runs", "cancel", "--project", "P1", "--waiting")
    assert (outcome.status, outcome.out) == (0, "Cancelled 1 runs: 1\n")
    assert eeds_here("runs", "retry", "--all").out == "Retried 0 runs.\n"  # what was cancelled is left alone
    end_runs(database, "FAILED", "No weather.")
    assert eeds_here("runs", "retry", "--all").out == "Retried 1 runs: 2\n"
    named = eeds_here("runs", "retry", "--runs", "1+2+9")
    assert (named.status, named.out) == (1, "Retried 1 runs: 1\n")
    assert named.err == (
        "Error: 2 runs stay as they were:\n"
        "  run 2: Run 2 is PENDING; only a run that FAILED can be tried again.\n"
        '  run 9: Invalid pk "9" - object does not exist.\n'
    )
    assert eeds_here("runs", "cancel").status == 2


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
        "Say which projects: --all, or one of --projects 1+3-5, --project NAME, --block ID, --group NAME or --filter "
        "JSON." in outcome.err
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
