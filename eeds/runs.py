"""The state machine of project runs: PENDING -> RUNNING -> SUCCESS or FAILED.

The row is the truth and the queue a hint: a run is ordered by committing its row, the relay tells the queue of it, and
a worker that hears of it must claim the row before it begins. A claim is a lease that the worker renews; one that is
not renewed lapses, and the run waits again. A claimed run is ended only by the holder of the lease, whose number of
attempts is the fencing token.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import class_row
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eeds.db import PsycopgConnection, psycopg_connection, query
from eeds.tables import ProjectRun

PENDING, RUNNING, SUCCESS, FAILED = "PENDING", "RUNNING", "SUCCESS", "FAILED"
METER_CLASS = "EnergyEfficiencyMeter"
QUEUE = "eeds"
CHANNEL = "project_runs"  # of NOTIFY: a run was ordered

LEASE_SECONDS = 30
RENEW_SECONDS = 10
MAX_ATTEMPTS = 3
# A run that still waits so long after the queue was told of it is offered to the queue again.
OFFER_AGAIN_SECONDS = 15


class LeaseLost(Exception):
    """Somebody else has the run now; what was computed for it must not be stored."""


@dataclass(frozen=True)
class Claim:
    """A run in the hands of one worker."""

    id: int
    project_id: int
    meter_class: str
    meter_settings: dict[str, Any] | None
    attempts: int  # this one included


@dataclass(frozen=True)
class Waiting:
    """A run that the queue should know of."""

    id: int
    request_id: str | None


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


def waiting(connection: PsycopgConnection, limit: int) -> list[Waiting]:
    """Runs that the queue should be told of, oldest first."""
    with connection.cursor(row_factory=class_row(Waiting)) as cursor:
        return cursor.execute(query("waiting_runs"), {"again_seconds": OFFER_AGAIN_SECONDS, "limit": limit}).fetchall()


def mark_enqueued(connection: PsycopgConnection, ids: Sequence[int]) -> None:
    """Remember that the queue has been told of these runs."""
    connection.execute("UPDATE project_runs SET enqueued = clock_timestamp() WHERE id = ANY(%s)", [list(ids)])


def claim(connection: PsycopgConnection, id: int) -> Claim | None:
    """Take a run that waits; None if it does not, whatever the reason."""
    with connection.cursor(row_factory=class_row(Claim)) as cursor:
        return cursor.execute(query("claim_run"), {"id": id, "lease_seconds": LEASE_SECONDS}).fetchone()


def renew(connection: PsycopgConnection, held: Claim) -> bool:
    """Keep the lease for another LEASE_SECONDS; False if it is no longer ours."""
    parameters = {"id": held.id, "attempt": held.attempts, "lease_seconds": LEASE_SECONDS}
    return connection.execute(query("renew_lease"), parameters).rowcount == 1


def succeed(session: Session, held: Claim) -> None:
    """End the run as SUCCESS in the transaction that stores its result; raises LeaseLost."""
    end(psycopg_connection(session), held, SUCCESS, None)


def fail(connection: PsycopgConnection, held: Claim, reason: str) -> None:
    """End the run as FAILED; `reason` is for the person who ordered it. Raises LeaseLost."""
    end(connection, held, FAILED, reason.replace("\0", ""))


def end(connection: PsycopgConnection, held: Claim, status: str, traceback: str | None) -> None:
    """The last step of a run; raises LeaseLost if it is somebody else's by now."""
    parameters = {"id": held.id, "attempt": held.attempts, "status": status, "traceback": traceback}
    if connection.execute(query("end_run"), parameters).rowcount != 1:
        raise LeaseLost(f"run {held.id} is no longer in the hands of attempt {held.attempts}")


def sweep(connection: PsycopgConnection) -> dict[int, str]:
    """Take runs back from workers that have gone; their ids and what became of them, PENDING or FAILED."""
    message = f"worker lost {MAX_ATTEMPTS} times"
    rows = connection.execute(query("sweep_runs"), {"max_attempts": MAX_ATTEMPTS, "message": message})
    return dict(rows.fetchall())
