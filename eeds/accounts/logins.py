"""Logins: browsers in which somebody has logged in, until they log out, their time is over or the password changes."""

import hmac
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import SCOPES, Principal
from eeds.accounts.tokens import digest
from eeds.db.tables import Login, ProjectOwner, User

LIFETIME = timedelta(hours=12)


def begin_login(session: Session, user: User) -> int:
    """Remember that the user has logged in; the id of the login."""
    login = Login(user_id=user.id, expires=datetime.now(UTC) + LIFETIME)
    session.add(login)
    session.flush()
    return login.id


def end_login(session: Session, id: int) -> None:
    """Make the login worthless, wherever its cookie has been copied to."""
    session.execute(delete(Login).where(Login.id == id))


def login_proof(secret_key: str, user: User) -> str:
    """A value kept with a login, which becomes invalid when the user's password changes."""
    return digest(secret_key, f"login with {user.password_hash}").hex()


def logged_in(session: Session, secret_key: str, id: int, proof: str) -> Principal | None:
    """The principal of a login; None if it has ended, or the user was deleted, disabled or has another password by
    now."""
    owned = select(User, ProjectOwner.id).join(ProjectOwner, ProjectOwner.user_id == User.id)
    valid = owned.join(Login, Login.user_id == User.id).where(
        Login.id == id, Login.expires > func.now(), User.disabled.is_(None)
    )
    row = session.execute(valid).one_or_none()
    if row is None or not hmac.compare_digest(login_proof(secret_key, row[0]), proof):
        return None
    user, owner_id = row
    return Principal(user.id, owner_id, user.is_admin, frozenset(SCOPES), token_id=None)
