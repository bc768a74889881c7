"""Keeping the lease of a run while the meter computes."""

import logging
import os
import threading
import time

import psycopg

from eeds import runs
from eeds.config import Settings

log = logging.getLogger("eeds.lease")


class Lease:
    """Renews the lease from a thread for the length of a `with` block, and ends a run that takes too long.

    The thread ends the process with it, for a meter that hangs in compiled code listens to no exception. In a forked
    job that is the job and nothing else.
    """

    def __init__(self, settings: Settings, held: runs.Claim) -> None:
        self.settings = settings
        self.held = held
        self.over = threading.Event()
        self.deadline = time.monotonic() + settings.run_timeout
        self.thread = threading.Thread(target=self.keep, name=f"lease of run {held.id}", daemon=True)

    def __enter__(self) -> "Lease":
        self.thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.over.set()
        self.thread.join()

    def keep(self) -> None:
        """Renew until it is over."""
        while not self.over.wait(min(runs.RENEW_SECONDS, max(0.0, self.deadline - time.monotonic()))):
            try:
                # a connection of its own: the one of the job belongs to the other thread
                with psycopg.connect(self.settings.database_url, connect_timeout=5) as connection:
                    if time.monotonic() >= self.deadline:
                        self.give_up(connection)
                    if not runs.renew(connection, self.held):
                        log.warning("run %d: the lease is lost", self.held.id)
                        return
            except psycopg.OperationalError as error:
                log.warning("run %d: cannot renew the lease: %s", self.held.id, error)

    def give_up(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        """End the run as FAILED, and with it this process."""
        reason = (
            f"The run took longer than {self.settings.run_timeout} s (EEDS_RUN_TIMEOUT). "
            "Run it with fewer traces or a shorter baseline, or raise the limit."
        )
        try:
            runs.fail(connection, self.held, reason)
            connection.commit()
        finally:
            log.error("run %d: %s", self.held.id, reason)
            logging.shutdown()
            os._exit(1)
