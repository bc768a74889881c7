"""Attributes of projects: which column holds the values of a data type, and what a project has."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Subquery, Text, cast, func, or_, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.array_parameters import among
from eeds.db.tables import DATA_TYPES, Project, ProjectAttribute, ProjectAttributeKey
from eeds.errors import Invalid

VALUE_COLUMNS: Mapping[str, str] = {data_type: f"{data_type.lower()}_value" for data_type in DATA_TYPES}


@dataclass(frozen=True)
class Attribute:
    """An attribute of a project."""

    name: str
    display_name: str
    value: Any


def attributes_of(session: Session, principal: Principal, project_id: int) -> Sequence[Attribute]:
    """The attributes of a project, sorted by display name."""
    rows = session.execute(
        select(ProjectAttribute, ProjectAttributeKey)
        .join(ProjectAttributeKey, ProjectAttributeKey.id == ProjectAttribute.key_id)
        .where(ProjectAttribute.project_id == project_id, visible(principal, ProjectAttribute))
        .order_by(func.lower(ProjectAttributeKey.display_name), ProjectAttribute.id)
    )
    return [Attribute(key.name, key.display_name, getattr(row, VALUE_COLUMNS[key.data_type])) for row, key in rows]


def keys_in_use(session: Session, principal: Principal) -> Sequence[ProjectAttributeKey]:
    """The keys of which some project that the caller may see has an attribute, sorted by display name."""
    used = select(ProjectAttribute.id).where(
        ProjectAttribute.key_id == ProjectAttributeKey.id, visible(principal, ProjectAttribute)
    )
    statement = select(ProjectAttributeKey).where(used.exists())
    return session.scalars(statement.order_by(func.lower(ProjectAttributeKey.display_name))).all()


def values_as_text(key_ids: Collection[int]) -> Subquery:
    """What projects have of some keys, as text: `project_id` and `value`, one of a project."""
    # nothing forbids to store an attribute twice
    value = func.max(func.coalesce(*(cast(getattr(ProjectAttribute, name), Text) for name in VALUE_COLUMNS.values())))
    own = select(ProjectAttribute.project_id, value.label("value")).where(among(ProjectAttribute.key_id, key_ids))
    return own.group_by(ProjectAttribute.project_id).subquery("attribute_values")


def require_key_for(session: Session, project_id: int, key_id: int) -> None:
    """Raises Invalid for a key that is neither of the project's owner nor shared by all."""
    owner = select(Project.project_owner_id).where(Project.id == project_id).scalar_subquery()
    key = ProjectAttributeKey
    is_allowed = or_(key.project_owner_id.is_(None), key.project_owner_id == owner)
    if session.scalar(select(key.id).where(key.id == key_id, is_allowed)) is None:
        raise Invalid({"key": ["This key is of another project owner than the project."]})


class Key(NamedTuple):
    """An attribute key, with the name that it has in exactly these letters."""

    id: int
    name: str
    data_type: str


def keys_of_owner(session: Session, owner_id: int) -> list[Key]:
    """The keys that the projects of an owner may have attributes of; where a name is both shared by all owners and the
    owner's, the owner's comes last."""
    return [key for _, key in keys_of_owners(session, {owner_id})]


def keys_of_projects(
    session: Session, project_ids: Collection[int], names: Collection[str]
) -> dict[int, dict[str, Key]]:
    """The keys of these names by project and name, each the one of the project's owner or else the one that all owners
    share: two statements."""
    owned = select(Project.id, Project.project_owner_id).where(among(Project.id, project_ids))
    owners: dict[int, int] = dict(session.execute(owned).all())
    keys: dict[int | None, dict[str, Key]] = {}
    for owner, key in keys_of_owners(session, set(owners.values()), among(ProjectAttributeKey.name, names)):
        keys.setdefault(owner, {})[key.name] = key
    merged = {owner: keys.get(None, {}) | keys.get(owner, {}) for owner in set(owners.values())}
    return {project: merged[owner] for project, owner in owners.items()}


def keys_of_owners(
    session: Session, owner_ids: Collection[int], *conditions: ColumnElement[bool]
) -> Iterator[tuple[int | None, Key]]:
    """The keys that all owners share, then those of each of these owners, with the owner's id."""
    key = ProjectAttributeKey
    theirs = or_(key.project_owner_id.is_(None), among(key.project_owner_id, owner_ids))
    statement = select(key.project_owner_id, key.id, key.name, key.data_type).where(theirs, *conditions)
    for row in session.execute(statement.order_by(key.project_owner_id.nulls_first(), key.id)):
        yield row.project_owner_id, Key(row.id, row.name, row.data_type)
