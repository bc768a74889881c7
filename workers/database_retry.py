"""Working through a time without the database: what is tried again, and the pauses between two attempts."""

import logging
import time
from collections.abc import Iterator
from types import TracebackType

import psycopg
from sqlalchemy import exc

log = logging.getLogger("eeds.outage")

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
# What a lost connection raises, and some things besides.
DATABASE_ERRORS = (psycopg.OperationalError, psycopg.InterfaceError, exc.OperationalError, exc.InterfaceError)
# SQLSTATE of a connection that breaks, and of a server that shuts down, has crashed or is starting.
AWAY = ("08", "57P01", "57P02", "57P03")


def is_away(error: BaseException) -> bool:
    """Whether the error says that the database does not answer, rather than that it refuses something."""
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    state = getattr(cause, "sqlstate", None)
    return isinstance(error, DATABASE_ERRORS) and (state is None or state.startswith(AWAY))


class Attempt:
    """A `with` block that the database may leave unfinished by not answering."""

    def __init__(self, pause: float) -> None:
        self.pause = pause  # seconds, after it
        self.failed = False

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.failed = error is not None and is_away(error)
        if self.failed:
            log.warning("database: %s; again in %.1f s", str(error).partition("\n")[0], self.pause)
        return self.failed


def until_database_answers() -> Iterator[Attempt]:
    """Attempts, with growing pauses between them, until the block of one runs to its end or raises another error.

    for attempt in until_database_answers():
        with attempt, database.connection() as connection:
            ...
    """
    pause = FIRST_PAUSE
    while True:
        attempt = Attempt(pause)
        yield attempt
        if not attempt.failed:
            return
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
