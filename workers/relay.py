"""The relay, `python -m workers.relay`: tells the queue of runs that wait, takes runs back from workers that have gone.

It holds no state: every pass looks at the database anew. Redis may forget everything, and several relays may run at
once; offering a run twice is harmless, because a worker must claim it.
"""

import logging
import signal
import sys
import threading
import time
from contextlib import suppress
from types import FrameType

import psycopg
import redis
from rq import Queue
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from eeds import runs
from eeds.config import Settings
from eeds.db import PsycopgConnection

log = logging.getLogger("eeds.relay")

POLL_SECONDS = 5.0
SWEEP_SECONDS = 15.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
BATCH = 500
JOB = "workers.jobs.execute_project_run"
# RQ's own limits come after ours, which say why: see workers.lease.
GRACE_SECONDS = 60
FAILED_JOB_SECONDS = 3600


class Relay:
    """Between the database and the queue."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.redis = redis.from_url(settings.redis_url, socket_timeout=5, socket_connect_timeout=5)
        self.queue = Queue(runs.QUEUE, connection=self.redis, serializer=JSONSerializer)
        self.stopped = threading.Event()

    def run(self) -> None:
        """Work until stopped; while the database is away, try again with growing pauses."""
        pause = FIRST_PAUSE
        while not self.stopped.is_set():
            try:
                with psycopg.connect(self.settings.database_url, autocommit=True, connect_timeout=5) as connection:
                    connection.execute(f"LISTEN {runs.CHANNEL}")
                    pause = FIRST_PAUSE
                    self.serve(connection)
            except psycopg.OperationalError as error:
                log.warning("database: %s; again in %.1f s", str(error).strip(), pause)
                self.stopped.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def serve(self, connection: PsycopgConnection) -> None:
        """Pass after pass, at once when a run is ordered, else every few seconds."""
        next_sweep = time.monotonic()
        while not self.stopped.is_set():
            if time.monotonic() >= next_sweep:
                self.sweep(connection)
                next_sweep = time.monotonic() + SWEEP_SECONDS
            try:
                self.offer_all(connection)
            except redis.RedisError as error:
                log.warning("queue: %s; the runs wait", error)
            for _ in connection.notifies(timeout=POLL_SECONDS, stop_after=1):
                pass

    def sweep(self, connection: PsycopgConnection) -> None:
        """Take back the runs of lost workers."""
        for id, status in runs.sweep(connection).items():
            log.warning("run %d: its worker is lost; now %s", id, status)

    def offer_all(self, connection: PsycopgConnection) -> None:
        """Tell the queue of every run that waits."""
        while batch := runs.waiting(connection, BATCH):
            for run in batch:
                self.offer(run)
            runs.mark_enqueued(connection, [run.id for run in batch])
            if len(batch) < BATCH:
                return

    def offer(self, run: runs.Waiting) -> None:
        """Put a run into the queue unless it is there."""
        job_id = f"project_run-{run.id}"
        try:
            self.enqueue(run, job_id)
        except DuplicateJobError:
            if not self.is_queued(job_id):
                # of an attempt whose worker is lost: nobody has the run, for it waits
                self.forget(job_id)
                self.enqueue(run, job_id)

    def enqueue(self, run: runs.Waiting, job_id: str) -> None:
        """Raises DuplicateJobError if the queue knows the job."""
        self.queue.enqueue_call(
            JOB,
            args=(run.id,),
            job_id=job_id,
            unique=True,
            timeout=self.settings.run_timeout + GRACE_SECONDS,
            result_ttl=0,
            failure_ttl=FAILED_JOB_SECONDS,
            meta={"request_id": run.request_id},
        )
        log.info("run %d: queued", run.id)

    def is_queued(self, job_id: str) -> bool:
        """Whether a worker will come to the job."""
        job = self.queue.fetch_job(job_id)
        return job is not None and job.get_status() == JobStatus.QUEUED and job.get_position() is not None

    def forget(self, job_id: str) -> None:
        """Remove what the queue remembers of a job."""
        with suppress(NoSuchJobError):
            Job.fetch(job_id, connection=self.redis, serializer=JSONSerializer).delete()


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(levelname)s %(message)s")
    relay = Relay(Settings.from_env())

    def stop(number: int, frame: FrameType | None) -> None:
        relay.stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    log.info("relay ready")
    relay.run()


if __name__ == "__main__":
    main()
