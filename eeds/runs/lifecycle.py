"""Project runs: PENDING -> RUNNING -> SUCCESS or FAILED.

The row is the truth and the queue a hint: a run is ordered by committing its row, the relay tells the queue of it, and
a worker that hears of it must claim the row before it begins. How a claim is held and lost is told in eeds.jobs.leases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from psycopg.rows import class_row
from sqlalchemy import Select, func, insert, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from eeds.db.engine import PsycopgConnection, psycopg_connection
from eeds.db.statements import query
from eeds.db.tables import ProjectRun
from eeds.jobs import leases
from eeds.jobs.leases import (
    CHANNEL,
    LEASE_SECONDS,
    MAX_LOST,
    OFFER_AGAIN_SECONDS,
    QUEUE,
    Held,
    LeaseLost,
    Orders,
    Waiting,
    fail,
    give_back,
    let_lapse,
    renew,
)
from eeds.jobs.status import FAILED, PENDING, RUNNING, SUCCESS

# What is true of every order is known here, too.
__all__ = [
    "CHANNEL",
    "FAILED",
    "LEASE_SECONDS",
    "MAX_LOST",
    "METER_CLASS",
    "OFFER_AGAIN_SECONDS",
    "PENDING",
    "QUEUE",
    "RUNNING",
    "RUNS",
    "SUCCESS",
    "Claim",
    "LeaseLost",
    "Waiting",
    "cancel",
    "claim",
    "create",
    "create_many",
    "fail",
    "give_back",
    "let_lapse",
    "mark_enqueued",
    "renew",
    "retry",
    "succeed",
    "waiting",
]

METER_CLASS = "EnergyEfficiencyMeter"
RUNS = Orders(
    table="project_runs",
    noun="run",
    reason="traceback",
    job="workers.jobs.execute_project_run",
    job_prefix="project_run-",
    advice="Run it with fewer traces or a shorter baseline, or raise the limit.",
)


@dataclass(frozen=True)
class Claim(Held):
    """A run in the hands of one worker."""

    orders: ClassVar[Orders] = RUNS

    project_id: int
    meter_class: str
    meter_settings: dict[str, Any] | None


# Orders ------------------------------------------------------------------------------------------------------------


def create(
    session: Session, project_id: int, meter_class: str, meter_settings: dict[str, Any] | None, request_id: str | None
) -> int:
    """Order a run, in the session's transaction, and wake the relay when it commits; returns the run's id."""
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
    """Order a run for each project whose id `projects` selects, in that order; returns the ids of the runs.

    Orders of many take turns, so that each gets ids with few gaps between them.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(ProjectRun.__tablename__))))
    names = ["project_id", "meter_class", "meter_settings", "request_id"]
    settings = literal(meter_settings, JSONB(none_as_null=True))
    rows = projects.add_columns(literal(meter_class), settings, literal(request_id))
    ids = session.scalars(insert(ProjectRun).from_select(names, rows).returning(ProjectRun.id)).all()
    session.execute(select(func.pg_notify(CHANNEL, "")))
    return sorted(ids)


def cancel(session: Session, id: int, reason: str) -> bool:
    """End a run that waits or is being computed as FAILED; False if it has ended."""
    connection = psycopg_connection(session)
    return connection.execute(query("runs/cancel_run"), {"id": id, "reason": reason}).rowcount == 1


def retry(session: Session, id: int, request_id: str | None) -> bool:
    """Let a FAILED run wait again; False if it has not failed."""
    connection = psycopg_connection(session)
    return connection.execute(query("runs/retry_run"), {"id": id, "request_id": request_id}).rowcount == 1


# The relay ---------------------------------------------------------------------------------------------------------


def waiting(connection: PsycopgConnection, limit: int) -> list[Waiting]:
    """Runs that the queue should be told of next: owners take turns, each with its oldest."""
    with connection.cursor(row_factory=class_row(Waiting)) as cursor:
        return cursor.execute(query("runs/waiting_runs"), {"limit": limit}).fetchall()


def mark_enqueued(connection: PsycopgConnection, ids: Sequence[int]) -> None:
    """Remember that the queue has been told of these runs, and whose they are."""
    connection.execute(query("runs/mark_runs_enqueued"), {"ids": list(ids)})


# The worker --------------------------------------------------------------------------------------------------------


def claim(connection: PsycopgConnection, id: int) -> Claim | None:
    """Take a run that waits; None if it does not, whatever the reason."""
    with connection.cursor(row_factory=class_row(Claim)) as cursor:
        return cursor.execute(query("runs/claim_run"), {"id": id, "lease_seconds": LEASE_SECONDS}).fetchone()


def succeed(session: Session, held: Claim) -> None:
    """End the run as SUCCESS in the transaction that stores its result; raises LeaseLost."""
    leases.end(psycopg_connection(session), held, SUCCESS, None)
