"""Who a request, a command or a job acts for, and what it may do."""

from dataclasses import dataclass

from sqlalchemy import select
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


# Whoever has the database itself, as the commands on its machine: sees all, and is no user.
MACHINE = Principal(user_id=0, owner_id=0, is_admin=True, scopes=frozenset(SCOPES), token_id=None)


def principal_of(session: Session, user_id: int) -> Principal:
    """A stored user with the rights of one who has logged in, for jobs that are done later."""
    owner = select(User.is_admin, ProjectOwner.id).join(ProjectOwner, ProjectOwner.user_id == User.id)
    is_admin, owner_id = session.execute(owner.where(User.id == user_id)).one()
    return Principal(user_id, owner_id, is_admin, frozenset(SCOPES), token_id=None)
