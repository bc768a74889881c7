"""Columns of numbers as people write them in a table of projects, 1,850 or $12,500, as the numbers that they are."""

import re
from collections.abc import Sequence

from eeds.errors import MalformedBody
from eeds.formats.id_columns import EXACT
from eeds.formats.number_columns import POINT, AmbiguousNumbers, Numbers, read_numbers
from eeds.formats.values import parse_number

GROUPED = re.compile(r"[,'’$€£]")  # what people's numbers have and machines' do not
WITH_UNIT = re.compile(r"[A-Za-z%]")


def has_grouped(cells: Sequence[str]) -> bool:
    """Whether some of the cells may be numbers as only people write them."""
    return any(map(GROUPED.search, cells))


def plain_numbers(column: str, cells: Sequence[str], delimiter: str | None) -> tuple[list[str], list[int]]:
    """The cells with their numbers as machines write them, and the positions of those that are no numbers, which are
    left alone. Empty cells are neither.

    The whole column decides what a comma is; in a file that is delimited by commas it separates thousands, for where
    it is the decimal sign files are delimited by something else. Raises MalformedBody for a column, called `column`,
    of nothing but numbers that may be read in two ways.
    """
    places = [place for place, cell in enumerate(cells) if cell]
    texts = [cells[place] for place in places]
    is_ambiguous = False
    try:
        numbers = read_numbers(texts, POINT if delimiter == "," else None)
    except AmbiguousNumbers:
        is_ambiguous, numbers = True, read_numbers(texts, POINT)
    result, others = list(cells), []
    for place, text, after in zip(places, texts, as_machines_write(texts, numbers), strict=True):
        if after is None:
            others.append(place)
        else:
            result[place] = after
        if is_ambiguous and after not in (None, text):
            ambiguous = text
    if is_ambiguous and not others:
        raise two_readings(column, ambiguous)
    return result, others


def as_machines_write(texts: Sequence[str], numbers: Numbers) -> list[str | None]:
    """The numbers of a column; None for a cell that is none, or more than a number."""
    return [number_as_text(text, value) for text, value in zip(texts, numbers.values.tolist(), strict=True)]


def number_as_text(text: str, value: float) -> str | None:
    """A number that was read from a text, NaN for none; None if it is none, or its last digits were lost."""
    if parse_number(text) is not None:
        return text
    if not abs(value) < EXACT or WITH_UNIT.search(text):
        return None
    return str(int(value)) if value.is_integer() else repr(value)


def two_readings(column: str, text: str) -> MalformedBody:
    """The error for a column in which nothing tells thousands from decimals."""
    return MalformedBody(
        f"The table has {text!r} in the column {column}, whose comma may separate thousands or decimals; write the "
        "numbers of that column with a decimal point, and without separators of thousands."
    )
