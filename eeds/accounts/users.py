"""Users and their passwords."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.db.tables import User
from eeds.errors import Busy, EedsError, NotFound

# Length rather than special characters (NIST SP 800-63B). The maximum bounds the work of hashing what anybody may send.
PASSWORD_LENGTHS = (12, 1024)
# Length alone lets "password1234" pass. An attempt is looked at a few times an hour, so this many take a century.
MIN_GUESSES = 10**6
LOOKED_AT = 72  # characters: what zxcvbn takes
# A hash takes 64 MiB of memory, on purpose: what anybody may ask for is done for a few at a time, in each process.
HASHES_AT_ONCE = threading.BoundedSemaphore(2)
PATIENCE_SECONDS = 5.0


def hash_password(password: str, name: str = "") -> str:
    """What is stored of the password of a user of that name; raises EedsError for one too short, too long or common."""
    least, most = PASSWORD_LENGTHS
    if not least <= len(password) <= most:
        raise EedsError(f"A password must have {least} to {most:,} characters.")
    refuse_common(password, name)
    with one_of_few():
        return PasswordHasher().hash(password)


def refuse_common(password: str, name: str) -> None:
    """Raises EedsError for a password that is guessed soon: of common words, names, sequences or repetitions."""
    from zxcvbn import zxcvbn  # with lists of tens of thousands of words, for the few who set a password

    if zxcvbn(password[:LOOKED_AT], user_inputs=[name])["guesses"] < MIN_GUESSES:
        raise EedsError(
            "This password is one of the first that are guessed; take some words that are not seen together."
        )


@contextmanager
def one_of_few() -> Iterator[None]:
    """Wait for a turn to hash; raises Busy if too many wait."""
    if not HASHES_AT_ONCE.acquire(timeout=PATIENCE_SECONDS):
        raise Busy("Too many people log in at this moment; try again.")
    try:
        yield
    finally:
        HASHES_AT_ONCE.release()


def user_named(session: Session, name: str) -> User:
    """The user of that name; raises NotFound."""
    user = session.scalar(select(User).where(User.name == name))
    if user is None:
        raise NotFound(f"There is no user {name!r}.")
    return user


def user_with(session: Session, name: str, password: str) -> User | None:
    """The user of that name and password; None if there is none, or it is disabled. A wrong name takes as long as a
    wrong password.

    Raises Busy if too many passwords are being looked at.
    """
    # Postgres refuses a NUL in a text, and no name has one
    known = User.name == name, User.disabled.is_(None)
    user = None if "\0" in name else session.scalar(select(User).where(*known))
    with one_of_few():
        return user if is_password(user, password) else None


def is_password(user: User | None, password: str) -> bool:
    """Whether the user has that password."""
    hasher = PasswordHasher()
    if user is None or user.password_hash is None:
        hasher.hash(password)  # as much work as a comparison
        return False
    try:
        return hasher.verify(user.password_hash, password)
    except VerificationError:
        return False
