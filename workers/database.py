"""The database of a worker and of its jobs, which are forks of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from eeds.config.settings import Settings
from eeds.db.engine import Database


@contextmanager
def worker_database(settings: Settings) -> Iterator[Database]:
    """The database for the length of a `with` block, of which no connection outlives it, and so none a fork.

    What SQLAlchemy has asked the server when it first met it, and the statements that it has compiled, stay: a job does
    not pay again for what its worker has done.
    """
    database = database_at(settings.database_url, is_pooled=settings.is_pooled)
    try:
        yield database
    finally:
        database.engine.dispose()


@cache
def database_at(url: str, *, is_pooled: bool) -> Database:
    """One for a process and its forks."""
    return Database(url, is_pooled=is_pooled)
