"""Keeping the lease of an order while a job works on it: a process beside the job, which renews it and ends the job.

A thread of the job could not do that: a meter that hangs in compiled code may never give the interpreter back.
"""

import logging
import math
import os
import select
import signal
import time
from types import FrameType

import psycopg

from eeds.config.settings import Settings
from eeds.jobs import leases

log = logging.getLogger("eeds.lease")

POLL_SECONDS = 0.5
# For an order to end once its worker is asked to: Heroku kills after 30 s, `eeds up` after 25.
STOP_SECONDS = 20


class Lease:
    """Keeps a claimed order for the length of a `with` block.

    The job is killed, and with it what it has open in the database, when its order takes too long, is cancelled or
    taken away, and STOP_SECONDS after SIGTERM. If it dies otherwise, the order is free at once.
    """

    def __init__(self, settings: Settings, held: leases.Held) -> None:
        self.settings = settings
        self.held = held

    def __enter__(self) -> "Lease":
        job = os.getpid()
        alive, self.ours = os.pipe()
        self.keeper = os.fork()
        if self.keeper == 0:
            os.close(self.ours)  # from now on the job alone holds that end, and closes it when it dies
            Keeper(self.settings, self.held, job, alive).run()
        os.close(alive)
        return self

    def __exit__(self, *exception: object) -> None:
        os.kill(self.keeper, signal.SIGKILL)
        os.waitpid(self.keeper, 0)
        os.close(self.ours)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # which the job ignored, for the keeper to hear


class Keeper:
    """The process beside the job."""

    def __init__(self, settings: Settings, held: leases.Held, job: int, alive: int) -> None:
        self.settings = settings
        self.held = held
        self.job = job
        self.alive = alive  # the end of a pipe that says when the job is gone
        self.renewal = time.monotonic() + leases.RENEW_SECONDS
        self.deadline = time.monotonic() + settings.run_timeout
        self.stop = math.inf

    def run(self) -> None:
        """Keep the lease, and end this process; nothing of the job's code may go on in it."""
        try:
            signal.signal(signal.SIGTERM, self.ask_to_stop)
            self.keep()
        except Exception:
            log.exception("%s: nobody keeps its lease any more", self.held)
        finally:
            logging.shutdown()
            os._exit(0)

    def ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        """Give the order a while to end."""
        self.stop = min(self.stop, time.monotonic() + STOP_SECONDS)

    def keep(self) -> None:
        """Look after the job until it is gone."""
        while not self.is_gone():
            try:
                if self.must_end():
                    os.kill(self.job, signal.SIGKILL)
                    return
            except psycopg.OperationalError as error:
                log.warning("%s: database: %s", self.held, str(error).strip())
        self.set_free()

    def is_gone(self) -> bool:
        """Whether the job has died, after a moment in which it has not."""
        return bool(select.select([self.alive], [], [], POLL_SECONDS)[0])

    def must_end(self) -> bool:
        """Do what is due, if something is; whether the job must end for it."""
        now = time.monotonic()
        if now < min(self.renewal, self.deadline, self.stop):
            return False
        with self.connect() as connection:
            if now >= self.deadline:
                self.fail(connection)
            elif now >= self.stop:
                leases.give_back(connection, self.held)
                log.warning("%s: the worker stops; it waits again", self.held)
            elif leases.renew(connection, self.held):
                self.renewal = now + leases.RENEW_SECONDS
                return False
            else:
                log.warning("%s: cancelled, or taken away", self.held)
        return True

    def fail(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        """End the order, which takes too long, unless it has just ended by itself."""
        reason = (
            f"The {self.held.orders.noun} took longer than {self.settings.run_timeout} s (EEDS_RUN_TIMEOUT). "
            f"{self.held.orders.advice}"
        )
        log.error("%s: %s", self.held, reason)
        try:
            leases.fail(connection, self.held, reason)
        except leases.LeaseLost as error:
            log.warning("%s", error)

    def set_free(self) -> None:
        """The job was killed: let the sweeper have its order."""
        with self.connect() as connection:
            if leases.let_lapse(connection, self.held):
                log.warning("%s: its job was killed", self.held)

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        """A connection of our own: the job's are in its hands."""
        return psycopg.connect(self.settings.database_url, connect_timeout=5, application_name="eeds lease")
