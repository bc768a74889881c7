"""Users, their passwords and their logins."""

import hmac

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.accounts.principal import SCOPES, Principal
from eeds.accounts.tokens import digest
from eeds.db.tables import ProjectOwner, User
from eeds.errors import EedsError, NotFound

# Length rather than special characters (NIST SP 800-63B). The maximum bounds the work of hashing what anybody may send.
PASSWORD_LENGTHS = (12, 1024)


def hash_password(password: str) -> str:
    """What is stored of a password; raises EedsError if it is too short or too long."""
    least, most = PASSWORD_LENGTHS
    if not least <= len(password) <= most:
        raise EedsError(f"A password must have {least} to {most:,} characters.")
    return PasswordHasher().hash(password)


def user_named(session: Session, name: str) -> User:
    """The user of that name; raises NotFound."""
    user = session.scalar(select(User).where(User.name == name))
    if user is None:
        raise NotFound(f"There is no user {name!r}.")
    return user


def user_with(session: Session, name: str, password: str) -> User | None:
    """The user of that name and password; None if there is none. A wrong name takes as long as a wrong password."""
    hasher = PasswordHasher()
    # Postgres refuses a NUL in a text, and no name has one
    user = None if "\0" in name else session.scalar(select(User).where(User.name == name))
    if user is None or user.password_hash is None:
        hasher.hash(password)  # as much work as a comparison
        return None
    try:
        hasher.verify(user.password_hash, password)
    except VerificationError:
        return None
    return user


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
