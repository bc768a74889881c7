"""Working through a time without the database: what is tried again, and the pauses between two attempts."""

import logging
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
from sqlalchemy import exc

log = logging.getLogger("eeds.outage")

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
# What a lost connection raises, and some things besides.
DATABASE_ERRORS = (psycopg.OperationalError, psycopg.InterfaceError, exc.OperationalError, exc.InterfaceError)
# SQLSTATE of a connection that breaks, of a server that has no disk, memory or connection left, and of one that shuts
# down, has crashed or is starting.
AWAY = ("08", "53", "57P01", "57P02", "57P03")


def is_away(error: Exception) -> bool:
    """Whether the error says that the database can do nothing now, rather than that it refuses something."""
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    state = getattr(cause, "sqlstate", None)
    return isinstance(error, DATABASE_ERRORS) and (state is None or state.startswith(AWAY))


def until_database_answers() -> Iterator[AbstractContextManager[None]]:
    """Attempts, with growing pauses between them, until the block of one runs to its end or raises another error.

    for attempt in until_database_answers():
        with attempt, database.connection() as connection:
            ...
    """
    pause, done = FIRST_PAUSE, False

    @contextmanager
    def attempt() -> Iterator[None]:
        nonlocal done
        try:
            yield
            done = True
        except DATABASE_ERRORS as error:
            if not is_away(error):
                raise
            log.warning("database: %s; again in %.1f s", str(error).partition("\n")[0], pause)

    while True:
        yield attempt()
        if done:
            return
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
