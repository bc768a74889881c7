"""Blocks: named groups of projects."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, insert, literal, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.tables import Project, ProjectBlock, ProjectBlockProject
from eeds.errors import EedsError

MAX_NAME = 255
NO_PROJECTS = "No project meets these filters."


def list_blocks(session: Session, principal: Principal) -> Sequence[ProjectBlock]:
    """The blocks that the caller may see, sorted by name."""
    statement = select(ProjectBlock).where(visible(principal, ProjectBlock))
    return session.scalars(statement.order_by(func.lower(ProjectBlock.name), ProjectBlock.id)).all()


def create_block(session: Session, principal: Principal, name: str, condition: ColumnElement[bool]) -> int:
    """Make a block of the projects that meet the condition and the caller may see; how many they are.

    Raises EedsError for a name that is empty or too long, and where there are no such projects.
    """
    if not name or len(name) > MAX_NAME or "\0" in name:
        raise EedsError(f"Give the block a name of 1 to {MAX_NAME} characters.")
    chosen = condition, visible(principal, Project)
    if session.scalar(select(Project.id).where(*chosen).limit(1)) is None:
        raise EedsError(NO_PROJECTS)
    block = ProjectBlock(project_owner_id=principal.owner_id, name=name)
    session.add(block)
    session.flush()
    members = select(literal(block.id), Project.id).where(*chosen)
    linked = insert(ProjectBlockProject).from_select(["project_block_id", "project_id"], members)
    return len(session.execute(linked.returning(ProjectBlockProject.project_id)).all())
