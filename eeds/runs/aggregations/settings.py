"""What an aggregation is asked for: fuels, unit, groups, thresholds and confidence, checked."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from eeds.formats.units import unit_named
from eeds.formats.values import parse_number
from eeds.meter.names import ALL_FUELS, FUELS, INTERPRETATIONS
from eeds.runs.portfolio.members import CVRMSE_LIMIT, Rules

MONTH = "month"  # of `group_by`: by calendar month, not by an attribute
# CalTRACK 4.3.2.3 leaves it to who procures how large a portfolio's fractional savings uncertainty may be, and names
# these two.
FSU_THRESHOLDS: Mapping[str, float] = {"non_wires_alternative": 0.15, "pay_for_performance": 0.25}
FSU_LEVEL = 0.9  # the confidence level of fractional savings uncertainty (CalTRACK 4.3.2.4.2)
COMBINED = "combined"
# Words for the fuels of results; what results call them, and the short codes of traces, will do too.
WORDS: Mapping[str, str] = {
    COMBINED: ALL_FUELS,
    **dict(zip(FUELS, (INTERPRETATIONS[f"{code}_C_S"] for code in ("E", "NG", "FO", "P", "S", "CW")), strict=True)),
}
FUELS_BY_WORD: Mapping[str, str] = {
    **WORDS,
    **INTERPRETATIONS,
    **{name: name for name in (ALL_FUELS, *INTERPRETATIONS.values())},
}
ENERGY = "kWh"


@dataclass(frozen=True)
class AggregationSettings:
    """What was asked for. `fuels` by their long names, None: all that the results have; `unit` an energy by the name of
    eeds.formats.units; `confidence_level` None: the highest of the results; `group_by` an attribute's name."""

    fuels: tuple[str, ...] | None = None
    unit: str = ENERGY
    group_by: str | None = None
    months: bool = False
    confidence_level: float | None = None
    cvrmse_threshold: float = CVRMSE_LIMIT
    fsu_threshold: float | None = None
    minimum_days: int = 0
    allow_stale: bool = False
    allow_disqualified: bool = False

    @property
    def rules(self) -> Rules:
        """By which members are accepted."""
        return Rules(self.fuels, self.cvrmse_threshold, self.minimum_days, self.allow_stale, self.allow_disqualified)

    @property
    def kwh(self) -> float:
        """The kWh in the unit."""
        return kwh_in(self.unit)

    def as_json(self) -> dict[str, Any]:
        """As they are stored and answered."""
        groups = ([] if self.group_by is None else [self.group_by]) + ([MONTH] if self.months else [])
        values = asdict(self) | {"group_by": groups, "fuels": None if self.fuels is None else list(self.fuels)}
        return {name: value for name, value in values.items() if name != "months"}


def parse_fuels(values: list[Any]) -> tuple[str, ...]:
    """The long names of fuels, each once; raises ValueError."""
    unknown = [value for value in values if not isinstance(value, str) or value not in FUELS_BY_WORD]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no fuel; there are {', '.join(WORDS)}, and what results call them.")
    if not values:
        raise ValueError("Name a fuel at least, or leave them out: then all count that the results have.")
    return tuple(dict.fromkeys(FUELS_BY_WORD[value] for value in values))


def parse_energy_unit(value: Any) -> str:
    """The name of a unit of energy; raises ValueError."""
    unit = unit_named(value) if isinstance(value, str) else None
    if unit is None or unit.kwh is None:
        raise ValueError(f"{value!r} is no unit of energy; give kWh, MWh, therm, MMBtu, GJ or another.")
    return unit.name


def kwh_in(name: str) -> float:
    """The kWh in a unit of that name."""
    unit = unit_named(name)
    assert unit is not None
    assert unit.kwh is not None
    return unit.kwh


def parse_fsu_threshold(value: Any) -> float:
    """A share, or one of the uses of FSU_THRESHOLDS; raises ValueError."""
    if isinstance(value, str) and value in FSU_THRESHOLDS:
        return FSU_THRESHOLDS[value]
    share = parse_number(value)
    if share is None or not 0 < share <= 1000:
        named = ", ".join(f"{name} ({share:.0%})" for name, share in FSU_THRESHOLDS.items())
        raise ValueError(f"{value!r} is no threshold; give a share above 0, as 0.15, or {named}.")
    return share
