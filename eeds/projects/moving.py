"""Giving a project to another owner, with what is known of it: its attributes keep their names, types and values."""

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from eeds.db.name_locks import lock_names
from eeds.db.tables import (
    ProjectAttribute,
    ProjectAttributeKey,
    ProjectBlock,
    ProjectBlockProject,
    RegistryConnection,
    RegistryConnectionProject,
)
from eeds.errors import Invalid
from eeds.projects.attributes import keys_of_owner

OTHER_TYPE = "The owner has an attribute {} of the type {}, the project has one of the type {}; rename one of them."


def move_project(session: Session, id: int, owner_id: int) -> None:
    """Before the project becomes this owner's: let its attributes be of the owner's keys, which are made where there
    are none, and take it out of the blocks and registry connections of others. Raises Invalid for an attribute that
    the owner has with another type."""
    lock_names(session, [ProjectAttributeKey], [owner_id])
    theirs = {key.name: key for key in keys_of_owner(session, owner_id)}
    key = ProjectAttributeKey
    used = select(ProjectAttribute.key_id).where(ProjectAttribute.project_id == id)
    foreign = key.project_owner_id.is_not(None), key.project_owner_id != owner_id
    for before in session.scalars(select(key).where(key.id.in_(used), *foreign)).all():
        same = theirs.get(before.name)
        if same is not None and same.data_type != before.data_type:
            message = OTHER_TYPE.format(before.name, same.data_type, before.data_type)
            raise Invalid({"project_owner": [message]})
        key_id = same.id if same is not None else copy_for(session, before, owner_id)
        of_project = ProjectAttribute.project_id == id, ProjectAttribute.key_id == before.id
        session.execute(update(ProjectAttribute).where(*of_project).values(key_id=key_id))
    blocks = select(ProjectBlock.id).where(ProjectBlock.project_owner_id != owner_id)
    member, link = ProjectBlockProject, RegistryConnectionProject
    session.execute(delete(member).where(member.project_id == id, member.project_block_id.in_(blocks)))
    connections = select(RegistryConnection.id).where(RegistryConnection.project_owner_id != owner_id)
    session.execute(delete(link).where(link.project_id == id, link.registry_connection_id.in_(connections)))


def copy_for(session: Session, key: ProjectAttributeKey, owner_id: int) -> int:
    """The id of a new key of the owner, like that one."""
    values = {"name": key.name, "display_name": key.display_name, "data_type": key.data_type}
    new = insert(ProjectAttributeKey).values(**values, project_owner_id=owner_id).returning(ProjectAttributeKey.id)
    return session.scalars(new).one()
