"""Types of what a filter compares: which JSON value each takes, and which operators go with it. Pure."""

import math
import reprlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from eeds.formats.timestamps import parse_date, parse_instant
from eeds.formats.values import checked_text, parse_int, parse_number

EQUALITY = ("==", "!=", "in", "not_in")
ORDER = ("<", "<=", ">", ">=")
CONTAINS = "contains"
OPERATORS = ("==", "!=", *ORDER, "in", "not_in", CONTAINS)
SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class Kind:
    """A type of values: what is wanted, in words; its operators; and `read`, which raises ValueError."""

    wanted: str
    operators: tuple[str, ...]
    read: Callable[[Any], Any]


def shown(value: Any) -> str:
    """A value of a filter in a message: short, and so that it can be sent."""
    text = f'"{value[:SHOWN_CHARACTERS]}"' if isinstance(value, str) else reprlib.repr(value)
    return text.replace("\0", "\\0").encode(errors="replace").decode()


def read_text(value: Any) -> str:
    """A text that the database can store."""
    if not isinstance(value, str):
        raise ValueError(value)
    return checked_text(value)


def read_number(value: Any) -> float:
    """A finite number."""
    number = None if isinstance(value, str) else parse_number(value)
    if number is None or math.isnan(number):
        raise ValueError(value)
    return number


def read_whole(value: Any) -> int:
    """A whole number that fits a bigint; 3.0 is one."""
    number = None if isinstance(value, str) else parse_int(value)
    if number is None:
        raise ValueError(value)
    return number


def read_boolean(value: Any) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise ValueError(value)
    return value


def read_date(value: Any) -> date:
    """A day."""
    return parse_date(read_text(value))


def read_instant(value: Any) -> datetime:
    """A point in time; a day is its first second, UTC."""
    return parse_instant(read_text(value))


def read_named(value: Any) -> int | str:
    """An id, or a name."""
    return read_text(value) if isinstance(value, str) else read_whole(value)


def one_of(words: Collection[str]) -> Kind:
    """Some words, and nothing else."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(value)
        return value

    return Kind(f"one of {', '.join(words)}", EQUALITY, read)


TEXT = Kind('a text, as "50321"', OPERATORS, read_text)
NUMBER = Kind("a number", (*EQUALITY, *ORDER), read_number)
WHOLE_NUMBER = Kind("a whole number", (*EQUALITY, *ORDER), read_whole)
BOOLEAN = Kind("true or false", EQUALITY, read_boolean)
DATE = Kind('a day, as "2014-01-31"', (*EQUALITY, *ORDER), read_date)
INSTANT = Kind('a day or a time, as "2014-01-31" or "2014-01-31T06:00:00Z"', (*EQUALITY, *ORDER), read_instant)
NAMED = Kind('an id, as 3, or a name, as "North"', (*EQUALITY, CONTAINS), read_named)

# The kinds of attributes, by the data type of their key.
OF_DATA_TYPES: Mapping[str, Kind] = {
    "BOOLEAN": BOOLEAN,
    "CHAR": TEXT,
    "DATE": DATE,
    "DATETIME": INSTANT,
    "FLOAT": NUMBER,
    "INTEGER": WHOLE_NUMBER,
}
