"""Users, their passwords and their logins."""

import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.accounts.principal import SCOPES, Principal
from eeds.accounts.tokens import digest
from eeds.db.tables import ProjectOwner, User
from eeds.errors import Busy, EedsError, NotFound

# Length rather than special characters (NIST SP 800-63B). The maximum bounds the work of hashing what anybody may send.
PASSWORD_LENGTHS = (12, 1024)
# A hash takes 64 MiB of memory, on purpose: what anybody may ask for is done for a few at a time, in each process.
HASHES_AT_ONCE = threading.BoundedSemaphore(2)
PATIENCE_SECONDS = 5.0


def hash_password(password: str) -> str:
    """What is stored of a password; raises EedsError if it is too short or too long."""
    least, most = PASSWORD_LENGTHS
    if not least <= len(password) <= most:
        raise EedsError(f"A password must have {least} to {most:,} characters.")
    with one_of_few():
        return PasswordHasher().hash(password)


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
    """The user of that name and password; None if there is none. A wrong name takes as long as a wrong password.

    Raises Busy if too many passwords are being looked at.
    """
    # Postgres refuses a NUL in a text, and no name has one
    user = None if "\0" in name else session.scalar(select(User).where(User.name == name))
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


def session_proof(secret_key: str, user: User) -> str:
    """A value kept with a login, which becomes invalid when the user's password changes."""
    return digest(secret_key, f"login with {user.password_hash}").hex()


def logged_in(session: Session, secret_key: str, user_id: int, proof: str) -> Principal | None:
    """The principal of a login; None if the user was deleted or has another password by now."""
    owned = select(User, ProjectOwner.id).join(ProjectOwner, ProjectOwner.user_id == User.id)
    row = session.execute(owned.where(User.id == user_id)).one_or_none()
    if row is None or not hmac.compare_digest(session_proof(secret_key, row[0]), proof):
        return None
    user, owner_id = row
    return Principal(user.id, owner_id, user.is_admin, frozenset(SCOPES), token_id=None)
