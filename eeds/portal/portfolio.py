"""/portal/portfolio/: what many projects have saved together."""

from collections.abc import Callable
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from eeds.formats import csv_file
from eeds.formats.media_types import CSV
from eeds.portal.blueprint import blueprint
from eeds.portal.filters import choices
from eeds.portal.portfolio_plots import plots
from eeds.portal.portfolio_tables import TABLES
from eeds.portal.portfolio_view import SCALES, View, confidence, name_of, shown, view_of
from eeds.runs.portfolio import FUELS, counts, totals
from eeds.web.context import session
from eeds.web.responses import answer


@blueprint.get("/portfolio/")
def portfolio() -> ResponseReturnValue:
    """The figures of the projects that are asked for, and places for their plots."""
    view = view_of(request.args)
    return render_template("portal/portfolio.html", view=view, choices=choices(), scales=SCALES, **figures(view))


def figures(view: View) -> dict[str, Any]:
    """What the page tells in numbers."""
    condition = view.selection.condition
    found = counts(session(), condition)
    rows = [shown(total, view) for total in totals(session(), condition)]
    return {
        "counts": found,
        "confidence": confidence(found.confidence_levels),
        "fuels": [(fuel, name_of(fuel)) for fuel in FUELS],
        "fuel_name": name_of(view.fuel),
        "totals": rows,
        "total": next((row for row in rows if row["interpretation"] == view.fuel), None),
    }


@blueprint.get("/portfolio/plots/")
def portfolio_plots() -> ResponseReturnValue:
    """The plots of the page, for charts.js."""
    return answer(plots(session(), view_of(request.args)))


def csv_of(name: str) -> Callable[[], ResponseReturnValue]:
    """The view that answers a table as CSV."""

    def view() -> ResponseReturnValue:
        table = TABLES[name](session(), view_of(request.args))
        content = b"".join(csv_file.write(table.columns, table.batches))
        response = Response(content, mimetype=CSV)
        response.headers.set("Content-Disposition", "attachment", filename=f"portfolio-{name}.csv")
        return response

    return view


for name in TABLES:
    blueprint.add_url_rule(f"/portfolio/{name}.csv", f"portfolio_{name}", csv_of(name))
