"""/portal/projects/ID/edit/ and delete/: forms for what is known of a project, and its deletion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eeds.accounts.visibility import find
from eeds.db.tables import Project
from eeds.errors import Invalid
from eeds.portal.blueprint import blueprint
from eeds.projects.attributes import attributes_of, keys_of_owner
from eeds.projects.editing import (
    ATTRIBUTES,
    READERS,
    belongings,
    changes_in,
    delete_project,
    require_order,
    update_project,
)
from eeds.web.context import principal, session
from eeds.web.rest.blueprint import ID

LABELS = {
    "project_id": "Name (project_id)",
    "zipcode": "ZIP code",
    "baseline_period_start": "Baseline from (empty: the first reading)",
    "baseline_period_end": "Baseline until",
    "reporting_period_start": "Reporting from (empty: the end of the baseline)",
    "reporting_period_end": "Reporting until (empty: the last reading)",
}
INPUTS = {"DATE": "date"}  # of attributes; all else is a text


@dataclass(frozen=True)
class Field:
    """A field of the form, as it is shown."""

    name: str
    label: str
    text: str
    kind: str = "text"
    error: str = ""


@blueprint.get(f"/projects/{ID}/edit/")
def edit_project(id: int) -> ResponseReturnValue:
    """The form, with what is stored."""
    return form_page(find(session(), principal(), Project, id), {}, {})


@blueprint.post(f"/projects/{ID}/edit/")
def save_project(id: int) -> ResponseReturnValue:
    """Store what was changed in the form; if something of it is wrong, nothing."""
    project = find(session(), principal(), Project, id)
    stored = attribute_texts(project)
    sent = {name: request.form.get(f"{ATTRIBUTES}-{name}", text).strip() for name, text in stored.items()}
    changed = {name: text for name, text in sent.items() if text != stored[name]}
    fields = {name: text for name in READERS if (text := request.form.get(name)) is not None}
    fields = {name: text for name, text in fields.items() if text.strip() != as_text(getattr(project, name))}
    try:
        changes = changes_in(fields)
        require_order(project, changes)
        with session().begin_nested():
            update_project(session(), principal(), id, changes, changed)
    except Invalid as error:
        return form_page(project, request.form, dict(error.messages)), 400  # type: ignore[arg-type]
    flash("The project is changed." if changed or fields else "Nothing was changed.", "done")
    return redirect(url_for("portal.project", id=id), 303)


@blueprint.get(f"/projects/{ID}/delete/")
def ask_to_delete_project(id: int) -> ResponseReturnValue:
    """What would go with the project, and a button."""
    project = find(session(), principal(), Project, id)
    counts = belongings(session(), principal(), id)
    return render_template("portal/project_delete.html", project=project, counts=counts)


@blueprint.post(f"/projects/{ID}/delete/")
def remove_project(id: int) -> ResponseReturnValue:
    """Delete it, with all of that."""
    name = find(session(), principal(), Project, id).project_id
    delete_project(session(), principal(), id)
    flash(f"Project {name} is deleted.", "done")
    return redirect(url_for("portal.projects"), 303)


def form_page(project: Project, sent: Mapping[str, str], errors: Mapping[str, Any]) -> str:
    """The form, with the texts that were sent in place of those that are stored, and errors beside their fields."""
    of_attributes = errors.get(ATTRIBUTES, {})
    fields = [
        Field(name, LABELS[name], sent.get(name, as_text(getattr(project, name))), "text", said(errors.get(name)))
        for name in LABELS
    ]
    types = {key.name: key.data_type for key in keys_of_owner(session(), project.project_owner_id)}
    attributes = [
        Field(
            f"{ATTRIBUTES}-{name}",
            name,
            sent.get(f"{ATTRIBUTES}-{name}", text),
            types[name],
            said(of_attributes.get(name)),
        )
        for name, text in attribute_texts(project).items()
    ]
    return render_template(
        "portal/project_edit.html", project=project, fields=fields, attributes=attributes, inputs=INPUTS, errors=errors
    )


def said(messages: Sequence[str] | None) -> str:
    """The messages of a field as one."""
    return " ".join(messages or ())


def attribute_texts(project: Project) -> Mapping[str, str]:
    """The values of the project as texts, by the names of all attributes that it may have; empty for none."""
    names = sorted({key.name for key in keys_of_owner(session(), project.project_owner_id)}, key=str.lower)
    values = {each.name: each.value for each in attributes_of(session(), principal(), project.id)}
    return {name: as_text(values.get(name)) for name in names}


def as_text(value: Any) -> str:
    """A value as a form has it: a day for its first second (UTC)."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            is_day = value.time() == time()
            return value.date().isoformat() if is_day else value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case _:
            return str(value)
