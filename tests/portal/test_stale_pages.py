"""What the pages say of stale results, and the buttons that run those again."""

import pytest

from eeds.db.engine import Database
from tests.api.test_project_results import finish
from tests.portal.conftest import text_of
from tests.portal.projects import MakePerson, Person, person  # noqa: F401 - fixture

ASKED = {"confidence_level": 0.9}


@pytest.fixture
def amy(person: MakePerson) -> Person:  # noqa: F811
    return person("amy")


def stale_project(amy: Person, database: Database) -> int:
    """A project whose periods have changed since its newest result, which was requested with ASKED."""
    project = amy.project()
    finish(amy.api, database, project, settings=ASKED)
    amy.api.patch(f"projects/{project}/", {"baseline_period_end": "2013-03-09T00:00:00Z"})
    return project


def test_a_project(amy: Person, database: Database) -> None:
    project = stale_project(amy, database)
    page = f"projects/{project}/"
    told = text_of(amy.browser.get(page))
    assert "This result is stale. Changed since: the project’s periods; first on " in told
    answer = amy.browser.post(f"{page}results/1/run/", {}, follow_redirects=True)
    assert "Run 2 is ordered" in text_of(answer)
    assert amy.api.get("project_runs/2/").json["meter_settings"] == ASKED
    finish(amy.api, database, project)
    assert "stale" not in text_of(amy.browser.get(page)).replace("1 stale", ""), "but the earlier one is, in the table"
    assert "The newest result has taken its place." in text_of(amy.browser.get(f"{page}?result=1"))
    assert amy.browser.post(f"{page}results/99/run/", {}).status_code == 404


def test_by_a_load(amy: Person, database: Database) -> None:
    project = stale_project(amy, database)
    amy.load(amy.trace(project), ("2013-01-01T00:00:00Z", 5.0))
    told = text_of(amy.browser.get(f"projects/{project}/"))
    assert "Changed since: the project’s periods, readings of its periods (by load 1 ); first on " in told


@pytest.mark.usefixtures("queue")
def test_many(amy: Person, person: MakePerson, database: Database) -> None:  # noqa: F811
    fresh = amy.project(project_id="FRESH")
    finish(amy.api, database, fresh)
    stale_project(amy, database)
    assert "1 project has a stale result" in text_of(amy.browser.get(""))
    told = text_of(amy.browser.get("projects/"))
    assert told.count("SUCCESS stale") == 1
    assert "Run the 1 stale again" in told
    assert "stale" not in text_of(amy.browser.get("projects/?q=FRESH"))
    bob = person("bob")
    assert "stale" not in text_of(bob.browser.get("")) + text_of(bob.browser.get("projects/"))
    answer = amy.browser.post("projects/run-stale/", {})
    assert (answer.status_code, answer.location) == (303, "/portal/runs/?runs=3")
    answer = amy.browser.post("projects/run-stale/", {}, follow_redirects=True)
    assert "Nothing is stale that does not wait for a run already." in text_of(answer)
