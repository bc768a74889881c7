"""/portal/projects/ID/: one project, its traces, its results and its runs, which are requested and watched there."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eeds.accounts.visibility import find
from eeds.db.tables import Project
from eeds.errors import Conflict, EedsError, Invalid
from eeds.jobs.status import UNFINISHED
from eeds.meter.settings import MODELS
from eeds.portal.blueprint import blueprint
from eeds.portal.pages import live_part
from eeds.portal.run_form import other_fields, settings_in
from eeds.projects import details
from eeds.projects.attributes import attributes_of
from eeds.runs.changes import cancel_run, retry_run
from eeds.runs.operations import request_run
from eeds.runs.results import findings
from eeds.web.context import principal, request_id, session
from eeds.web.rest.blueprint import ID

RUN_ID, RESULT_ID = ID.replace(":id>", ":run>"), ID.replace(":id>", ":result>")


@blueprint.get(f"/projects/{ID}/")
def project(id: int) -> ResponseReturnValue:
    """The page; `?result=` chooses another result than the newest."""
    project = find(session(), principal(), Project, id)
    result = findings.choose_result(session(), principal(), project, request.args.get("result", ""))
    results = findings.results_of(session(), principal(), project)
    attributes = attributes_of(session(), principal(), project.id)
    return render_template(
        "portal/project.html",
        project=project,
        owner=details.owner_of(session(), project) if principal().is_admin else None,
        attributes=attributes,
        traces=details.traces_of(session(), principal(), project),
        station=details.station_of(session(), project, attributes),
        models=MODELS,
        setting_fields=other_fields(),
        finding=findings.finding_of(session(), result) if result else None,
        results=results,
        sums=findings.sums_of(session(), results),
        settings_of=findings.settings_of,
        runs=findings.runs_of(session(), principal(), project),
    )


@blueprint.get(f"/projects/{ID}/runs/")
def project_runs_part(id: int) -> ResponseReturnValue:
    """The part of the page that changes while runs are under way."""
    project = find(session(), principal(), Project, id)
    runs = findings.runs_of(session(), principal(), project)
    is_done = not any(run.status in UNFINISHED for run, _ in runs)
    return live_part("portal/project_runs.html", is_done=is_done, project=project, runs=runs)


@blueprint.post(f"/projects/{ID}/runs/")
def request_project_run(id: int) -> ResponseReturnValue:
    """Run the meter, with the settings of the form."""
    find(session(), principal(), Project, id)
    try:
        settings = settings_in(request.form)
    except EedsError as error:
        flash(str(error), "error")
        return back_to_runs(id)
    return request_and_tell(id, settings)


def request_and_tell(id: int, settings: dict[str, Any] | None) -> ResponseReturnValue:
    """Request a run of the project, and say so, or why there is none."""
    try:
        run = request_run(session(), principal(), id, settings, request_id=request_id())
    except Invalid as error:
        flash(str(error), "error")
    else:
        flash(f"Run {run} is ordered; it is computed as soon as a worker is free.", "done")
    return back_to_runs(id)


@blueprint.post(f"/projects/{ID}/results/{RESULT_ID}/run/")
def run_again(id: int, result: int) -> ResponseReturnValue:
    """Run the meter with the settings that a result of the project was found with."""
    found = findings.choose_result(session(), principal(), find(session(), principal(), Project, id), str(result))
    return request_and_tell(id, found.meter_settings if found else None)


@blueprint.post(f"/projects/{ID}/runs/{RUN_ID}/<any(cancel, retry):action>/")
def change_project_run(id: int, run: int, action: str) -> ResponseReturnValue:
    """End a run that has not ended, or have one that failed computed again; where it has changed meanwhile, say so."""
    find(session(), principal(), Project, id)
    try:
        if action == "cancel":
            cancel_run(session(), principal(), run)
        else:
            retry_run(session(), principal(), run, request_id())
    except Conflict as error:
        flash(str(error), "error")
    return back_to_runs(id)


def back_to_runs(id: int) -> ResponseReturnValue:
    """To the runs of the project."""
    return redirect(url_for("portal.project", id=id, _anchor="runs"), 303)
