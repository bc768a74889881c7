"""/portal/runs/: how far runs are."""

from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from eeds.jobs.status import PENDING, RUNNING
from eeds.portal.blueprint import blueprint
from eeds.web.run_progress import progress_of


@blueprint.get("/runs/")
def runs() -> ResponseReturnValue:
    """The progress of the runs that the query string names, as in the API; without one, of the latest run of each
    project."""
    return render_template("portal/runs.html", progress=progress_in_percent())


@blueprint.get("/runs/progress/")
def runs_progress() -> ResponseReturnValue:
    """The part of the page that changes."""
    progress = progress_in_percent()
    response = Response(render_template("portal/runs_progress.html", progress=progress))
    if progress["ended"] == progress["total"]:
        response.headers["X-Done"] = "1"
    return response


def progress_in_percent() -> dict[str, Any]:
    """The progress, with the number of runs that have ended, and their share in percent."""
    progress = progress_of(request.args)
    ended = progress["total"] - progress[PENDING] - progress[RUNNING]
    return {**progress, "ended": ended, "percent": 100 * ended // max(progress["total"], 1)}
