"""Jobs that workers claim, work on and end (runs, exports, downloads): a claim is a lease that must be renewed.

    with database.connection() as connection:
        run = claim_job(connection, RUNS, run_id)

A lease that is not renewed lapses, and the job is PENDING again. A job is ended only by the holder of its lease, whose
number of attempts is the fencing token: it grows with every claim and never goes back. Each function that changes jobs
is named for its statement in sql/queries/jobs/.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from psycopg.rows import class_row, dict_row

from eeds.db.engine import PsycopgConnection
from eeds.db.migrate import migration_files
from eeds.db.statements import query
from eeds.jobs.status import FAILED

CHANNEL = "project_runs"  # of NOTIFY: a job is PENDING

LEASE_SECONDS = 30
RENEW_SECONDS = 5
MAX_LOST = 3
# A job that is PENDING so long after it was put into the queue, and that the queue does not know, is offered again.
OFFER_AGAIN_SECONDS = 10


class LeaseLost(Exception):
    """The job was cancelled or another worker has it; what was computed for it must not be stored."""


@dataclass(frozen=True)
class ClaimedJob:
    """A job in the hands of one worker."""

    table: "JobTable[Any]" = field(repr=False)
    id: int
    attempts: int  # this one included

    def __str__(self) -> str:
        return f"{self.table.noun} {self.id}"


Claimed = TypeVar("Claimed", bound=ClaimedJob)


@dataclass(frozen=True)
class JobTable(Generic[Claimed]):
    """A table of jobs; the columns that these statements change are the same in each."""

    name: str
    noun: str  # in logs and messages, and in the names of its own statements, in sql/queries/NOUNs/
    claimed: type[Claimed]
    reason: str  # the column that says why one FAILED
    function: str  # what a worker calls with the id
    queue_word: str  # of a job's id in the queue
    lane: str  # one of eeds.jobs.queue_name.LANES
    advice: str  # for one that takes too long
    one_per_user: bool = False  # in the queue or RUNNING at a time

    def statement(self, name: str) -> str:
        """The statement in sql/queries/jobs/NAME.sql for this table."""
        return query(f"jobs/{name}").format(table=self.name, reason=self.reason)

    def queue_id(self, queue: str, id: int | str) -> str:
        """The id of a job in a queue; Redis has the jobs of all queues in one place."""
        return f"{queue}-{self.queue_word}-{id}"


@dataclass(frozen=True)
class PendingJob:
    """A job that the queue should be given."""

    id: int
    request_id: str | None


# The relay ---------------------------------------------------------------------------------------------------------


def waiting_jobs(connection: PsycopgConnection, table: JobTable[Any], limit: int | None = None) -> list[PendingJob]:
    """Jobs to put into the queue next, as many as the limit says: owners of runs take turns, each with its oldest; of
    each user there is at most one export; of downloads there are so many in the queue or RUNNING."""
    own = f"{table.noun}s/waiting_{table.noun}s"
    statement = table.statement("waiting_by_user") if table.one_per_user else query(own)
    with connection.cursor(row_factory=class_row(PendingJob)) as cursor:
        return cursor.execute(statement, {"limit": limit}).fetchall()


def mark_enqueued(connection: PsycopgConnection, table: JobTable[Any], ids: Sequence[int]) -> None:
    """Remember that these jobs are in the queue."""
    connection.execute(query(f"{table.noun}s/mark_{table.noun}s_enqueued"), {"ids": list(ids)})


def offer_unqueued_jobs(connection: PsycopgConnection, table: JobTable[Any], queued: Sequence[int]) -> list[int]:
    """Have PENDING jobs put into the queue again that are not among those `queued`; the ids of those jobs."""
    parameters = {"again_seconds": OFFER_AGAIN_SECONDS, "queued": list(queued)}
    return [id for (id,) in connection.execute(table.statement("offer_unqueued_jobs"), parameters)]


def sweep_jobs(connection: PsycopgConnection, table: JobTable[Any]) -> dict[int, str]:
    """Take jobs back whose leases have lapsed; their ids and new status, PENDING or FAILED."""
    parameters = {"max_lost": MAX_LOST, "message": f"worker lost {MAX_LOST} times"}
    return dict(connection.execute(table.statement("sweep_jobs"), parameters).fetchall())


# The worker --------------------------------------------------------------------------------------------------------


def claim_job(connection: PsycopgConnection, table: JobTable[Claimed], id: int) -> Claimed | None:
    """Claim a job for LEASE_SECONDS; None if it is not PENDING, whatever the reason, or if the database is not of this
    release any more, which it was when the worker began."""
    parameters = {"id": id, "lease_seconds": LEASE_SECONDS, "migrations": len(migration_files())}
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query(f"{table.noun}s/claim_{table.noun}"), parameters).fetchone()
    return None if row is None else table.claimed(table, **row)


def renew_lease(connection: PsycopgConnection, job: ClaimedJob) -> bool:
    """Keep the lease for another LEASE_SECONDS; False if it is lost."""
    return change(connection, job.table.statement("renew_lease"), job, lease_seconds=LEASE_SECONDS)


def release_job(connection: PsycopgConnection, job: ClaimedJob) -> bool:
    """Let the job be PENDING again at once, without counting it as lost; False if the lease is lost."""
    return change(connection, job.table.statement("release_job"), job)


def expire_lease(connection: PsycopgConnection, job: ClaimedJob) -> bool:
    """Let the lease lapse at once, for the next sweep to count the job as lost; False if the lease is lost."""
    return change(connection, job.table.statement("expire_lease"), job)


def end_job(connection: PsycopgConnection, job: ClaimedJob, status: str, reason: str | None) -> None:
    """End the job as SUCCESS or FAILED; raises LeaseLost."""
    change_or_lose(connection, job.table.statement("end_job"), job, status=status, reason=reason)


def fail_job(connection: PsycopgConnection, job: ClaimedJob, reason: str) -> None:
    """End the job as FAILED; `reason` is written for the user who requested it. Raises LeaseLost."""
    end_job(connection, job, FAILED, reason.replace("\0", ""))


def change_or_lose(connection: PsycopgConnection, statement: str, job: ClaimedJob, **parameters: Any) -> None:
    """Like `change`, for what must not go on without the lease; raises LeaseLost."""
    if not change(connection, statement, job, **parameters):
        raise LeaseLost(f"{job} is no longer in the hands of attempt {job.attempts}")


def change(connection: PsycopgConnection, statement: str, job: ClaimedJob, **parameters: Any) -> bool:
    """Run a statement that changes a job for the holder of its lease alone; whether it did."""
    return connection.execute(statement, {"id": job.id, "attempt": job.attempts, **parameters}).rowcount == 1
