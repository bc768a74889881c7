"""What the page of a project loads and offers beside it: the data of its plots, and the same and its records as CSV."""

from flask import Response
from werkzeug.datastructures import MultiDict

from eeds.accounts.visibility import find
from eeds.api.project_result_parts import time_series
from eeds.api.records import ConsumptionRecords
from eeds.db.tables import ProjectResult, TimeSeries
from eeds.formats.media_types import CSV
from eeds.portal.blueprint import blueprint
from eeds.portal.plots import describe_plots, plots, rows_of
from eeds.projects.details import find_trace
from eeds.web.context import principal, session
from eeds.web.responses import answer
from eeds.web.rest.blueprint import ID

TRACE_ID = ID.replace(":id>", ":trace>")


@blueprint.get(f"/results/{ID}/traces/{TRACE_ID}/plots/")
def trace_plots(id: int, trace: int) -> Response:
    """The plots of a trace in a result, for charts.js."""
    result = find(session(), principal(), ProjectResult, id)
    about = describe_plots(session(), result, trace)
    return answer(plots(rows_of(session(), id, trace, about.timezone), about))


@blueprint.get(f"/results/{ID}/traces/{TRACE_ID}/timeseries.csv")
def trace_series(id: int, trace: int) -> Response:
    """The rows behind the plots, as the API has them."""
    return time_series(id, CSV, [TimeSeries.energy_trace_id == trace])


@blueprint.get(f"/projects/{ID}/traces/{TRACE_ID}/records.csv")
def trace_records(id: int, trace: int) -> Response:
    """The records of a trace, as the API has them."""
    find_trace(session(), principal(), id, trace)
    return ConsumptionRecords(session(), principal()).answer_in(CSV, MultiDict({"metadata": str(trace)}))
