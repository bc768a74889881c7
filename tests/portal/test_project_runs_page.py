"""Ordering, watching, cancelling and retrying the runs of a project."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from eeds.db.engine import Database, psycopg_connection
from eeds.db.tables import ProjectRun, WeatherDownload
from eeds.jobs import leases
from eeds.meter.settings import ALLOWED
from eeds.runs import lifecycle as runs
from tests.portal.conftest import text_of
from tests.portal.projects import MakePerson, Person, person  # noqa: F401 - fixture


@pytest.fixture
def amy(person: MakePerson) -> Person:  # noqa: F811
    return person("amy")


def fail(database: Database, run: int, reason: str) -> None:
    """End a run as a worker does."""
    with database.session() as session:
        connection = psycopg_connection(session)
        held = leases.claim_job(connection, runs.RUNS, run)
        assert held is not None
        leases.fail_job(connection, held, reason)


def test_story(amy: Person, database: Database) -> None:
    project = amy.project()
    answer = amy.browser.post(f"projects/{project}/runs/", {"model": "daily"})
    assert (answer.status_code, answer.location) == (303, f"/portal/projects/{project}/#runs")
    (run,) = amy.api.get(f"project_runs/?projects={project}").json
    assert (run["meter_settings"], run["status"]) == ({"model": "daily"}, "PENDING")
    page = text_of(amy.browser.get(f"projects/{project}/"))
    assert f"Run {run['id']} is ordered" in page

    part = amy.browser.get(f"projects/{project}/runs/")
    assert "PENDING model daily" in text_of(part)
    assert "X-Done" not in part.headers

    fail(database, run["id"], "No station.\nTraceback:\n  here")
    part = amy.browser.get(f"projects/{project}/runs/")
    assert "X-Done" in part.headers
    assert "FAILED model daily" in text_of(part)
    assert "No station. Details Traceback: here Try again" in text_of(part)

    amy.browser.post(f"projects/{project}/runs/{run['id']}/retry/")
    assert amy.api.get(f"project_runs/{run['id']}/").json["status"] == "PENDING"
    amy.browser.post(f"projects/{project}/runs/{run['id']}/cancel/")
    assert "CANCELLED model daily" in text_of(amy.browser.get(f"projects/{project}/runs/"))


def test_the_usual_settings(amy: Person) -> None:
    project = amy.project()
    amy.browser.post(f"projects/{project}/runs/", {"model": "auto"})
    (run,) = amy.api.get(f"project_runs/?projects={project}").json
    assert run["meter_settings"] is None


FORM = {
    "model": "daily",
    "models.gas": "billing",
    "confidence_level": "0.9",
    "baseline_days": "null",
    "timezone": "America/Chicago",
    "weather_station": "725460",
    "ignore_disqualification": "true",
    "cvrmse_threshold": "0.25",
    "disqualify": ["2.2.6", "2.2.7"],
    "net_metering_changed": "2013-05-01",
    "ev_charging_installed": "2013-06-01",
    "seed": "7",
    "robust": "true",
    "reuse": "false",
}
SETTINGS = {
    "model": "daily",
    "models": {"gas": "billing"},
    "confidence_level": 0.9,
    "baseline_days": None,
    "timezone": "America/Chicago",
    "weather_station": "725460",
    "ignore_disqualification": True,
    "cvrmse_threshold": 0.25,
    "disqualify": ["2.2.6", "2.2.7"],
    "net_metering_changed": "2013-05-01",
    "ev_charging_installed": "2013-06-01",
    "seed": 7,
    "robust": True,
    "reuse": False,
}


def test_every_setting_can_be_given(amy: Person) -> None:
    """For one project and for many; the forms have a field for each."""
    project = amy.project()
    as_of = {"as_of": datetime.now(UTC).isoformat()}  # a time at which there was a history
    assert {*SETTINGS, *as_of} == ALLOWED.keys()
    for page, action in ((f"projects/{project}/", f"projects/{project}/runs/"), ("projects/", "projects/run/")):
        shown = amy.browser.get(page).text
        assert [name for name in (*FORM, *as_of) if f'name="{name}"' not in shown] == []
        amy.browser.post(action, {**FORM, **as_of})
    assert [run["meter_settings"] for run in amy.api.get("project_runs/").json] == [{**SETTINGS, **as_of}] * 2


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"baseline_days": "365", "confidence_level": "0.95", "reuse": "true", "timezone": " "}, None),
        ({"seed": "1", "disqualify": [], "models.gas": ""}, {"seed": 1}),
    ],
)
def test_what_is_as_usual_is_left_out(amy: Person, form: dict[str, Any], expected: Any) -> None:
    amy.browser.post(f"projects/{amy.project()}/runs/", form)
    (run,) = amy.api.get("project_runs/").json
    assert run["meter_settings"] == expected


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"seed": "many"}, "seed: 'many' is not allowed; give a whole number from 0 to "),
        ({"confidence_level": "95"}, "confidence_level: 95 is not allowed; give a number above 0 and below 1."),
        ({"net_metering_changed": "soon"}, "net_metering_changed: 'soon' is not allowed; give a date"),
        ({"disqualify": ["9"]}, "disqualify: ['9'] is not allowed"),
        ({"models.gas": "guess"}, "models: {'gas': 'guess'} is not allowed"),
    ],
)
def test_settings_that_are_refused(amy: Person, form: dict[str, Any], message: str) -> None:
    project = amy.project()
    for page, action in ((f"projects/{project}/", f"projects/{project}/runs/"), ("projects/", "projects/run/")):
        amy.browser.post(action, form)
        assert message in text_of(amy.browser.get(page))
    assert amy.api.get("project_runs/").json == []


@pytest.mark.parametrize(
    ("changed", "model", "expected"),
    [
        ({}, "<b>", "model: '<b>' is not allowed; give one of the models there are: auto, caltrack, daily, billing, "),
        (
            {"reporting_period_start": "2013-03-09T00:00:00Z"},
            "auto",
            "reporting_period_start 2013-03-09 is before baseline_period_end 2013-03-10.",
        ),
    ],
)
def test_what_cannot_be_run(amy: Person, changed: dict[str, str], model: str, expected: str) -> None:
    project = amy.project(**changed)
    amy.browser.post(f"projects/{project}/runs/", {"model": model})
    assert expected in text_of(amy.browser.get(f"projects/{project}/"))
    assert amy.api.get("project_runs/").json == []


def test_what_has_changed_meanwhile(amy: Person, database: Database) -> None:
    project = amy.project()
    run = amy.api.post("project_runs/", {"project": project}).json["id"]
    amy.browser.post(f"projects/{project}/runs/{run}/retry/")
    assert f"Run {run} is PENDING; only a run that FAILED can be tried again." in text_of(
        amy.browser.get(f"projects/{project}/")
    )
    fail(database, run, "No station.")
    amy.browser.post(f"projects/{project}/runs/{run}/cancel/")
    assert f"Run {run} has ended, as FAILED" in text_of(amy.browser.get(f"projects/{project}/"))


def test_many_runs_are_cancelled_and_tried_again(amy: Person, database: Database) -> None:
    project = amy.project()
    first, second = (amy.api.post("project_runs/", {"project": project}).json["id"] for _ in range(2))
    fail(database, second, "No station.")
    page = amy.browser.get(f"runs/?runs={first}-{second}")
    assert "1 PENDING 0 RUNNING 0 SUCCESS 1 FAILED" in text_of(page)
    assert f'action="/portal/runs/retry/?runs={first}-{second}"' in page.text

    answer = amy.browser.post(f"runs/cancel/?runs={first}-{second}")
    assert (answer.status_code, answer.location) == (303, f"/portal/runs/?runs={first}-{second}")
    page = amy.browser.get(f"runs/?runs={first}-{second}")
    assert "1 run is cancelled." in text_of(page)
    assert "0 PENDING 0 RUNNING 0 SUCCESS 1 FAILED 1 CANCELLED" in text_of(page)

    # without ids the latest run of each project
    amy.browser.post("runs/retry/")
    assert [run["status"] for run in amy.api.get("project_runs/").json] == ["FAILED", "PENDING"]
    amy.browser.post("runs/cancel/")
    assert [run["cancelled_by"] for run in amy.api.get("project_runs/?with_state=True").json] == ["amy", "amy"]


def test_what_a_run_waits_for_is_shown(amy: Person, database: Database) -> None:
    project = amy.project()
    run = amy.api.post("project_runs/", {"project": project}).json["id"]
    with database.session() as session:
        session.add(WeatherDownload(station="725460", years=[2014]))
        session.flush()
        session.execute(update(ProjectRun).values(weather_download_id=1, waiting_for="temperatures in 2014"))
    assert "waits for temperatures in 2014" in text_of(amy.browser.get(f"projects/{project}/runs/"))
    assert "1 run PENDING: waiting for temperatures in 2014." in text_of(amy.browser.get(f"runs/?runs={run}"))


@pytest.mark.parametrize("parameters", ["endpoint=x", "_external=1", "runs=", "values=1", "runs=9&runs=8"])
def test_any_parameters(amy: Person, parameters: str) -> None:
    assert amy.browser.get(f"runs/?{parameters}").status_code == 200
    assert amy.browser.post(f"runs/cancel/?{parameters}").status_code == 303


def test_others_cannot(amy: Person, person: MakePerson) -> None:  # noqa: F811
    project = amy.project()
    run = amy.api.post("project_runs/", {"project": project}).json["id"]
    bob = person("bob")
    own = bob.project(project_id="of bob")
    for path in (
        f"projects/{project}/runs/",
        f"projects/{project}/runs/{run}/cancel/",
        f"projects/{own}/runs/{run}/cancel/",
    ):
        assert bob.browser.post(path).status_code == 404
    assert [each["status"] for each in amy.api.get("project_runs/").json] == ["PENDING"]
    unasked = amy.browser.client.post(f"/portal/projects/{project}/runs/{run}/cancel/")
    assert unasked.status_code == 400
