"""Orders that workers claim, hold and end, whatever they are for: a claim is a lease that must be renewed.

One that is not renewed lapses, and the order waits again. An order is ended only by the holder of its lease, whose
number of attempts is the fencing token: it grows with every claim and never goes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.jobs.status import FAILED

QUEUE = "eeds"
CHANNEL = "project_runs"  # of NOTIFY: an order waits

LEASE_SECONDS = 30
RENEW_SECONDS = 5
MAX_LOST = 3
# An order that still waits so long after the queue was told of it, and that the queue does not know, is offered again.
OFFER_AGAIN_SECONDS = 10


class LeaseLost(Exception):
    """Somebody else has the order now, or nobody shall; what was made for it must not be stored."""


@dataclass(frozen=True)
class Orders:
    """A table of orders; the columns that these statements change are the same in each."""

    table: str
    noun: str  # as logs and messages say it
    reason: str  # the column that says why one FAILED
    job: str  # the function that a worker runs with the id
    job_prefix: str  # of what the queue calls the job
    advice: str  # for one that takes too long

    def statement(self, name: str) -> str:
        """The statement in sql/queries/NAME.sql, of this table."""
        return query(name).format(table=self.table, reason=self.reason)

    def job_id(self, id: int) -> str:
        """What the queue calls the job of an order."""
        return f"{self.job_prefix}{id}"


@dataclass(frozen=True)
class Held:
    """An order in the hands of one worker."""

    orders: ClassVar[Orders]
    id: int
    attempts: int = field(kw_only=True)  # this one included

    def __str__(self) -> str:
        return f"{self.orders.noun} {self.id}"


@dataclass(frozen=True)
class Waiting:
    """An order that the queue should know of."""

    id: int
    request_id: str | None


# The relay ---------------------------------------------------------------------------------------------------------


def forgotten(connection: PsycopgConnection, orders: Orders, known: Sequence[int]) -> list[int]:
    """Offer again what the queue was told of but does not know, and nobody has claimed; the ids of those orders."""
    parameters = {"again_seconds": OFFER_AGAIN_SECONDS, "known": list(known)}
    return [id for (id,) in connection.execute(orders.statement("jobs/offer_unqueued_jobs"), parameters)]


def sweep(connection: PsycopgConnection, orders: Orders) -> dict[int, str]:
    """Take orders back from workers that have gone; their ids and what became of them, PENDING or FAILED."""
    message = f"worker lost {MAX_LOST} times"
    rows = connection.execute(orders.statement("jobs/sweep_jobs"), {"max_lost": MAX_LOST, "message": message})
    return dict(rows.fetchall())


# The worker --------------------------------------------------------------------------------------------------------


def renew(connection: PsycopgConnection, held: Held) -> bool:
    """Keep the lease for another LEASE_SECONDS; False if it is no longer ours."""
    return change(connection, "jobs/renew_lease", held, lease_seconds=LEASE_SECONDS)


def give_back(connection: PsycopgConnection, held: Held) -> bool:
    """Let the order wait again at once, without counting it as lost; False if it is no longer ours."""
    return change(connection, "jobs/release_job", held)


def let_lapse(connection: PsycopgConnection, held: Held) -> bool:
    """Say that the order is lost, before its lease says it; False if it is no longer ours."""
    return change(connection, "jobs/expire_lease", held)


def fail(connection: PsycopgConnection, held: Held, reason: str) -> None:
    """End the order as FAILED; `reason` is for the person who gave it. Raises LeaseLost."""
    end(connection, held, FAILED, reason.replace("\0", ""))


def end(connection: PsycopgConnection, held: Held, status: str, reason: str | None) -> None:
    """The last step; raises LeaseLost if the order is somebody else's by now."""
    change_or_lose(connection, "jobs/end_job", held, status=status, reason=reason)


def change_or_lose(connection: PsycopgConnection, name: str, held: Held, **parameters: Any) -> None:
    """The same as `change`, for what must not go on without the lease; raises LeaseLost."""
    if not change(connection, name, held, **parameters):
        raise LeaseLost(f"{held} is no longer in the hands of attempt {held.attempts}")


def change(connection: PsycopgConnection, name: str, held: Held, **parameters: Any) -> bool:
    """Run a statement that changes an order for the holder of its lease alone; whether it did."""
    known = {"id": held.id, "attempt": held.attempts, **parameters}
    return connection.execute(held.orders.statement(name), known).rowcount == 1
