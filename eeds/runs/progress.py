"""How far many runs are, counted where they are stored: one statement, however many they are."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Double, Row, Select, cast, func, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.tables import Project, ProjectRun
from eeds.jobs.status import FAILED, PENDING, RUNNING, STATUSES, SUCCESS
from eeds.projects.latest import latest_ids

LISTED = 20  # failures
# The rate is that of the last minute, so that it follows when workers come or go.
WINDOW_SECONDS = 60.0


def count_runs(
    session: Session,
    principal: Principal,
    *conditions: ColumnElement[bool],
    of_projects: Sequence[ColumnElement[bool]] | None = None,
) -> dict[str, Any]:
    """The progress of the runs that meet the conditions; with `of_projects`, of those alone that are the latest of a
    project which meets these.

    `total` and the number in each status; `per_minute`, the rate at which runs ended in the last minute; `eta_seconds`
    until all have ended at that rate, None if it is unknown; `failures`, the newest LISTED, each with `run`, `project`
    and the first line of its `message`.
    """
    chosen = [visible(principal, ProjectRun), *conditions]
    if of_projects is not None:
        chosen.append(ProjectRun.id.in_(latest_ids(ProjectRun, visible(principal, Project), *of_projects)))
    return progress_values(session.execute(progress_statement(chosen)).one())


def oldest_pending_seconds(session: Session) -> float | None:
    """For how long the oldest PENDING run of all owners has waited; None if none waits. It says nothing of whose it
    is."""
    age = func.extract("epoch", func.clock_timestamp() - ProjectRun.added)
    oldest = select(age).where(ProjectRun.status == PENDING).order_by(ProjectRun.id).limit(1)
    seconds = session.scalar(oldest)
    return None if seconds is None else float(seconds)


def progress_statement(conditions: list[ColumnElement[bool]]) -> Select[Any]:
    """One row: the counts by status, how many runs `ended` in the last `seconds`, and the `failures`."""
    run = ProjectRun
    columns: list[Any] = [run.id, run.project_id, run.status, run.traceback, run.started, run.updated]
    chosen = select(*columns).where(*conditions).cte("chosen").c
    window_start = func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, WINDOW_SECONDS)
    ended = chosen.status.in_([SUCCESS, FAILED]) & chosen.started.is_not(None) & (chosen.updated > window_start)
    # the first minute is not over yet
    began = func.min(chosen.started).filter(ended | (chosen.status == RUNNING))
    seconds = func.least(WINDOW_SECONDS, func.greatest(1.0, func.extract("epoch", func.clock_timestamp() - began)))
    newest = (
        select(chosen.id, chosen.project_id, func.split_part(chosen.traceback, "\n", 1).label("message"))
        .where(chosen.status == FAILED)
        .order_by(chosen.id.desc())
        .limit(LISTED)
        .subquery()
        .c
    )
    failure = func.json_build_object("run", newest.id, "project", newest.project_id, "message", newest.message)
    counts: list[Any] = [func.count().filter(chosen.status == status).label(status) for status in STATUSES]
    counts += func.count().filter(ended).label("ended"), cast(seconds, Double).label("seconds")
    return select(*counts, select(func.json_agg(failure)).scalar_subquery().label("failures"))


def progress_values(row: Row[Any]) -> dict[str, Any]:
    """The counts with the rate and what follows from it."""
    counts = {status: getattr(row, status) for status in STATUSES}
    unfinished = counts[PENDING] + counts[RUNNING]
    per_minute = row.ended / row.seconds * 60 if row.ended else None
    return {
        "total": sum(counts.values()),
        **counts,
        "per_minute": per_minute,
        "eta_seconds": 0.0 if not unfinished else unfinished / per_minute * 60 if per_minute else None,
        "failures": row.failures or [],
    }
