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

SCALES = PERCENT, ENERGY = ("percent", "energy")
NAMES = {ALL_FUELS: "Electricity and gas", ELECTRICITY: "Electricity", GAS: "Gas"}


@dataclass(frozen=True)
class View:
    """What is asked for."""

    selection: FilteredProjects
    fuel: str
    unit: str
    scale: str

    @property
    def kwh(self) -> float:
        """How many kWh the unit has."""
        return KWH_PER_UNIT[self.unit]

    def parameters(self, **others: str) -> dict[str, str]:
        """The query string of the same view, or of one that differs in some of them."""
        own = {"fuel": self.fuel, "unit": self.unit, "scale": self.scale}
        return {**self.selection.parameters, **own, **others}

    def energies(self, savings: Savings | Realization | None) -> dict[str, Any] | None:
        """The numbers of savings, energies in the unit."""
        if savings is None:
            return None
        energies = {"value", "upper", "lower", "baseline", "predicted"}
        return {name: number / self.kwh if name in energies else number for name, number in vars(savings).items()}


def view_of(args: Args) -> View:
    """What a query string asks for."""
    return View(
        selection(args),
        one_of(FUELS, args.get("fuel")),
        one_of(UNITS, args.get("unit")),
        one_of(SCALES, args.get("scale")),
    )


def one_of(known: tuple[str, ...], asked: str | None) -> str:
    """What is asked for if it is known, else the first."""
    return asked if asked in known else known[0]


def name_of(interpretation: str) -> str:
    """What people call it."""
    return NAMES.get(interpretation) or template_filters.plain(interpretation)


def shown(total: Total, view: View) -> Mapping[str, Any]:
    """The total of an interpretation in the view's unit."""
    realized = view.energies(total.realized)
    return {
        "interpretation": total.interpretation,
        "name": name_of(total.interpretation),
        **{
            kind: {**(view.energies(savings) or {}), "fraction": savings.fraction} if savings else None
            for kind, savings in (("metered", total.metered), ("normalized", total.normalized))
        },
        "realized": {**realized, "rate": total.realized.rate} if realized and total.realized else None,
    }


def confidence(levels: Sequence[float]) -> str:
    """95 % confidence, 80 to 95 % confidence: that of the bounds"""
    if not levels:
        return "unknown confidence"
    first, last = (f"{level * 100:g}" for level in (levels[0], levels[-1]))
    return f"{first} % confidence" if first == last else f"{first} to {last} % confidence"
