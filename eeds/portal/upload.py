"""/portal/upload/: files from a browser, looked at, checked and loaded."""

import tempfile
from base64 import b64encode
from pathlib import Path
from typing import Any, cast

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from eeds.errors import EedsError
from eeds.portal.blueprint import blueprint
from eeds.portal.cookie import CSRF_HEADER
from eeds.portal.inside import Inside
from eeds.portal.loading import EndedEarly, Outcome, load
from eeds.portal.upload_kinds import HEAD_BYTES, KINDS, WEATHER, preview
from eeds.weather.operations import may_change_stations
from eeds.web.context import principal, session, settings

NAMELESS = "file"


@blueprint.get("/upload/")
def upload() -> ResponseReturnValue:
    """The form."""
    return render_template("portal/upload.html", **of_the_form())


@blueprint.post("/upload/preview/")
def preview_file() -> ResponseReturnValue:
    """What a file holds, by its first bytes: a piece of the page."""
    found = preview(request.get_data()[:HEAD_BYTES])
    return render_template("portal/upload_preview.html", preview=found, kinds=KINDS)


@blueprint.post("/upload/")
def load_file() -> ResponseReturnValue:
    """Check a file, or load it: a piece of the page for its script, the page for those who have none."""
    told = of_the_form()
    is_script = CSRF_HEADER in request.headers
    template = "portal/upload_outcome.html" if is_script else "portal/upload.html"
    try:
        told |= outcome_of_request()
        status = 200
    except EedsError as error:
        told |= {"error": str(error), "ended_early": isinstance(error, EndedEarly)}
        status = 400
    return render_template(template, **told), status


def of_the_form() -> dict[str, Any]:
    """What the form offers, and what was sent with it."""
    return {
        "kinds": kinds(),
        "max_mb": settings().max_upload_mb,
        "kind": request.form.get("kind", ""),
        "project": request.form.get("project", "").strip(),
    }


def outcome_of_request() -> dict[str, Any]:
    """What became of the file; raises EedsError."""
    kind, file = request.form.get("kind", ""), request.files.get("file")
    if kind not in kinds():
        raise EedsError("Say what the file holds.")
    if not file or not file.filename:
        raise EedsError("Choose a file.")
    dry_run = request.form.get("do") != "load"
    outcome = load_sent(file, kind, dry_run=dry_run)
    return {
        "outcome": outcome,
        "dry_run": dry_run,
        "name": file.filename,
        "refused_rows": b64encode(outcome.refused_rows).decode(),
    }


def load_sent(file: FileStorage, kind: str, *, dry_run: bool) -> Outcome:
    """Load a file under its own name in a directory that is ours alone; messages are about the name."""
    session().commit()  # nothing of this request stays open while others do the work
    app = cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as place, Inside(app, principal()) as client:
        path = Path(place) / (Path(file.filename or "").name[-100:] or NAMELESS)
        file.save(path)
        project = request.form.get("project", "").strip()
        try:
            return load(client, kind, path, project=project, owner=principal().owner_id, dry_run=dry_run)
        except EedsError as error:
            kind_of_error = EndedEarly if isinstance(error, EndedEarly) else EedsError
            raise kind_of_error(str(error).replace(f"{place}/", "")) from error


def kinds() -> dict[str, str]:
    """What the user may upload: stations are shared by all, so their temperatures are for admins."""
    return {kind: name for kind, name in KINDS.items() if kind != WEATHER or may_change_stations(principal())}
