"""Attributes of projects: which column holds the values of a data type, and what a project has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.array_parameters import among
from eeds.db.tables import DATA_TYPES, ProjectAttribute, ProjectAttributeKey

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


def data_types_of(session: Session, key_ids: set[int]) -> dict[int, str]:
    """The data types of these keys, by id; keys that are not stored are left out."""
    statement = select(ProjectAttributeKey.id, ProjectAttributeKey.data_type)
    return dict(session.execute(statement.where(among(ProjectAttributeKey.id, key_ids))).all())
