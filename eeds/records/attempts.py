"""Loads that get into each other's way: tried optimistically first, and again in a way in which they cannot."""

from collections.abc import Iterator
from dataclasses import dataclass

from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from eeds.records.consumption import TraceGone

ATTEMPTS = 10


@dataclass
class Attempt:
    """One attempt at a load, as a context manager. Where another load or a deletion got into its way it is rolled back
    without an error, unless it is the last one."""

    session: Session
    optimistic: bool
    is_last: bool
    succeeded: bool = False

    def __enter__(self) -> None:
        """Nothing is to be prepared."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        self.succeeded = error is None
        if error is None or self.is_last or not is_conflict(error):
            return False
        self.session.rollback()
        return True


def attempts(session: Session) -> Iterator[Attempt]:
    """Attempts until one succeeds: optimistic, then staged. Staged loads lock traces in id order, so that two of them
    cannot deadlock; one that is optimistic may get into their way and become staged itself: a few are enough."""
    for number in range(ATTEMPTS):
        attempt = Attempt(session, optimistic=number == 0, is_last=number == ATTEMPTS - 1)
        yield attempt
        if attempt.succeeded:
            return


def is_conflict(error: BaseException) -> bool:
    """Whether a load failed because of another one, or of a deletion, and may succeed when tried again."""
    original = error.orig if isinstance(error, OperationalError) else error
    return isinstance(original, DeadlockDetected | TraceGone)
