"""The plots of the portfolio page, as static/charts.js draws them: the numbers of its tables, to six digits."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from sqlalchemy.orm import Session

from eeds.portal import template_filters
from eeds.portal.portfolio_tables import histogram_table, months_table, realization_table
from eeds.portal.portfolio_view import PERCENT, View

SIGNIFICANT = 6
Spec = dict[str, Any]
Rows = Sequence[Sequence[Any]]


def plots(session: Session, view: View) -> dict[str, Spec]:
    """All of them, by name: a statement each."""
    unit = template_filters.unit(view.unit)
    months, bins, projects = (
        list(chain.from_iterable(table(session, view).batches))
        for table in (months_table, histogram_table, realization_table)
    )
    return {
        "months": bars_of_months(months, 2, "Saved in the month that begins then", unit, "counterfactual"),
        "cumulative": bars_of_months(months, 3, "Saved until the end of the month", unit, "brand"),
        "histogram": histogram(bins, "% of use" if view.scale == PERCENT else f"{unit} a year"),
        "realization": realization(projects, f"{unit} a year"),
    }


def bars_of_months(rows: Rows, column: int, label: str, unit: str, colour: str) -> Spec:
    """A column of months_table."""
    begins = [datetime.strptime(row[0], "%Y-%m").replace(tzinfo=UTC) for row in rows]
    bars = {"label": label, "values": significant(rows, column), "colour": colour, "kind": "bars", "digits": 0}
    return {"x": [int(begin.timestamp()) for begin in begins], "time": True, "y_label": unit, "series": [bars]}


def histogram(rows: Rows, unit: str) -> Spec:
    """The bins, each at its middle; those beyond are no bins."""
    bins = rows[1:-1]
    number = {"label": "Projects", "values": [row[2] for row in bins], "colour": "brand", "kind": "bars", "digits": 0}
    middles = [short((row[0] + row[1]) / 2) for row in bins]
    return {"x": middles, "x_label": f"Savings, {unit}", "y_label": "Projects", "series": [number]}


def realization(rows: Rows, unit: str) -> Spec:
    """A point a project, and a line where all points would lie if all predictions had come true."""
    ordered = sorted(rows, key=lambda row: float(row[1]))
    predicted = significant(ordered, 1)
    line = [value if i in (0, len(predicted) - 1) else None for i, value in enumerate(predicted)]
    return {
        "x": predicted,
        "x_label": f"Predicted, {unit}",
        "y_label": f"Saved, {unit}",
        "series": [
            {
                "label": "As predicted",
                "values": line,
                "colour": "counterfactual",
                "dash": True,
                "spans_gaps": True,
                "digits": 0,
            },
            {"label": "Saved", "values": significant(ordered, 2), "colour": "brand", "kind": "points", "digits": 0},
        ],
    }


def significant(rows: Rows, column: int) -> list[float]:
    """The numbers of a column."""
    return [short(row[column]) for row in rows]


def short(value: float) -> float:
    """The value to as many digits as a plot shows."""
    return float(f"{value:.{SIGNIFICANT}g}")
