"""Restatements as people request, watch and read them; what they find has tests of its own."""

from sqlalchemy import select, update

from eeds.db.engine import Database
from eeds.db.tables import Project, ProjectResult, RestatedSavings, Restatement
from tests.portal.conftest import Browser, MakeBrowser, text_of

MOVED = {"before": 1000.0, "after": 900.0, "readings": -120.0, "weather": 20.0}
UNMOVED = dict.fromkeys(("library", "periods", "settings", "membership", "unexplained"), 0.0)


def two_results(database: Database) -> None:
    """Of the first user's project."""
    with database.session() as session:
        session.add(Project(project_owner_id=1, project_id="ABC"))
        session.flush()
        session.add_all(ProjectResult(project_id=1) for _ in range(2))


def compute(database: Database) -> None:
    """Do as the worker does."""
    with database.session() as session:
        id = session.scalars(select(Restatement.id)).one()
        session.execute(update(Restatement).values(status="SUCCESS", projects_done=1, projects_total=1))
        own = {"restatement_id": id, "project_id": 1, "method": "metered", "notes": ["Look at this."]}
        session.add(RestatedSavings(trace_interpretation="ELECTRICITY_CONSUMPTION_SUPPLIED", **own, **MOVED, **UNMOVED))


def request(browser: Browser, before: object = 1, after: object = 2) -> str:
    """What the page says then."""
    form = {"kind": "results", "before": str(before), "after": str(after)}
    return text_of(browser.post("restatements/", form, follow_redirects=True))


def test_request_watch_read(browser_of: MakeBrowser, database: Database) -> None:
    ada, eve = browser_of("ada"), browser_of("eve")
    two_results(database)
    assert "Nothing has been compared." in text_of(ada.get("restatements/"))
    assert "Compare with 1" in text_of(ada.get("projects/1/"))
    told = request(ada)
    assert "Results 1 and 2 compared" in told
    assert "PENDING" in told
    assert "X-Done" not in ada.get("restatements/1/now/").headers
    compute(database)
    now = ada.get("restatements/1/now/")
    assert now.headers["X-Done"] == "1"
    shown = text_of(now)
    assert "Electricity consumption supplied, metered 1,000 0 -120 20 0 0 0 0 900 -100" in shown
    assert "ABC" in shown
    assert "readings -120, weather 20" in shown
    assert "Look at this." in shown
    assert 'href="/portal/projects/1/?result=2"' in now.text
    table = ada.get("restatements/1/projects.csv")
    assert table.mimetype == "text/csv"
    assert b"1000.0,900.0,-100.0,0.0,-120.0,20.0" in table.data
    assert "Results 1 and 2" in text_of(ada.get("restatements/"))
    assert "Nothing has been compared." in text_of(eve.get("restatements/"))
    assert {eve.get(f"restatements/1/{part}").status_code for part in ("", "now/", "projects.csv")} == {404}
    with database.session() as session:
        session.delete(session.get_one(Project, 1))
    assert "a project that is gone (1)" in text_of(ada.get("restatements/1/now/"))


def test_what_cannot_be_compared_is_said(browser_of: MakeBrowser, database: Database) -> None:
    ada, eve = browser_of("ada"), browser_of("eve")
    two_results(database)
    assert "Say which two to compare" in request(ada, "", "x")
    assert "object does not exist" in request(ada, 1, 99)
    assert "Compare it with another one." in request(ada, 1, 1)
    assert "object does not exist" in request(eve)
