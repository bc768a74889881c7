"""The columns of the files that `eeds upload` takes, and how people write dates, numbers, fuels and units in them."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from eeds.cli.csv_files import Column
from eeds.messages import BLANK, NUMBER, not_a_boolean
from eeds.meter.names import INTERPRETATIONS
from eeds.records import FIRST_START, LAST_START, START_RANGE
from eeds.timestamps import parse_datetime
from eeds.values import parse_bool, parse_number

FUELS = {"electricity": "E_C_S", "natural_gas": "NG_C_S", "natural gas": "NG_C_S", "gas": "NG_C_S"}
FUELS |= {code: code for code in INTERPRETATIONS}
UNITS = {"kwh": "KWH", "therm": "THM", "therms": "THM", "thm": "THM"}
MISSING = frozenset({"", "nan", "null", "none", "na", "n/a"})


def text(cell: str) -> str:
    """Anything but nothing."""
    if not cell:
        raise ValueError(BLANK)
    return cell


def instant(cell: str) -> datetime:
    """A time with or without an offset, or a day; without an offset it is UTC."""
    try:
        # takes nearly all that the API takes, at ten times the speed
        time = datetime.fromisoformat(cell)
    except ValueError:
        return parse_datetime(cell)
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def instant_or_none(cell: str) -> datetime | None:
    """A time, or nothing."""
    return instant(cell) if cell else None


def start(cell: str) -> datetime:
    """When a record starts."""
    time = instant(cell)
    if time.microsecond or not FIRST_START <= time < LAST_START:
        raise ValueError(START_RANGE)
    return time


def number(cell: str) -> float | None:
    """A number, or a word for a missing one."""
    if cell.lower() in MISSING:
        return None
    value = parse_number(cell)
    if value is None or math.isnan(value):
        raise ValueError(NUMBER)
    return value


def flag(cell: str) -> bool:
    """True or false; nothing is false."""
    value = parse_bool(cell) if cell else False
    if value is None:
        raise ValueError(not_a_boolean(cell))
    return value


def one_of(words: Mapping[str, str]) -> Callable[[str], str]:
    """Reads one of some words, in capitals or not, into what the API calls it."""
    meanings = {word.lower(): meaning for word, meaning in words.items()}

    def read(cell: str) -> str:
        try:
            return meanings[cell.lower()]
        except KeyError as error:
            raise ValueError(f"It must be one of {', '.join(words)}.") from error

    return read


# Files made for the original's tutorial give the dates of the retrofit: the baseline ends when it starts.
PROJECTS = {
    "project_id": Column(("project_id",), text),
    "zipcode": Column(("zipcode",), str),
    "baseline_period_start": Column(("baseline_period_start",), instant_or_none, optional=True),
    "baseline_period_end": Column(("baseline_period_end", "retrofit_start_date"), instant_or_none),
    "reporting_period_start": Column(("reporting_period_start", "retrofit_end_date"), instant_or_none),
    "reporting_period_end": Column(("reporting_period_end",), instant_or_none, optional=True),
}
ENERGY = {
    "project_id": Column(("project_id",), text),
    "trace_id": Column(("trace_id",), text),
    "interpretation": Column(("interpretation", "fuel"), one_of(FUELS)),
    "unit": Column(("unit",), one_of(UNITS)),
    "start": Column(("start", "date"), start),
    "value": Column(("value",), number),
    "estimated": Column(("estimated",), flag, optional=True, default=False),
}
WEATHER = {
    "station": Column(("station",), text),
    "start": Column(("start", "date"), start),
    "temp_f": Column(("temp_f",), number, optional=True),
    "temp_c": Column(("temp_c",), number, optional=True),
}
