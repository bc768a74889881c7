"""/portal/groups/: filters saved under a name: renamed, frozen, made live, deleted."""

import json

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eeds.accounts.visibility import find_changeable
from eeds.db.tables import Group
from eeds.errors import Conflict, Invalid
from eeds.portal.blueprint import blueprint
from eeds.projects.groups import change_group, counted_groups, delete_group, freeze_group, thaw_group
from eeds.web.context import principal, session
from eeds.web.rest.blueprint import ID


@blueprint.get("/groups/")
def groups() -> ResponseReturnValue:
    """All groups."""
    return render_template("portal/groups.html", groups=counted_groups(session(), principal()), as_json=as_json)


def as_json(filter: object) -> str:
    """A filter as people write it."""
    return json.dumps(filter, ensure_ascii=False)


@blueprint.post(f"/groups/{ID}/rename/")
def rename_group(id: int) -> ResponseReturnValue:
    """Give a group another name."""
    name = request.form.get("name", "").strip()
    try:
        change_group(session(), principal(), id, {"name": name})
    except Invalid as error:
        flash(str(error), "error")
    else:
        flash(f"The group is called {name}.", "done")
    return back_to_groups()


@blueprint.post(f"/groups/{ID}/<any(freeze, live):action>/")
def hold_group(id: int, action: str) -> ResponseReturnValue:
    """Let a group keep the members that it has now, or have those that meet its filter again."""
    name = find_changeable(session(), principal(), Group, id).name
    change = freeze_group if action == "freeze" else thaw_group
    try:
        change(session(), principal(), id)
    except (Conflict, Invalid) as error:
        flash(str(error), "error")
    else:
        flash(f"Group {name} {'keeps the members that it has now' if action == 'freeze' else 'is live'}.", "done")
    return back_to_groups()


@blueprint.get(f"/groups/{ID}/delete/")
def ask_to_delete_group(id: int) -> ResponseReturnValue:
    """Whether it is meant."""
    return render_template("portal/group_delete.html", group=find_changeable(session(), principal(), Group, id))


@blueprint.post(f"/groups/{ID}/delete/")
def remove_group(id: int) -> ResponseReturnValue:
    """Delete a group; its members stay."""
    name = find_changeable(session(), principal(), Group, id).name
    delete_group(session(), principal(), id)
    flash(f"Group {name} is deleted.", "done")
    return back_to_groups()


def back_to_groups() -> ResponseReturnValue:
    """To the list of groups."""
    return redirect(url_for("portal.groups"), 303)
