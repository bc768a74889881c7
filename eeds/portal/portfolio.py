"""/portal/portfolio/: what many projects have saved together.

`?fuel=` an interpretation as results name it, if none the first of which something is added up; `unit=` KWH or THM,
`scale=` of the histogram, percent or energy, `stale=count` to count stale results too; besides these the filters of
eeds.projects.filters. What is none of them falls back to the first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from eeds.formats import csv_file
from eeds.formats.media_types import CSV
from eeds.formats.table import Table
from eeds.meter.names import ALL_FUELS, KWH_PER_UNIT, UNITS
from eeds.meter.types import Savings
from eeds.portal.blueprint import blueprint
from eeds.portal.pages import filter_choices
from eeds.portal.portfolio_plots import plots
from eeds.portal.template_filters import plain
from eeds.projects.filters import FilteredProjects, filter_projects
from eeds.runs.aggregations.operations import portfolio_of
from eeds.runs.aggregations.settings import AggregationSettings
from eeds.runs.portfolio.members import ELECTRICITY, GAS, Counts, Portfolio, counts, rejected_members, tallies
from eeds.runs.portfolio.realization import Realization
from eeds.runs.portfolio.tables import SCALES, histogram_table, months_table, realization_table
from eeds.runs.portfolio.totals import FUELS, Total, totals
from eeds.web.context import principal, session
from eeds.web.responses import answer

SHOWN = 50
STALE = REFUSED, COUNTED = "", "count"
NAMES = {ALL_FUELS: "All fuels", ELECTRICITY: "Electricity", GAS: "Gas"}


@dataclass(frozen=True)
class View:
    """The projects, the fuel, the unit and the scale that were chosen."""

    selection: FilteredProjects
    fuel: str
    unit: str
    scale: str
    stale: str

    def parameters(self, **others: str) -> dict[str, str]:
        """The query string of the same view, or of one that differs in some of them."""
        own = {"fuel": self.fuel, "unit": self.unit, "scale": self.scale, "stale": self.stale}
        return {**self.selection.parameters, **own, **others}

    def portfolio(self) -> Portfolio:
        """What is added up."""
        rules = AggregationSettings(allow_stale=self.stale == COUNTED)
        return portfolio_of(session(), principal(), self.selection.condition, rules)


def view_of(args: Mapping[str, str]) -> View:
    """The view that a query string chooses."""
    return View(
        filter_projects(session(), principal(), args),
        one_of(FUELS, args.get("fuel")),
        one_of(UNITS, args.get("unit")),
        one_of(SCALES, args.get("scale")),
        one_of(STALE, args.get("stale")),
    )


def one_of(values: tuple[str, ...], text: str | None) -> str:
    """The text if it is one of the values, else the first of them."""
    return text if text in values else values[0]


@blueprint.get("/portfolio/")
def portfolio() -> ResponseReturnValue:
    """The figures of the projects that were chosen, and places for their plots."""
    view = view_of(request.args)
    chosen = view.portfolio()
    counted = counts(chosen)
    rows = [total_values(total, view.unit) for total in totals(chosen, counted.confidence_level)]
    if rows and request.args.get("fuel") not in FUELS:
        view = replace(view, fuel=rows[0]["interpretation"])
    return render_template(
        "portal/portfolio.html",
        view=view,
        choices=filter_choices(),
        counts=counted,
        tally=tallies(chosen).get((view.fuel, None)),
        confidence=confidence(counted),
        fuels=[(fuel, name_of(fuel)) for fuel in FUELS],
        fuel_name=name_of(view.fuel),
        totals=rows,
        rejected=rejected_members(chosen, view.fuel, SHOWN),
        shown=SHOWN,
        total=next((row for row in rows if row["interpretation"] == view.fuel), None),
    )


@blueprint.get("/portfolio/plots/")
def portfolio_plots() -> ResponseReturnValue:
    """The plots of the page, for charts.js."""
    view = view_of(request.args)
    return answer(plots(view.portfolio(), view.fuel, view.unit, view.scale))


@blueprint.get("/portfolio/<any(months, histogram, realization):name>.csv")
def portfolio_table(name: str) -> ResponseReturnValue:
    """The rows behind a plot."""
    table = chosen_table(name, view_of(request.args))
    response = Response(b"".join(csv_file.write(table.columns, table.batches)), mimetype=CSV)
    response.headers.set("Content-Disposition", "attachment", filename=f"portfolio-{name}.csv")
    return response


def chosen_table(name: str, view: View) -> Table:
    """The table of that name in the view's fuel and unit."""
    portfolio = view.portfolio()
    chosen = portfolio, view.fuel, view.unit
    level = counts(portfolio).confidence_level
    match name:
        case "months":
            return months_table(*chosen, level)
        case "histogram":
            return histogram_table(*chosen, view.scale)
        case _:
            return realization_table(*chosen, level)


def name_of(interpretation: str) -> str:
    """The name of an interpretation on the page."""
    return NAMES.get(interpretation) or plain(interpretation)


def total_values(total: Total, unit: str) -> Mapping[str, Any]:
    """The total of an interpretation, energies in the unit; None in place of savings that are not known."""
    return {
        "interpretation": total.interpretation,
        "name": name_of(total.interpretation),
        "metered": total.metered and in_unit(total.metered, unit) | {"fraction": total.metered.fraction},
        "normalized": total.normalized and in_unit(total.normalized, unit) | {"fraction": total.normalized.fraction},
        "realized": total.realized and in_unit(total.realized, unit) | {"rate": total.realized.rate},
    }


def in_unit(savings: Savings | Realization, unit: str) -> dict[str, Any]:
    """The numbers of savings, energies in the unit."""
    energies = {"value", "upper", "lower", "baseline", "predicted"}
    kwh = KWH_PER_UNIT[unit]
    return {name: number / kwh if name in energies else number for name, number in vars(savings).items()}


def confidence(counted: Counts) -> str:
    """95 % confidence: that of the bounds."""
    return f"{counted.confidence_level * 100:g} % confidence" if counted.confidence_levels else "unknown confidence"
