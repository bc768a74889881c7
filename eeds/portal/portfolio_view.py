"""What the portfolio page shows, as its query string says: which projects, which fuel, in which unit.

`?fuel=` an interpretation as results name it, `unit=` KWH or THM, `scale=` of the histogram, percent or energy; besides
these the filters of eeds.portal.filters. What is none of them falls back to the first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eeds.meter.names import ALL_FUELS, KWH_PER_UNIT, UNITS
from eeds.meter.types import Savings
from eeds.portal import template_filters
from eeds.portal.filters import Args, selection
from eeds.projects.filters import FilteredProjects
from eeds.runs.portfolio import ELECTRICITY, FUELS, GAS, Realization, Total
from eeds.runs.portfolio_tables import SCALES

NAMES = {ALL_FUELS: "Electricity and gas", ELECTRICITY: "Electricity", GAS: "Gas"}


@dataclass(frozen=True)
class View:
    """The projects, the fuel, the unit and the scale that were chosen."""

    selection: FilteredProjects
    fuel: str
    unit: str
    scale: str

    def parameters(self, **others: str) -> dict[str, str]:
        """The query string of the same view, or of one that differs in some of them."""
        own = {"fuel": self.fuel, "unit": self.unit, "scale": self.scale}
        return {**self.selection.parameters, **own, **others}


def view_of(args: Args) -> View:
    """The view that a query string chooses."""
    return View(
        selection(args),
        one_of(FUELS, args.get("fuel")),
        one_of(UNITS, args.get("unit")),
        one_of(SCALES, args.get("scale")),
    )


def one_of(known: tuple[str, ...], asked: str | None) -> str:
    """The text if it is a known one, else the first of those."""
    return asked if asked in known else known[0]


def name_of(interpretation: str) -> str:
    """The name of an interpretation on the page."""
    return NAMES.get(interpretation) or template_filters.plain(interpretation)


def total_values(total: Total, unit: str) -> Mapping[str, Any]:
    """The total of an interpretation, energies in the unit; None in place of savings that are not known."""
    return {
        "interpretation": total.interpretation,
        "name": name_of(total.interpretation),
        "metered": total.metered and {**in_unit(total.metered, unit), "fraction": total.metered.fraction},
        "normalized": total.normalized and {**in_unit(total.normalized, unit), "fraction": total.normalized.fraction},
        "realized": total.realized and {**in_unit(total.realized, unit), "rate": total.realized.rate},
    }


def in_unit(savings: Savings | Realization, unit: str) -> dict[str, Any]:
    """The numbers of savings, energies in the unit."""
    energies = {"value", "upper", "lower", "baseline", "predicted"}
    kwh = KWH_PER_UNIT[unit]
    return {name: number / kwh if name in energies else number for name, number in vars(savings).items()}


def confidence(levels: Sequence[float]) -> str:
    """95 % confidence, 80 to 95 % confidence: that of the bounds"""
    if not levels:
        return "unknown confidence"
    first, last = (f"{level * 100:g}" for level in (levels[0], levels[-1]))
    return f"{first} % confidence" if first == last else f"{first} to {last} % confidence"
