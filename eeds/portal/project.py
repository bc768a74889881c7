"""/portal/projects/ID/: one project, its traces, the results of its runs, and forms to request more."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from eeds.accounts.visibility import find
from eeds.db.tables import Project
from eeds.meter.settings import MODELS
from eeds.portal.blueprint import blueprint
from eeds.projects import details
from eeds.projects.attributes import attributes_of
from eeds.runs.results import findings
from eeds.web.context import principal, session
from eeds.web.rest.blueprint import ID


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
        finding=findings.finding_of(session(), result) if result else None,
        results=results,
        sums=findings.sums_of(session(), results),
        settings_of=findings.settings_of,
        runs=findings.runs_of(session(), principal(), project),
    )
