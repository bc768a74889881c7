"""Units of energy, volume and mass: the words that people write for them, and what one is in another.

The table is of exact fractions, so that a factor between units whose ratio is exact is that number's nearest float:
1 MWh is 1000 kWh, 1 Dth is 10 therms, 1 ft3 is 0.028316846592 m3.

Sources:

- kWh, J: the SI; 1 kWh is 3.6 MJ.
- The Btu is that of 59 degF, of which the US therm has 100,000 (105,480,400 J: NIST Special Publication 811, B.8):
  29.3001 kWh, the number by which eeds adds gas to electricity (`eeds/meter/names.py`).
- ft3 by the international foot of 0.3048 m, gallons (US 231 cubic inches, UK 4.54609 litres) and pounds of
  0.45359237 kg: NIST Handbook 44, appendix C.
- A ton-hour of chilled water is 12,000 Btu (NIST SP 811: ton of refrigeration).
- Heat contents of fuels: ENERGY STAR Portfolio Manager, Technical Reference, Thermal Energy Conversions (US): fuel oil
  No. 2 138 kBtu a gallon, propane 92 kBtu a gallon or 2.516 kBtu a cubic foot as gas, steam 1.194 kBtu a pound
  (saturated, at 150 psi). There is none for natural gas here, although Portfolio Manager has one: what a supplier
  delivers differs by several percent by place and month, and the bill says it.

Words whose letters mean two things are what the field makes of them: `Mcf` is 1,000 cubic feet and `Mlb` 1,000 pounds
(M as in Roman numerals, as gas and steam utilities and EIA's glossary have it), `MBtu` is 1,000,000 Btu (Portfolio
Manager). What stands in parentheses behind `Mcf` and `Mlb` decides otherwise: Portfolio Manager's `MCF(million cubic
feet)` is a million. Nothing depends on capitals.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from eeds.errors import EedsError

Kind = Literal["energy", "volume", "mass"]

KWH_PER_THERM = Fraction("29.3001")
KWH_PER_BTU = KWH_PER_THERM / 100_000
MJ_PER_KWH = Fraction("3.6")
M3_PER_FT3 = Fraction("0.3048") ** 3
M3_PER_GALLON = Fraction("0.003785411784")
KG_PER_LB = Fraction("0.45359237")


class NeedsHeatingValue(EedsError):
    """A volume or a mass is no energy, unless it is known how much heat is in it."""


@dataclass(frozen=True)
class Unit:
    """A unit by the name that messages give it. `size` is in kWh, m3 or kg, by kind; `is_liquid` tells the volumes in
    which liquids are sold from those of gases."""

    name: str
    kind: Kind
    size: Fraction
    is_liquid: bool = False

    @property
    def kwh(self) -> float | None:
        """The kWh in one; None for a volume or a mass."""
        return float(self.size) if self.kind == "energy" else None


ENERGIES: Mapping[str, tuple[Fraction, str]] = {
    "Wh": (Fraction(1, 1000), "wh watthour watthours whr whrs"),
    "kWh": (Fraction(1), "kwh kwhs kwhr kwhrs kwhour kwhours kilowatthour kilowatthours thousandwatthours kilowatthr"),
    "MWh": (Fraction(1000), "mwh mwhs mwhr mwhrs megawatthour megawatthours millionwatthours"),
    "GWh": (Fraction(1_000_000), "gwh gigawatthour gigawatthours"),
    "J": (1 / MJ_PER_KWH / 10**6, "j joule joules"),
    "kJ": (1 / MJ_PER_KWH / 10**3, "kj kilojoule kilojoules"),
    "MJ": (1 / MJ_PER_KWH, "mj megajoule megajoules"),
    "GJ": (1 / MJ_PER_KWH * 10**3, "gj gjs gigajoule gigajoules billionjoules"),
    "BTU": (KWH_PER_BTU, "btu btus britishthermalunit britishthermalunits"),
    "kBtu": (KWH_PER_BTU * 10**3, "kbtu kbtus thousandbtu thousandbtus"),
    "MMBtu": (KWH_PER_BTU * 10**6, "mmbtu mmbtus mbtu mbtus millionbtu millionbtus"),
    "therm": (KWH_PER_THERM, "therm therms thm thms"),
    "Dth": (KWH_PER_THERM * 10, "dth dths dtherm dtherms dekatherm dekatherms decatherm decatherms"),
    "ton-hour": (KWH_PER_BTU * 12_000, "tonhour tonhours tonshours tonhr tonhrs trh trhs"),
}
# of gases, and of anything in m3
VOLUMES: Mapping[str, tuple[Fraction, str]] = {
    "ft3": (M3_PER_FT3, "ft3 cf cuft cubicfoot cubicfeet cubicft cft scf"),
    "CCF": (M3_PER_FT3 * 100, "ccf ccfs hcf 100cf 100ft3 100cubicfeet hundredcubicfeet hundredcf"),
    "Mcf": (M3_PER_FT3 * 1000, "mcf mcfs kcf kcfs kft3 1000cf 1000ft3 1000cubicfeet thousandcubicfeet thousandcf"),
    "MMcf": (M3_PER_FT3 * 10**6, "mmcf mmcfs millioncubicfeet millioncf"),
    "m3": (Fraction(1), "m3 cm cum cbm cubicmeter cubicmeters cubicmetre cubicmetres"),
    "1000 m3": (Fraction(1000), "kcm 1000m3 thousandcubicmeters thousandcubicmetres"),
}
LIQUIDS: Mapping[str, tuple[Fraction, str]] = {
    "litre": (Fraction(1, 1000), "l ltr ltrs liter liters litre litres"),
    "gallon": (M3_PER_GALLON, "gal gals gallon gallons usgal usgals usgallon usgallons galus gallonus gallonsus"),
    "UK gallon": (
        Fraction("0.00454609"),
        "ukgal ukgallon ukgallons galuk gallonuk gallonsuk impgal impgallon impgallons imperialgal imperialgallon "
        "imperialgallons galimp gallonsimp gallonsimperial",
    ),
}
MASSES: Mapping[str, tuple[Fraction, str]] = {
    "lb": (KG_PER_LB, "lb lbs pound pounds lbm"),
    "klb": (
        KG_PER_LB * 1000,
        "klb klbs mlb mlbs thousandpounds thousandlb thousandlbs kilopound kilopounds 1000lb 1000lbs",
    ),
    "million lb": (KG_PER_LB * 10**6, "mmlb mmlbs millionpounds millionlb millionlbs"),
    "kg": (Fraction(1), "kg kgs kilogram kilograms kilogramme kilogrammes"),
}
# words of which the letters alone do not say how much they mean: what stands behind them in parentheses does
TWO_MEANINGS = frozenset({"mcf", "mcfs", "mlb", "mlbs"})


def words_of_units() -> Iterator[tuple[str, Unit]]:
    """Every word for a unit, as `plain` writes it."""
    tables: tuple[tuple[Kind, bool, Mapping[str, tuple[Fraction, str]]], ...] = (
        ("energy", False, ENERGIES),
        ("volume", False, VOLUMES),
        ("volume", True, LIQUIDS),
        ("mass", False, MASSES),
    )
    for kind, is_liquid, table in tables:
        for name, (size, words) in table.items():
            unit = Unit(name, kind, size, is_liquid)
            yield from ((word, unit) for word in words.split())


# What traces have, by the code that is stored.
UNIT_NAMES: Mapping[str, str] = {"KWH": "kWh", "THM": "therms"}
UNITS: Mapping[str, Unit] = dict(words_of_units())

MAX_WORD = 100  # characters; no unit is called by more
WITH_NOTE = re.compile(r"([^()]*)\(([^()]*)\)")
MULTIPLE = re.compile(r"\d|hundred|thousand|million|billion", re.IGNORECASE)  # CF (x100) is not a cubic foot


def unit_named(text: str) -> Unit | None:
    """The unit that a text means: `kWh`, `KW-h`, `kilowatt hours`, `ccf (hundred cubic feet)`, `Usage (kWh)`; None if
    it means none, or several that differ."""
    return unit_of_text(text) if len(text) <= MAX_WORD else None


@lru_cache(maxsize=1024)  # a column repeats one or two words
def unit_of_text(text: str) -> Unit | None:
    """The unit of a word, of a word with another in parentheses behind it, or of the one of them that names a unit."""
    whole = unit_of_words(text)
    noted = WITH_NOTE.fullmatch(text.strip())
    if whole is not None or noted is None:
        return whole
    head, note = noted.groups()
    by_head, by_note = unit_of_words(head), unit_of_words(note)
    if by_head is None or by_note is None:
        return None if MULTIPLE.search(head if by_head is None else note) else by_head or by_note
    if (by_head.kind, by_head.size) == (by_note.kind, by_note.size):
        return by_head
    return by_note if plain(head) in TWO_MEANINGS else None


def unit_of_words(text: str) -> Unit | None:
    """The unit that one word, or each of several with a slash between them, means."""
    units = [UNITS.get(plain(word)) for word in text.split("/")]
    first = units[0]
    if first is None or any(each is None or (each.kind, each.size) != (first.kind, first.size) for each in units):
        return None
    return first


def plain(word: str) -> str:
    """A word without capitals, and without the blanks, dots, hyphens and raised figures that not everybody writes."""
    return re.sub(r"[\s.\-_·^()]", "", unicodedata.normalize("NFKC", word).casefold())


# Heat in fuels, by the interpretation of the trace: kWh in a m3 or a kg, by the kind of unit and whether of liquids.
HEAT_CONTENTS: Mapping[tuple[str, Kind, bool], Fraction] = {
    ("FO_C_S", "volume", True): 138_000 * KWH_PER_BTU / M3_PER_GALLON,
    ("FO_C_S", "volume", False): 138_000 * KWH_PER_BTU / M3_PER_GALLON,
    ("P_C_S", "volume", True): 92_000 * KWH_PER_BTU / M3_PER_GALLON,
    ("P_C_S", "volume", False): 2_516 * KWH_PER_BTU / M3_PER_FT3,
    ("S_C_S", "mass", False): 1_194 * KWH_PER_BTU / KG_PER_LB,
}


def factor(from_unit: Unit, to_unit: Unit, heating_value: float | None = None, fuel: str | None = None) -> float:
    """By what a value in one unit is multiplied to be in the other.

    Between two energies, volumes or masses it is exact. Between a volume and an energy it takes the `heating_value` in
    MJ per m3, else the standard heat content of the `fuel` (the interpretation of the trace: fuel oil and propane have
    one; so has steam, by mass).

    Raises NeedsHeatingValue where there is neither, and between a mass and a volume.
    """
    if from_unit.kind == to_unit.kind:
        return float(from_unit.size / to_unit.size)
    return float(heat_in(from_unit, heating_value, fuel) / heat_in(to_unit, heating_value, fuel))


def heat_in(unit: Unit, heating_value: float | None, fuel: str | None) -> Fraction:
    """The kWh in one of a unit; raises NeedsHeatingValue."""
    if unit.kind == "energy":
        return unit.size
    if unit.kind == "volume" and heating_value is not None:
        return unit.size * Fraction(heating_value) / MJ_PER_KWH
    content = HEAT_CONTENTS.get((fuel or "", unit.kind, unit.is_liquid))
    if content is not None:
        return unit.size * content
    if unit.kind == "mass":
        raise NeedsHeatingValue(
            f"A {unit.name} is a mass, whose heat is known of steam alone (S_C_S); convert the values to kWh or therms."
        )
    raise NeedsHeatingValue(
        f"{unit.name} is a volume, and how much energy is in it differs by supplier and month: give the heating value "
        "that the bill says, such as 1035 BTU/ft3, 38.5 MJ/m3 or 1.035 therm/CCF, or convert the values to kWh or "
        "therms."
    )


# Of a number alone only what a fuel gas can have is believed (manufactured gas to butane): 1.035 is no heating value in
# MJ/m3, but therms in a CCF.
GASES_MJ, GASES_BTU = (5, 100), (100, 4000)
LEAST_MJ_PER_M3 = 1
MOST_MJ_PER_M3 = {True: 60_000, False: 200}  # of liquids and of gases: above heavy oil, and butane
HEATING_VALUE = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*(?:([^\s/\d][^/]*?)\s*(?:/|\bper\b)\s*(\S.*))?", re.ASCII)
RIGHT_HEATING_VALUE = "Write a heating value such as 1035 BTU/ft3, 38.5 MJ/m3, 10.5 kWh/m3 or 1.035 therm/CCF."


def parse_heating_value(text: str) -> float:
    """The MJ in a m3 of a fuel, from a number with an energy by a volume.

    A number alone is in MJ/m3 below 100 and in BTU/ft3 from there on. Raises ValueError, with what is right.
    """
    matched = HEATING_VALUE.fullmatch(text) if len(text) <= MAX_WORD else None
    if matched is None:
        raise ValueError(RIGHT_HEATING_VALUE)
    number, energy_word, volume_word = matched.groups()
    value = Fraction(number)
    energy, volume = energy_and_volume(value, energy_word, volume_word)
    per_m3 = value * energy.size * MJ_PER_KWH / volume.size
    is_liquid = volume.is_liquid or volume.size == 1  # nobody sells liquids by the cubic foot
    if not LEAST_MJ_PER_M3 <= per_m3 <= MOST_MJ_PER_M3[is_liquid]:
        raise ValueError(f"{text.strip()} is no heating value of any fuel. {RIGHT_HEATING_VALUE}")
    return float(per_m3)


def energy_and_volume(value: Fraction, energy_word: str | None, volume_word: str | None) -> tuple[Unit, Unit]:
    """The units that a heating value is in; raises ValueError."""
    if energy_word is None or volume_word is None:
        if GASES_MJ[0] <= value < GASES_MJ[1]:
            return UNITS["mj"], UNITS["m3"]
        if GASES_BTU[0] <= value <= GASES_BTU[1]:
            return UNITS["btu"], UNITS["ft3"]
        raise ValueError(f"{float(value):g} alone is no heating value. {RIGHT_HEATING_VALUE}")
    energy, volume = unit_named(energy_word), unit_named(volume_word)
    if energy is None or energy.kind != "energy":
        raise ValueError(f'"{energy_word}" is no unit of energy. {RIGHT_HEATING_VALUE}')
    if volume is None or volume.kind != "volume":
        raise ValueError(f'"{volume_word}" is no unit of volume. {RIGHT_HEATING_VALUE}')
    return energy, volume
