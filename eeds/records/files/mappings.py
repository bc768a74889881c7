"""Mappings of columns to fields that somebody has saved under a name, to be used again."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.tables import ColumnMapping
from eeds.errors import Invalid
from eeds.records.files.profiles import known_words

MAX_LENGTH = 255
FIELDS = "{} is no field of a reading; there are: {}."


def checked_columns(columns: Mapping[Any, Any]) -> dict[str, str]:
    """The heads of columns by field; raises ValueError for what is no such thing."""
    known = known_words().fields
    checked = {"label" if name == "trace_id" else name: head for name, head in columns.items()}
    unknown = [str(name) for name in checked if name not in known]
    if unknown:
        raise ValueError(FIELDS.format(", ".join(unknown), ", ".join(known)))
    for head in checked.values():
        if not isinstance(head, str) or len(head) > MAX_LENGTH or "\0" in head or not head.isprintable():
            raise ValueError("A column is named by a text of up to 255 characters.")
    return {name: head.strip() for name, head in checked.items()}


def saved_columns(session: Session, principal: Principal, name: str) -> dict[str, str]:
    """The columns of the mapping of that name, the principal's own if there are several; raises Invalid."""
    rows = session.execute(
        select(ColumnMapping.columns)
        .where(ColumnMapping.name == name, visible(principal, ColumnMapping))
        .order_by((ColumnMapping.project_owner_id == principal.owner_id).desc(), ColumnMapping.id)
    )
    columns = rows.scalars().first()
    if columns is None:
        raise Invalid({"mapping": [f'There is no mapping "{name}".']})
    return checked_columns(columns)


def mapping_names(session: Session, principal: Principal) -> list[str]:
    """The names of the mappings that the principal sees."""
    names = select(ColumnMapping.name).where(visible(principal, ColumnMapping)).distinct().order_by(ColumnMapping.name)
    return [*session.scalars(names)]


def save_columns(session: Session, principal: Principal, name: str, columns: Mapping[str, str]) -> None:
    """Save the columns under a name of the principal's own owner, in place of what has that name. Raises Invalid."""
    own = ColumnMapping.project_owner_id == principal.owner_id
    stored = session.scalars(select(ColumnMapping).where(own, ColumnMapping.name == name)).one_or_none()
    if not name.strip() or len(name) > MAX_LENGTH:
        raise Invalid({"mapping": ["The name of a mapping has 1 to 255 characters."]})
    if stored is None:
        session.add(ColumnMapping(project_owner_id=principal.owner_id, name=name, columns=checked_columns(columns)))
    else:
        stored.columns = checked_columns(columns)
    session.flush()
