"""Keeping the lease of a job while it is worked on: a process beside the worker's, which renews the lease or kills.

A thread could not do that: a meter that hangs in compiled code may never give the interpreter back.
"""

import logging
import math
import os
import select
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import psycopg

from eeds.config.settings import Settings
from eeds.db.engine import PsycopgConnection, connect
from eeds.jobs.leases import RENEW_SECONDS, ClaimedJob, LeaseLost, expire_lease, fail_job, release_job, renew_lease

log = logging.getLogger("eeds.lease")

POLL_SECONDS = 0.5
# For a job to end once its worker is asked to: Heroku kills after 30 s, `eeds up` after 25.
STOP_SECONDS = 20
STOPS = {signal.SIGTERM}


def hold_stops() -> None:
    """From now on the lease keeper alone reacts to a stop of the worker; until there is one, the stop waits."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)


def leave_stops_to(keeper: int) -> None:
    """Ignore stops, and pass on one that came before the keeper was there."""
    if signal.SIGTERM in signal.sigpending():
        os.kill(keeper, signal.SIGTERM)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)


@contextmanager
def keeping_lease(settings: Settings, job: ClaimedJob) -> Iterator[None]:
    """Keep the lease of a claimed job for the length of a `with` block.

    This process is killed, and with it what it has open in the database, when the job takes too long, is cancelled or
    swept, and STOP_SECONDS after SIGTERM. If it dies otherwise, the lease lapses at once.
    """
    worker = os.getpid()
    alive, ours = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        os.close(ours)  # from now on the worker alone has that end, and closes it when it dies
        Keeper(settings, job, worker, alive).run()
    os.close(alive)
    leave_stops_to(keeper)
    try:
        yield
    finally:
        os.kill(keeper, signal.SIGKILL)
        os.waitpid(keeper, 0)
        os.close(ours)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # which this process ignored, for the keeper to react to


class Keeper:
    """The process beside the one that works on the job."""

    def __init__(self, settings: Settings, job: ClaimedJob, worker: int, alive: int) -> None:
        self.settings = settings
        self.job = job
        self.worker = worker  # its process id
        self.alive = alive  # the end of a pipe that says when the worker is gone
        self.renewal = time.monotonic() + RENEW_SECONDS
        self.deadline = time.monotonic() + settings.run_timeout
        self.stop = math.inf
        self.connection: PsycopgConnection | None = None  # from the first renewal on

    def run(self) -> None:
        """Keep the lease, and end this process; nothing of the worker's code may go on in it."""
        try:
            signal.signal(signal.SIGTERM, self.ask_to_stop)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
            self.keep()
        except Exception:
            log.exception("%s: its lease is not kept any more", self.job)
        finally:
            logging.shutdown()
            os._exit(0)

    def ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        """Give the job a while to end."""
        self.stop = min(self.stop, time.monotonic() + STOP_SECONDS)

    def keep(self) -> None:
        """Look after the worker until it is gone."""
        while not self.is_gone():
            try:
                if self.must_end():
                    os.kill(self.worker, signal.SIGKILL)
                    return
            except psycopg.OperationalError as error:
                log.warning("%s: database: %s", self.job, str(error).strip())
        with self.transaction() as connection:
            if expire_lease(connection, self.job):
                log.warning("%s: its worker was killed", self.job)

    def is_gone(self) -> bool:
        """Whether the worker has died, after a moment in which it has not."""
        return bool(select.select([self.alive], [], [], POLL_SECONDS)[0])

    def must_end(self) -> bool:
        """Do what is due, if something is; whether the worker must be killed for it."""
        now = time.monotonic()
        if now < min(self.renewal, self.deadline, self.stop):
            return False
        with self.transaction() as connection:
            if now >= self.deadline:
                self.fail(connection)
            elif now >= self.stop:
                release_job(connection, self.job)
                log.warning("%s: the worker stops; it is PENDING again", self.job)
            elif renew_lease(connection, self.job):
                self.renewal = now + RENEW_SECONDS
                return False
            else:
                log.warning("%s: cancelled, or its lease was lost", self.job)
        return True

    def fail(self, connection: PsycopgConnection) -> None:
        """End the job as FAILED, which takes too long, unless it has just ended by itself."""
        table, limit = self.job.table, self.settings.run_timeout
        reason = f"The {table.noun} took longer than {limit} s (EEDS_RUN_TIMEOUT). {table.advice}"
        log.error("%s: %s", self.job, reason)
        try:
            fail_job(connection, self.job, reason)
        except LeaseLost as error:
            log.warning("%s", error)

    @contextmanager
    def transaction(self) -> Iterator[PsycopgConnection]:
        """A transaction on a connection of our own, for those of the worker are in its hands. It is kept for the next
        one, unless it breaks."""
        if self.connection is None or self.connection.closed:
            self.connection = connect(self.settings.database_url, "eeds lease", is_pooled=self.settings.is_pooled)
        with self.connection.transaction():
            yield self.connection
