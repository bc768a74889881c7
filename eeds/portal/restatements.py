"""/portal/restatements/: what moved savings between two results or aggregations."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eeds.accounts.visibility import find
from eeds.db.tables import Restatement
from eeds.errors import Invalid
from eeds.formats.format import CSV
from eeds.formats.values import parse_int
from eeds.jobs.status import UNFINISHED
from eeds.portal.blueprint import blueprint
from eeds.portal.pages import live_part
from eeds.runs.restatements.operations import (
    KINDS,
    RESULTS,
    largest_movements,
    newest_restatements,
    request_restatement,
    savings_file,
    totals,
)
from eeds.runs.restatements.steps import CAUSES
from eeds.web.context import principal, request_id, session
from eeds.web.responses import answer_file
from eeds.web.rest.blueprint import ID

SHOWN = 100


@blueprint.get("/restatements/")
def restatements() -> ResponseReturnValue:
    """The newest restatements, and a form for another."""
    return render_template(
        "portal/restatements.html", restatements=newest_restatements(session(), principal(), SHOWN), kinds=KINDS
    )


@blueprint.post("/restatements/")
def add_restatement() -> ResponseReturnValue:
    """Have two compared, and go to the page of that."""
    kind = request.form.get("kind", RESULTS)
    before, after = (parse_int(request.form.get(name, "").strip()) for name in ("before", "after"))
    if kind not in KINDS or before is None or after is None:
        flash("Say which two to compare, by their ids.", "error")
        return redirect(url_for("portal.restatements"), 303)
    try:
        id = request_restatement(session(), principal(), kind, before, after, request_id=request_id())
    except Invalid as error:
        flash(str(error), "error")
        return redirect(url_for("portal.restatements"), 303)
    return redirect(url_for("portal.restatement", id=id), 303)


@blueprint.get(f"/restatements/{ID}/")
def restatement(id: int) -> ResponseReturnValue:
    """What moved, in sum and of the projects that moved most."""
    return render_template("portal/restatement.html", **contents(id))


@blueprint.get(f"/restatements/{ID}/now/")
def restatement_now(id: int) -> ResponseReturnValue:
    """The part of the page that changes."""
    is_done = find(session(), principal(), Restatement, id).status not in UNFINISHED
    return live_part("portal/restatement_now.html", is_done=is_done, **contents(id))


@blueprint.get(f"/restatements/{ID}/projects.csv")
def restatement_file(id: int) -> ResponseReturnValue:
    """What moved of each project."""
    return answer_file(savings_file(session(), principal(), id, CSV))


def contents(id: int) -> dict[str, object]:
    """What the page shows."""
    found = find(session(), principal(), Restatement, id)
    return {
        "restatement": found,
        "totals": totals(session(), [id]).get(id, ()),
        "projects": largest_movements(session(), principal(), found, SHOWN),
        "causes": CAUSES,
        "headings": [f"#{cause.capitalize()}" for cause in CAUSES],
    }
