"""Columns of numbers as people write them: with a decimal point or comma, thousands separators, currency and unit.

Whether 1,234 is more than a thousand or little more than one, that cell does not tell: the whole column decides.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eeds.errors import MalformedBody
from eeds.formats.messages import shown

# What people write for a value that is missing, in small letters; besides those of a record's fields what meters'
# portals and spreadsheets put there.
MISSING_WORDS = frozenset({"", "nan", "null", "none", "na", "n/a", "-", "--", "#n/a"})
POINT, COMMA = ".", ","
NAMES = {POINT: "decimal point", COMMA: "decimal comma"}
# So few cells of the other kind are slips; more of them, and the column was put together from two.
MOST_SLIPS = 0.05

# As machines write it, and so most columns are.
PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?", re.ASCII)
# The parts of a cell: sign, currency, digits with separators, power of ten, unit; or all of it in brackets, which is
# how accountants write a negative number.
CELL = re.compile(
    r"(?P<open>\()?\s*(?P<sign>[+-])?\s*(?:US|AU|CA|NZ)?[$€£]?\s*(?P<inner>\()?\s*(?P<inner_sign>[+-])?\s*"
    r"(?P<digits>(?:\d[\d., '’\xa0\u2009\u202f]*)?\d[.,]?|[.,]\d+)(?P<power>[eE][+-]?\d+)?"
    r"\s*[$€£]?\s*(?P<close>\))?\s*(?P<unit>[A-Za-zµ°%][\w.³²/·* %-]*?)?(?P<trailing>-)?(?P<last>\))?",
    re.ASCII,
)
HEX = re.compile(r"[+-]?0[xX]")
# Digits as they are with a decimal point, and with a decimal comma: in groups of three, all parted by the same, or not.
BY_DECIMAL = {
    sign: re.compile(
        rf"(?:\d{{1,3}}(?P<group>[ '’\xa0\u2009\u202f]|{re.escape(other)})\d{{3}}(?:(?P=group)\d{{3}})*|\d*)"
        rf"(?:{re.escape(sign)}\d*)?",
        re.ASCII,
    )
    for sign, other in ((POINT, COMMA), (COMMA, POINT))
}
SEPARATORS = " '’\xa0\u2009\u202f"


class AmbiguousNumbers(MalformedBody):
    """Each number of a column may be read in two ways; the text has both, and what to do."""


@dataclass(frozen=True)
class Numbers:
    """The numbers of a column. `units` are what stands behind them ("kWh"), each once, in order, without currencies;
    whether they are units is the caller's to say. `wrong` has by position a message for each cell that is no number."""

    values: NDArray[np.float64]  # NaN where a cell is missing or wrong
    wrong: dict[int, str]
    units: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """A cell taken apart; either it has digits, or it is wrong, or it is missing."""

    digits: str = ""
    factor: str = "{}"  # what is around the digits for float()
    unit: str = ""
    error: str = ""

    def value(self, decimal: str) -> float | None:
        """The number, with a decimal point or comma; None if it cannot be read so."""
        if not reads(self.digits, decimal):
            return None
        other = COMMA if decimal == POINT else POINT
        plain = self.digits.translate({ord(each): None for each in SEPARATORS + other}).replace(decimal, ".")
        return float(self.factor.format(plain))


def read_numbers(texts: Sequence[str], decimal: str | None = None) -> Numbers:
    """The numbers of a column, whose cells have no blanks around them. `decimal` is "." or ",", if that is known.

    Raises AmbiguousNumbers where the column may be read with a decimal point and with a decimal comma, and the numbers
    differ; 1.234 alone is no such case, for that is how machines write it.
    """
    if decimal not in (None, POINT, COMMA):
        raise MalformedBody(f'decimal is {shown(str(decimal))}; it has to be "." or ",".')
    if decimal != COMMA and all(map(PLAIN.fullmatch, texts)):
        return Numbers(np.array(texts, np.float64), {}, ())
    counts = Counter(texts)
    cells = {text: taken_apart(text) for text in counts}
    chosen = decimal or find_decimal(cells, counts)
    read = {text: read_cell(text, cell, chosen) for text, cell in cells.items()}
    return Numbers(
        np.array([read[text][0] for text in texts], np.float64),
        {place: message for place, text in enumerate(texts) if (message := read[text][1])},
        tuple(dict.fromkeys(cell.unit for cell in cells.values() if cell.unit)),
    )


def read_cell(text: str, cell: Cell, decimal: str) -> tuple[float, str]:
    """The number of a cell, NaN for none; and what is wrong with it."""
    if not cell.digits:
        return math.nan, cell.error
    value = cell.value(decimal)
    if value is None:
        return math.nan, f"{shown(text)} cannot be read with a {NAMES[decimal]}, as the other numbers are."
    if math.isinf(value):
        return math.nan, f"{shown(text)} is too large for a number."
    return value, ""


def taken_apart(text: str) -> Cell:
    """The parts of a cell."""
    if text.lower() in MISSING_WORDS:
        return Cell()
    match = None if HEX.match(text) else CELL.fullmatch(text.replace("\N{MINUS SIGN}", "-"))
    if match is None:
        return Cell(error=f"{shown(text)} is no number.")
    if "%" in (match["unit"] or ""):
        return Cell(error=f"{shown(text)} is a percentage; an amount is needed.")
    opened, closed = bool(match["open"]) + bool(match["inner"]), bool(match["close"]) + bool(match["last"])
    signs = [sign for sign in (match["sign"], match["inner_sign"], match["trailing"], "-" * opened) if sign]
    if opened != closed or len(signs) > 1 or not readable(match["digits"]):
        return Cell(error=f"{shown(text)} is no number.")
    sign = "-" if "-" in signs else ""
    return Cell(match["digits"], f"{sign}{{}}{match['power'] or ''}", (match["unit"] or "").strip())


def readable(digits: str) -> bool:
    """Whether the digits can be read at all."""
    return any(reads(digits, decimal) for decimal in BY_DECIMAL)


def reads(digits: str, decimal: str) -> bool:
    """Whether the separators are where they are with such a decimal sign; 0,500 is not half a thousand."""
    match = BY_DECIMAL[decimal].fullmatch(digits)
    return match is not None and not (match["group"] and digits.startswith("0"))


def find_decimal(cells: Mapping[str, Cell], counts: Mapping[str, int]) -> str:
    """The decimal sign with which the column can be read. Raises AmbiguousNumbers."""
    numbers = {text: cell for text, cell in cells.items() if cell.digits}
    only: dict[str, list[str]] = {POINT: [], COMMA: []}
    differing = []
    for text, cell in numbers.items():
        point, comma = cell.value(POINT), cell.value(COMMA)
        if comma is None:
            only[POINT].append(text)
        elif point is None:
            only[COMMA].append(text)
        elif point != comma:
            differing.append(text)
    weights = {decimal: sum(counts[text] for text in found) for decimal, found in only.items()}
    if min(weights.values()) > MOST_SLIPS * max(weights.values()):
        raise AmbiguousNumbers(
            f"The column has numbers with a decimal point ({shown(only[POINT][0])}) and with a decimal comma "
            f"({shown(only[COMMA][0])}); write all of them alike, or give decimal=. or decimal=, for those that count."
        )
    commas = [text for text in differing if COMMA in text]
    if not any(weights.values()) and commas:
        raise both_readings(commas[0], numbers[commas[0]])
    return COMMA if weights[COMMA] > weights[POINT] else POINT


def both_readings(text: str, cell: Cell) -> AmbiguousNumbers:
    """The error for a column in which nothing tells thousands from decimals."""
    return AmbiguousNumbers(
        f"{shown(text)} may be {cell.value(POINT):.15g} (decimal=.) or {cell.value(COMMA):.15g} (decimal=,), and no "
        "other cell of the column tells; give decimal=. or decimal=,."
    )
