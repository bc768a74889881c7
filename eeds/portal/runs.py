"""/portal/runs/: how far runs are."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eeds.jobs.status import PENDING, RUNNING
from eeds.portal.blueprint import blueprint
from eeds.portal.pages import live_part
from eeds.runs.changes import cancel_runs, failures_of_projects, retry_runs, runs_of_projects
from eeds.web.context import principal, request_id, session
from eeds.web.run_progress import chosen_runs, parameters_of, progress_of


@blueprint.get("/runs/")
def runs() -> ResponseReturnValue:
    """The progress of the runs that the query string names, as in the API; without one, of the latest run of each
    project."""
    return render_template("portal/runs.html", progress=progress_in_percent(), parameters=parameters_of(request.args))


@blueprint.get("/runs/progress/")
def runs_progress() -> ResponseReturnValue:
    """The part of the page that changes."""
    progress = progress_in_percent()
    is_done = progress["ended"] == progress["total"]
    return live_part("portal/runs_progress.html", is_done=is_done, progress=progress)


@blueprint.post("/runs/<any(cancel, retry):action>/")
def change_runs(action: str) -> ResponseReturnValue:
    """Cancel those of the runs that wait, or have those that failed computed again, and go back to watch them."""
    if action == "cancel":
        chosen = chosen_runs(request.args, runs_of_projects)
        changed, word = cancel_runs(session(), principal(), chosen, waiting_only=True), "cancelled"
    else:
        chosen = chosen_runs(request.args, failures_of_projects)
        changed, word = retry_runs(session(), principal(), chosen, request_id()), "ordered again"
    number = len(changed.ids)
    flash(f"{number:,} {'run is' if number == 1 else 'runs are'} {word}.", "done")
    return redirect(url_for("portal.runs", **parameters_of(request.args)), 303)


def progress_in_percent() -> dict[str, Any]:
    """The progress, with the number of runs that have ended, and their share in percent."""
    progress = progress_of(request.args)
    ended = progress["total"] - progress[PENDING] - progress[RUNNING]
    return {**progress, "ended": ended, "percent": 100 * ended // max(progress["total"], 1)}
