"""The first page after the login."""

from datetime import UTC, datetime

import pytest

from eeds.db.engine import Database, psycopg_connection
from eeds.db.tables import ConsumptionMetadata, Project, ProjectResult, ProjectRun
from tests.portal.conftest import MakeBrowser, text_of
from tests.readings import store_readings

NEWEST = datetime(2015, 3, 2, 1, tzinfo=UTC)


def fill(database: Database, owner: int, name: str, message: str | None = None) -> None:
    """A project with a trace, three readings, a result and a failed run."""
    with database.session() as session:
        project = Project(project_owner_id=owner, project_id=name)
        session.add(project)
        session.flush()
        trace = ConsumptionMetadata(project_id=project.id, interpretation="E_C_S", unit="KWH")
        session.add(trace)
        session.flush()
        starts = [NEWEST.replace(year=2010 + n, tzinfo=None) for n in (1, 3, 5)]
        store_readings(psycopg_connection(session), trace.id, starts, [1.0] * 3)
        session.add(ProjectResult(project_id=project.id))
        session.add(ProjectRun(project_id=project.id, meter_class="x", status="FAILED", traceback=message))


@pytest.mark.usefixtures("queue")
def test_an_empty_datastore_says_what_to_do(browser_of: MakeBrowser) -> None:
    told = text_of(browser_of("ada").get(""))
    assert "This datastore is empty. Upload projects with their ZIP codes" in told
    assert "Projects 0 Traces 0 Records 0 Results 0 Newest reading –" in told
    assert "No worker listens to the queue." in told


def test_what_there_is_for_whom(browser_of: MakeBrowser, database: Database) -> None:
    ada, root = browser_of("ada"), browser_of("root", admin=True)
    fill(database, 1, "A", "No weather station: none is near.")
    fill(database, 2, "B", "Something else.")
    told, told_root = text_of(ada.get("")), text_of(root.get(""))
    assert "Projects 1 Traces 1 Records 3 Results 1 Newest reading 2015-03-02" in told
    assert "Projects 2 Traces 2 Records 6 Results 2" in told_root
    assert "1 of 1 runs have ended" in told
    assert "1 FAILED" in told
    assert "Something else." not in told
    assert "Something else." in told_root
    assert "1 project had no weather in the latest run." in told


def test_runs_of_others_that_wait_are_told_by_their_age_alone(browser_of: MakeBrowser, database: Database) -> None:
    ada = browser_of("ada")
    browser_of("eve")
    with database.session() as session:
        session.add(Project(project_owner_id=2, project_id="E"))
        session.flush()
        session.add(ProjectRun(project_id=1, meter_class="x", added=datetime.now(UTC)))
    assert "the oldest run has waited" in text_of(ada.get(""))
