"""Living through an outage of the database: what is tried again, and for how long a worker waits between two tries."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
from sqlalchemy import exc

from eeds.db.engine import Database, PsycopgConnection

log = logging.getLogger("eeds.outage")

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
# What a lost connection raises, and some things besides.
DATABASE_ERRORS = (psycopg.OperationalError, psycopg.InterfaceError, exc.OperationalError, exc.InterfaceError)
# SQLSTATE of a connection that breaks, and of a server that shuts down, has crashed or is starting.
AWAY = ("08", "57P01", "57P02", "57P03")

T = TypeVar("T")


def is_away(error: Exception) -> bool:
    """Whether the error says that the database does not answer, rather than that it refuses something."""
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    state = getattr(cause, "sqlstate", None)
    return isinstance(error, DATABASE_ERRORS) and (state is None or state.startswith(AWAY))


def when_it_answers(database: Database, action: Callable[[PsycopgConnection], T]) -> T:
    """What the action makes of a connection, in a transaction; tried until the database answers."""
    pause = FIRST_PAUSE
    while True:
        try:
            with database.connection() as connection:
                return action(connection)
        except DATABASE_ERRORS as error:
            if not is_away(error):
                raise
            log.warning("database: %s; again in %.1f s", str(error).partition("\n")[0], pause)
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
