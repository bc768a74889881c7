"""Values of attributes from text: what a cell is as a value of a type, and which type a column of cells has."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar

from eeds.formats.messages import INTEGER, NUMBER
from eeds.formats.timestamps import parse_date, parse_datetime, parse_instant
from eeds.formats.values import checked_text, parse_bool, parse_int, parse_number

V = TypeVar("V")
Value = bool | str | date | datetime | float | int

MAX_LENGTH = 255  # of a text
# A station is a name, though it looks like a number; the others are numbers that may happen to be whole ones.
KNOWN_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("weather_station", "timezone"), "CHAR"),
    **dict.fromkeys(("net_metering_changed", "ev_charging_installed"), "DATE"),
    **dict.fromkeys(("latitude", "longitude", "project_cost"), "FLOAT"),
}
PREDICTED = "predicted_"  # begins the names of savings that somebody has predicted, as predicted_natural_gas_savings
BOOLEANS = frozenset({"true", "false", "yes", "no"})
CODE = re.compile(r"[+-]?0\d")  # begins a number that is a code: as a number it would lose its zeros
NARROWEST_FIRST = ("BOOLEAN", "INTEGER", "FLOAT", "DATE", "DATETIME")


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
            return short_text(cell, MAX_LENGTH)
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


def short_text(cell: str, max_length: int) -> str:
    """The text; raises ValueError if it is too long, or Postgres cannot store it."""
    if len(cell) > max_length:
        raise ValueError(f"Ensure this field has no more than {max_length} characters.")
    return checked_text(cell)


def type_of_column(name: str, cells: Sequence[str]) -> str:
    """The data type of a new attribute: the one that its name implies, else the narrowest that all cells have.

    `name` is in lower case, no cell is empty.
    """
    fitting = (kind for kind in NARROWEST_FIRST if all(looks_like(kind, cell) for cell in cells))
    return implied_type(name) or next(fitting, "CHAR")


def implied_type(name: str) -> str | None:
    """The data type that a new attribute has by its name, in lower case; None if that says nothing."""
    return "FLOAT" if name.startswith(PREDICTED) else KNOWN_TYPES.get(name)


def looks_like(data_type: str, cell: str) -> bool:
    """Whether people would take a cell for a value of the type, which is narrower than whether it can be read as one:
    1 and 0 are numbers rather than booleans, 00501 is no number, and a day is no time."""
    match data_type:
        case "BOOLEAN":
            return cell.lower() in BOOLEANS
        case "INTEGER":
            return not CODE.match(cell) and parse_int(cell) is not None
        case "FLOAT":
            return not CODE.match(cell) and parse_finite(cell) is not None
    try:
        parse_date(cell) if data_type == "DATE" else parse_datetime(cell)
    except ValueError:
        return False
    return True
