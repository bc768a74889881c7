"""/portal/loads/: files that are loaded, or were, and what became of them."""

from contextlib import suppress
from typing import Any

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from psycopg.errors import DiskFull

from eeds.jobs.status import UNFINISHED
from eeds.portal.blueprint import blueprint
from eeds.portal.outcomes import read_kept
from eeds.portal.pages import live_part
from eeds.portal.upload_kinds import KINDS
from eeds.records.loads import KEPT, end_lost_loads, find_load, newest_loads, refused_rows
from eeds.web.context import database, principal, session
from eeds.web.rest.blueprint import ID

SHOWN = 20


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
    return {
        "load": load,
        "is_unfinished": load.status in UNFINISHED,
        "user": user_name,
        "kind_name": KINDS[load.kind],
        "kept_days": KEPT.days,
        "outcome": read_kept(load.outcome) if load.outcome else None,
        "error": load.message,
    }


def latest_loads() -> dict[str, Any]:
    """What the list shows."""
    end_lost()
    loads = newest_loads(session(), principal(), SHOWN)
    outcomes = {row.Load.id: read_kept(row.Load.outcome) for row in loads if row.Load.outcome}
    return {"loads": loads, "outcomes": outcomes, "kind_names": KINDS}


def end_lost() -> None:
    """See to it that nobody watches a load that will not go on; where there is no room to write that, later."""
    with suppress(DiskFull), database().connection() as connection:
        end_lost_loads(connection)
