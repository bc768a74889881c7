"""Rows found by a key other than their id: read, and stored where new or changed, a statement each however many."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eeds.db.array_parameters import among, unnested

Key = tuple[Any, ...]
Values = dict[str, Any]


@dataclass
class KeyedRow:
    """A row of the table, or one that is about to be stored there."""

    values: Values  # by attribute of the model
    is_changeable: bool = True  # by the caller
    is_new: bool = False
    is_changed: bool = False


def key_of(key: Sequence[str], values: Mapping[str, Any]) -> Key:
    """The values of the key's attributes; None for one that is missing."""
    return tuple(values.get(name) for name in key)


def rows_by_key(
    session: Session,
    model: Any,
    key: Sequence[str],
    batch: Iterable[Mapping[str, Any]],
    visible: ColumnElement[bool],
    changeable: ColumnElement[bool],
) -> dict[Key, list[KeyedRow]]:
    """The stored rows that the caller may see, and that the batch may mean, by key, which need not be unique."""
    first = {values[key[0]] for values in batch if key[0] in values}
    columns = model.__table__.columns
    statement = select(*columns, changeable.label("is_changeable")).where(visible)
    stored: dict[Key, list[KeyedRow]] = {}
    for row in session.execute(statement.where(among(getattr(model, key[0]), first)).order_by(model.id)).mappings():
        values = {name: row[column] for name, column in columns.items()}
        stored.setdefault(key_of(key, values), []).append(KeyedRow(values, row["is_changeable"]))
    return stored


def insert_rows(session: Session, model: Any, key: Sequence[str], new: Sequence[KeyedRow]) -> None:
    """Store new rows in their order, in which they learn their ids. No two have the same key, which shows whose id is
    whose. A row whose name somebody else has taken meanwhile is not stored, and has no id."""
    names = list(new[0].values)
    rows = unnested({name: getattr(model, name) for name in names}, [row.values for row in new])
    statement = insert(model).from_select(names, select(*(rows.c[name] for name in names))).on_conflict_do_nothing()
    keys = [getattr(model, name) for name in key]
    ids = {tuple(values): id for id, *values in session.execute(statement.returning(model.id, *keys))}
    for row in new:
        row.values["id"] = ids.get(key_of(key, row.values))


def update_rows(session: Session, model: Any, names: Sequence[str], changed: Sequence[Values]) -> None:
    """Store these attributes of rows that have an id."""
    rows = unnested({name: getattr(model, name) for name in ("id", *names)}, changed)
    statement = update(model).where(model.id == rows.c.id).values({name: rows.c[name] for name in names})
    session.execute(statement.execution_options(synchronize_session=False))
