"""The portfolio as tables, which the portal draws and gives out as CSV.

`fuel` is an interpretation of eeds.runs.portfolio.totals.FUELS, `unit` of the energies KWH or THM. The names of the
columns say the unit.
"""

from eeds.formats.table import Batch, Column, Table, Type, columns
from eeds.meter.names import KWH_PER_UNIT
from eeds.runs.portfolio.histogram import histogram
from eeds.runs.portfolio.members import USUAL_LEVEL, Portfolio
from eeds.runs.portfolio.months import Month, months
from eeds.runs.portfolio.realization import realization_of_projects
from eeds.runs.portfolio.totals import annual_savings

SCALES = PERCENT, ENERGY = ("percent", "energy")
SUFFIXES = {"KWH": "kwh", "THM": "therms"}


def months_table(portfolio: Portfolio, fuel: str, unit: str, confidence_level: float = USUAL_LEVEL) -> Table:
    """A row a month: what was saved in it and since the first, with bounds, and what would have been used without
    retrofits. Bounds are empty where a result of an earlier release has none."""
    kwh = KWH_PER_UNIT[unit]
    rows = [
        (f"{month.month:%Y-%m}", month.projects, *(None if value is None else value / kwh for value in energies(month)))
        for month in months(portfolio, [fuel], confidence_level)[fuel]
    ]
    names = ("savings", "cumulative_savings", "counterfactual")
    sides = [f"{name}_{side}" for name in names[:2] for side in ("lower", "upper")]
    columns_of_energies = energy_columns(unit, *names, *sides)
    return small_table([*columns(Type.TEXT, "month"), *columns(Type.INTEGER, "projects"), *columns_of_energies], rows)


def energies(month: Month) -> tuple[float | None, ...]:
    """Savings, cumulative savings, counterfactual, and the bounds of the first two."""
    own, until = (
        (month.value, month.lower, month.upper),
        (month.cumulative, month.cumulative_lower, month.cumulative_upper),
    )
    bounds = [
        bound
        for value, lower, upper in (own, until)
        for bound in (None if lower is None else value - lower, None if upper is None else value + upper)
    ]
    return month.value, month.cumulative, month.baseline, *bounds


def histogram_table(portfolio: Portfolio, fuel: str, unit: str, scale: str) -> Table:
    """A row a bin of annual savings, in percent of use or in energy: how many projects save so much. The first and the
    last row count the projects outside the bins; without projects there are none."""
    saved = annual_savings(portfolio, fuel)
    if scale == PERCENT:
        bins = histogram([100 * value / baseline for value, baseline in saved if baseline])
        edge_columns = columns(Type.NUMBER, "from_percent", "to_percent")
    else:
        bins = histogram([value / KWH_PER_UNIT[unit] for value, _ in saved])
        edge_columns = energy_columns(unit, "from", "to")
    edges, counts = [None, *bins.edges, None], [bins.below, *bins.counts, bins.above]
    rows = list(zip(edges, edges[1:], counts, strict=False)) if bins.counts else []
    return small_table([*edge_columns, *columns(Type.INTEGER, "projects")], rows)


def realization_table(portfolio: Portfolio, fuel: str, unit: str, confidence_level: float = USUAL_LEVEL) -> Table:
    """A row a project that has a prediction and a result: predicted annual savings, the normalized savings with their
    bounds, and the rate of the two."""
    rows = [
        (
            name,
            *(
                value / KWH_PER_UNIT[unit]
                for value in (one.predicted, one.value, one.value - one.lower, one.value + one.upper)
            ),
            one.rate,
        )
        for name, one in realization_of_projects(portfolio, fuel, confidence_level)
    ]
    energies = energy_columns(unit, "predicted", "saved", "saved_lower", "saved_upper")
    return small_table([*columns(Type.TEXT, "project_id"), *energies, *columns(Type.NUMBER, "realization_rate")], rows)


def energy_columns(unit: str, *names: str) -> list[Column]:
    """Columns of energies, their names with the unit behind."""
    return columns(Type.NUMBER, *(f"{name}_{SUFFIXES[unit]}" for name in names))


def small_table(columns: list[Column], rows: Batch) -> Table:
    """A table of so few rows that they are held."""
    return Table(columns, len(rows), [rows] if rows else [])
