"""/portal/runs/: how far runs are."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from eeds.jobs.status import PENDING, RUNNING
from eeds.portal.blueprint import blueprint
from eeds.portal.pages import live_part
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
    is_done = progress["ended"] == progress["total"]
    return live_part("portal/runs_progress.html", is_done=is_done, progress=progress)


def progress_in_percent() -> dict[str, Any]:
    """The progress, with the number of runs that have ended, and their share in percent."""
    progress = progress_of(request.args)
    ended = progress["total"] - progress[PENDING] - progress[RUNNING]
    return {**progress, "ended": ended, "percent": 100 * ended // max(progress["total"], 1)}
