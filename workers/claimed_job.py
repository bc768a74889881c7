"""A job from its claim to its end: it is claimed, worked on while its lease is kept, and ended or PENDING again."""

import logging
import os
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from rq import get_current_job

from eeds.config import logs
from eeds.config.settings import Settings
from eeds.db.engine import Database
from eeds.errors import ConfigurationError, EedsError
from eeds.jobs.leases import Claimed, ClaimedJob, JobTable, LeaseLost, claim_job, fail_job, release_job
from eeds.jobs.processes import end_with_parent
from eeds.meter.types import NotModelled
from workers.database import worker_database
from workers.database_retry import DATABASE_ERRORS, is_away, until_database_answers
from workers.lease_keeper import hold_stops, keeping_lease
from workers.schema_check import require_own_schema

log = logging.getLogger("eeds.jobs")

FORESEEN = (EedsError, NotModelled)  # written for the user


@contextmanager
def claimed(table: JobTable[Claimed], id: int) -> Iterator[tuple[Database, Claimed | None]]:
    """The database and a job of this worker's, for the length of a `with` block, which stores its result and ends it
    as SUCCESS. Without a job to work on it is None.

    A block that raises ends the job as FAILED, with the reason. While the database is away neither can be done: the
    job is PENDING again when that is back. When the lease is lost, nothing is stored.
    """
    # This is a fork of the worker: without it nobody would wait for the job, or end it.
    end_with_parent(signal.SIGKILL)
    queued = get_current_job()
    logs.about.set({table.noun: id, **(queued.meta if queued else {})})  # with the request_id that the relay puts there
    settings = Settings.from_env()
    with worker_database(settings) as database:
        job = claim(database, table, id)
        if job is None:
            yield database, None
            return
        try:
            with keeping_lease(settings, job), failing(database, job):
                yield database, job
        except LeaseLost as error:
            log.warning("%s; its result is dropped", error)
        except DATABASE_ERRORS as error:
            if not is_away(error):
                raise
            log.warning("%s: the database went away; it is PENDING again when that is back", job)
            for attempt in until_database_answers():
                with attempt, database.connection() as connection:
                    release_job(connection, job)


def claim(database: Database, table: JobTable[Claimed], id: int) -> Claimed | None:
    """Claim the job as soon as the database answers; None if there is nothing to do here."""
    job = None
    try:
        for attempt in until_database_answers():
            with attempt, database.connection() as connection:
                hold_stops()
                job = claim_job(connection, table, id)
                if job is None:
                    require_own_schema(connection)
    except ConfigurationError as error:
        log.error("%s %d is left for a worker of the right release; this one stops. %s", table.noun, id, error)
        os.kill(os.getppid(), signal.SIGTERM)
        return None
    if job is None:
        log.info("%s %d is not PENDING any more", table.noun, id)
    return job


@contextmanager
def failing(database: Database, job: ClaimedJob) -> Iterator[None]:
    """End the job as FAILED if the block raises, with its message where that was foreseen, else with the traceback.

    Raises LeaseLost, and what a database raises that is away.
    """
    try:
        yield
    except FORESEEN as error:
        fail(database, job, str(error))
    except (LeaseLost, *DATABASE_ERRORS):
        raise
    except Exception as error:
        log.exception("%s failed", job)
        fail(database, job, f"The {job.table.noun} failed unexpectedly: {error!r}\n\n{traceback.format_exc()}")


def fail(database: Database, job: ClaimedJob, reason: str) -> None:
    """Store that the job is FAILED, and log the first line of the reason."""
    with database.connection() as connection:
        fail_job(connection, job, reason)
    log.info("%s: FAILED: %s", job, reason.partition("\n")[0])
