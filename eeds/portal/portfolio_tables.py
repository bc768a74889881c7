"""The tables behind the plots of the portfolio page: what they draw, and what their CSV holds."""

from collections.abc import Callable, Mapping
from itertools import accumulate

from sqlalchemy.orm import Session

from eeds.formats.table import Batch, Column, Table, Type, columns
from eeds.portal.portfolio_view import PERCENT, View
from eeds.runs.histogram import histogram
from eeds.runs.portfolio import annual_savings, months, realization_of_projects

SUFFIXES = {"KWH": "kwh", "THM": "therms"}


def months_table(session: Session, view: View) -> Table:
    """What was saved in each month, and since the first."""
    found = months(session, view.selection.condition, view.fuel)
    sums = accumulate(month.value for month in found)
    rows = [
        (f"{month.month:%Y-%m}", month.projects, month.value / view.kwh, sum / view.kwh, month.baseline / view.kwh)
        for month, sum in zip(found, sums, strict=True)
    ]
    heads = columns(Type.TEXT, "month") + columns(Type.INTEGER, "projects")
    return table(heads + energies(view, "savings", "cumulative_savings", "counterfactual"), rows)


def histogram_table(session: Session, view: View) -> Table:
    """How many projects save so much a year: the bins, before and behind them the projects that lie beyond."""
    saved = annual_savings(session, view.selection.condition, view.fuel)
    if view.scale == PERCENT:
        found = histogram([100 * value / baseline for value, baseline in saved if baseline])
        heads = columns(Type.NUMBER, "from_percent", "to_percent")
    else:
        found = histogram([value / view.kwh for value, _ in saved])
        heads = energies(view, "from", "to")
    edges = [None, *found.edges, None]
    counts = [found.below, *found.counts, found.above]
    rows = list(zip(edges, edges[1:], counts, strict=False)) if found.counts else []
    return table(heads + columns(Type.INTEGER, "projects"), rows)


def realization_table(session: Session, view: View) -> Table:
    """What was predicted of each project, and what it saves."""
    rows = [
        (
            name,
            *(value / view.kwh for value in (one.predicted, one.value, one.value - one.lower, one.value + one.upper)),
            one.rate,
        )
        for name, one in realization_of_projects(session, view.selection.condition, view.fuel)
    ]
    heads = columns(Type.TEXT, "project_id") + energies(view, "predicted", "saved", "saved_lower", "saved_upper")
    return table(heads + columns(Type.NUMBER, "realization_rate"), rows)


def energies(view: View, *names: str) -> list[Column]:
    """Columns that say their unit."""
    return columns(Type.NUMBER, *(f"{name}_{SUFFIXES[view.unit]}" for name in names))


def table(heads: list[Column], rows: Batch) -> Table:
    """A table of few rows."""
    return Table(heads, len(rows), iter([rows] if rows else []))


TABLES: Mapping[str, Callable[[Session, View], Table]] = {
    "months": months_table,
    "histogram": histogram_table,
    "realization": realization_table,
}
