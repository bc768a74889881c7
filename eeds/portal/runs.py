"""/portal/runs/: how far runs are."""

from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from eeds.api.project_run_progress import progress, represent
from eeds.jobs.status import PENDING, RUNNING
from eeds.portal.blueprint import blueprint
from eeds.web.context import session


@blueprint.get("/runs/")
def runs() -> ResponseReturnValue:
    """The progress of the runs that the query string names, as in the API; without one, of the latest run of each
    project."""
    return render_template("portal/runs.html", progress=counted())


@blueprint.get("/runs/progress/")
def runs_progress() -> ResponseReturnValue:
    """The part of the page that changes."""
    found = counted()
    response = Response(render_template("portal/runs_progress.html", progress=found))
    if not found[PENDING] + found[RUNNING]:
        response.headers["X-Done"] = "1"
    return response


def counted() -> dict[str, Any]:
    """The counts, with the share of the runs that have ended, in percent."""
    found = represent(session().execute(progress(request.args)).one())
    ended = found["total"] - found[PENDING] - found[RUNNING]
    return {**found, "ended": ended, "percent": 100 * ended // max(found["total"], 1)}
