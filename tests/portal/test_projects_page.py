"""The table of projects: what it shows to whom, its filters, orders and pages, and what is done with many of them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from eeds.db.engine import Database
from eeds.db.tables import (
    Group,
    Project,
    ProjectAttribute,
    ProjectAttributeKey,
    ProjectBlock,
    ProjectBlockProject,
    ProjectOwner,
    ProjectResult,
    ProjectRun,
    SavingsAggregation,
    User,
)
from eeds.projects.listing import PAGE_SIZE
from eeds.runs.portfolio.members import ELECTRICITY
from tests.api.conftest import CountStatements
from tests.portal.conftest import Browser, MakeBrowser, text_of

DAY = datetime(2014, 1, 1, tzinfo=UTC)
ROW = re.compile(r'<th scope="row"><a href="/portal/projects/\d+/">([^<]*)</a>')

MakeProject = Callable[..., int]


@pytest.fixture
def project(database: Database) -> MakeProject:
    """Makes a project of a user's, with a run of a status and savings of electricity if asked to; its id."""

    def make(owner: str, name: str, *, status: str | None = None, saved: float | None = None, **values: Any) -> int:
        with database.session() as session:
            owned = select(ProjectOwner.id).join(User, User.id == ProjectOwner.user_id).where(User.name == owner)
            made = Project(project_owner_id=session.scalars(owned).one(), project_id=name, **values)
            session.add(made)
            session.flush()
            if status:
                run = ProjectRun(project_id=made.id, meter_class="x", status=status, traceback="Broken.\nline 2")
                session.add(run)
            if saved is not None:
                result = ProjectResult(project_id=made.id)
                session.add(result)
                session.flush()
                numbers = {"value": saved, "upper": 100.0, "lower": 50.0, "n": 365, "baseline": 4000.0}
                columns = {f"metered_{name}": number for name, number in numbers.items()}
                session.add(
                    SavingsAggregation(project_result_id=result.id, trace_interpretation=ELECTRICITY, **columns)
                )
            return made.id

    return make


def listed(browser: Browser, query: str = "") -> list[str]:
    """The project ids of the table, from its top."""
    return ROW.findall(browser.get(f"projects/{query}").text)


def test_an_empty_datastore_says_what_to_do(browser_of: MakeBrowser) -> None:
    assert "There are no projects yet: upload some" in text_of(browser_of("ada").get("projects/"))


def test_a_row_tells_what_was_saved(browser_of: MakeBrowser, project: MakeProject) -> None:
    ada = browser_of("ada")
    project("ada", "A", status="FAILED", saved=1000.4, zipcode="50321", baseline_period_end=DAY)
    told = text_of(ada.get("projects/"))
    assert "1 project. Metered savings are in kWh" in told
    assert "A 50321 2014-01-01 – FAILED Broken. 1,000 950 to 1,100 25.0 % – –" in told


def test_everybody_sees_their_own(browser_of: MakeBrowser, project: MakeProject) -> None:
    ada, eve, root = browser_of("ada"), browser_of("eve"), browser_of("root", admin=True)
    project("ada", "A")
    project("eve", "E")
    assert (listed(ada), listed(eve), listed(root)) == (["A"], ["E"], ["A", "E"])


def test_names_are_text_and_nothing_else(browser_of: MakeBrowser, project: MakeProject) -> None:
    ada = browser_of("ada")
    project("ada", "<script>alert(1)</script>", status="FAILED")
    page = ada.get("projects/").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["A", "B", "C"]),
        ("?sort=-project_id", ["C", "B", "A"]),
        ("?sort=zipcode", ["B", "A", "C"]),
        ("?sort=electricity", ["C", "A", "B"]),
        ("?sort=-electricity", ["A", "C", "B"]),
        ("?sort=status", ["A", "C", "B"]),
        ("?sort=-reporting_period_start", ["B", "A", "C"]),
        ("?sort=nonsense&page=0", ["A", "B", "C"]),
        ("?page=1.5", ["A", "B", "C"]),
        ("?page=99999999999999999999", ["A", "B", "C"]),
        ("?page=99", []),
        ("?q=a", ["A"]),
        ("?q=502", ["A"]),
        ("?q=%25", []),
        ("?q=%00", []),
        ("?status=SUCCESS", ["C"]),
        ("?status=NONE", ["B"]),
        ("?status=nonsense", ["A", "B", "C"]),
        ("?block=1", ["B", "C"]),
        ("?block=1&q=c", ["C"]),
        ("?block=99", []),
        ("?block=x", []),
        ("?key=99", []),
        ("?group=1", ["B"]),
        ("?group=99", []),
        ("?group=x&q=b", []),
        ("?stale=true", ["C"]),
        ("?stale=false&status=FAILED", ["A"]),
        ("?stale=nonsense", ["A", "B", "C"]),
        ("?filter=%7B%22zipcode%22:null%7D", ["C"]),
    ],
)
def test_filters_and_orders(
    browser_of: MakeBrowser, project: MakeProject, database: Database, query: str, expected: list[str]
) -> None:
    ada = browser_of("ada")
    project("ada", "A", status="FAILED", saved=200.0, zipcode="50222", reporting_period_start=DAY)
    b = project("ada", "B", zipcode="10001", reporting_period_start=DAY.replace(year=2015))
    c = project("ada", "C", status="SUCCESS", saved=-100.0)
    with database.session() as session:
        session.get_one(ProjectResult, 2).stale_since = DAY
        session.add(Group(project_owner_id=1, name="tens", members="projects", filter={"zipcode": "10001"}))
        session.add(ProjectBlock(project_owner_id=1, name="two"))
        session.flush()
        session.add_all(ProjectBlockProject(project_block_id=1, project_id=id) for id in (b, c))
    assert listed(ada, query) == expected


def test_the_latest_run_and_result_count(browser_of: MakeBrowser, project: MakeProject, database: Database) -> None:
    ada = browser_of("ada")
    id = project("ada", "A", status="FAILED", saved=200.0)
    with database.session() as session:
        session.add(ProjectRun(project_id=id, meter_class="x", status="SUCCESS"))
        session.add(ProjectResult(project_id=id))
    assert "SUCCESS – – –" in text_of(ada.get("projects/"))
    assert (listed(ada, "?status=FAILED"), listed(ada, "?status=SUCCESS")) == ([], ["A"])


def test_pages(browser_of: MakeBrowser, project: MakeProject) -> None:
    ada = browser_of("ada")
    names = [f"P{number:03}" for number in range(PAGE_SIZE + 1)]
    for name in names:
        project("ada", name)
    first = ada.get("projects/?q=P").text
    assert ROW.findall(first) == names[:PAGE_SIZE]
    (following,) = re.findall(r'rel="next" href="([^"]+)"', first)
    last = ada.get(following.replace("&amp;", "&")).text
    assert ROW.findall(last) == names[PAGE_SIZE:]
    assert "Page 2 of 2" in text_of(ada.get(following.replace("&amp;", "&")))
    assert 'rel="next"' not in last


def test_statements_do_not_grow_with_projects(
    browser_of: MakeBrowser, project: MakeProject, statements_of: CountStatements
) -> None:
    ada = browser_of("ada")
    project("ada", "A", status="FAILED", saved=1.0)
    few = len(statements_of(lambda: ada.get("projects/")))
    for number in range(20):
        project("ada", f"B{number}", status="SUCCESS", saved=2.0)
    assert len(statements_of(lambda: ada.get("projects/"))) == few
    # who is it; how many are there, and how many stale; which; and the choices of the filters: blocks, keys, groups
    assert few == 7


def test_a_selection_becomes_a_block(browser_of: MakeBrowser, project: MakeProject, database: Database) -> None:
    ada = browser_of("ada")
    project("ada", "A")
    chosen = [project("ada", "B1"), project("ada", "B2")]
    browser_of("eve")
    project("eve", "B3")
    answer = ada.post("projects/block/?q=b", {"name": "Bs"}, follow_redirects=True)
    assert "Saved 2 projects as block Bs." in text_of(answer)
    assert answer.request.query_string == b"q=b&sort=project_id"
    with database.session() as session:
        (block,) = session.scalars(select(ProjectBlock)).all()
        members = session.scalars(select(ProjectBlockProject.project_id).order_by(ProjectBlockProject.project_id)).all()
        assert (block.name, block.project_owner_id, members) == ("Bs", 1, chosen)
    assert "in block" not in text_of(ada.get("projects/"))


@pytest.mark.parametrize(
    ("query", "name", "reason"),
    [
        ("", " ", "Give the block a name of 1 to 255 characters."),
        ("", "x" * 256, "Give the block a name of 1 to 255 characters."),
        ("", "a\0b", "Give the block a name of 1 to 255 characters."),
        ("?q=nothing", "name", "No project meets these filters."),
    ],
)
def test_a_block_that_cannot_be(
    browser_of: MakeBrowser, project: MakeProject, database: Database, query: str, name: str, reason: str
) -> None:
    ada = browser_of("ada")
    project("ada", "A")
    assert reason in text_of(ada.post(f"projects/block/{query}", {"name": name}, follow_redirects=True))
    with database.session() as session:
        assert session.scalars(select(ProjectBlock)).all() == []


def test_filters_become_a_group(browser_of: MakeBrowser, project: MakeProject, database: Database) -> None:
    ada = browser_of("ada")
    project("ada", "B1", zipcode="50321")
    with database.session() as session:
        session.add(ProjectAttributeKey(name="by", display_name="By", data_type="CHAR", project_owner_id=1))
        session.flush()
        session.add(ProjectAttribute(project_id=1, key_id=1, char_value="Acme"))
    answer = ada.post("projects/group/?q=b&status=NONE&key=1&value=acme", {"name": "Bs"}, follow_redirects=True)
    assert "Saved these filters as group Bs: its members are the projects that meet them." in text_of(answer)
    with database.session() as session:
        (group,) = session.scalars(select(Group)).all()
        q = {"or": [{"project_id": {"contains": "b"}}, {"zipcode": {"contains": "b"}}]}
        by = {"attribute.by": {"in": ["Acme", "acme"]}}
        assert (group.name, group.members, group.filter) == ("Bs", "projects", {"and": [q, by, {"run_status": "NONE"}]})
    project("ada", "B2")
    assert listed(ada, "?group=1") == ["B1"]
    assert ">Bs</option>" in ada.get("exports/").text
    again = ada.post("projects/group/", {"name": "Bs"}, follow_redirects=True)
    assert "group with this name already exists." in text_of(again)
    nested = ada.post("projects/group/?group=1", {"name": "Cs"}, follow_redirects=True)
    assert "A group cannot be part of another; choose projects without one." in text_of(nested)


def test_a_filter_that_cannot_be_read_says_why(browser_of: MakeBrowser) -> None:
    answer = browser_of("ada").get('projects/?filter={"zip": "5"}')
    assert answer.status_code == 400
    assert 'filter.zip: There is no field "zip"' in text_of(answer)


def test_runs_for_a_selection(browser_of: MakeBrowser, project: MakeProject, database: Database) -> None:
    ada = browser_of("ada")
    chosen = [project("ada", "B1"), project("ada", "B2")]
    project("ada", "A")
    reversed_periods = {"baseline_period_end": DAY, "reporting_period_start": DAY.replace(year=2013)}
    project("ada", "B3", **reversed_periods)
    browser_of("eve")
    project("eve", "B4")
    answer = ada.post("projects/run/?q=b", follow_redirects=True)
    told = text_of(answer)
    assert "Left out: 1 whose reporting period starts before the baseline ends." in told
    assert "0 of 2 runs have ended" in told
    assert "2 PENDING" in told
    with database.session() as session:
        runs = session.scalars(select(ProjectRun).order_by(ProjectRun.id)).all()
        assert [(run.project_id, run.status) for run in runs] == [(id, "PENDING") for id in chosen]


def test_no_runs_for_nothing(browser_of: MakeBrowser) -> None:
    answer = browser_of("ada").post("projects/run/", follow_redirects=True)
    assert "No project meets these filters." in text_of(answer)


def test_progress_is_done_when_all_have_ended(
    browser_of: MakeBrowser, project: MakeProject, database: Database
) -> None:
    ada = browser_of("ada")
    id = project("ada", "A", status="PENDING")
    page = ada.get("runs/?runs=1").text
    assert 'data-live="/portal/runs/progress/?runs=1"' in page
    assert "X-Done" not in ada.get("runs/progress/?runs=1").headers
    with database.session() as session:
        session.get_one(ProjectRun, 1).status = "FAILED"
    answer = ada.get("runs/progress/?runs=1")
    assert answer.headers["X-Done"] == "1"
    assert f'<a href="/portal/projects/{id}/">' in answer.text
    assert "1 of 1 runs have ended" in text_of(answer)
    assert "0 of 0 runs" in text_of(browser_of("eve").get("runs/progress/?runs=1"))


def test_attributes_of_one_name_are_told_apart_by_their_owners(
    browser_of: MakeBrowser, project: MakeProject, database: Database
) -> None:
    browsers = [browser_of("ada"), browser_of("ann")]
    admin = browser_of("root", admin=True)
    for owner, name in enumerate(("ada", "ann"), start=1):
        key = ProjectAttributeKey(name="area", display_name="Area", data_type="FLOAT", project_owner_id=owner)
        with database.session() as session:
            session.add(key)
            session.flush()
            session.add(ProjectAttribute(project_id=project(name, "A"), key_id=key.id, float_value=1.0))
    assert all(">Area</option>" in browser.get("projects/").text for browser in browsers)
    shown = admin.get("projects/").text
    assert all(f">Area (owner {owner})</option>" in shown for owner in (1, 2))
    assert listed(browsers[0], "?key=1") == listed(admin, "?key=1&value=1") == ["A"]
    assert listed(admin, "?filter=%7B%22attribute.area%22:1%7D") == ["A", "A"]
    assert listed(browsers[0], "?key=2") == []
