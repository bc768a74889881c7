"""Project runs: PENDING -> RUNNING -> SUCCESS or FAILED.

The row is the truth and the queue a hint: a run is requested by committing its row, the relay puts its id into the
queue, and the worker that takes it from there must claim the row before it begins: see eeds.jobs.leases.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, insert, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.db.tables import ProjectRun
from eeds.jobs.leases import CHANNEL, ClaimedJob, JobTable, end_job
from eeds.jobs.status import SUCCESS

METER_CLASS = "EnergyEfficiencyMeter"


@dataclass(frozen=True)
class ClaimedRun(ClaimedJob):
    """A run in the hands of one worker."""

    project_id: int
    meter_class: str
    meter_settings: dict[str, Any] | None


RUNS = JobTable(
    name="project_runs",
    noun="run",
    claimed=ClaimedRun,
    waiting="runs/waiting_runs",
    mark_enqueued="runs/mark_runs_enqueued",
    claim="runs/claim_run",
    reason="traceback",
    function="workers.jobs.execute_project_run",
    queue_prefix="project_run-",
    advice="Run it with fewer traces or a shorter baseline, or raise the limit.",
)


def create(
    session: Session, project_id: int, meter_class: str, meter_settings: dict[str, Any] | None, request_id: str | None
) -> int:
    """Store a run that is PENDING, in the session's transaction, and wake the relay when it commits; the run's id."""
    run = ProjectRun(
        project_id=project_id, meter_class=meter_class, meter_settings=meter_settings, request_id=request_id
    )
    session.add(run)
    session.flush()
    session.execute(select(func.pg_notify(CHANNEL, str(run.id))))
    return run.id


def create_many(
    session: Session,
    projects: Select[Any],
    meter_class: str,
    meter_settings: dict[str, Any] | None,
    request_id: str | None,
) -> list[int]:
    """Store a run for each project whose id `projects` selects, in that order; the ids of the runs, ascending.

    Requests for many take turns, so that each gets ids with few gaps between them.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(ProjectRun.__tablename__))))
    names = ["project_id", "meter_class", "meter_settings", "request_id"]
    settings = literal(meter_settings, JSONB(none_as_null=True))
    rows = projects.add_columns(literal(meter_class), settings, literal(request_id))
    ids = session.scalars(insert(ProjectRun).from_select(names, rows).returning(ProjectRun.id)).all()
    session.execute(select(func.pg_notify(CHANNEL, "")))
    return sorted(ids)


def cancel(session: Session, id: int, reason: str) -> bool:
    """End a run that is PENDING or RUNNING as FAILED; False if it has ended."""
    connection = psycopg_connection(session)
    return connection.execute(query("runs/cancel_run"), {"id": id, "reason": reason}).rowcount == 1


def retry(session: Session, id: int, request_id: str | None) -> bool:
    """Let a FAILED run be PENDING again; False if it has not failed."""
    connection = psycopg_connection(session)
    return connection.execute(query("runs/retry_run"), {"id": id, "request_id": request_id}).rowcount == 1


def succeed(session: Session, run: ClaimedRun) -> None:
    """End the run as SUCCESS in the transaction that stores its result; raises LeaseLost."""
    end_job(psycopg_connection(session), run, SUCCESS, None)
