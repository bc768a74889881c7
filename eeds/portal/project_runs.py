"""/portal/projects/ID/runs/: how far the runs of a project are; ordering, cancelling and retrying them."""

from collections.abc import Callable

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eeds.accounts.visibility import find
from eeds.api import project_runs
from eeds.db.tables import Project
from eeds.errors import Conflict, Invalid
from eeds.jobs.status import PENDING, RUNNING
from eeds.meter.settings import AUTO, MODELS
from eeds.portal.blueprint import blueprint
from eeds.runs.lifecycle import METER_CLASS
from eeds.runs.results.findings import runs_of
from eeds.web.context import principal, session
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
def order_project_run(id: int) -> ResponseReturnValue:
    """Run the meter, with the model that the form names."""
    find(session(), principal(), Project, id)
    model = request.form.get("model", AUTO)
    if model in MODELS:
        order(id, model)
    else:
        flash(f"There is no such model; choose one of {', '.join(MODELS)}.", "error")
    return back_to(id)


def order(project_id: int, model: str) -> None:
    """Order the run, or say why none is possible."""
    settings = None if model == AUTO else {"model": model}
    data = {"project_id": project_id, "meter_class": METER_CLASS, "meter_settings": settings}
    try:
        run = project_runs.ProjectRuns(session(), principal()).create(data)
    except Invalid as error:
        flash(" ".join(text for texts in error.messages.values() for text in texts), "error")  # type: ignore[union-attr]
    else:
        flash(f"Run {run} is ordered; it is computed as soon as a worker is free.", "done")


@blueprint.post(f"/projects/{ID}/runs/{RUN_ID}/cancel/")
def cancel_project_run(id: int, run: int) -> ResponseReturnValue:
    """End a run that has not ended."""
    return change(id, run, project_runs.cancel)


@blueprint.post(f"/projects/{ID}/runs/{RUN_ID}/retry/")
def retry_project_run(id: int, run: int) -> ResponseReturnValue:
    """Let a run that failed wait again."""
    return change(id, run, project_runs.retry)


def change(id: int, run: int, action: Callable[[int], None]) -> ResponseReturnValue:
    """Do that to a run; where it has changed meanwhile, say so."""
    find(session(), principal(), Project, id)
    try:
        action(run)
    except Conflict as error:
        flash(str(error), "error")
    return back_to(id)


def back_to(id: int) -> ResponseReturnValue:
    """To the runs of the project."""
    return redirect(url_for("portal.project", id=id, _anchor="runs"), 303)
