"""The words that the API, the tables and the meter share: what a trace measures, of which fuel, and in which unit."""

from typing import Literal, get_args

# Short codes the API and the tables use for the direction and kind of a trace, and the names results use.
INTERPRETATIONS = {
    "E_C_S": "ELECTRICITY_CONSUMPTION_SUPPLIED",
    "E_C_T": "ELECTRICITY_CONSUMPTION_TOTAL",
    "E_C_N": "ELECTRICITY_CONSUMPTION_NET",
    "E_OSG_T": "ELECTRICITY_ON_SITE_GENERATION_TOTAL",
    "E_OSG_C": "ELECTRICITY_ON_SITE_GENERATION_CONSUMED",
    "E_OSG_U": "ELECTRICITY_ON_SITE_GENERATION_UNCONSUMED",
    "NG_C_S": "NATURAL_GAS_CONSUMPTION_SUPPLIED",
    # beyond those of the original
    "FO_C_S": "FUEL_OIL_CONSUMPTION_SUPPLIED",
    "P_C_S": "PROPANE_CONSUMPTION_SUPPLIED",
    "S_C_S": "STEAM_CONSUMPTION_SUPPLIED",
    "CW_C_S": "CHILLED_WATER_CONSUMPTION_SUPPLIED",
}
# What a building was supplied with, added up in kWh as it came through the meter (site energy): a kWh of chilled water
# counts as one of electricity, whatever the district's chiller used for it.
ALL_FUELS = "ALL_FUELS_CONSUMPTION_SUPPLIED"
SUPPLIED = ("E_C_S", "NG_C_S", "FO_C_S", "P_C_S", "S_C_S", "CW_C_S")

# What settings of a fuel are given for, and the beginning of its short codes; generation is electricity too.
Fuel = Literal["electricity", "gas", "fuel_oil", "propane", "steam", "chilled_water"]
FUELS: tuple[str, ...] = get_args(Fuel)
FUEL_OF_CODE = dict(zip(("E", "NG", "FO", "P", "S", "CW"), FUELS, strict=True))
BURNED = ("gas", "fuel_oil", "propane")

KWH_PER_UNIT = {"KWH": 1.0, "THM": 29.3001}
UNITS = tuple(KWH_PER_UNIT)


def fuel_of(interpretation: str) -> str:
    """The fuel that a trace measures."""
    return FUEL_OF_CODE[interpretation.partition("_")[0]]


def may_cool(interpretation: str) -> bool:
    """Whether a trace may have use that rises with heat: not of a fuel that is burned (CalTRACK 3.2.1.1 says so of
    natural gas); district steam drives chillers too."""
    return fuel_of(interpretation) not in BURNED


def is_electricity_consumption(interpretation: str) -> bool:
    """Whether a trace is electricity that a building uses.

    There a zero is a reading that failed (CalTRACK 2.2.1.4), and net metering makes negative values ordinary. A gas
    meter or a generator may well stand still for a day, as chilled water does all winter, and counts one way only.
    """
    return interpretation.startswith("E_C_")
