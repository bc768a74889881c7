"""The latest run and the latest result of projects: those with the highest id."""

from typing import Any

from sqlalchemy import ColumnElement, Select, case, select, true

from eeds.db.tables import Project, ProjectResult, ProjectRun
from eeds.jobs.status import CANCELLED

Model = type[ProjectRun] | type[ProjectResult]


def latest_of_project(model: Model) -> Select[Any]:
    """The latest row of the project of the statement around it, for `.lateral()`: an index look-up each, where few
    projects are read."""
    own = select(model).where(model.project_id == Project.id)
    return own.order_by(model.id.desc()).limit(1).correlate(Project)


def latest_ids(model: Model, *conditions: ColumnElement[bool]) -> Select[int]:
    """`id` of the latest row of each project that meets the conditions: an index look-up each, however many rows it
    has."""
    latest = latest_of_project(model).with_only_columns(model.id).lateral("latest")
    return select(latest.c.id).select_from(Project).join(latest, true()).where(*conditions)


def is_latest_stale() -> ColumnElement[bool]:
    """The condition of a project that its latest result is stale: a later one takes the place of those before."""
    latest = latest_of_project(ProjectResult).with_only_columns(ProjectResult.stale_since).scalar_subquery()
    return latest.is_not(None)


def shown_status(run: Any) -> ColumnElement[str]:
    """The status of a run, of the model or of columns like it, as people read it: CANCELLED is none of FAILED."""
    return case((run.cancelled.is_not(None), CANCELLED), else_=run.status)
