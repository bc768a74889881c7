"""The state machine of project runs: PENDING -> RUNNING -> SUCCESS or FAILED.

The row is the truth and the queue a hint: a run is ordered by committing its row, the relay tells the queue of it, and
a worker that hears of it must claim the row before it begins. A claim is a lease that the worker renews; one that is
not renewed lapses, and the run waits again. A claimed run is ended only by the holder of the lease, whose number of
attempts is the fencing token: it grows with every claim and never goes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import class_row
from sqlalchemy import Select, func, insert, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from eeds.db import PsycopgConnection, psycopg_connection, query
from eeds.tables import ProjectRun

PENDING, RUNNING, SUCCESS, FAILED = "PENDING", "RUNNING", "SUCCESS", "FAILED"
METER_CLASS = "EnergyEfficiencyMeter"
QUEUE = "eeds"
CHANNEL = "project_runs"  # of NOTIFY: a run waits

LEASE_SECONDS = 30
RENEW_SECONDS = 5
MAX_LOST = 3
# A run that still waits so long after the queue was told of it, and that the queue does not know, is offered again.
OFFER_AGAIN_SECONDS = 10


class LeaseLost(Exception):
    """Somebody else has the run now, or nobody shall; what was computed for it must not be stored."""


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
    return connection.execute(query("cancel_run"), {"id": id, "reason": reason}).rowcount == 1


def retry(session: Session, id: int, request_id: str | None) -> bool:
    """Let a FAILED run wait again; False if it has not failed."""
    connection = psycopg_connection(session)
    return connection.execute(query("retry_run"), {"id": id, "request_id": request_id}).rowcount == 1


# The relay ---------------------------------------------------------------------------------------------------------


def waiting(connection: PsycopgConnection, limit: int) -> list[Waiting]:
    """Runs that the queue should be told of next: owners take turns, each with its oldest."""
    with connection.cursor(row_factory=class_row(Waiting)) as cursor:
        return cursor.execute(query("waiting_runs"), {"limit": limit}).fetchall()


def mark_enqueued(connection: PsycopgConnection, ids: Sequence[int]) -> None:
    """Remember that the queue has been told of these runs, and whose they are."""
    connection.execute(query("mark_enqueued"), {"ids": list(ids)})


def forgotten(connection: PsycopgConnection, known: Sequence[int]) -> list[int]:
    """Offer again what the queue was told of but does not know, and nobody has claimed; the ids of those runs."""
    parameters = {"again_seconds": OFFER_AGAIN_SECONDS, "known": list(known)}
    return [id for (id,) in connection.execute(query("forgotten_runs"), parameters)]


def sweep(connection: PsycopgConnection) -> dict[int, str]:
    """Take runs back from workers that have gone; their ids and what became of them, PENDING or FAILED."""
    message = f"worker lost {MAX_LOST} times"
    rows = connection.execute(query("sweep_runs"), {"max_lost": MAX_LOST, "message": message})
    return dict(rows.fetchall())


# The worker --------------------------------------------------------------------------------------------------------


def claim(connection: PsycopgConnection, id: int) -> Claim | None:
    """Take a run that waits; None if it does not, whatever the reason."""
    with connection.cursor(row_factory=class_row(Claim)) as cursor:
        return cursor.execute(query("claim_run"), {"id": id, "lease_seconds": LEASE_SECONDS}).fetchone()


def renew(connection: PsycopgConnection, held: Claim) -> bool:
    """Keep the lease for another LEASE_SECONDS; False if it is no longer ours."""
    return change(connection, "renew_lease", held, lease_seconds=LEASE_SECONDS)


def give_back(connection: PsycopgConnection, held: Claim) -> bool:
    """Let the run wait again at once, without counting it as lost; False if it is no longer ours."""
    return change(connection, "give_back_run", held)


def let_lapse(connection: PsycopgConnection, held: Claim) -> bool:
    """Say that the run is lost, before its lease says it; False if it is no longer ours."""
    return change(connection, "expire_lease", held)


def succeed(session: Session, held: Claim) -> None:
    """End the run as SUCCESS in the transaction that stores its result; raises LeaseLost."""
    end(psycopg_connection(session), held, SUCCESS, None)


def fail(connection: PsycopgConnection, held: Claim, reason: str) -> None:
    """End the run as FAILED; `reason` is for the person who ordered it. Raises LeaseLost."""
    end(connection, held, FAILED, reason.replace("\0", ""))


def end(connection: PsycopgConnection, held: Claim, status: str, traceback: str | None) -> None:
    """The last step of a run; raises LeaseLost if it is somebody else's by now."""
    if not change(connection, "end_run", held, status=status, traceback=traceback):
        raise LeaseLost(f"run {held.id} is no longer in the hands of attempt {held.attempts}")


def change(connection: PsycopgConnection, name: str, held: Claim, **parameters: Any) -> bool:
    """Run a statement that changes a run for the holder of its lease alone; whether it did."""
    known = {"id": held.id, "attempt": held.attempts, **parameters}
    return connection.execute(query(name), known).rowcount == 1
