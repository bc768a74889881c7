"""Requesting runs of the meter, for one project or many; cancelling and retrying them is in eeds.runs.changes.

    with database.session() as session:
        run_id = request_run(session, principal, project_id, {"model": "daily"})

How far runs are is in eeds.runs.progress. `meter_settings` are what eeds.meter.settings.parse_settings accepts, None
for the defaults. Everything happens in the session's transaction; the relay is woken when it commits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, insert, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import find, visible
from eeds.db.tables import Project, ProjectRun
from eeds.errors import Invalid
from eeds.formats.messages import invalid_pk
from eeds.jobs.leases import CHANNEL
from eeds.projects.selection import NO_PROJECTS, Selection
from eeds.runs.lifecycle import METER_CLASS
from eeds.runs.own_settings import require_known_time
from eeds.runs.periods import describe_reversed, reversed_periods

Settings = dict[str, Any]


@dataclass(frozen=True)
class RefusedProject:
    """A project for which no run was requested, and why."""

    project: int
    project_id: str | None  # None where there is no such project
    message: str

    def __str__(self) -> str:
        return self.message if self.project_id is None else f"{self.project_id}: {self.message}"


@dataclass(frozen=True)
class RequestedRuns:
    """The ids of the runs, ascending, and the projects that have none."""

    ids: list[int]
    refused: list[RefusedProject]


def request_run(
    session: Session,
    principal: Principal,
    project_id: int,
    meter_settings: Settings | None = None,
    *,
    meter_class: str = METER_CLASS,
    request_id: str | None = None,
) -> int:
    """Request a run of a project; its id. Raises NotFound, and Invalid for periods that no run can work with."""
    require_known_time(session, meter_settings)
    problem = describe_reversed(find(session, principal, Project, project_id))
    if problem:
        raise Invalid({"project": [f"{problem}."]})
    run = ProjectRun(
        project_id=project_id, meter_class=meter_class, meter_settings=meter_settings, request_id=request_id
    )
    session.add(run)
    session.flush()
    session.execute(select(func.pg_notify(CHANNEL, str(run.id))))
    return run.id


def request_runs(
    session: Session,
    principal: Principal,
    selection: Selection,
    meter_settings: Settings | None = None,
    *,
    meter_class: str = METER_CLASS,
    request_id: str | None = None,
) -> RequestedRuns:
    """Request a run for each of the projects that the principal can see, in a few statements, however many they are.

    Projects with periods that no run can work with are refused, and ids that do not exist. Raises Invalid with the
    reasons if no run is left.
    """
    require_known_time(session, meter_settings)
    settings = literal(meter_settings, JSONB(none_as_null=True))
    projects = select(Project.id, literal(meter_class), settings, literal(request_id)).order_by(Project.id)
    chosen = projects.where(selection.condition, visible(principal, Project), ~reversed_periods())
    ids, refused = insert_runs(session, chosen), refused_projects(session, principal, selection)
    if not ids:
        raise selection.invalid([str(project) for project in refused] or [NO_PROJECTS])
    return RequestedRuns(ids, refused)


def insert_runs(session: Session, chosen: Select[*tuple[Any, ...]]) -> list[int]:
    """Store a run for each row of a statement: project, meter_class, meter_settings, request_id; their ids, ascending.
    Requests for many take turns, so that each gets ids with few gaps between them."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(ProjectRun.__tablename__))))
    columns = ["project_id", "meter_class", "meter_settings", "request_id"]
    ids = session.scalars(insert(ProjectRun).from_select(columns, chosen).returning(ProjectRun.id)).all()
    session.execute(select(func.pg_notify(CHANNEL, "")))
    return sorted(ids)


def refused_projects(session: Session, principal: Principal, selection: Selection) -> list[RefusedProject]:
    """Those of a selection that get no run: ids that do not exist, and projects with periods that no run can work
    with."""
    unknown = [RefusedProject(id, None, invalid_pk(id)) for id in selection.unknown(session, principal)]
    return [*unknown, *refuse_reversed(session, principal, selection)]


def refuse_reversed(session: Session, principal: Principal, selection: Selection) -> Iterator[RefusedProject]:
    """The projects of a selection with periods that no run can work with."""
    projects = select(Project).where(selection.condition, visible(principal, Project), reversed_periods())
    for project in session.scalars(projects.order_by(Project.id)):
        yield RefusedProject(project.id, project.project_id, f"{describe_reversed(project)}.")
