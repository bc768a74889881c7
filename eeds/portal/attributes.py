"""/portal/attributes/: the keys of attributes, renamed and deleted."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eeds.accounts.visibility import find_changeable
from eeds.db.tables import ProjectAttributeKey
from eeds.errors import Invalid
from eeds.formats import messages
from eeds.portal.blueprint import blueprint
from eeds.projects.attribute_keys import count_values, counted_keys, delete_key, update_key
from eeds.projects.attribute_values import MAX_LENGTH, short_text
from eeds.web.context import principal, session
from eeds.web.rest.blueprint import ID

FIELDS = ("name", "display_name")


@blueprint.get("/attributes/")
def attributes() -> ResponseReturnValue:
    """All attributes that projects may have."""
    return render_template("portal/attributes.html", keys=counted_keys(session(), principal()))


@blueprint.post(f"/attributes/{ID}/rename/")
def rename_attribute(id: int) -> ResponseReturnValue:
    """Give an attribute other names; all values stay."""
    find_changeable(session(), principal(), ProjectAttributeKey, id)
    try:
        update_key(session(), principal(), id, {name: read_name(request.form.get(name, "")) for name in FIELDS})
    except (Invalid, ValueError) as error:
        flash(str(error), "error")
    else:
        flash("The attribute is renamed.", "done")
    return back_to_attributes()


@blueprint.get(f"/attributes/{ID}/delete/")
def ask_to_delete_attribute(id: int) -> ResponseReturnValue:
    """How many values would go with it."""
    key = find_changeable(session(), principal(), ProjectAttributeKey, id)
    number = count_values(session(), principal(), id)
    return render_template("portal/attribute_delete.html", key=key, number=number)


@blueprint.post(f"/attributes/{ID}/delete/")
def remove_attribute(id: int) -> ResponseReturnValue:
    """Delete it with all values."""
    name = find_changeable(session(), principal(), ProjectAttributeKey, id).display_name
    delete_key(session(), principal(), id)
    flash(f"Attribute {name} is deleted.", "done")
    return back_to_attributes()


def read_name(text: str) -> str:
    """A name; raises ValueError with what is wrong."""
    if not text.strip():
        raise ValueError(messages.BLANK)
    return short_text(text.strip(), MAX_LENGTH)


def back_to_attributes() -> ResponseReturnValue:
    """To the list of attributes."""
    return redirect(url_for("portal.attributes"), 303)
