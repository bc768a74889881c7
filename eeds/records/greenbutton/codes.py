"""What the codes of NAESB REQ.21 (ESPI) 4.0 mean to us: which readings are energy, of which fuel and direction, and how
good they are. The names beside the numbers are the standard's own."""

from collections.abc import Mapping
from math import gcd
from typing import NamedTuple

from eeds.errors import EedsError
from eeds.formats.units import UNITS, factor
from eeds.formats.values import parse_int

ELECTRICITY, GAS = "electricity", "gas"
SERVICE_KINDS = {0: ELECTRICITY, 1: GAS}
OTHER_SERVICES = {2: "water", 3: "time", 4: "heat", 5: "refuse", 6: "sewerage", 7: "rates", 8: "TV", 9: "internet"}
# 1 electricity SecondaryMetered, 2 electricity PrimaryMetered, 7 naturalGas; 0 says nothing
COMMODITIES = {1: ELECTRICITY, 2: ELECTRICITY, 7: GAS}

# flowDirection: 0 none, 1 forward, 4 net (forward less reverse), 19 reverse, whose values are positive; a utility that
# sends nothing means what it delivers. Gas flows one way only, so that net and total (20) are what was delivered.
INTERPRETATIONS = {
    ELECTRICITY: {0: "E_C_S", 1: "E_C_S", 4: "E_C_N", 19: "E_OSG_U"},
    GAS: {0: "NG_C_S", 1: "NG_C_S", 4: "NG_C_S", 20: "NG_C_S"},
}

ACCUMULATED_OVER_INTERVAL = {0, 4}  # none, deltaData
REGISTERS = {1: "bulkQuantity", 2: "continuousCumulative", 3: "cumulative", 9: "summation"}
ENERGIES = {0, 12, 58}  # kind: none, energy, volume, which gas in therms is called too
QUALIFIERS = {0, 12, 26}  # dataQualifier: none, normal, sum; others are averages, maxima and the like

# quality: 8 estimated using reference day, 9 estimated using linear interpolation, 12 projected (forecast). Others say
# how far a value was checked (0 valid, 14 raw, 17 validated, 18 verified, 19 revenue-quality, ...) or by whom changed.
ESTIMATED = frozenset({8, 9, 12})
NORMALIZED_FOR_WEATHER = 15

MAX_DURATION = 2**31 - 1  # seconds, 68 years
MAX_REGISTER = 2**15 - 1
REGISTER_ELEMENTS = ("tou", "cpp", "consumptionTier")  # by which a utility divides what was used in one interval

MULTIPLIERS = range(-12, 13)  # powerOfTenMultiplier: pico to tera
VOLUMES = {42: "m3", 119: "ft3", 120: "ft3", 134: "litre", 156: "litre", 157: "litre", 166: "m3", 167: "m3"}
OTHER_UNITS = {38: "W", 61: "VA", 63: "VAr", 71: "VAh", 73: "VArh", 133: "BTU/h", 128: "US gallon", 80: "currency"}


class Unit(NamedTuple):
    """A unit of energy in one of ours: so many of it are one of ours."""

    ours: str
    per_unit: int


# uom
ENERGY_UNITS = {
    31: Unit("KWH", 3_600_000),  # J
    72: Unit("KWH", 1_000),  # Wh
    132: Unit("THM", 100_000),  # BTU
    169: Unit("THM", 1),  # therm
}


class Unusable(EedsError):
    """Why readings of a kind cannot be stored."""


class Measured(NamedTuple):
    """What readings of a ReadingType are: values times `multiplier` over `divisor`, in `unit`. Of energies both are
    exact, and one of them is nearly always 1, so that a value is rounded once. A register is 0 where none is named."""

    interpretation: str
    unit: str
    multiplier: float
    divisor: float
    is_estimated: bool  # of readings without a quality of their own
    interval_length: int | None  # seconds; of readings that do not say when they are
    registers: tuple[int, ...]  # of readings that do not say which


def fuel_of(service_kind: str | None, commodity: int | None) -> str:
    """The fuel that a usage point and a ReadingType speak of; raises Unusable if it is none, or they disagree."""
    of_commodity = COMMODITIES.get(commodity or 0)
    if commodity and of_commodity is None:
        raise Unusable(f"Its commodity is {commodity}; electricity (1, 2) and natural gas (7) are stored.")
    if service_kind is None:
        if of_commodity is None:
            raise Unusable("Neither a ServiceCategory nor a commodity says whether this is electricity or gas.")
        return of_commodity
    kind = parse_int(service_kind)
    fuel = SERVICE_KINDS.get(-1 if kind is None else kind)
    if fuel is None:
        name = OTHER_SERVICES.get(-1 if kind is None else kind, "unknown")
        raise Unusable(f"Its ServiceCategory is {service_kind} ({name}); electricity (0) and gas (1) are stored.")
    if of_commodity not in (None, fuel):
        raise Unusable(f"Its usage point is of {fuel}, but its ReadingType's commodity is {commodity}.")
    return fuel


def read_reading_type(
    reading_type: Mapping[str, str], service_kind: str | None, heating_value: float | None = None
) -> Measured:
    """What the values of a ReadingType are, by its elements; raises Unusable with the reason where they are no energy
    of electricity or gas. Volumes of gas are, with a heating value in MJ/m3."""
    fuel = fuel_of(service_kind, code(reading_type, "commodity"))
    require_energy_of_intervals(reading_type)
    uom = code(reading_type, "uom")
    power = code(reading_type, "powerOfTenMultiplier") or 0
    if power not in MULTIPLIERS:
        raise Unusable(f"Its powerOfTenMultiplier is {power}; it lies between -12 and 12.")
    if uom in VOLUMES and fuel == GAS:
        scale = "THM", 10.0**power * therms_in(VOLUMES[uom], heating_value), 1.0
    else:
        unit = energy_unit(uom, fuel)
        scale = unit.ours, *ratio(power, unit.per_unit)
    return Measured(
        interpretation_of(fuel, code(reading_type, "flowDirection") or 0),
        *scale,
        code(reading_type, "defaultQuality") in ESTIMATED,
        interval_length(reading_type),
        tuple(register(reading_type, name) for name in REGISTER_ELEMENTS),
    )


def code(reading_type: Mapping[str, str], name: str) -> int | None:
    """The number in an element, None if it is not there or empty; raises Unusable."""
    text = reading_type.get(name, "").strip()
    number = parse_int(text)
    if text and number is None:
        raise Unusable(f'Its {name} is "{text}", which is no whole number.')
    return number


def interval_length(reading_type: Mapping[str, str]) -> int | None:
    """The seconds that each reading lasts; raises Unusable for more than a duration can be."""
    seconds = code(reading_type, "intervalLength")
    if seconds is not None and seconds > MAX_DURATION:
        raise Unusable(f"Its intervalLength is {seconds}; a reading lasts {MAX_DURATION} seconds at most.")
    return seconds


def register(reading_type: Mapping[str, str], name: str) -> int:
    """The number of a register, 0 where none is named; raises Unusable for what no register has."""
    number = code(reading_type, name) or 0
    if number > MAX_REGISTER:
        raise Unusable(f"Its {name} is {number}; it is a whole number from 0 to {MAX_REGISTER}.")
    return max(number, 0)


def require_energy_of_intervals(reading_type: Mapping[str, str]) -> None:
    """Raises Unusable unless values are the energy that flowed in each interval."""
    accumulation = code(reading_type, "accumulationBehaviour") or 0
    if accumulation in REGISTERS:
        name = REGISTERS[accumulation]
        raise Unusable(
            f"Its accumulationBehaviour is {accumulation} ({name}): values are what a register shows, not the use of "
            "an interval. Ask for interval data (4, deltaData)."
        )
    if accumulation not in ACCUMULATED_OVER_INTERVAL:
        raise Unusable(f"Its accumulationBehaviour is {accumulation}; the use of an interval (4, deltaData) is stored.")
    kind, qualifier = code(reading_type, "kind") or 0, code(reading_type, "dataQualifier") or 0
    if kind not in ENERGIES:
        raise Unusable(f"Its kind is {kind}, which is no energy (12).")
    if qualifier not in QUALIFIERS:
        raise Unusable(f"Its dataQualifier is {qualifier}: values are no sums of an interval, but averages, maxima ...")


def therms_in(volume: str, heating_value: float | None) -> float:
    """The therms in a volume of gas; raises Unusable without a heating value."""
    if heating_value is None:
        raise Unusable(
            f"Its values are volumes ({volume}), and how much energy that is depends on the heating value of the gas: "
            "give it (heating_value, such as 38.5 MJ/m3 or 1035 BTU/ft3, from the bill), or ask the utility for therms."
        )
    return factor(UNITS[volume], UNITS["therm"], heating_value)


def energy_unit(uom: int | None, fuel: str) -> Unit:
    """The unit of energy that a code names; raises Unusable."""
    unit = ENERGY_UNITS.get(-1 if uom is None else uom)
    if unit is None or (fuel == ELECTRICITY and unit.ours == "THM"):
        given = "missing" if uom is None else f"{uom} ({OTHER_UNITS[uom]})" if uom in OTHER_UNITS else str(uom)
        usual = "Wh (72) and J (31)" if fuel == ELECTRICITY else "therm (169), BTU (132), Wh (72) and J (31)"
        raise Unusable(f"Its uom is {given}; energy of {fuel} comes in {usual}.")
    return unit


def interpretation_of(fuel: str, flow: int) -> str:
    """The interpretation of a trace with that flowDirection; raises Unusable."""
    if flow not in INTERPRETATIONS[fuel]:
        flows = ", ".join(map(str, INTERPRETATIONS[fuel]))
        raise Unusable(f"Its flowDirection is {flow}; of {fuel} {flows} are stored.")
    return INTERPRETATIONS[fuel][flow]


def ratio(power: int, per_unit: int) -> tuple[float, float]:
    """10^power / per_unit as a multiplier and a divisor, whole numbers that are exact as floats."""
    above, below = 10 ** max(power, 0), per_unit * 10 ** max(-power, 0)
    common = gcd(above, below)
    return float(above // common), float(below // common)
