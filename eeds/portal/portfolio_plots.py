"""The plots of the portfolio page, as static/charts.js draws them: the numbers of its tables, to six digits."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from eeds.formats.table import Table
from eeds.portal import template_filters
from eeds.portal.plots import Spec, rounded
from eeds.runs.portfolio.members import Portfolio, counts
from eeds.runs.portfolio.tables import PERCENT, histogram_table, months_table, realization_table

Rows = Sequence[Sequence[Any]]


def plots(portfolio: Portfolio, fuel: str, unit: str, scale: str) -> dict[str, Spec]:
    """All of them, by name."""
    chosen, level = (portfolio, fuel, unit), counts(portfolio).confidence_level
    months, label = rows_of(months_table(*chosen, level)), template_filters.unit(unit)
    return {
        "months": bars_of_months(months, 2, 5, "Saved in the month that begins then", label, "counterfactual"),
        "cumulative": bars_of_months(months, 3, 7, "Saved until the end of the month", label, "brand"),
        "histogram": histogram(
            rows_of(histogram_table(*chosen, scale)), "% of use" if scale == PERCENT else f"{label} a year"
        ),
        "realization": realization(rows_of(realization_table(*chosen, level)), f"{label} a year"),
    }


def rows_of(table: Table) -> Rows:
    """All rows of a small table."""
    return list(chain.from_iterable(table.batches))


def bars_of_months(rows: Rows, column: int, bounds: int, label: str, unit: str, colour: str) -> Spec:
    """A column of months_table, with a band between its lower and its upper bound in the columns from `bounds` on."""
    begins = [datetime.strptime(row[0], "%Y-%m").replace(tzinfo=UTC) for row in rows]
    bars = {"label": label, "values": significant(rows, column), "colour": colour, "kind": "bars", "digits": 0}
    edges = [
        {"label": name, "values": significant(rows, place), "colour": colour, "kind": "edge", "digits": 0}
        for name, place in (("between", bounds), ("and", bounds + 1))
    ]
    return {
        "x": [int(begin.timestamp()) for begin in begins],
        "time": True,
        "y_label": unit,
        "series": [bars, *edges],
        "bands": [{"upper": 2, "lower": 1, "colour": colour}],
    }


def histogram(rows: Rows, unit: str) -> Spec:
    """A bar a bin of histogram_table, at the middle of the bin; the projects outside the bins are not drawn."""
    bins = rows[1:-1]
    number = {"label": "Projects", "values": [row[2] for row in bins], "colour": "brand", "kind": "bars", "digits": 0}
    middles = [rounded((row[0] + row[1]) / 2) for row in bins]
    return {"x": middles, "x_label": f"Savings, {unit}", "y_label": "Projects", "series": [number]}


def realization(rows: Rows, unit: str) -> Spec:
    """A point a project of realization_table, and the line on which the points of true predictions lie."""
    rows = sorted(rows, key=lambda row: float(row[1]))
    predicted = significant(rows, 1)
    ends = [value if i in (0, len(predicted) - 1) else None for i, value in enumerate(predicted)]
    line = {"label": "As predicted", "values": ends, "colour": "counterfactual", "dash": True, "spans_gaps": True}
    saved = {"label": "Saved", "values": significant(rows, 2), "colour": "brand", "kind": "points"}
    return {
        "x": predicted,
        "x_label": f"Predicted, {unit}",
        "y_label": f"Saved, {unit}",
        "series": [line | {"digits": 0}, saved | {"digits": 0}],
    }


def significant(rows: Rows, column: int) -> list[float | None]:
    """The numbers of a column, to as many digits as a plot shows."""
    return [rounded(row[column]) for row in rows]
