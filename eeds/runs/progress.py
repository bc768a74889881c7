"""How far many runs are, counted where they are stored: one statement, however many they are."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Double, Row, ScalarSelect, Select, cast, func, select
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

    `total` and the number in each status; `cancelled`, how many of those FAILED somebody has cancelled; `waiting`, what
    runs that are PENDING wait for before a worker is given them, the LISTED for which most do, each with the number of
    `runs` and `waiting_for`; `per_minute`, the rate at which runs ended in the last minute; `eta_seconds` until all
    have ended at that rate, None if it is unknown; `failures`, the newest LISTED that nobody has cancelled, each with
    `run`, `project` and the first line of its `message`.
    """
    chosen = [visible(principal, ProjectRun), *conditions]
    if of_projects is not None:
        chosen.append(ProjectRun.id.in_(latest_ids(ProjectRun, visible(principal, Project), *of_projects)))
    return progress_values(session.execute(progress_statement(chosen)).one())


def oldest_pending_seconds(session: Session) -> float | None:
    """For how long the oldest run of all owners has waited for a worker; None if none does. It says nothing of whose it
    is."""
    age = func.extract("epoch", func.clock_timestamp() - ProjectRun.added)
    oldest = select(age).where(waits_for_worker()).order_by(ProjectRun.id).limit(1)
    seconds = session.scalar(oldest)
    return None if seconds is None else float(seconds)


def waits_for_worker() -> ColumnElement[bool]:
    """Whether a run is PENDING, and waits for nothing else."""
    return (ProjectRun.status == PENDING) & ProjectRun.weather_download_id.is_(None)


def progress_statement(conditions: list[ColumnElement[bool]]) -> Select[Any]:
    """One row: the counts by status, how many runs `ended` in the last `seconds`, what some are `waiting` for, and the
    `failures`."""
    run = ProjectRun
    columns: list[Any] = [run.id, run.project_id, run.status, run.traceback, run.started, run.updated]
    columns += run.waiting_for, run.cancelled
    chosen = select(*columns).where(*conditions).cte("chosen").c
    window_start = func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, WINDOW_SECONDS)
    ended = chosen.status.in_([SUCCESS, FAILED]) & chosen.started.is_not(None) & (chosen.updated > window_start)
    # the first minute is not over yet
    began = func.min(chosen.started).filter(ended | (chosen.status == RUNNING))
    seconds = func.least(WINDOW_SECONDS, func.greatest(1.0, func.extract("epoch", func.clock_timestamp() - began)))
    counts: list[Any] = [func.count().filter(chosen.status == status).label(status) for status in STATUSES]
    counts += func.count().filter(ended).label("ended"), cast(seconds, Double).label("seconds")
    cancelled = func.count().filter(chosen.status == FAILED, chosen.cancelled.is_not(None)).label("cancelled")
    return select(*counts, cancelled, waiting_of(chosen).label("waiting"), failures_of(chosen).label("failures"))


def waiting_of(chosen: Any) -> ScalarSelect[Any]:
    """What most of the chosen runs wait for, as JSON."""
    reasons = (
        select(func.count().label("runs"), chosen.waiting_for)
        .where(chosen.waiting_for.is_not(None))
        .group_by(chosen.waiting_for)
        .order_by(func.count().desc(), chosen.waiting_for)
        .limit(LISTED)
        .subquery()
        .c
    )
    reason = func.json_build_object("runs", reasons.runs, "waiting_for", reasons.waiting_for)
    return select(func.json_agg(reason)).scalar_subquery()


def failures_of(chosen: Any) -> ScalarSelect[Any]:
    """The newest of the chosen runs that failed, and were not cancelled, as JSON."""
    newest = (
        select(chosen.id, chosen.project_id, func.split_part(chosen.traceback, "\n", 1).label("message"))
        .where(chosen.status == FAILED, chosen.cancelled.is_(None))
        .order_by(chosen.id.desc())
        .limit(LISTED)
        .subquery()
        .c
    )
    failure = func.json_build_object("run", newest.id, "project", newest.project_id, "message", newest.message)
    return select(func.json_agg(failure)).scalar_subquery()


def progress_values(row: Row[Any]) -> dict[str, Any]:
    """The counts with the rate and what follows from it."""
    counts = {status: getattr(row, status) for status in STATUSES}
    unfinished = counts[PENDING] + counts[RUNNING]
    per_minute = row.ended / row.seconds * 60 if row.ended else None
    return {
        "total": sum(counts.values()),
        **counts,
        "cancelled": row.cancelled,
        "waiting": row.waiting or [],
        "per_minute": per_minute,
        "eta_seconds": 0.0 if not unfinished else unfinished / per_minute * 60 if per_minute else None,
        "failures": row.failures or [],
    }
