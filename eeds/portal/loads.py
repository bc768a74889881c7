"""/portal/loads/: files that are loaded, or were, and what became of them."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from psycopg.errors import DiskFull

from eeds.db.tables import Load
from eeds.errors import Conflict
from eeds.jobs.status import UNFINISHED
from eeds.portal.blueprint import blueprint
from eeds.portal.outcomes import read_kept
from eeds.portal.pages import live_part
from eeds.portal.upload_kinds import KINDS
from eeds.records.history.finished import RECORDS, UNDO
from eeds.records.history.listed import (
    CHANGED,
    DELETED,
    ReadingChange,
    changes_of_load,
    projects_of_traces,
    visible_traces,
)
from eeds.records.history.undo import undo_load
from eeds.records.loads import KEPT, end_lost_loads, find_load, newest_loads, refused_rows, undone_by
from eeds.web.context import database, principal, session
from eeds.web.rest.blueprint import ID

SHOWN = 20
NAMES = KINDS | {RECORDS: "Records one by one", UNDO: "What another load had changed"}


@blueprint.get(f"/loads/{ID}/")
def load(id: int) -> ResponseReturnValue:
    """The page of a load."""
    return render_template("portal/load.html", **load_values(id))


@blueprint.get(f"/loads/{ID}/now/")
def load_now(id: int) -> ResponseReturnValue:
    """The part of it that changes."""
    values = load_values(id)
    return live_part("portal/load_now.html", is_done=not values["is_unfinished"], **values)


@blueprint.get(f"/loads/{ID}/refused.csv")
def refused_rows_of_load(id: int) -> ResponseReturnValue:
    """The rows of its file that were refused, or the first of them."""
    name, rows = refused_rows(session(), principal(), id)
    response = Response(rows, mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.refused.csv")
    return response


@blueprint.get("/loads/list/")
def loads_list() -> ResponseReturnValue:
    """The part of the page of uploads that lists the latest."""
    values = latest_loads()
    is_done = not any(row.Load.status in UNFINISHED for row in values["loads"])
    return live_part("portal/loads_list.html", is_done=is_done, **values)


def watched_load(id: int) -> ResponseReturnValue:
    """A piece of a page that shows a load until it ends."""
    return render_template("portal/load_watched.html", **load_values(id)), 202


def load_values(id: int) -> dict[str, Any]:
    """What the pages show of a load; raises NotFound."""
    end_lost()
    load, user_name = find_load(session(), principal(), id)
    traces = [trace.id for trace in visible_traces(session(), principal(), id)] if load.changed else []
    return {
        "load": load,
        "is_unfinished": load.status in UNFINISHED,
        "user": user_name,
        "name": name_of(load),
        "kind_name": NAMES[load.kind],
        "traces": len(traces),
        "projects": projects_of_traces(session(), principal(), traces, SHOWN + 1) if traces else (),
        "shown": SHOWN,
        "changes": first_changes(load),
        "undone_by": undone_by(session(), id),
        "kept_days": KEPT.days,
        "outcome": read_kept(load.outcome) if load.outcome else None,
        "error": load.message,
    }


def latest_loads() -> dict[str, Any]:
    """What the list shows."""
    end_lost()
    loads = newest_loads(session(), principal(), SHOWN)
    outcomes = {row.Load.id: read_kept(row.Load.outcome) for row in loads if row.Load.outcome}
    return {"loads": loads, "outcomes": outcomes, "kind_names": NAMES, "name_of": name_of}


def name_of(load: Load) -> str:
    """What a page calls a load."""
    return load.file_name or f"Load {load.id}"


def first_changes(load: Load) -> Sequence[ReadingChange]:
    """The first of the stored readings that a load has changed or deleted."""
    if not load.counts or not load.changed or not (load.counts["updated"] or load.counts["deleted"]):
        return ()
    return changes_of_load(session(), principal(), load.id, {CHANGED, DELETED}, after=None, count=SHOWN)


@blueprint.get(f"/loads/{ID}/undo/")
def confirm_undo(id: int) -> ResponseReturnValue:
    """What undoing a load would do, and a button for it."""
    return render_template("portal/load_undo.html", **load_values(id))


@blueprint.post(f"/loads/{ID}/undo/")
def undo(id: int) -> ResponseReturnValue:
    """Undo a load; on to the page of the load that this is."""
    try:
        undone = undo_load(session(), principal(), id)
    except Conflict as error:
        session().rollback()
        return render_template("portal/load_undo.html", refusal=str(error), **load_values(id)), 409
    return redirect(url_for("portal.load", id=undone.load_id), 303)


def end_lost() -> None:
    """See to it that nobody watches a load that will not go on; where there is no room to write that, later."""
    with suppress(DiskFull), database().connection() as connection:
        end_lost_loads(connection)
