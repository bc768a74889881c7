"""Running again what is stale: the projects whose latest result is, each with the settings that this was found with."""

from typing import Any

from sqlalchemy import Select, literal, select, true
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.tables import Project, ProjectResult, ProjectRun
from eeds.jobs.status import PENDING
from eeds.projects.latest import is_latest_stale, latest_of_project
from eeds.projects.selection import Selection
from eeds.runs.lifecycle import METER_CLASS
from eeds.runs.operations import RequestedRuns, insert_runs, refused_projects
from eeds.runs.periods import reversed_periods


def request_stale_runs(
    session: Session, principal: Principal, selection: Selection, *, request_id: str | None = None
) -> RequestedRuns:
    """Request a run for each of the projects that the principal can see whose latest result is stale, with the settings
    of that result. Where such a run is PENDING, which will read what is there then, none is added.

    Projects with periods that no run can work with are refused, and ids that do not exist. That none is stale is no
    error.
    """
    ids = insert_runs(session, runs_of_stale(request_id).where(selection.condition, visible(principal, Project)))
    stale = Selection(selection.condition & is_latest_stale(), selection.ids, field=selection.field)
    return RequestedRuns(ids, refused_projects(session, principal, stale))


def runs_of_stale(request_id: str | None) -> Select[*tuple[Any, ...]]:
    """The columns of runs of the projects whose latest result is stale."""
    result = latest_of_project(ProjectResult).lateral("result")
    same = ProjectRun.meter_settings.is_not_distinct_from(result.c.meter_settings)
    waiting = select(ProjectRun.id).where(ProjectRun.project_id == Project.id, ProjectRun.status == PENDING, same)
    return (
        select(Project.id, literal(METER_CLASS), result.c.meter_settings, literal(request_id))
        .select_from(Project)
        .join(result, true())
        .where(result.c.stale_since.is_not(None), ~reversed_periods(), ~waiting.exists())
        .order_by(Project.id)
    )
