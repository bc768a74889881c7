"""/portal/exports/: files of results, diagnostics and records, ordered, watched and downloaded."""

from collections.abc import Sequence

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row, delete, select

from eeds.accounts.visibility import changeable, visible
from eeds.api.exports import file_of
from eeds.db.tables import Export, Project, User
from eeds.errors import NotFound
from eeds.exports.kinds import FORMATS, KEPT, KINDS
from eeds.exports.lifecycle import create
from eeds.portal.blueprint import blueprint
from eeds.portal.filters import choices, selection
from eeds.web.context import principal, request_id, session
from eeds.web.rest.blueprint import ID

SHOWN = 100
UNFINISHED = ("PENDING", "RUNNING")
WHAT_KINDS_HOLD = {
    "results": "Results: models, normal-year use and savings of each project",
    "diagnostics": "Diagnostics: how well each model fits",
    "records": "Records: the readings of all traces",
}


@blueprint.get("/exports/")
def exports() -> ResponseReturnValue:
    """What has been ordered, and a form for more."""
    return render_template(
        "portal/exports.html",
        exports=ordered(),
        kinds=[(kind, WHAT_KINDS_HOLD[kind]) for kind in KINDS],
        formats=FORMATS,
        choices=choices(),
        kept_hours=int(KEPT.total_seconds() // 3600),
    )


@blueprint.get("/exports/list/")
def exports_list() -> ResponseReturnValue:
    """The part of the page that changes."""
    found = ordered()
    response = Response(render_template("portal/exports_list.html", exports=found))
    if not any(row.Export.status in UNFINISHED for row in found):
        response.headers["X-Done"] = "1"
    return response


@blueprint.post("/exports/")
def order_export() -> ResponseReturnValue:
    """Order one, of all projects or of those of a block."""
    kind, format = request.form.get("kind", ""), request.form.get("format", "")
    if kind not in KINDS or format not in FORMATS:
        flash("Say what the file shall hold, and its format.", "error")
    elif (projects := wanted_projects()) == []:
        flash("No project is in this block.", "error")
    else:
        create(session(), principal(), kind, format, projects, request_id=request_id())
        flash("Ordered. A worker builds it; it can be downloaded here when it is ready.", "done")
    return redirect(url_for("portal.exports"), 303)


def wanted_projects() -> list[int] | None:
    """The ids of the projects of the block that the form names; None for all projects."""
    wanted = selection(request.form)
    if not wanted.parameters:
        return None
    return list(session().scalars(select(Project.id).where(wanted.condition).order_by(Project.id)))


@blueprint.get(f"/exports/{ID}/file/")
def export_file(id: int) -> ResponseReturnValue:
    """The file."""
    return file_of(id)


@blueprint.post(f"/exports/{ID}/delete/")
def delete_export(id: int) -> ResponseReturnValue:
    """Forget an export, also while it is being built."""
    ours = delete(Export).where(Export.id == id, changeable(principal(), Export))
    if not session().execute(ours.returning(Export.id)).all():
        raise NotFound
    flash("The export is deleted.", "done")
    return redirect(url_for("portal.exports"), 303)


def ordered() -> Sequence[Row[Export, str]]:
    """The newest exports, each with the name of who ordered it."""
    found = select(Export, User.name).join(User, User.id == Export.user_id).where(visible(principal(), Export))
    return session().execute(found.order_by(Export.id.desc()).limit(SHOWN)).all()
