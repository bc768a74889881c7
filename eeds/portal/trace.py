"""/portal/projects/ID/traces/TRACE/: whether the data of a trace are sufficient, and where they are poor."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from eeds.accounts.visibility import find
from eeds.db.tables import ConsumptionMetadata, Project
from eeds.errors import EedsError
from eeds.meter.settings import parse_settings
from eeds.portal.blueprint import blueprint
from eeds.portal.project_files import TRACE_ID
from eeds.portal.quality import years
from eeds.projects.details import find_trace
from eeds.records.quality import record_months
from eeds.runs.results.findings import runs_of
from eeds.runs.sufficiency import sufficiency_of
from eeds.web.context import principal, session
from eeds.web.rest.blueprint import ID


@blueprint.get(f"/projects/{ID}/traces/{TRACE_ID}/")
def trace(id: int, trace: int) -> ResponseReturnValue:
    """The page of a trace."""
    project = find(session(), principal(), Project, id)
    stored = find_trace(session(), principal(), id, trace)
    return render_template(
        "portal/trace.html",
        project=project,
        trace=stored,
        years=years(record_months(session(), principal(), trace)),
        **sufficiency(project, stored),
    )


def sufficiency(project: Project, trace: ConsumptionMetadata) -> dict[str, Any]:
    """The sufficiency report (`report`) with the settings of the newest run, or `why_none`."""
    runs = runs_of(session(), principal(), project)
    settings = runs[0][0].meter_settings if runs else None
    try:
        return {"report": sufficiency_of(session(), trace, parse_settings(settings)), "settings": settings}
    except EedsError as error:
        return {"report": None, "why_none": str(error)}
