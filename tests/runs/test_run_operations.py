"""Runs as people request, cancel and retry them, whatever face they use."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from eeds.accounts.operations import create_user
from eeds.accounts.principal import Principal, principal_of
from eeds.db.engine import Database
from eeds.db.tables import Project, ProjectRun
from eeds.errors import Conflict, Invalid, NotFound
from eeds.projects.selection import ALL_PROJECTS, parse_selection
from eeds.runs.changes import cancel_run, retry_run
from eeds.runs.operations import RefusedProject, request_run, request_runs
from eeds.runs.periods import describe_reversed, periods_of, reversed_periods

JUNE, JULY = datetime(2023, 6, 1, tzinfo=UTC), datetime(2023, 7, 1, tzinfo=UTC)
REVERSED = "reporting_period_start 2023-06-01 is before baseline_period_end 2023-07-01"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """The unit of work of a test, with the users ann and bob."""
    with Session(database.engine) as session:
        create_user(session, "ann")
        create_user(session, "bob")
        yield session


@pytest.fixture
def ann(session: Session) -> Principal:
    return principal_of(session, 1)


@pytest.fixture
def bob(session: Session) -> Principal:
    return principal_of(session, 2)


def add(session: Session, name: str, baseline_end: datetime | None = None, start: datetime | None = None) -> int:
    """A project of ann's."""
    project = Project(
        project_id=name, project_owner_id=1, baseline_period_end=baseline_end, reporting_period_start=start
    )
    session.add(project)
    session.flush()
    return project.id


@pytest.mark.parametrize("baseline_end", [None, JUNE, JULY])
@pytest.mark.parametrize("start", [None, JUNE, JULY])
def test_the_rule_of_the_periods_is_the_same_in_python_and_in_sql(
    session: Session, baseline_end: datetime | None, start: datetime | None
) -> None:
    project = session.get_one(Project, add(session, "ABC", baseline_end, start))
    found = session.query(Project.id).where(reversed_periods()).all()
    assert bool(found) == (describe_reversed(project) is not None) == ((baseline_end, start) == (JULY, JUNE))


def test_an_open_reporting_period_starts_where_the_baseline_ends(session: Session) -> None:
    assert periods_of(session.get_one(Project, add(session, "ABC", JULY))).reporting_start == JULY


def test_a_run_of_one(session: Session, ann: Principal) -> None:
    run = request_run(session, ann, add(session, "ABC", JUNE, JULY), {"model": "daily"}, request_id="request-1")
    stored = session.get_one(ProjectRun, run)
    assert (stored.status, stored.meter_settings, stored.request_id) == ("PENDING", {"model": "daily"}, "request-1")
    with pytest.raises(Invalid, match=f"^{REVERSED}\\.$"):
        request_run(session, ann, add(session, "DEF", JULY, JUNE))


def test_runs_of_many(session: Session, ann: Principal) -> None:
    good, wrong = add(session, "good", JUNE, JULY), add(session, "wrong", JULY, JUNE)
    requested = request_runs(session, ann, parse_selection([good, wrong, 999]))
    assert [session.get_one(ProjectRun, id).project_id for id in requested.ids] == [good]
    unknown = RefusedProject(999, None, 'Invalid pk "999" - object does not exist.')
    assert requested.refused == [unknown, RefusedProject(wrong, "wrong", f"{REVERSED}.")]


def test_no_runs_of_many(session: Session, ann: Principal, bob: Principal) -> None:
    wrong = add(session, "wrong", JULY, JUNE)
    with pytest.raises(Invalid) as refused:
        request_runs(session, ann, parse_selection([wrong, 999]))
    messages = ['Invalid pk "999" - object does not exist.', f"wrong: {REVERSED}."]
    assert refused.value.messages == {"projects": messages}
    with pytest.raises(Invalid, match="There are no such projects"):
        request_runs(session, bob, ALL_PROJECTS)


def test_runs_of_another_owner_do_not_exist(session: Session, ann: Principal, bob: Principal) -> None:
    project = add(session, "ABC", JUNE, JULY)
    run = request_run(session, ann, project)
    with pytest.raises(NotFound):
        request_run(session, bob, project)
    with pytest.raises(NotFound):
        cancel_run(session, bob, run)
    with pytest.raises(NotFound):
        retry_run(session, bob, run)


def test_cancel_and_retry(session: Session, ann: Principal) -> None:
    run = request_run(session, ann, add(session, "ABC", JUNE, JULY))
    with pytest.raises(Conflict, match=f"Run {run} is PENDING; only a run that FAILED can be tried again"):
        retry_run(session, ann, run)
    cancel_run(session, ann, run)
    assert session.get_one(ProjectRun, run, populate_existing=True).traceback == "cancelled by ann"
    with pytest.raises(Conflict, match=f"Run {run} has ended, as FAILED"):
        cancel_run(session, ann, run)
    retry_run(session, ann, run)
    assert session.get_one(ProjectRun, run, populate_existing=True).status == "PENDING"
