"""Columns of numbers as people write them: with a decimal point or comma, thousands separators, currency and unit.

Whether 1,234 is more than a thousand or little more than one, that cell does not tell: the whole column decides.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eeds.errors import MalformedBody
from eeds.formats.messages import shown
from eeds.formats.text_columns import each_read, parts, told

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
    r"(\()?\s*+([+-])?\s*+(?:US|AU|CA|NZ)?[$€£]?\s*+(\()?\s*+([+-])?\s*+"
    r"((?:\d[\d., ']*)?\d[.,]?|[.,]\d+)([eE][+-]?\d+)?"
    r"\s*+[$€£]?\s*+(\))?\s*+([A-Za-zµ°%][\w.³²/·* %-]*?)?(-)?(\))?",
    re.ASCII,
)
HEX = re.compile(r"[+-]?0[xX]")
# Digits as they are with a decimal point, and with a decimal comma: in groups of three, all parted by the same, or not.
BY_DECIMAL = {
    sign: re.compile(
        rf"(?:\d{{1,3}}(?P<group>[ ']|{re.escape(other)})\d{{3}}(?:(?P=group)\d{{3}})*|\d*)(?:{re.escape(sign)}\d*)?",
        re.ASCII,
    )
    for sign, other in ((POINT, COMMA), (COMMA, POINT))
}
# What typography and Swiss keyboards put for a minus, an apostrophe and a blank.
PLAINLY = str.maketrans({"\u2212": "-", "\u2019": "'", "\xa0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " "})


class AmbiguousNumbers(MalformedBody):
    """Each number of a column may be read in two ways; the text has both, and what to do."""


@dataclass(frozen=True)
class Numbers:
    """The numbers of a column. `units` are what stands behind them ("kWh"), each once, in order, without currencies;
    whether they are units is the caller's to say. `wrong` has by position a message for each cell that is no number,
    and `decimal` is the sign that they were read with."""

    values: NDArray[np.float64]  # NaN where a cell is missing or wrong
    wrong: dict[int, str]
    units: tuple[str, ...]
    decimal: str = POINT


class Cell(NamedTuple):
    """What a cell may be: a number with a decimal point, and one with a decimal comma, None where it cannot be read so.
    A cell that is no number has an error, or is missing."""

    point: float | None = None
    comma: float | None = None
    unit: str = ""
    error: str = ""


def read_numbers(texts: Sequence[str], decimal: str | None = None) -> Numbers:
    """The numbers of a column, whose cells have no blanks around them. `decimal` is "." or ",", if that is known.

    Raises AmbiguousNumbers where the column may be read with a decimal point and with a decimal comma, and the numbers
    differ; 1.234 alone is no such case, for that is how machines write it.
    """
    if decimal not in (None, POINT, COMMA):
        raise MalformedBody(f'decimal is {shown(str(decimal))}; it has to be "." or ",".')
    values = plain_numbers(texts) if decimal != COMMA else None
    if values is not None:
        return Numbers(values, {}, ())
    evidence = Evidence()
    read = [read_part(part, evidence) for part in parts(texts)]
    chosen = decimal or evidence.decimal()
    values = np.concatenate([each[chosen] for each in read])
    is_missing = np.concatenate([each["missing"] for each in read]).astype(bool)
    is_wrong = (np.isnan(values) & ~is_missing) | np.isinf(values)
    values[is_wrong] = math.nan
    places = np.flatnonzero(is_wrong).tolist()
    wrong = told((place, what_is_wrong(texts[place], chosen)) for place in places)
    return Numbers(values, wrong, tuple(evidence.units), chosen)


def plain_numbers(texts: Sequence[str]) -> NDArray[np.float64] | None:
    """The numbers of a column that is as machines write it; None of another."""
    read = [np.empty(0)]
    for part in parts(texts):
        if not all(map(PLAIN.fullmatch, part)):
            return None
        read.append(np.array(part, np.float64))
    return np.concatenate(read)


class Evidence:
    """What the cells of a column say of its decimal sign, and of its units."""

    def __init__(self) -> None:
        self.units: dict[str, None] = {}
        self.only = Counter[str]()  # cells that can be read with that sign alone
        self.first: dict[str, str] = {}  # and the first of them
        self.ambiguous: tuple[str, Cell] | None = None

    def note(self, text: str, cell: Cell) -> None:
        """Note what a cell says."""
        if cell.unit:
            self.units[cell.unit] = None
        if (cell.point is None) != (cell.comma is None):
            only = POINT if cell.comma is None else COMMA
            self.only[only] += 1
            self.first.setdefault(only, text)
        elif self.ambiguous is None and COMMA in text and cell.point != cell.comma:
            self.ambiguous = text, cell

    def decimal(self) -> str:
        """The decimal sign with which the column can be read. Raises AmbiguousNumbers."""
        points, commas = self.only[POINT], self.only[COMMA]
        if min(points, commas) > MOST_SLIPS * max(points, commas):
            raise AmbiguousNumbers(
                f"The column has numbers with a decimal point ({shown(self.first[POINT])}) and with a decimal comma "
                f"({shown(self.first[COMMA])}); write all of them alike, or give decimal=. or decimal=, for those that "
                "count."
            )
        if not points and not commas and self.ambiguous:
            text, cell = self.ambiguous
            raise AmbiguousNumbers(
                f"{shown(text)} may be {cell.point:.15g} (decimal=.) or {cell.comma:.15g} (decimal=,), and no other "
                "cell of the column tells; give decimal=. or decimal=,."
            )
        return COMMA if commas > points else POINT


def read_part(texts: Sequence[str], evidence: Evidence) -> dict[str, NDArray[np.float64]]:
    """Some cells read with a decimal point and with a decimal comma, NaN where they cannot be; and which are
    missing."""
    cells = []
    for text, cell in zip(texts, each_read(texts, taken_apart), strict=True):
        evidence.note(text, cell)
        cells.append(cell)
    return {
        POINT: np.array([cell.point for cell in cells], np.float64),
        COMMA: np.array([cell.comma for cell in cells], np.float64),
        "missing": np.array([cell.point is cell.comma is None and not cell.error for cell in cells], np.float64),
    }


def what_is_wrong(text: str, decimal: str) -> str:
    """What to say of a cell that is no number with that decimal sign."""
    cell = taken_apart(text)
    if (cell.point if decimal == POINT else cell.comma) is not None:
        return f"{shown(text)} is too large for a number."
    if cell.error:
        return cell.error
    return f"{shown(text)} cannot be read with a {NAMES[decimal]}, as the other numbers are."


def taken_apart(text: str) -> Cell:
    """What a cell may be."""
    if text.lower() in MISSING_WORDS:
        return Cell()
    match = None if HEX.match(text) else CELL.fullmatch(text.translate(PLAINLY))
    if match is None:
        return Cell(error=f"{shown(text)} is no number.")
    opened, first, inner, second, digits, power, inner_closed, unit, trailing, closed = match.groups(default="")
    if "%" in unit:
        return Cell(error=f"{shown(text)} is a percentage; an amount is needed.")
    signs = first + second + trailing + "-" * len(opened + inner)
    point, comma = (value(digits, power, "-" in signs, decimal) for decimal in (POINT, COMMA))
    if len(opened + inner) != len(inner_closed + closed) or len(signs) > 1 or point is comma is None:
        return Cell(error=f"{shown(text)} is no number.")
    return Cell(point, comma, unit.strip())


def value(digits: str, power: str, is_negative: bool, decimal: str) -> float | None:
    """The number that digits are with a decimal point or comma; None if their separators are not where they are then.
    0,500 is not half a thousand."""
    if not digits.isdecimal():
        match = BY_DECIMAL[decimal].fullmatch(digits)
        if match is None or (match["group"] and digits.startswith("0")):
            return None
        whole, _, fraction = digits.partition(decimal)
        digits = "".join(filter(str.isdecimal, whole)) + "." + fraction
    number = float(digits + power)
    return -number if is_negative else number
