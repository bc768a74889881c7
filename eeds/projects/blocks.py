"""Blocks: named groups of projects."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Row, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import find_changeable, visible
from eeds.db.tables import Project, ProjectBlock, ProjectBlockProject
from eeds.errors import EedsError

MAX_NAME = 255
NO_PROJECTS = "No project meets these filters."


def list_blocks(session: Session, principal: Principal) -> Sequence[ProjectBlock]:
    """The blocks that the caller may see, sorted by name."""
    statement = select(ProjectBlock).where(visible(principal, ProjectBlock))
    return session.scalars(statement.order_by(func.lower(ProjectBlock.name), ProjectBlock.id)).all()


def counted_blocks(session: Session, principal: Principal) -> Sequence[Row[ProjectBlock, int]]:
    """The same, each with how many projects are in it."""
    inside = select(func.count()).where(ProjectBlockProject.project_block_id == ProjectBlock.id).scalar_subquery()
    statement = select(ProjectBlock, inside).where(visible(principal, ProjectBlock))
    return session.execute(statement.order_by(func.lower(ProjectBlock.name), ProjectBlock.id)).all()


def create_block(session: Session, principal: Principal, name: str, condition: ColumnElement[bool]) -> int:
    """Make a block of the projects that meet the condition and the caller may see; how many they are.

    Raises EedsError for a name that is empty or too long, and where there are no such projects.
    """
    require_name(name)
    chosen = condition, visible(principal, Project)
    if session.scalar(select(Project.id).where(*chosen).limit(1)) is None:
        raise EedsError(NO_PROJECTS)
    block = ProjectBlock(project_owner_id=principal.owner_id, name=name)
    session.add(block)
    session.flush()
    return add_to_block(session, principal, block.id, condition)


def require_name(name: str) -> None:
    """Raises EedsError for a name that is empty or too long."""
    if not name or len(name) > MAX_NAME or "\0" in name:
        raise EedsError(f"Give the block a name of 1 to {MAX_NAME} characters.")


def rename_block(session: Session, principal: Principal, id: int, name: str) -> None:
    """Give a block another name; raises NotFound, and EedsError for a bad one."""
    block = find_changeable(session, principal, ProjectBlock, id)
    require_name(name)
    block.name = name
    session.flush()


def add_to_block(session: Session, principal: Principal, id: int, condition: ColumnElement[bool]) -> int:
    """Put the projects that meet the condition and the caller may see into a block; how many were not in it yet. Raises
    NotFound."""
    block = find_changeable(session, principal, ProjectBlock, id)
    members = select(literal(block.id), Project.id).where(condition, visible(principal, Project))
    linked = insert(ProjectBlockProject).from_select(["project_block_id", "project_id"], members)
    added = linked.on_conflict_do_nothing().returning(ProjectBlockProject.project_id)
    return len(session.execute(added).all())


def remove_from_block(session: Session, principal: Principal, id: int, condition: ColumnElement[bool]) -> int:
    """Take those projects out of a block; how many were in it. Raises NotFound."""
    block = find_changeable(session, principal, ProjectBlock, id)
    chosen = select(Project.id).where(condition, visible(principal, Project))
    member = ProjectBlockProject
    gone = delete(member).where(member.project_block_id == block.id, member.project_id.in_(chosen))
    return len(session.execute(gone.returning(member.project_id)).all())


def delete_block(session: Session, principal: Principal, id: int) -> None:
    """Delete a block; its projects stay. Raises NotFound."""
    session.delete(find_changeable(session, principal, ProjectBlock, id))
    session.flush()
