"""Storing the projects of a table and their attributes: what each row changes, and a statement for each kind of change.

The number of statements does not depend on that of the rows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from eeds.db.array_parameters import among, unnested
from eeds.db.tables import DATA_TYPES, Base, Project, ProjectAttribute, ProjectAttributeKey
from eeds.projects.upload_columns import FIELDS
from eeds.projects.upload_rows import Attribute, Problem, ProjectRow

MAX_CHANGES = 100  # that are listed
MAX_DISPLAY_NAME = 255
UPDATABLE = tuple(name for name in FIELDS if name != "project_id")
VALUE_COLUMNS = {data_type: f"{data_type.lower()}_value" for data_type in DATA_TYPES}

FOREIGN = "There is a project of this name already, of another owner; give this one another project_id."

Stored = dict[str, Any]  # a row of a table in the database, by column
StoredValues = Mapping[tuple[int, int], Sequence[Stored]]  # those of attributes, by ids of project and key


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
    the projects' own fields), counts of the same for `attributes`, and the first `changes` of stored projects.
    `problems` are of what cannot be changed."""

    statuses: list[str] = field(default_factory=list)
    attributes: Counter[str] = field(default_factory=Counter)
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    new_projects: list[ProjectRow] = field(default_factory=list)
    changed_projects: list[Stored] = field(default_factory=list)
    new_values: list[tuple[ProjectRow, Attribute]] = field(default_factory=list)
    changed_values: list[Stored] = field(default_factory=list)

    def list_change(self, row: ProjectRow, name: str, before: Any, after: Any) -> None:
        """List a change, if there is room for it."""
        if len(self.changes) < MAX_CHANGES:
            self.changes.append(Change(row.project_id, name, before, after))


def lock_uploads(session: Session) -> None:
    """Let uploads and syncs of the same tables take turns, so that each new object is created once."""
    models = Project, ProjectAttributeKey, ProjectAttribute
    session.execute(select(*(func.pg_advisory_xact_lock(func.hashtext(model.__tablename__)) for model in models)))


def stored_keys(session: Session) -> dict[str, tuple[int, str, str]]:
    """Id, name and data type of every attribute key, by its name in lower case."""
    columns = ProjectAttributeKey.id, ProjectAttributeKey.name, ProjectAttributeKey.data_type
    rows = session.execute(select(*columns).order_by(ProjectAttributeKey.id))
    return {name.lower(): (id, name, data_type) for id, name, data_type in rows}


def stored_projects(session: Session, rows: Iterable[ProjectRow]) -> dict[str, Stored]:
    """The projects of anybody that the rows name, by project_id."""
    statement = select(*Project.__table__.columns).where(among(Project.project_id, [row.project_id for row in rows]))
    return {row["project_id"]: dict(row) for row in session.execute(statement).mappings()}


def stored_values(session: Session, projects: Mapping[str, Stored], attributes: Sequence[Attribute]) -> StoredValues:
    """The values that the projects have of the attributes; by mistake it may be several of one."""
    keys = [attribute.key_id for attribute in attributes if attribute.key_id is not None]
    if not keys or not projects:
        return {}
    chosen = (
        among(ProjectAttribute.project_id, [project["id"] for project in projects.values()]),
        among(ProjectAttribute.key_id, keys),
    )
    values: dict[tuple[int, int], list[Stored]] = {}
    for row in session.execute(select(*ProjectAttribute.__table__.columns).where(*chosen)).mappings():
        values.setdefault((row["project_id"], row["key_id"]), []).append(dict(row))
    return values


def difference(
    rows: Sequence[ProjectRow],
    attributes: Sequence[Attribute],
    projects: Mapping[str, Stored],
    values: StoredValues,
    owner_id: int,
    id_column: str,
) -> Difference:
    """What the rows change of what is stored. `id_column` is what the table calls the column of project_id."""
    result = Difference()
    for row in rows:
        project = projects.get(row.project_id)
        if project and project["project_owner_id"] != owner_id:
            result.problems.append(Problem(row.line, id_column, row.project_id, FOREIGN))
            continue
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
    result: Difference, row: ProjectRow, attribute: Attribute, project: Stored | None, stored: Sequence[Stored]
) -> str:
    """Note what a row changes of an attribute of its project; gives what becomes of the value."""
    value, column = row.attributes[attribute.name], VALUE_COLUMNS[attribute.data_type]
    if len(stored) > 1:  # nobody knows which of them to update
        message = f"The project has several values of {attribute.name}; delete all but one of them."
        result.problems.append(Problem(row.line, attribute.column, str(value), message))
    before = stored[0][column] if stored else None
    if stored and before == value:
        return "unchanged"
    if project:
        result.list_change(row, attribute.name, before, value)
    if stored:
        result.changed_values.append(stored[0] | {column: value})
        return "updated"
    result.new_values.append((row, attribute))
    return "created"


def store(
    session: Session, owner_id: int, attributes: Sequence[Attribute], projects: Mapping[str, Stored], new: Difference
) -> None:
    """Store what is new and what has changed."""
    project_ids = {name: project["id"] for name, project in projects.items()}
    project_ids |= insert_projects(session, owner_id, new.new_projects)
    key_ids = {attribute.name: attribute.key_id for attribute in attributes} | insert_keys(session, attributes)
    update_rows(session, Project, UPDATABLE, new.changed_projects)
    values = [
        {"project_id": project_ids[row.project_id], "key_id": key_ids[attribute.name]}
        | dict.fromkeys(VALUE_COLUMNS.values())
        | {VALUE_COLUMNS[attribute.data_type]: row.attributes[attribute.name]}
        for row, attribute in new.new_values
    ]
    insert_rows(session, ProjectAttribute, values)
    update_rows(session, ProjectAttribute, list(VALUE_COLUMNS.values()), new.changed_values)


def insert_projects(session: Session, owner_id: int, rows: Sequence[ProjectRow]) -> dict[str, int]:
    """Store new projects; gives their ids by project_id."""
    names = ("project_id", *UPDATABLE)
    items = [{"project_owner_id": owner_id} | {name: row.fields.get(name) for name in names} for row in rows]
    return insert_rows(session, Project, items, "project_id")


def insert_keys(session: Session, attributes: Sequence[Attribute]) -> dict[str, int]:
    """Store the keys of new attributes, which all owners share; gives their ids by name."""
    new = [each for each in attributes if each.key_id is None]
    items = [{"name": a.name, "display_name": display_name(a.name), "data_type": a.data_type} for a in new]
    return insert_rows(session, ProjectAttributeKey, items, "name")


def display_name(name: str) -> str:
    """The name of an attribute as it is shown to people: project_cost as Project Cost."""
    return (" ".join(word.capitalize() for word in name.split("_")).strip() or name)[:MAX_DISPLAY_NAME]


def insert_rows(session: Session, model: type[Base], items: Sequence[Stored], key: str = "id") -> dict[Any, int]:
    """Store new rows, all of which have the same columns; gives their ids by the column `key`."""
    if not items:
        return {}
    columns, names = model.__table__.c, list(items[0])
    rows = unnested({name: columns[name] for name in names}, items)
    statement = insert(model).from_select(names, select(*(rows.c[name] for name in names)))
    stored = session.execute(statement.returning(columns[key].label("key"), columns["id"].label("id")))
    return {row.key: row.id for row in stored}


def update_rows(session: Session, model: type[Base], names: Sequence[str], items: Sequence[Stored]) -> None:
    """Give the columns of these names their values in rows that have an id."""
    if items:
        columns = model.__table__.c
        rows = unnested({name: columns[name] for name in ("id", *names)}, items)
        statement = update(model).where(columns["id"] == rows.c.id).values({name: rows.c[name] for name in names})
        session.execute(statement.execution_options(synchronize_session=False))
