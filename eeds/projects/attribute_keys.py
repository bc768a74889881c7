"""Keys of attributes: their names, and their types, which stay as they are where there are values."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import changeable, find, find_changeable, visible
from eeds.db.tables import ProjectAttribute, ProjectAttributeKey
from eeds.errors import Invalid
from eeds.projects import own_inputs
from eeds.projects.own_inputs import mark_results

TAKEN = "project attribute key with this name already exists."
HAS_VALUES = "{} projects have values of the type {}; make a key of another name, or delete them first."


def counted_keys(session: Session, principal: Principal) -> Sequence[Row[ProjectAttributeKey, int, bool]]:
    """The keys that the caller may see, sorted by display name: each with how many of the projects that the caller may
    see have a value, and whether the caller may change it."""
    key = ProjectAttributeKey
    statement = select(key, projects_with(principal), changeable(principal, key)).where(visible(principal, key))
    return session.execute(statement.order_by(func.lower(key.display_name), key.id)).all()


def projects_with(principal: Principal) -> Any:
    """How many projects have a value of the key of the statement around it."""
    attribute = ProjectAttribute
    own = select(func.count()).select_from(attribute).where(visible(principal, attribute))
    return own.where(attribute.key_id == ProjectAttributeKey.id).correlate(ProjectAttributeKey).scalar_subquery()


def count_values(session: Session, principal: Principal, id: int) -> int:
    """How many projects have a value of a key, which go with it; raises NotFound."""
    find(session, principal, ProjectAttributeKey, id)
    return int(session.scalars(select(projects_with(principal)).where(ProjectAttributeKey.id == id)).one())


def require_free(session: Session, name: str) -> None:
    """Raises Invalid for a name that a key for all owners has."""
    of_all = ProjectAttributeKey.name == name, ProjectAttributeKey.project_owner_id.is_(None)
    if session.scalar(select(ProjectAttributeKey.id).where(*of_all)) is not None:
        raise Invalid({"name": [TAKEN]})


def update_key(session: Session, principal: Principal, id: int, changes: Mapping[str, Any]) -> None:
    """Change the name, display name or type of a key, and mark the results of projects with a value of it that runs
    take. Raises NotFound, Forbidden for one that is shared by all owners,
    and Invalid for a name that is taken, and for another type where there are values."""
    key = find_changeable(session, principal, ProjectAttributeKey, id)
    name = changes.get("name", key.name)
    if name != key.name:
        require_free(session, name)
        same = ProjectAttributeKey.name == name, ProjectAttributeKey.project_owner_id == key.project_owner_id
        if session.scalar(select(ProjectAttributeKey.id).where(*same)) is not None:
            raise Invalid({"name": [TAKEN]})
    if changes.get("data_type", key.data_type) != key.data_type:
        values = session.scalars(select(func.count()).where(ProjectAttribute.key_id == id)).one()
        if values:
            raise Invalid({"data_type": [HAS_VALUES.format(values, key.data_type)]})
    before = key.name
    for field, value in changes.items():
        setattr(key, field, value)
    session.flush()
    for taken in {before, key.name}:
        mark_results(session, own_inputs.projects_with(session, {id: taken}))


def delete_key(session: Session, principal: Principal, id: int) -> None:
    """Delete a key with the values that projects have of it; raises NotFound and Forbidden."""
    key = find_changeable(session, principal, ProjectAttributeKey, id)
    projects = own_inputs.projects_with(session, {id: key.name})
    session.delete(key)
    session.flush()
    mark_results(session, projects)
