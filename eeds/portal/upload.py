"""/portal/upload/: files from a browser, looked at, checked and loaded."""

from concurrent.futures import wait
from io import BytesIO
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eeds.errors import Busy, EedsError
from eeds.portal.background_load import start
from eeds.portal.blueprint import blueprint
from eeds.portal.cookie import CSRF_HEADER
from eeds.portal.energy_loading import TEXTS, columns_chosen
from eeds.portal.loading import SentFile
from eeds.portal.loads import latest_loads, load_values, watched_load
from eeds.portal.upload_kinds import KINDS, NORMALS, WEATHER, preview
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
    """Check a file, or load it, and answer with what became of it. A load that takes longer than whatever is in between
    may wait goes on, and is watched."""
    try:
        id, loading = start(sent_file())
        session().commit()  # a thread that waits needs no connection
        wait([loading], settings().upload_wait)
        if not loading.done():
            return watched_load(id) if is_script() else redirect(url_for("portal.load", id=id), 303)
        loading.result()
    except Busy:
        raise
    except EedsError as error:
        return answer(error=str(error)), 400
    return answer(**load_values(id))


def is_script() -> bool:
    """Whether the script of the page asks, which has the rest of it."""
    return CSRF_HEADER in request.headers


def answer(**values: Any) -> str:
    """What became of a file: a piece of the page for its script, the page for those who have none."""
    if is_script():
        return render_template("portal/upload_outcome.html", **values)
    return render_template("portal/upload.html", **form_values(), **values)


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
        **latest_loads(),
    }


def sent(field: str) -> str:
    """What was sent in a field of the form."""
    return request.form.get(field, "").strip()


def sent_file() -> SentFile:
    """The file that was sent, with what the form says of it; raises EedsError where something is missing."""
    kind, file = request.form.get("kind", ""), request.files.get("file")
    if kind not in kinds():
        raise EedsError("Say what the file holds.")
    if not file or not file.filename:
        raise EedsError("Choose a file.")
    columns = columns_chosen(request.form.getlist("columns"), request.form.getlist("recognised"))
    form = {name: sent(name) for name in request.form}
    content, file.stream = file.stream, BytesIO()  # the request closes its own when it ends
    return SentFile(kind, file_name(file.filename), content, form, columns, request.form.get("do") != "load")


def file_name(sent: str) -> str:
    """The name of a file without the folders that it may come with, as a page can show it."""
    last = sent.replace("\\", "/").rpartition("/")[2]
    return "".join(filter(str.isprintable, last)).strip(" .") or "file"


def kinds() -> dict[str, str]:
    """What the user may upload: stations are shared by all, so their temperatures are for admins."""
    may = may_change_stations(principal())
    return {kind: name for kind, name in KINDS.items() if may or kind not in (WEATHER, NORMALS)}
