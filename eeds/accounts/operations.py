"""What is done with users, passwords, tokens and OAuth2 clients, in the portal and on the command line alike."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.orm import Session

from eeds.accounts.principal import SCOPES, Principal
from eeds.accounts.tokens import IS_VALID, digest, new_token, store_token
from eeds.accounts.users import hash_password, user_named, user_with
from eeds.db.tables import Login, OAuthClient, Project, ProjectOwner, Token, User
from eeds.errors import Conflict, EedsError, NotFound

MAX_NAME = 255
DEFAULT_LIFETIME = timedelta(days=90)  # of a token


def create_user(session: Session, name: str, password: str | None = None, *, is_admin: bool = False) -> User:
    """A new user with its project owner; without a password it cannot log in, but have tokens.

    Raises EedsError for a name that is empty, too long, unprintable or taken, and for a bad password.
    """
    name = name.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise EedsError(f"A name has 1 to {MAX_NAME} characters that can be seen.")
    if session.scalar(select(User.id).where(User.name == name)):
        raise EedsError(f"There is a user {name} already.")
    user = User(name=name, password_hash=None if password is None else hash_password(password, name), is_admin=is_admin)
    session.add(user)
    session.flush()
    session.add(ProjectOwner(user_id=user.id))
    session.flush()
    return user


def set_password(session: Session, name: str, password: str) -> None:
    """Give a user another password, which ends all its logins; raises NotFound, and EedsError for a bad one."""
    user_named(session, name).password_hash = hash_password(password, name)


def disable_user(session: Session, name: str, by: Principal | None = None) -> None:
    """Keep a user out: nobody logs in as it, its logins end, and its tokens and OAuth2 clients are refused until it is
    enabled again. Its projects stay, and what it has requested is done. Raises NotFound, and Conflict for who (`by`)
    would keep out themselves."""
    user = user_named(session, name)
    if by is not None and user.id == by.user_id:
        raise Conflict("You cannot disable yourself; another admin can.")
    if user.disabled is None:
        user.disabled = datetime.now(UTC)
    session.execute(delete(Login).where(Login.user_id == user.id))


def enable_user(session: Session, name: str) -> None:
    """Let a user in again, with its password and the tokens that are still valid; raises NotFound."""
    user_named(session, name).disabled = None


def change_password(session: Session, principal: Principal, old: str, new: str) -> User:
    """Give the caller a new password, which ends all its logins; raises EedsError if the old one is wrong."""
    name = session.get_one(User, principal.user_id).name
    user = user_with(session, name, old)
    if user is None:
        raise EedsError("The old password is wrong.")
    user.password_hash = hash_password(new, name)
    return user


def list_users(session: Session) -> Sequence[Row[Any]]:
    """All users: User, `owner` (the id of its project owner), `projects` and valid `tokens` (how many)."""
    owned = select(func.count()).select_from(Project).where(Project.project_owner_id == ProjectOwner.id)
    valid = select(func.count()).select_from(Token).where(Token.user_id == User.id, IS_VALID)
    columns = (
        User,
        ProjectOwner.id.label("owner"),
        owned.correlate(ProjectOwner).scalar_subquery().label("projects"),
        valid.correlate(User).scalar_subquery().label("tokens"),
    )
    statement = select(*columns).join(ProjectOwner, ProjectOwner.user_id == User.id).order_by(User.id)
    return session.execute(statement).all()


def create_token(
    session: Session,
    secret_key: str,
    user: User,
    scopes: Sequence[str] = SCOPES,
    expires: datetime | None = None,
    name: str | None = None,
) -> str:
    """A new token of the user's, valid for 90 days unless `expires` is given; only its HMAC is stored. `name` says what
    it is for; raises EedsError for one that is too long or unprintable."""
    if name and (len(name) > MAX_NAME or not name.isprintable()):
        raise EedsError(f"A name has at most {MAX_NAME} characters that can be seen.")
    token = new_token()
    until = expires or datetime.now(UTC) + DEFAULT_LIFETIME
    store_token(session, secret_key, user, token, scopes, until, name=name or None)
    return token


def list_tokens(session: Session, user_id: int | None = None) -> Sequence[Row[Token, str]]:
    """Tokens with the names of their users, in order of id; of one user, or of all."""
    statement = select(Token, User.name).join(User, User.id == Token.user_id).order_by(Token.id)
    return session.execute(statement if user_id is None else statement.where(Token.user_id == user_id)).all()


def revoke_token(session: Session, id: int, user_id: int | None = None) -> None:
    """Make a token worthless, one of that user if given; raises NotFound if there is none that is not revoked yet."""
    statement = update(Token).where(Token.id == id, Token.revoked.is_(None))
    if user_id is not None:
        statement = statement.where(Token.user_id == user_id)
    if not session.scalars(statement.values(revoked=func.now()).returning(Token.id)).all():
        raise NotFound(f"There is no token {id} that could be revoked; see: eeds token list")


def create_client(session: Session, secret_key: str, user: User, scopes: Sequence[str] = SCOPES) -> tuple[str, str]:
    """Id and secret of a new OAuth2 client that acts for the user; only the secret's HMAC is stored."""
    client_id, secret = secrets.token_hex(16), new_token()
    session.add(
        OAuthClient(user_id=user.id, client_id=client_id, digest=digest(secret_key, secret), scopes=list(scopes))
    )
    session.flush()
    return client_id, secret
