"""/portal/exports/: files of results, diagnostics and records, requested, watched and downloaded."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eeds.errors import Invalid
from eeds.exports.kinds import FORMATS, KEPT, KINDS
from eeds.exports.operations import delete_export, newest_exports, request_export
from eeds.jobs.status import UNFINISHED
from eeds.portal.blueprint import blueprint
from eeds.portal.pages import filter_choices, live_part
from eeds.projects.filters import filter_projects
from eeds.projects.selection import Selection
from eeds.web.context import principal, request_id, session
from eeds.web.downloads import export_download
from eeds.web.rest.blueprint import ID

SHOWN = 100


@blueprint.get("/exports/")
def exports() -> ResponseReturnValue:
    """The newest exports, and a form for more."""
    return render_template(
        "portal/exports.html",
        exports=newest_exports(session(), principal(), SHOWN),
        kinds=KINDS,
        formats=FORMATS,
        choices=filter_choices(),
        kept_hours=int(KEPT.total_seconds() // 3600),
    )


@blueprint.get("/exports/list/")
def exports_list() -> ResponseReturnValue:
    """The part of the page that changes."""
    rows = newest_exports(session(), principal(), SHOWN)
    is_done = not any(row.Export.status in UNFINISHED for row in rows)
    return live_part("portal/exports_list.html", is_done=is_done, exports=rows)


@blueprint.post("/exports/")
def add_export() -> ResponseReturnValue:
    """Request one, of all projects or of those of a block or group."""
    kind, format = request.form.get("kind", ""), request.form.get("format", "")
    filtered = filter_projects(session(), principal(), request.form)
    chosen = Selection(filtered.condition, is_all=not filtered.parameters)
    if kind not in KINDS or format not in FORMATS:
        flash("Say what the file shall hold, and its format.", "error")
        return back_to_exports()
    try:
        request_export(session(), principal(), kind, format, chosen, request_id=request_id())
    except Invalid:
        flash("No project is chosen by these.", "error")
    else:
        flash("Ordered. A worker builds it; it can be downloaded here when it is ready.", "done")
    return back_to_exports()


@blueprint.get(f"/exports/{ID}/file/")
def export_file(id: int) -> ResponseReturnValue:
    """The file of an export."""
    return export_download(id)


@blueprint.post(f"/exports/{ID}/delete/")
def remove_export(id: int) -> ResponseReturnValue:
    """Delete an export, also while it is being built."""
    delete_export(session(), principal(), id)
    flash("The export is deleted.", "done")
    return back_to_exports()


def back_to_exports() -> ResponseReturnValue:
    """To the list of exports."""
    return redirect(url_for("portal.exports"), 303)
