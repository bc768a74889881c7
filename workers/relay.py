"""The relay, `python -m workers.relay`: puts PENDING runs, exports and downloads into the queue, takes them back from
lost workers, and deletes what is out of date.

The queue is kept short, so that owners can take turns: most jobs wait in the database. The relay has no state: every
pass looks at the database again. Redis may forget everything, and several relays may run at once; queueing a job twice
is harmless, because a worker must claim it.
"""

import logging
import re
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from types import FrameType
from typing import Any

import psycopg
import redis
from psycopg.errors import ReadOnlySqlTransaction
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue, Worker
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.executions import Execution
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from eeds.accounts.expiry import delete_expired_access
from eeds.config import logs
from eeds.config.settings import Settings
from eeds.db.engine import PsycopgConnection, connect
from eeds.db.statements import query
from eeds.exports.lifecycle import EXPORTS, delete_expired
from eeds.jobs.leases import (
    CHANNEL,
    JobTable,
    PendingJob,
    mark_enqueued,
    offer_unqueued_jobs,
    sweep_jobs,
    waiting_jobs,
)
from eeds.jobs.queue_name import queue_of
from eeds.jobs.queue_state import report_relay
from eeds.records.loads import delete_old_loads
from eeds.runs.lifecycle import RUNS, add_up_counts
from eeds.runs.restatements.lifecycle import RESTATEMENTS
from eeds.runs.results.retention import drop_series
from eeds.weather.downloads import DOWNLOADS, delete_old_downloads
from workers.database_retry import FIRST_PAUSE, LONGEST_PAUSE
from workers.job_tables import JOB_TABLES

log = logging.getLogger("eeds.relay")

POLL_SECONDS = 5.0
# While runs wait that the queue has no room for: less than the shortest of them take a worker.
BACKLOG_SECONDS = 0.1
SWEEP_SECONDS = 5.0
# After an outage of the database workers are given the time to renew their leases, which nobody could do.
GRACE_SECONDS = 10.0
# What is in the queue is past taking turns: enough to keep the workers busy until the next pass, and no more.
QUEUED_PER_WORKER = 8
# RQ's own limit comes after ours, which says why: see workers.lease_keeper.
LATER_SECONDS = 60
FAILED_JOB_SECONDS = 3600
ID = re.compile(r"[0-9]{1,18}")  # as a job's id in the queue ends, and no number that Postgres cannot hold


class Relay:
    """Between the database and the queue."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        # it is tried again by the next pass
        never = Retry(NoBackoff(), 0)
        self.redis = redis.from_url(settings.redis_url, socket_timeout=5, socket_connect_timeout=5, retry=never)
        self.queue: Queue  # of the database, as soon as there is a connection to it; the lane of the runs
        self.stopped = threading.Event()

    def run(self) -> None:
        """Work until stopped; while the database is away, try again with growing pauses."""
        pause = FIRST_PAUSE
        while not self.stopped.is_set():
            try:
                with self.connect() as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self.feed(queue_of(connection))
                    pause = FIRST_PAUSE
                    self.serve(connection)
            except psycopg.Error as error:
                log.warning("database: %s; again in %.1f s", str(error).strip(), pause)
                self.stopped.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def connect(self) -> PsycopgConnection:
        """A connection on which every statement is a transaction."""
        return connect(self.settings.direct_url, "eeds relay", autocommit=True)

    def feed(self, queue: str) -> None:
        """Put jobs into the queue of this name."""
        self.queue = Queue(queue, connection=self.redis, serializer=JSONSerializer)

    def lane(self, table: JobTable[Any]) -> Queue:
        """The lane of the queue that has the jobs of a table."""
        return Queue(self.queue.name + table.lane, connection=self.queue.connection, serializer=JSONSerializer)

    def serve(self, connection: PsycopgConnection) -> None:
        """Pass after pass: at once when a job is requested, soon while some wait for room, else every few seconds."""
        next_sweep = time.monotonic() + GRACE_SECONDS
        while not self.stopped.is_set():
            if time.monotonic() >= next_sweep:
                next_sweep = time.monotonic() + SWEEP_SECONDS
                for step in (self.sweep, self.offer_unqueued, self.drop_series, *TIDYING):
                    attempt(step, connection)
            more_runs = attempt(self.fill, connection)
            attempt(self.report, connection)
            for _ in connection.notifies(timeout=BACKLOG_SECONDS if more_runs else POLL_SECONDS, stop_after=1):
                pass

    def sweep(self, connection: PsycopgConnection) -> None:
        """Take back the jobs of lost workers."""
        for table in JOB_TABLES:
            for id, status in sweep_jobs(connection, table).items():
                log.warning("%s %d: its worker is lost; now %s", table.noun, id, status)

    def offer_unqueued(self, connection: PsycopgConnection) -> None:
        """Find jobs that the queue has forgotten, or a worker has dropped, to be queued again."""
        for table in JOB_TABLES:
            prefix = table.queue_id(self.queue.name, "")
            numbers = (id.removeprefix(prefix) for id in self.lane(table).job_ids if id.startswith(prefix))
            queued = [int(number) for number in numbers if ID.fullmatch(number)]
            for id in offer_unqueued_jobs(connection, table, queued):
                log.warning("%s %d is not in the queue any more; it is put there again", table.noun, id)

    def drop_series(self, connection: PsycopgConnection) -> None:
        """Delete some of the time series that are not to be kept any more."""
        days = self.settings.keep_series_days
        if days is not None and (results := drop_series(connection, timedelta(days=days))):
            log.info("%d results: their time series are deleted, later ones have been there for %d days", results, days)

    def fill(self, connection: PsycopgConnection) -> bool:
        """Put exports, restatements and downloads into the queue, and runs when it is short of them; whether more runs
        may be PENDING."""
        for table in (EXPORTS, RESTATEMENTS):
            self.offer_waiting(connection, table)
        workers = Worker.count(queue=self.queue)
        self.offer_waiting(connection, DOWNLOADS, max(1, workers // 2))
        room = self.room(workers)
        return not room or self.offer_waiting(connection, RUNS, room) == room

    def offer_waiting(self, connection: PsycopgConnection, table: JobTable[Any], limit: int | None = None) -> int:
        """Put the jobs of a table whose turn it is into the queue; how many there were."""
        jobs = waiting_jobs(connection, table, limit)
        for job in jobs:
            try:
                self.offer(table, job)
            except (redis.ConnectionError, redis.TimeoutError):
                raise
            except Exception:
                # taken for queued like the rest, so that it takes nobody's turn, and offered again a while later
                log.exception("%s %d: the queue does not take it", table.noun, job.id)
        mark_enqueued(connection, table, [job.id for job in jobs])
        return len(jobs)

    def room(self, workers: int) -> int:
        """How many more runs the queue should have, for so many workers; none while it is half full."""
        full = QUEUED_PER_WORKER * max(1, workers)
        queued = len(self.queue)
        return full - queued if queued <= full // 2 else 0

    def offer(self, table: JobTable[Any], job: PendingJob) -> None:
        """Put a job into the queue unless it is there."""
        queue_id = table.queue_id(self.queue.name, job.id)
        try:
            self.enqueue(table, job)
        except DuplicateJobError:
            if not self.is_queued(table, queue_id):
                # of an attempt whose worker is lost: no worker has the job, for it is PENDING
                self.forget(queue_id)
                self.enqueue(table, job)

    def forget(self, queue_id: str) -> None:
        """Delete what the queue has of a job, its executions first and by their ids alone: RQ would read each of them,
        and raise ValueError for one that has expired."""
        with suppress(NoSuchJobError), self.redis.pipeline() as pipeline:
            job = Job.fetch(queue_id, connection=self.redis, serializer=JSONSerializer)
            for id in job.execution_registry.get_execution_ids():
                Execution(id, job.id, self.redis).delete(job, pipeline)
            pipeline.execute()
            job.delete()

    def enqueue(self, table: JobTable[Any], job: PendingJob) -> None:
        """Raises DuplicateJobError if the queue knows the job."""
        self.lane(table).enqueue_call(
            table.function,
            args=(job.id,),
            job_id=table.queue_id(self.queue.name, job.id),
            unique=True,
            timeout=self.settings.run_timeout + LATER_SECONDS,
            result_ttl=0,
            failure_ttl=FAILED_JOB_SECONDS,
            meta={"request_id": job.request_id},
        )
        log.info("%s %d: queued", table.noun, job.id)

    def is_queued(self, table: JobTable[Any], queue_id: str) -> bool:
        """Whether a worker will take the job from the queue."""
        job = self.lane(table).fetch_job(queue_id)
        return job is not None and job.get_status() == JobStatus.QUEUED and job.get_position() is not None

    def report(self, connection: PsycopgConnection) -> None:
        """Say that a pass has come to its end."""
        report_relay(self.redis, self.queue.name)


def attempt(step: Callable[[PsycopgConnection], bool | None], connection: PsycopgConnection) -> bool | None:
    """What one step of a pass returns; None if it fails, which is logged and stops no other. Raises psycopg's error if
    another connection is wanted: this one is closed, or its server is one that another has taken over from."""
    try:
        return step(connection)
    except redis.RedisError as error:
        log.warning("queue: %s; the runs wait", error)
    except Exception as error:
        if isinstance(error, psycopg.Error) and (connection.closed or isinstance(error, ReadOnlySqlTransaction)):
            raise
        log.exception("%s: %s; again with the next pass", step.__name__, error)
    return None


def delete_expired_keys(connection: PsycopgConnection) -> None:
    """Delete the answers that are kept to be given again."""
    connection.execute(query("web/delete_expired_idempotency_keys"))


# What is out of date is deleted by these, and what is many rows made few.
TIDYING = (
    delete_expired_keys,
    delete_expired,
    delete_expired_access,
    delete_old_downloads,
    delete_old_loads,
    add_up_counts,
)


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    logs.configure()
    relay = Relay(Settings.from_env())

    def stop(number: int, frame: FrameType | None) -> None:
        relay.stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    log.info("relay ready")
    relay.run()


if __name__ == "__main__":
    main()
