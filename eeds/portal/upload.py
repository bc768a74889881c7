"""/portal/upload/: files from a browser, looked at, checked and loaded."""

from base64 import b64encode
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from eeds.errors import EedsError
from eeds.portal.blueprint import blueprint
from eeds.portal.cookie import CSRF_HEADER
from eeds.portal.energy_loading import TEXTS, columns_chosen, load_energy
from eeds.portal.loading import load_normals, load_projects, load_usage, load_weather
from eeds.portal.upload_kinds import ENERGY, GREEN_BUTTON, KINDS, NORMALS, PROJECT, WEATHER, preview
from eeds.records.files.mappings import mapping_names
from eeds.weather.operations import may_change_stations
from eeds.web.context import principal, session, settings

MAX_PREVIEW_BYTES = 8 * 2**20
# What the form asks of a file of readings: the name of the option, its label, and an example.
SAID_FIELDS = (
    ("trace_id", "Meter", "main"),
    ("fuel", "Fuel", "electricity"),
    ("unit", "Unit", "kWh"),
    ("timezone", "Time zone of times without an offset", "America/Chicago"),
    ("date_format", "How days are written", "DD/MM/YYYY"),
    ("decimal", "Decimal sign", "."),
    ("sheet", "Sheet of a workbook", ""),
)


@blueprint.get("/upload/")
def upload() -> ResponseReturnValue:
    """The form."""
    return render_template("portal/upload.html", **form_values())


@blueprint.post("/upload/preview/")
def preview_file() -> ResponseReturnValue:
    """What a file holds, by its first bytes: a piece of the page."""
    head = request.stream.read(MAX_PREVIEW_BYTES)
    return render_template("portal/upload_preview.html", preview=preview(head), kinds=KINDS)


@blueprint.post("/upload/")
def load_file() -> ResponseReturnValue:
    """Check a file, or load it: a piece of the page for its script, the page for those who have none."""
    page = form_values()
    is_script = CSRF_HEADER in request.headers
    template = "portal/upload_outcome.html" if is_script else "portal/upload.html"
    try:
        page |= outcome_of_request()
        status = 200
    except EedsError as error:
        page["error"] = str(error)
        status = 400
    return render_template(template, **page), status


def form_values() -> dict[str, Any]:
    """What the form offers, and what was sent with it."""
    return {
        "kinds": kinds(),
        "max_mb": settings().max_upload_mb,
        "kind": request.form.get("kind", ""),
        "project": sent("project"),
        "heating_value": sent("heating_value"),
        "said": {name: sent(name) for name in (*TEXTS, "save_map", "mapping")},
        "said_fields": SAID_FIELDS,
        "mappings": mapping_names(session(), principal()),
        "station": sent("station"),
    }


def sent(field: str) -> str:
    """What was sent in a field of the form."""
    return request.form.get(field, "").strip()


def outcome_of_request() -> dict[str, Any]:
    """What became of the file; raises EedsError with why nothing of it can be stored."""
    kind, file = request.form.get("kind", ""), request.files.get("file")
    if kind not in kinds():
        raise EedsError("Say what the file holds.")
    if not file or not file.filename:
        raise EedsError("Choose a file.")
    dry_run = request.form.get("do") != "load"
    name = file_name(file.filename)
    if kind == PROJECT:
        outcome = load_projects(name, file.stream, dry_run=dry_run)
    elif kind == GREEN_BUTTON:
        outcome = load_usage(sent("project"), sent("heating_value"), file.stream, dry_run=dry_run)
    elif kind == ENERGY:
        columns = columns_chosen(request.form.getlist("columns"), request.form.getlist("recognised"))
        form = {name: sent(name) for name in request.form}
        outcome = load_energy(name, file.stream, form, columns, dry_run=dry_run)
    elif kind == NORMALS:
        outcome = load_normals(sent("station"), file.stream, dry_run=dry_run)
    else:
        outcome = load_weather(name, sent("station"), file.stream, dry_run=dry_run)
    return {
        "outcome": outcome,
        "dry_run": dry_run,
        "name": name,
        "refused_rows": b64encode(outcome.refused_rows).decode(),
    }


def file_name(sent: str) -> str:
    """The name of a file without the folders that it may come with, as a page can show it."""
    last = sent.replace("\\", "/").rpartition("/")[2]
    return "".join(filter(str.isprintable, last)).strip(" .") or "file"


def kinds() -> dict[str, str]:
    """What the user may upload: stations are shared by all, so their temperatures are for admins."""
    may = may_change_stations(principal())
    return {kind: name for kind, name in KINDS.items() if may or kind not in (WEATHER, NORMALS)}
