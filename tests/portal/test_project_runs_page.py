"""Ordering, watching, cancelling and retrying the runs of a project."""

import pytest

from eeds.db.engine import Database, psycopg_connection
from eeds.jobs import leases
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


@pytest.mark.parametrize(
    ("changed", "model", "expected"),
    [
        ({}, "<b>", "There is no such model; choose one of auto, caltrack, daily, billing, hourly, caltrack_hourly."),
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
