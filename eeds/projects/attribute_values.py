"""Values of attributes from text: what a cell is as a value of a type."""

import math
from datetime import date, datetime
from typing import TypeVar

from eeds.formats.messages import INTEGER, NUMBER
from eeds.formats.timestamps import parse_date, parse_instant
from eeds.formats.values import parse_bool, parse_int, parse_number

V = TypeVar("V")
Value = bool | str | date | datetime | float | int

MAX_LENGTH = 255  # of a text


def value_from_text(data_type: str, cell: str) -> Value:
    """The value that a cell, which is not empty, has in a type; raises ValueError with what is wrong."""
    match data_type:
        case "BOOLEAN":
            return required(parse_bool(cell), "Must be true or false.")
        case "INTEGER":
            return required(parse_whole(cell), INTEGER)
        case "FLOAT":
            return required(parse_finite(cell), NUMBER)
        case "DATE":
            return parse_date(cell)
        case "DATETIME":
            return parse_instant(cell)
        case "CHAR":
            return checked_text(cell, MAX_LENGTH)
    raise KeyError(data_type)


def required(value: V | None, message: str) -> V:
    """The value; raises ValueError if there is none."""
    if value is None:
        raise ValueError(message)
    return value


def parse_whole(cell: str) -> int | None:
    """A whole number, also one that a data frame with gaps has written as 3.0; None for anything else."""
    number = parse_int(cell)
    return parse_int(parse_number(cell)) if number is None else number


def parse_finite(cell: str) -> float | None:
    """A finite number; None for anything else."""
    number = parse_number(cell)
    return None if number is None or math.isnan(number) else number


def checked_text(cell: str, max_length: int) -> str:
    """The text; raises ValueError if it is too long, or Postgres cannot store it."""
    if len(cell) > max_length:
        raise ValueError(f"Ensure this field has no more than {max_length} characters.")
    if "\0" in cell:
        raise ValueError("Null characters are not allowed.")
    return cell
