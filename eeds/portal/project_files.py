"""Files beside the page of a project: the data of its plots, and the same and its records as CSV."""

from flask import Response

from eeds.accounts.visibility import find
from eeds.db.tables import ProjectResult
from eeds.formats.format import CSV
from eeds.portal.blueprint import blueprint
from eeds.portal.plots import describe_plots, plots
from eeds.projects.details import find_trace
from eeds.records.reading import trace_file
from eeds.runs.results.operations import series_file
from eeds.runs.results.plot_rows import plot_rows
from eeds.web.context import principal, session
from eeds.web.responses import answer, answer_file
from eeds.web.rest.blueprint import ID

TRACE_ID = ID.replace(":id>", ":trace>")


@blueprint.get(f"/results/{ID}/traces/{TRACE_ID}/plots/")
def trace_plots(id: int, trace: int) -> Response:
    """The plots of a trace in a result, for charts.js."""
    result = find(session(), principal(), ProjectResult, id)
    about = describe_plots(session(), result, trace)
    return answer(plots(plot_rows(session(), principal(), id, trace, about.timezone), about))


@blueprint.get(f"/results/{ID}/traces/{TRACE_ID}/timeseries.csv")
def trace_series(id: int, trace: int) -> Response:
    """The rows behind the plots, as the API has them."""
    return answer_file(series_file(session(), principal(), id, CSV, [trace]))


@blueprint.get(f"/projects/{ID}/traces/{TRACE_ID}/records.csv")
def trace_records(id: int, trace: int) -> Response:
    """The records of a trace, as the API has them."""
    find_trace(session(), principal(), id, trace)
    return answer_file(trace_file(session(), principal(), trace, CSV))
