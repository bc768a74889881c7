"""/portal/projects/ID/: one project, its traces, what its runs have found, and the orders for more."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from eeds.db.tables import Project
from eeds.meter.settings import MODELS
from eeds.portal import project_findings, project_head
from eeds.portal.blueprint import blueprint
from eeds.web.context import principal, session
from eeds.web.rest.blueprint import ID


@blueprint.get(f"/projects/{ID}/")
def project(id: int) -> ResponseReturnValue:
    """The page; `?result=` chooses another result than the newest."""
    found = project_head.find(session(), principal(), id)
    result = project_findings.chosen(session(), principal(), found, request.args.get("result", ""))
    return render_template(
        "portal/project.html",
        project=found,
        finding=project_findings.finding_of(session(), result) if result else None,
        models=MODELS,
        **head(found),
        **compared(found),
        runs=project_findings.runs_of(session(), principal(), found),
    )


def head(found: Project) -> dict[str, Any]:
    """What the project has before any run."""
    attributes = project_head.attributes_of(session(), principal(), found)
    return {
        "owner": project_head.owner_of(session(), found) if principal().is_admin else None,
        "attributes": attributes,
        "traces": project_head.traces_of(session(), principal(), found),
        "station": project_head.station_of(session(), found, attributes),
    }


def compared(found: Project) -> dict[str, Any]:
    """The results to compare with each other."""
    results = project_findings.results_of(session(), principal(), found)
    return {
        "results": results,
        "sums": project_findings.sums_of(session(), results),
        "settings_of": project_findings.settings_of,
    }
