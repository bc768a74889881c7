"""/portal/projects/ID/runs/: how far the runs of a project are; requesting, cancelling and retrying them."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eeds.accounts.visibility import find
from eeds.db.tables import Project
from eeds.errors import Conflict, Invalid
from eeds.jobs.status import PENDING, RUNNING
from eeds.meter.settings import AUTO, MODELS
from eeds.portal.blueprint import blueprint
from eeds.runs.operations import cancel_run, request_run, retry_run
from eeds.runs.results.findings import runs_of
from eeds.web.context import principal, request_id, session
from eeds.web.rest.blueprint import ID

RUN_ID = ID.replace(":id>", ":run>")


@blueprint.get(f"/projects/{ID}/runs/")
def project_runs_part(id: int) -> ResponseReturnValue:
    """The part of the page that changes while runs are under way."""
    project = find(session(), principal(), Project, id)
    runs = runs_of(session(), principal(), project)
    response = Response(render_template("portal/project_runs.html", project=project, runs=runs))
    if not any(run.status in (PENDING, RUNNING) for run, _ in runs):
        response.headers["X-Done"] = "1"
    return response


@blueprint.post(f"/projects/{ID}/runs/")
def request_project_run(id: int) -> ResponseReturnValue:
    """Run the meter, with the model that the form names."""
    model = request.form.get("model", AUTO)
    if model not in MODELS:
        find(session(), principal(), Project, id)
        flash(f"There is no such model; choose one of {', '.join(MODELS)}.", "error")
        return back_to_runs(id)
    settings = None if model == AUTO else {"model": model}
    try:
        run = request_run(session(), principal(), id, settings, request_id=request_id())
    except Invalid as error:
        flash(str(error), "error")
    else:
        flash(f"Run {run} is ordered; it is computed as soon as a worker is free.", "done")
    return back_to_runs(id)


@blueprint.post(f"/projects/{ID}/runs/{RUN_ID}/cancel/")
def cancel_project_run(id: int, run: int) -> ResponseReturnValue:
    """End a run that has not ended; where it has meanwhile, say so."""
    find(session(), principal(), Project, id)
    try:
        cancel_run(session(), principal(), run)
    except Conflict as error:
        flash(str(error), "error")
    return back_to_runs(id)


@blueprint.post(f"/projects/{ID}/runs/{RUN_ID}/retry/")
def retry_project_run(id: int, run: int) -> ResponseReturnValue:
    """Let a run that failed be computed again; where it is already, say so."""
    find(session(), principal(), Project, id)
    try:
        retry_run(session(), principal(), run, request_id())
    except Conflict as error:
        flash(str(error), "error")
    return back_to_runs(id)


def back_to_runs(id: int) -> ResponseReturnValue:
    """To the runs of the project."""
    return redirect(url_for("portal.project", id=id, _anchor="runs"), 303)
