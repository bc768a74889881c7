"""Storing the projects of a table and their attributes: what each row changes, and a statement for each kind of change.

The number of statements does not depend on that of the rows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Subquery, func, insert, select, update
from sqlalchemy.orm import Session

from eeds.db.array_parameters import among, array_of
from eeds.db.name_locks import lock_names
from eeds.db.tables import Base, Project, ProjectAttribute, ProjectAttributeKey
from eeds.projects.attributes import VALUE_COLUMNS, Key, keys_of_owner
from eeds.projects.own_inputs import NAMES, mark_results
from eeds.projects.upload_columns import FIELDS
from eeds.projects.upload_rows import Attribute, ProjectRow, refuse_wrong_order

MAX_CHANGES = 100  # that are listed
MAX_DISPLAY_NAME = 255
ROWS_AT_ONCE = 10_000  # that are held of an answer of the database
UPDATABLE = tuple(name for name in FIELDS if name != "project_id")

Columns = dict[str, list[Any]]  # equally long
Stored = dict[str, Any]  # a row of a table in the database, by column
StoredValues = Mapping[tuple[int, int], Sequence[tuple[int, Any]]]  # id and value, by the ids of project and key


@dataclass(frozen=True)
class Change:
    """A field or an attribute of a stored project that a table changes; `before` is None where there was no value."""

    project_id: str
    field: str
    before: Any
    after: Any


@dataclass
class Difference:
    """What the rows of a table would change: `statuses` of the rows in their order (created, updated or unchanged; of
    the projects' own fields), counts of the same for `attributes`, and the first `changes` of stored projects."""

    statuses: list[str] = field(default_factory=list)
    attributes: Counter[str] = field(default_factory=Counter)
    changes: list[Change] = field(default_factory=list)
    new_projects: list[ProjectRow] = field(default_factory=list)
    changed_projects: list[Stored] = field(default_factory=list)
    new_values: list[tuple[ProjectRow, Attribute]] = field(default_factory=list)
    changed_values: list[tuple[ProjectRow, Attribute, int]] = field(default_factory=list)  # with its id

    def list_change(self, row: ProjectRow, name: str, before: Any, after: Any) -> None:
        """List a change, if there is room for it."""
        if len(self.changes) < MAX_CHANGES:
            self.changes.append(Change(row.project_id, name, before, after))


def lock_uploads(session: Session, owner_id: int) -> None:
    """Let uploads and syncs of the same owner take turns, so that each new object is created once."""
    lock_names(session, [Project, ProjectAttribute], [owner_id])


def keys_to_extend(session: Session, owner_id: int, names: Iterable[str]) -> dict[str, Key]:
    """As stored_keys: where one of the names is not among them, after whoever makes keys of the owner."""
    keys = stored_keys(session, owner_id)
    if {name.lower() for name in names} <= keys.keys():
        return keys
    lock_names(session, [ProjectAttributeKey], [owner_id])
    return stored_keys(session, owner_id)


def stored_keys(session: Session, owner_id: int) -> dict[str, Key]:
    """The attribute keys that projects of the owner may have, by their names in lower case."""
    return {key.name.lower(): key for key in keys_of_owner(session, owner_id)}


def stored_projects(session: Session, owner_id: int, rows: Iterable[ProjectRow]) -> dict[str, Stored]:
    """The owner's projects that the rows name, by project_id."""
    named = among(Project.project_id, [row.project_id for row in rows]), Project.project_owner_id == owner_id
    statement = select(*Project.__table__.columns).where(*named)
    return {row["project_id"]: dict(row) for row in session.execute(statement).mappings()}


def stored_values(session: Session, projects: Mapping[str, Stored], attributes: Sequence[Attribute]) -> StoredValues:
    """The values that the projects have of the attributes; by mistake it may be several of one."""
    columns = {each.key_id: VALUE_COLUMNS[each.data_type] for each in attributes if each.key_id is not None}
    if not columns or not projects:
        return {}
    chosen = (
        among(ProjectAttribute.project_id, [project["id"] for project in projects.values()]),
        among(ProjectAttribute.key_id, columns),
    )
    known = ProjectAttribute.__table__.c
    names = ("id", "project_id", "key_id", *dict.fromkeys(columns.values()))
    statement = select(*(known[name] for name in names)).where(*chosen)
    values: dict[tuple[int, int], list[tuple[int, Any]]] = {}
    for row in session.execute(statement.execution_options(yield_per=ROWS_AT_ONCE)):
        values.setdefault((row.project_id, row.key_id), []).append((row.id, getattr(row, columns[row.key_id])))
    return values


def difference(
    rows: Sequence[ProjectRow],
    attributes: Sequence[Attribute],
    projects: Mapping[str, Stored],
    values: StoredValues,
    names: Mapping[str, str],
) -> Difference:
    """What the rows change of what is stored; rows that cannot be stored are given problems. `names` has what the table
    calls the columns of the fields."""
    result = Difference()
    for row in rows:
        project = projects.get(row.project_id)
        refuse_wrong_order(row, project or {}, names)
        result.statuses.append(compare_project(result, row, project))
        for attribute in attributes:
            if attribute.name in row.attributes:
                stored = values.get((project["id"], attribute.key_id or 0), ()) if project else ()
                result.attributes[compare_value(result, row, attribute, project, stored)] += 1
    return result


def compare_project(result: Difference, row: ProjectRow, project: Stored | None) -> str:
    """Note what a row changes of its project; gives the status of the row."""
    if project is None:
        result.new_projects.append(row)
        return "created"
    changed = {name: value for name, value in row.fields.items() if project[name] != value}
    for name, value in changed.items():
        result.list_change(row, name, project[name], value)
    if not changed:
        return "unchanged"
    result.changed_projects.append(project | changed)
    return "updated"


def compare_value(
    result: Difference, row: ProjectRow, attribute: Attribute, project: Stored | None, stored: Sequence[tuple[int, Any]]
) -> str:
    """Note what a row changes of an attribute of its project; gives what becomes of the value."""
    value = row.attributes[attribute.name]
    if len(stored) > 1:  # nobody knows which of them to update
        message = f"The project has several values of {attribute.name}; delete all but one of them."
        row.refuse(attribute.column, str(value), message)
    id, before = stored[0] if stored else (None, None)
    if id is not None and before == value:
        return "unchanged"
    if project:
        result.list_change(row, attribute.name, before, value)
    if id is not None:
        result.changed_values.append((row, attribute, id))
        return "updated"
    result.new_values.append((row, attribute))
    return "created"


def store(
    session: Session, owner_id: int, attributes: Sequence[Attribute], projects: Mapping[str, Stored], new: Difference
) -> None:
    """Store what is new and what has changed, and mark the results of what has."""
    project_ids = {name: project["id"] for name, project in projects.items()}
    fields = columns_of([row.fields for row in new.new_projects], FIELDS)
    owner = {"project_owner_id": [owner_id] * len(new.new_projects)}
    project_ids |= insert_rows(session, Project, owner | fields, "project_id")
    new_keys = [
        {
            "name": each.name,
            "display_name": display_name(each.name),
            "data_type": each.data_type,
            "project_owner_id": owner_id,
        }
        for each in attributes
        if each.key_id is None
    ]
    key_ids = {attribute.name: attribute.key_id for attribute in attributes}
    keys = columns_of(new_keys, ("name", "display_name", "data_type", "project_owner_id"))
    key_ids |= insert_rows(session, ProjectAttributeKey, keys, "name")
    update_rows(session, Project, columns_of(new.changed_projects, ("id", *UPDATABLE)))
    owners = {
        "project_id": [project_ids[row.project_id] for row, _ in new.new_values],
        "key_id": [key_ids[attribute.name] for _, attribute in new.new_values],
    }
    insert_rows(session, ProjectAttribute, owners | value_columns(new.new_values))
    ids = {"id": [id for _, _, id in new.changed_values]}
    update_rows(session, ProjectAttribute, ids | value_columns([(row, each) for row, each, _ in new.changed_values]))
    written = [*new.new_values, *((row, attribute) for row, attribute, _ in new.changed_values)]
    named = {row.project_id for row, attribute in written if attribute.name.lower() in NAMES}
    with_them = {projects[name]["id"] for name in named if name in projects}
    mark_results(session, with_them | {project["id"] for project in new.changed_projects})


def value_columns(values: Sequence[tuple[ProjectRow, Attribute]]) -> Columns:
    """The columns of values of attributes, each of which has the value where it is of the column's type, else None."""
    return {
        column: [row.attributes[each.name] if each.data_type == data_type else None for row, each in values]
        for data_type, column in VALUE_COLUMNS.items()
    }


def columns_of(items: Sequence[Mapping[str, Any]], names: Iterable[str]) -> Columns:
    """The values of the items by name; None for one that an item does not have."""
    return {name: [item.get(name) for item in items] for name in names}


def display_name(name: str) -> str:
    """The name of an attribute as it is shown to people: project_cost as Project Cost."""
    return (" ".join(word.capitalize() for word in name.split("_")).strip() or name)[:MAX_DISPLAY_NAME]


def insert_rows(session: Session, model: type[Base], columns: Columns, key: str = "id") -> dict[Any, int]:
    """Store new rows; gives their ids by the column `key`."""
    if not all(columns.values()):
        return {}
    known, rows = model.__table__.c, unnested_columns(model, columns)
    statement = insert(model).from_select(list(columns), select(rows))
    stored = session.execute(statement.returning(known[key].label("key"), known["id"].label("id")))
    return {row.key: row.id for row in stored}


def update_rows(session: Session, model: type[Base], columns: Columns) -> None:
    """Give rows, of which `id` is one of the columns, the values of the other columns."""
    if all(columns.values()):
        rows = unnested_columns(model, columns)
        values = {name: rows.c[name] for name in columns if name != "id"}
        statement = update(model).where(model.__table__.c["id"] == rows.c.id).values(values)
        session.execute(statement.execution_options(synchronize_session=False))


def unnested_columns(model: type[Base], columns: Columns) -> Subquery:
    """Columns as a table, one parameter each: as rows they would take several times the memory."""
    known = model.__table__.c
    return select(*(func.unnest(array_of(known[name], each)).label(name) for name, each in columns.items())).subquery()
