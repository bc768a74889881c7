"""Who a request, a command or a job acts for, and what it may do."""

from dataclasses import dataclass

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from eeds.db.tables import ProjectOwner, User

SCOPES = ("read", "write")


@dataclass(frozen=True)
class Principal:
    """The user on whose behalf something is done, and what is allowed."""

    user_id: int
    owner_id: int
    is_admin: bool
    scopes: frozenset[str]
    token_id: int | None  # None for a person who has logged in


def users_with_owner() -> Select[User, int]:
    """Users and the ids of their project owners."""
    return select(User, ProjectOwner.id).join(ProjectOwner, ProjectOwner.user_id == User.id)


def principal_of(session: Session, user_id: int) -> Principal:
    """A stored user with all rights of one who has logged in, for jobs that are done later."""
    return logged_in_principal(session.execute(users_with_owner().where(User.id == user_id)).one())


def logged_in_principal(row: Row[User, int]) -> Principal:
    """The principal of a row of `users_with_owner`."""
    user, owner_id = row
    return Principal(user.id, owner_id, user.is_admin, frozenset(SCOPES), token_id=None)
