"""Changing a project (its name, place, periods, owner and attributes), and deleting it with all that belongs to it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import find, find_changeable, visible
from eeds.db.array_parameters import among
from eeds.db.name_locks import lock_names, lock_names_in_projects
from eeds.db.tables import (
    ConsumptionMetadata,
    Project,
    ProjectAttribute,
    ProjectAttributeKey,
    ProjectBlockProject,
    ProjectResult,
    ProjectRun,
    TraceExtent,
)
from eeds.errors import Invalid
from eeds.formats import messages
from eeds.formats.timestamps import parse_instant
from eeds.projects.attribute_values import short_text, value_from_text
from eeds.projects.attributes import VALUE_COLUMNS, keys_of_projects
from eeds.projects.moving import move_project
from eeds.projects.own_inputs import mark_results
from eeds.projects.periods import NAMES as PERIODS
from eeds.projects.periods import out_of_order

ATTRIBUTES = "attribute_values"  # the field that errors of attributes are about
TAKEN = "project with this project id already exists."
NO_KEY = "There is no attribute {}; make its key first."
MAX_NAME, MAX_ZIPCODE = 255, 10


def update_project(
    session: Session,
    principal: Principal,
    id: int,
    changes: Mapping[str, Any],
    attributes: Mapping[str, Any] | None = None,
) -> None:
    """Change columns of a project, and values of its attributes by their names, None and "" to remove one; and mark its
    results.

    `project_owner_id` gives it to another owner, with its attributes. Raises NotFound, and Invalid with the errors by
    field: a name that is taken, an attribute that is unknown or has another type. Periods may be in an order that no
    run can work with, for who changes one after the other: see require_order.
    """
    project = find_changeable(session, principal, Project, id)
    require_free_name(session, project, changes)
    owner = changes.get("project_owner_id", project.project_owner_id)
    if attributes:  # before the project is locked, as by all who write attributes
        lock_names(session, [ProjectAttribute], [project.project_owner_id, owner])
    if owner != project.project_owner_id:
        move_project(session, id, owner)
    for name, value in changes.items():
        setattr(project, name, value)
    session.flush()
    if attributes:
        set_attributes(session, id, attributes)
    mark_results(session, [id])


def require_free_name(session: Session, project: Project, changes: Mapping[str, Any]) -> None:
    """Raises Invalid for a project_id that another project of the owner has; waits for who is giving names."""
    name = changes.get("project_id", project.project_id)
    owner = changes.get("project_owner_id", project.project_owner_id)
    if (name, owner) == (project.project_id, project.project_owner_id):
        return
    lock_names(session, [Project], [owner])
    same = Project.project_id == name, Project.project_owner_id == owner, Project.id != project.id
    if session.scalar(select(Project.id).where(*same)) is not None:
        raise Invalid({"project_id": [TAKEN]})


def require_order(project: Project, changes: Mapping[str, Any]) -> None:
    """Raises Invalid for periods in the wrong order, if one of the changes makes them so."""
    times = {name: changes.get(name, getattr(project, name)) for name in PERIODS}
    wrong = out_of_order(times)
    errors = {
        later if later in changes else earlier: [f"{message}."]
        for later, earlier, message in wrong
        if later in changes or earlier in changes
    }
    if errors:
        raise Invalid(errors)


def set_attributes(session: Session, project_id: int, values: Mapping[str, Any]) -> None:
    """Give a project values of attributes by the names of their keys: texts, numbers, booleans; None and "" remove the
    attribute. Raises Invalid for names of no key, and for values that their type does not have."""
    lock_names_in_projects(session, ProjectAttribute, {project_id})
    stored = stored_attributes(session, project_id, values)
    keys = keys_of_projects(session, {project_id}, list(values))[project_id]
    errors: dict[str, list[str]] = {}
    for name, value in values.items():
        row, key = stored.get(name, (None, keys.get(name)))
        if key is None:
            errors[name] = [NO_KEY.format(name)]
        elif value is None or value == "":
            if row is not None:
                session.delete(row)
        else:
            try:
                column = {VALUE_COLUMNS[key.data_type]: value_from_text(key.data_type, text_of(value))}
            except ValueError as error:
                errors[name] = [str(error)]
            else:
                write_attribute(session, row or ProjectAttribute(project_id=project_id, key_id=key.id), column)
    if errors:
        raise Invalid({ATTRIBUTES: errors})
    session.flush()


def stored_attributes(
    session: Session, project_id: int, names: Mapping[str, Any]
) -> Mapping[str, tuple[ProjectAttribute, ProjectAttributeKey]]:
    """The attributes of these names that a project has, each with its key."""
    key, attribute = ProjectAttributeKey, ProjectAttribute
    own = attribute.project_id == project_id, among(key.name, names)
    rows = session.execute(select(attribute, key).join(key, key.id == attribute.key_id).where(*own))
    return {key.name: (row, key) for row, key in rows}


def text_of(value: Any) -> str:
    """A JSON value as a cell of a table would have it; raises ValueError for a list or an object."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        raise ValueError("Must be a text, a number, true, false or null.")
    return str(value).strip()


def write_attribute(session: Session, row: ProjectAttribute, column: Mapping[str, Any]) -> None:
    """Let the attribute have the value in this column, and in no other."""
    for name in VALUE_COLUMNS.values():
        setattr(row, name, column.get(name))
    session.add(row)


def changes_in(texts: Mapping[str, str]) -> Mapping[str, Any]:
    """The changes that the texts of a form mean, by field; an empty one is no value. Raises Invalid with what is wrong
    with each of them."""
    changes, errors = {}, {}
    for name, read in READERS.items():
        if name in texts:
            try:
                changes[name] = read(texts[name].strip())
            except ValueError as error:
                errors[name] = [str(error)]
    if errors:
        raise Invalid(errors)
    return changes


def read_name(text: str) -> str:
    """A project_id; raises ValueError."""
    if not text:
        raise ValueError(messages.BLANK)
    return short_text(text, MAX_NAME)


def read_zipcode(text: str) -> str | None:
    """A zipcode; raises ValueError."""
    return short_text(text, MAX_ZIPCODE) or None


def read_time(text: str) -> datetime | None:
    """An instant, or the first second of a day; raises ValueError."""
    return parse_instant(text) if text else None


READERS: Mapping[str, Callable[[str], Any]] = {
    "project_id": read_name,
    "zipcode": read_zipcode,
    **dict.fromkeys(PERIODS, read_time),
}


def belongings(session: Session, principal: Principal, id: int) -> Mapping[str, int]:
    """How much is deleted with a project: its `traces` and their `readings`, `runs`, `results`, `attributes`, and the
    `blocks` that it is in, which stay without it. Raises NotFound."""
    find(session, principal, Project, id)
    traces = select(ConsumptionMetadata.id).where(
        ConsumptionMetadata.project_id == id, visible(principal, ConsumptionMetadata)
    )
    ids = session.scalars(traces).all()
    readings = select(func.coalesce(func.sum(TraceExtent.readings), 0)).where(among(TraceExtent.metadata_id, ids))
    of_project: Mapping[str, Any] = {
        "runs": ProjectRun,
        "results": ProjectResult,
        "attributes": ProjectAttribute,
        "blocks": ProjectBlockProject,
    }
    counts = [
        select(func.count()).select_from(model).where(model.project_id == id).scalar_subquery().label(name)
        for name, model in of_project.items()
    ]
    return {
        "traces": len(ids),
        "readings": int(session.scalars(readings).one()),
        **session.execute(select(*counts)).one()._mapping,
    }


def delete_project(session: Session, principal: Principal, id: int) -> None:
    """Delete a project with all that belongs to it, a run that is being computed too; raises NotFound. Its traces are
    locked before it, as by loads."""
    project, trace = find_changeable(session, principal, Project, id), ConsumptionMetadata
    session.scalars(select(trace.id).where(trace.project_id == id).order_by(trace.id).with_for_update(key_share=True))
    session.delete(project)
    session.flush()
