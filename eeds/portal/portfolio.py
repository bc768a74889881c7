"""/portal/portfolio/: what many projects have saved together."""

from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from eeds.formats import csv_file
from eeds.formats.media_types import CSV
from eeds.formats.table import Table
from eeds.portal.blueprint import blueprint
from eeds.portal.filters import choices
from eeds.portal.portfolio_plots import plots
from eeds.portal.portfolio_view import View, confidence, name_of, total_values, view_of
from eeds.runs.portfolio import FUELS, counts, totals
from eeds.runs.portfolio_tables import SCALES, histogram_table, months_table, realization_table
from eeds.web.context import session
from eeds.web.responses import answer


@blueprint.get("/portfolio/")
def portfolio() -> ResponseReturnValue:
    """The figures of the projects that were chosen, and places for their plots."""
    view = view_of(request.args)
    return render_template("portal/portfolio.html", view=view, choices=choices(), scales=SCALES, **figures(view))


def figures(view: View) -> dict[str, Any]:
    """The numbers of the page."""
    condition = view.selection.condition
    counted = counts(session(), condition)
    rows = [total_values(total, view.unit) for total in totals(session(), condition)]
    return {
        "counts": counted,
        "confidence": confidence(counted.confidence_levels),
        "fuels": [(fuel, name_of(fuel)) for fuel in FUELS],
        "fuel_name": name_of(view.fuel),
        "totals": rows,
        "total": next((row for row in rows if row["interpretation"] == view.fuel), None),
    }


@blueprint.get("/portfolio/plots/")
def portfolio_plots() -> ResponseReturnValue:
    """The plots of the page, for charts.js."""
    return answer(plots(session(), view_of(request.args)))


@blueprint.get("/portfolio/<any(months, histogram, realization):name>.csv")
def portfolio_table(name: str) -> ResponseReturnValue:
    """The rows behind a plot."""
    table = chosen_table(name, view_of(request.args))
    response = Response(b"".join(csv_file.write(table.columns, table.batches)), mimetype=CSV)
    response.headers.set("Content-Disposition", "attachment", filename=f"portfolio-{name}.csv")
    return response


def chosen_table(name: str, view: View) -> Table:
    """The table of that name in the view's fuel and unit."""
    chosen = session(), view.selection.condition, view.fuel, view.unit
    match name:
        case "months":
            return months_table(*chosen)
        case "histogram":
            return histogram_table(*chosen, view.scale)
        case _:
            return realization_table(*chosen)
