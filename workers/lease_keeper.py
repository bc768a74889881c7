"""Keeping the leases of jobs while they are worked on: a process beside the worker's, which renews a lease or kills.

A thread could not do that: a meter that hangs in compiled code may never give the interpreter back. A worker has one
such process for all its jobs, from a time when it is still small: one that each job forked of itself took a quarter of
the processor time of a short run.
"""

import json
import logging
import math
import os
import select
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg

from eeds.config import logs
from eeds.config.settings import Settings
from eeds.db.engine import PsycopgConnection, connect
from eeds.jobs.leases import RENEW_SECONDS, ClaimedJob, LeaseLost, expire_lease, fail_job, release_job, renew_lease
from workers.job_tables import JOB_TABLES

log = logging.getLogger("eeds.lease")

POLL_SECONDS = 0.5
# For a job to end once its worker is asked to: Heroku kills after 30 s, `eeds up` after 25.
STOP_SECONDS = 20
STOPS = {signal.SIGTERM}
MESSAGE_BYTES = 2**16
TABLES = {table.name: table for table in JOB_TABLES}
ENDED = b"."  # what a job says that has ended by itself


# Beside a job ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class KeeperProcess:
    """The process of a keeper, as those see it whose leases it keeps."""

    pid: int
    channel: socket.socket

    def is_there(self) -> bool:
        """Whether nobody has killed it: it says nothing, and so all that can be read is the end of it."""
        return not select.select([self.channel], [], [], 0)[0]

    def take(self, job: ClaimedJob, alive: int) -> None:
        """Have it keep the lease of a job of this process, until the other end of the pipe `alive` is closed."""
        told = {"table": job.table.name, "id": job.id, "attempts": job.attempts, "about": logs.about.get()}
        line = json.dumps({**told, "worker": os.getpid()}, default=str)
        socket.send_fds(self.channel, [f"{line}\n".encode()], [alive])

    def stop_jobs(self) -> None:
        """Give the jobs that it has STOP_SECONDS."""
        os.kill(self.pid, signal.SIGTERM)

    def end(self) -> None:
        """Have it end, with no job left."""
        self.channel.close()
        os.waitpid(self.pid, 0)


of_worker: KeeperProcess | None = None


def start_keeper(settings: Settings) -> None:
    """Start the keeper of this worker, for all the jobs that are forked from it. It ends with the last of them."""
    global of_worker
    of_worker = fork_keeper(settings)


def fork_keeper(settings: Settings) -> KeeperProcess:
    """A new keeper, as a child of this process."""
    ours, its = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()  # its end is to be noticed
        Keeper(settings, its).run()
    its.close()
    return KeeperProcess(pid, ours)


def stop_jobs() -> None:
    """Give the jobs of this worker STOP_SECONDS."""
    if of_worker is not None:
        of_worker.stop_jobs()


def hold_stops() -> None:
    """From now on the lease keeper alone reacts to a stop of the worker; until it has the job, the stop waits."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)


def leave_stops_to(keeper: KeeperProcess) -> None:
    """Ignore stops, and pass on one that came before the keeper had the job."""
    if signal.SIGTERM in signal.sigpending():
        keeper.stop_jobs()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)


@contextmanager
def keeping_lease(settings: Settings, job: ClaimedJob) -> Iterator[None]:
    """Keep the lease of a claimed job for the length of a `with` block.

    This process is killed, and with it what it has open in the database, when the job takes too long, is cancelled or
    swept, and STOP_SECONDS after SIGTERM. If it dies otherwise, the lease lapses at once. Where the worker has no
    keeper, or somebody has killed it, the job gets one of its own.
    """
    shared = of_worker if of_worker is not None and of_worker.is_there() else None
    keeper = shared or fork_keeper(settings)
    alive, ours = os.pipe()
    keeper.take(job, alive)
    os.close(alive)
    leave_stops_to(keeper)
    try:
        yield
    finally:
        with suppress(BrokenPipeError):  # it was killed
            os.write(ours, ENDED)
        os.close(ours)
        if keeper is not shared:
            keeper.end()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # which this process ignored, for the keeper to react to


# The keeper --------------------------------------------------------------------------------------------------------


@dataclass
class Held:
    """A job whose lease is kept."""

    job: ClaimedJob
    worker: int  # the id of the process that works on it
    alive: int  # the end of a pipe that says when that process has ended the job, or is gone
    deadline: float
    about: Mapping[str, Any]  # for the log
    renewal: float = field(default_factory=lambda: time.monotonic() + RENEW_SECONDS)
    stop: float = math.inf

    def has_ended(self) -> bool:
        """Whether nobody works on it any more."""
        return bool(select.select([self.alive], [], [], 0)[0])


class Keeper:
    """The process beside those that work on jobs."""

    def __init__(self, settings: Settings, channel: socket.socket) -> None:
        self.settings = settings
        self.channel = channel
        self.is_open = True
        self.jobs: list[Held] = []
        self.connection: PsycopgConnection | None = None  # from the first renewal until there is no job

    def run(self) -> None:
        """Keep leases, and end this process; nothing of the worker's code may go on in it."""
        try:
            with self.stops() as stops:
                while self.is_open or self.jobs:
                    self.tend(stops)
        except Exception:
            log.exception("no lease is kept any more")
        finally:
            logging.shutdown()
            os._exit(0)

    @contextmanager
    def stops(self) -> Iterator[socket.socket]:
        """What can be read when this process is asked to stop. A job that was handed over before that is one of those
        that are meant, and so a stop is seen to in its turn, not by the handler of a signal."""
        reading, writing = socket.socketpair()
        with reading, writing:
            writing.setblocking(False)
            signal.set_wakeup_fd(writing.fileno())
            signal.signal(signal.SIGTERM, lambda number, frame: None)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal, which the worker reacts to
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
            yield reading

    def tend(self, stops: socket.socket) -> None:
        """Wait for what happens to the jobs, or what is due, and see to it."""
        sources: list[Any] = [stops, *(held.alive for held in self.jobs), *([self.channel] if self.is_open else [])]
        ready = select.select(sources, [], [], POLL_SECONDS if self.jobs else None)[0]
        if self.channel in ready:
            self.take_jobs()
        if stops in ready:
            stops.recv(MESSAGE_BYTES)
            self.stop_jobs()
        for held in self.jobs[:]:
            self.look_after(held)
        if not self.jobs and self.connection is not None:
            self.connection.close()
            self.connection = None

    def take_jobs(self) -> None:
        """Take the jobs that are handed over; without any the worker and all its jobs are gone."""
        lines, pipes, _, _ = socket.recv_fds(self.channel, MESSAGE_BYTES, 16)
        self.is_open = bool(lines)
        for line, alive in zip(lines.splitlines(), pipes, strict=True):
            told = json.loads(line)
            job = ClaimedJob(TABLES[told["table"]], told["id"], told["attempts"])
            deadline = time.monotonic() + self.settings.run_timeout
            self.jobs.append(Held(job, told["worker"], alive, deadline, told["about"]))

    def stop_jobs(self) -> None:
        """Give the jobs that are there a while to end."""
        if self.is_open and select.select([self.channel], [], [], 0)[0]:
            self.take_jobs()
        for held in self.jobs:
            held.stop = min(held.stop, time.monotonic() + STOP_SECONDS)

    def look_after(self, held: Held) -> None:
        """See to a job that has ended, or for which something is due; while the database is away, again and again."""
        logs.about.set(held.about)
        try:
            if held.has_ended():
                self.let_go(held)
            elif self.must_end(held):
                if not held.has_ended():  # by itself, meanwhile
                    os.kill(held.worker, signal.SIGKILL)
                self.jobs.remove(held)
                os.close(held.alive)
        except psycopg.Error as error:
            log.warning("%s: database: %s", held.job, str(error).strip())

    def let_go(self, held: Held) -> None:
        """Look no more after a job that has ended, or whose worker is gone, without a word."""
        said = os.read(held.alive, 1)
        self.jobs.remove(held)
        os.close(held.alive)
        if said != ENDED:
            self.expire(held.job)

    def expire(self, job: ClaimedJob) -> None:
        """Let the lease of a job lapse whose worker is gone."""
        with self.transaction() as connection:
            if expire_lease(connection, job):
                log.warning("%s: its worker was killed", job)

    def must_end(self, held: Held) -> bool:
        """Do what is due, if something is; whether the worker must be killed for it."""
        now = time.monotonic()
        if now < min(held.renewal, held.deadline, held.stop):
            return False
        with self.transaction() as connection:
            if now >= held.deadline:
                self.fail(connection, held.job)
            elif now >= held.stop:
                release_job(connection, held.job)
                log.warning("%s: the worker stops; it is PENDING again", held.job)
            elif renew_lease(connection, held.job):
                held.renewal = now + RENEW_SECONDS
                return False
            else:
                log.warning("%s: cancelled, or its lease was lost", held.job)
        return True

    def fail(self, connection: PsycopgConnection, job: ClaimedJob) -> None:
        """End the job as FAILED, which takes too long, unless it has just ended by itself."""
        limit = self.settings.run_timeout
        reason = f"The {job.table.noun} took longer than {limit} s (EEDS_RUN_TIMEOUT). {job.table.advice}"
        log.error("%s: %s", job, reason)
        try:
            fail_job(connection, job, reason)
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
