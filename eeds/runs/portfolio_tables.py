"""The portfolio as tables, which the portal draws and gives out as CSV.

`condition` of the projects, and says too whose they are; `fuel` an interpretation of eeds.runs.portfolio.FUELS, `unit`
of the energies KWH or THM. The names of the columns say the unit.
"""

from itertools import accumulate

from sqlalchemy.orm import Session

from eeds.formats.table import Batch, Column, Table, Type, columns
from eeds.meter.names import KWH_PER_UNIT
from eeds.runs.histogram import histogram
from eeds.runs.portfolio import Condition, annual_savings, months, realization_of_projects

SCALES = PERCENT, ENERGY = ("percent", "energy")
SUFFIXES = {"KWH": "kwh", "THM": "therms"}


def months_table(session: Session, condition: Condition, fuel: str, unit: str) -> Table:
    """A row a month: what was saved in it and since the first, and what would have been used without retrofits."""
    reported, kwh = months(session, condition, fuel), KWH_PER_UNIT[unit]
    totals = accumulate(month.value for month in reported)
    rows = [
        (f"{month.month:%Y-%m}", month.projects, month.value / kwh, total / kwh, month.baseline / kwh)
        for month, total in zip(reported, totals, strict=True)
    ]
    energies = energy_columns(unit, "savings", "cumulative_savings", "counterfactual")
    return small_table([*columns(Type.TEXT, "month"), *columns(Type.INTEGER, "projects"), *energies], rows)


def histogram_table(session: Session, condition: Condition, fuel: str, unit: str, scale: str) -> Table:
    """A row a bin of annual savings, in percent of use or in energy: how many projects save so much. The first and the
    last row count the projects outside the bins; without projects there are none."""
    saved = annual_savings(session, condition, fuel)
    if scale == PERCENT:
        bins = histogram([100 * value / baseline for value, baseline in saved if baseline])
        edge_columns = columns(Type.NUMBER, "from_percent", "to_percent")
    else:
        bins = histogram([value / KWH_PER_UNIT[unit] for value, _ in saved])
        edge_columns = energy_columns(unit, "from", "to")
    edges, counts = [None, *bins.edges, None], [bins.below, *bins.counts, bins.above]
    rows = list(zip(edges, edges[1:], counts, strict=False)) if bins.counts else []
    return small_table([*edge_columns, *columns(Type.INTEGER, "projects")], rows)


def realization_table(session: Session, condition: Condition, fuel: str, unit: str) -> Table:
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
        for name, one in realization_of_projects(session, condition, fuel)
    ]
    energies = energy_columns(unit, "predicted", "saved", "saved_lower", "saved_upper")
    return small_table([*columns(Type.TEXT, "project_id"), *energies, *columns(Type.NUMBER, "realization_rate")], rows)


def energy_columns(unit: str, *names: str) -> list[Column]:
    """Columns of energies, their names with the unit behind."""
    return columns(Type.NUMBER, *(f"{name}_{SUFFIXES[unit]}" for name in names))


def small_table(columns: list[Column], rows: Batch) -> Table:
    """A table of so few rows that they are held."""
    return Table(columns, len(rows), [rows] if rows else [])
