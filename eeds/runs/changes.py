"""Cancelling runs that have not ended, and retrying those that failed: one, or many at once.

    with database.session() as session:
        changed = cancel_runs(session, principal, runs_of_projects(principal, selection))

Everything happens in the session's transaction. Many runs are locked in the order of their ids, so that two who change
the same ones wait for each other.
"""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import changeable, find_changeable, visible
from eeds.db.array_parameters import among
from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.db.tables import Project, ProjectRun, User
from eeds.errors import Conflict
from eeds.formats.id_ranges import is_id_range, merge_id_ranges, split_id_ranges
from eeds.formats.messages import invalid_pk
from eeds.jobs.leases import CHANNEL
from eeds.jobs.status import FAILED, PENDING, UNFINISHED
from eeds.projects.latest import latest_ids
from eeds.projects.selection import Selection, select_ids

WHICH_RUNS = "Say which runs: runs, as 7-9+11 or a list of ids, or their projects."


@dataclass(frozen=True)
class ChosenRuns:
    """Some runs: the condition that they meet, and the ids given one by one, each of which has to be changed."""

    condition: ColumnElement[bool]
    ids: frozenset[int] = frozenset()


@dataclass(frozen=True)
class RefusedRun:
    """A run that was not changed, and why."""

    run: int
    message: str


@dataclass(frozen=True)
class ChangedRuns:
    """The ids of the runs that were changed, ascending, and those named one by one that were not."""

    ids: Sequence[int]
    refused: Sequence[RefusedRun]


def parse_chosen_runs(value: Any) -> ChosenRuns:
    """The runs that a JSON value means: a text as 7-9+11, or a list of ids. Raises ValueError, whose text says what is
    wrong."""
    if isinstance(value, str):
        parts = split_id_ranges(value)
        single = [part for part in parts if not is_id_range(part)]
        if not parts:
            raise ValueError(WHICH_RUNS)
    else:
        parts, single = [], value if isinstance(value, list) else [value]
    ids = select_ids(*single).ids
    between = [ProjectRun.id.between(low, high) for low, high in merge_id_ranges(parts)]
    return ChosenRuns(or_(among(ProjectRun.id, ids), *between), ids)


def runs_of_projects(principal: Principal, selection: Selection) -> ChosenRuns:
    """All runs of some projects."""
    projects = select(Project.id).where(selection.condition, visible(principal, Project))
    return ChosenRuns(ProjectRun.project_id.in_(projects))


def failures_of_projects(principal: Principal, selection: Selection) -> ChosenRuns:
    """The latest run of each of some projects, unless somebody has cancelled it."""
    latest = latest_ids(ProjectRun, selection.condition, visible(principal, Project))
    return ChosenRuns(ProjectRun.id.in_(latest) & ProjectRun.cancelled.is_(None))


def cancel_run(session: Session, principal: Principal, id: int) -> None:
    """End a run as FAILED, cancelled by the principal; its worker is stopped within seconds.

    Raises NotFound, and Conflict if the run has ended.
    """
    run = find_changeable(session, principal, ProjectRun, id)
    if not cancel(session, principal, [id]):
        session.refresh(run)
        raise Conflict(why_not_cancelled(run))


def retry_run(session: Session, principal: Principal, id: int, request_id: str | None = None) -> None:
    """Let a FAILED run be PENDING again, with the same settings; it reads the data of then.

    Raises NotFound, and Conflict if the run has not failed.
    """
    run = find_changeable(session, principal, ProjectRun, id)
    if not retry(session, [id], request_id):
        session.refresh(run)
        raise Conflict(why_not_retried(run))


def cancel_runs(
    session: Session, principal: Principal, chosen: ChosenRuns, *, waiting_only: bool = False
) -> ChangedRuns:
    """End those of the runs that have not ended, or with `waiting_only` those that are PENDING."""
    statuses = (PENDING,) if waiting_only else UNFINISHED
    ids = cancel(session, principal, lock(session, principal, chosen, statuses))
    return changed(session, principal, chosen, ids, why_not_cancelled)


def retry_runs(
    session: Session, principal: Principal, chosen: ChosenRuns, request_id: str | None = None
) -> ChangedRuns:
    """Let those of the runs that are FAILED be PENDING again."""
    ids = retry(session, lock(session, principal, chosen, (FAILED,)), request_id)
    return changed(session, principal, chosen, ids, why_not_retried)


def lock(session: Session, principal: Principal, chosen: ChosenRuns, statuses: Sequence[str]) -> Sequence[int]:
    """The ids of the runs of these statuses that the principal may change, ascending; they stay so."""
    conditions = chosen.condition, changeable(principal, ProjectRun), ProjectRun.status.in_(statuses)
    return session.scalars(select(ProjectRun.id).where(*conditions).order_by(ProjectRun.id).with_for_update()).all()


def cancel(session: Session, principal: Principal, ids: Sequence[int]) -> list[int]:
    """Cancel those of the runs that have not ended; their ids, ascending."""
    name = session.scalars(select(User.name).where(User.id == principal.user_id)).one()
    parameters = {"ids": list(ids), "by": name}
    return sorted(id for (id,) in psycopg_connection(session).execute(query("runs/cancel_runs"), parameters))


def retry(session: Session, ids: Sequence[int], request_id: str | None) -> list[int]:
    """Retry those of the runs that are FAILED, and wake the relay; their ids, ascending."""
    parameters = {"ids": list(ids), "request_id": request_id}
    retried = sorted(id for (id,) in psycopg_connection(session).execute(query("runs/retry_runs"), parameters))
    if retried:
        session.execute(select(func.pg_notify(CHANNEL, "")))
    return retried


def changed(
    session: Session, principal: Principal, chosen: ChosenRuns, ids: Sequence[int], why_not: Callable[[ProjectRun], str]
) -> ChangedRuns:
    """What became of the runs."""
    left = chosen.ids.difference(ids)
    return ChangedRuns(ids, sorted(refusals(session, principal, left, why_not), key=lambda refused: refused.run))


def refusals(
    session: Session, principal: Principal, ids: Set[int], why_not: Callable[[ProjectRun], str]
) -> list[RefusedRun]:
    """Why runs were not changed that were named one by one."""
    if not ids:
        return []
    session.expire_all()
    mine = visible(principal, ProjectRun)
    stored = {run.id: run for run in session.scalars(select(ProjectRun).where(among(ProjectRun.id, ids), mine))}
    return [RefusedRun(id, why_not(stored[id]) if id in stored else invalid_pk(id)) for id in ids]


def why_not_cancelled(run: ProjectRun) -> str:
    """Why a run was not cancelled; with `waiting_only` it may be RUNNING."""
    if run.status in UNFINISHED:
        return f"Run {run.id} is {run.status}, and does not wait any more."
    return f"Run {run.id} has ended, as {run.status}; there is nothing to cancel."


def why_not_retried(run: ProjectRun) -> str:
    """Why a run was not retried."""
    return f"Run {run.id} is {run.status}; only a run that FAILED can be tried again."
