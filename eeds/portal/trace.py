"""/portal/projects/ID/traces/TRACE/: whether the data of a trace are sufficient, and where they are poor; its records
as CSV, and the data of its plots in a result."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from eeds.accounts.visibility import find
from eeds.db.tables import ConsumptionMetadata, Project, ProjectResult
from eeds.errors import EedsError
from eeds.formats.format import CSV
from eeds.portal.blueprint import blueprint
from eeds.portal.plots import describe_plots, plots
from eeds.projects.details import find_trace
from eeds.records.quality import Month, is_daily, record_months
from eeds.records.reading import trace_file
from eeds.runs.results.findings import runs_of
from eeds.runs.results.operations import series_file
from eeds.runs.results.plot_rows import plot_rows
from eeds.runs.sufficiency import sufficiency_of
from eeds.web.context import principal, session
from eeds.web.responses import answer, answer_file
from eeds.web.rest.blueprint import ID

TRACE_ID = ID.replace(":id>", ":trace>")


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
        report, zone = sufficiency_of(session(), trace, settings)
        return {"report": report, "zone": zone, "settings": settings}
    except EedsError as error:
        return {"report": None, "why_none": str(error)}


@dataclass(frozen=True)
class Cell:
    """A month: its grade, which is the style of the cell, its number of records, and what is wrong with them."""

    grade: str
    records: int
    problems: Sequence[str]


def years(months: Sequence[Month]) -> Mapping[int, Mapping[int, Cell]]:
    """The cells by year and month."""
    daily = is_daily(months)
    return {
        year: {month.month: Cell(month.grade(daily), month.records, list(problems(month, daily))) for month in part}
        for year, part in groupby(months, lambda month: month.year)
    }


def problems(month: Month, daily: bool) -> Iterator[str]:
    """1 day without, 2 estimated"""
    for name, count in month.problems(daily).items():
        days = "day without" if count == 1 else "days without"
        yield f"{count} {days if name == 'empty' else name}"


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
