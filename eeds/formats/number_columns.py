"""Columns of numbers as people write them: with a decimal point or comma, thousands separators, currency and unit.

Whether 1,234 is more than a thousand or little more than one, that cell does not tell: the whole column decides.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

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
        chosen,
    )


def read_cell(text: str, cell: Cell, decimal: str) -> tuple[float, str]:
    """The number of a cell, NaN for none; and what is wrong with it."""
    value = cell.point if decimal == POINT else cell.comma
    if value is None:
        is_number = cell.point is not None or cell.comma is not None
        other = f"{shown(text)} cannot be read with a {NAMES[decimal]}, as the other numbers are."
        return math.nan, other if is_number else cell.error
    if math.isinf(value):
        return math.nan, f"{shown(text)} is too large for a number."
    return value, ""


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


def find_decimal(cells: Mapping[str, Cell], counts: Mapping[str, int]) -> str:
    """The decimal sign with which the column can be read. Raises AmbiguousNumbers."""
    only_point = [text for text, cell in cells.items() if cell.point is not None and cell.comma is None]
    only_comma = [text for text, cell in cells.items() if cell.comma is not None and cell.point is None]
    points, commas = (sum(counts[text] for text in texts) for texts in (only_point, only_comma))
    if min(points, commas) > MOST_SLIPS * max(points, commas):
        raise AmbiguousNumbers(
            f"The column has numbers with a decimal point ({shown(only_point[0])}) and with a decimal comma "
            f"({shown(only_comma[0])}); write all of them alike, or give decimal=. or decimal=, for those that count."
        )
    if not points and not commas:
        require_no_commas(cells)
    return COMMA if commas > points else POINT


def require_no_commas(cells: Mapping[str, Cell]) -> None:
    """Raises AmbiguousNumbers for a number with commas that may be read both ways, in a column that does not tell."""
    for text, cell in cells.items():
        if COMMA in text and cell.point != cell.comma:
            raise AmbiguousNumbers(
                f"{shown(text)} may be {cell.point:.15g} (decimal=.) or {cell.comma:.15g} (decimal=,), and no other "
                "cell of the column tells; give decimal=. or decimal=,."
            )
