"""Times of day as people write them, also in a column of their own beside the date."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache, partial

from eeds.formats.messages import shown
from eeds.formats.text_columns import each_read, told

DAY = timedelta(days=1)
LONGEST = 40  # characters: 12:15:00.000000000 a.m. +01:00
CLOCK = re.compile(
    r"(\d{1,2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*+(?:([ap])\.?m?\.?)?"
    r"\s*+(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)
HHMM = re.compile(r"\d{1,4}", re.ASCII)
FRACTION = re.compile(r"0?\.\d+", re.ASCII)


@dataclass(frozen=True)
class Clock:
    """A time of day since midnight; 24:00 is a whole day. The zone if an offset from UTC stands behind it."""

    since_midnight: timedelta
    zone: tzinfo | None = None


@dataclass(frozen=True)
class Clocks:
    """The times of a column, since midnight; None where a cell is empty or, with a message, wrong."""

    values: list[timedelta | None]
    wrong: dict[int, str]


def parse_clock(text: str) -> Clock | None:
    """The time of day in a text such as 13:30, 1:30 PM, 12:15:00 a.m., 24:00 or 13:30+01:00; None for anything else. An
    hour alone needs AM or PM behind it."""
    return parse_short(text) if len(text) <= LONGEST else None


@lru_cache(4096)  # a day has 96 quarters of an hour
def parse_short(text: str) -> Clock | None:
    """The time of day in a text that may be kept."""
    match = CLOCK.fullmatch(text)
    if match is None or (match[2] is None and match[5] is None):
        return None
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if match[5]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[5] in "pP" else 0)
    microsecond = int((match[4] or "0").ljust(6, "0")[:6])
    since = timedelta(hours=hour, minutes=minute, seconds=second, microseconds=microsecond)
    zone = parse_zone(match[6]) if match[6] else None
    if minute > 59 or second > 59 or since > DAY or (match[6] and zone is None):
        return None
    return Clock(since, zone)


def parse_zone(text: str) -> tzinfo | None:
    """The zone of an offset from UTC; None if there is none so far away."""
    if text[0] not in "+-":
        return UTC
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset) if offset < DAY and minutes < 60 else None


def read_clock_times(texts: Sequence[str]) -> Clocks:
    """A column of times of day alone. 24:00 is the whole day, the next day's midnight.

    Digits alone are hours if no cell of digits has more than 24, else hours and minutes, as 0100, 100 or 1345; a number
    below 1 is the fraction of a day that a spreadsheet has for a time.
    """
    are_hours = all(len(text) <= 2 and int(text) <= 24 for text in texts if HHMM.fullmatch(text))
    times = list(each_read(texts, partial(parse_cell, are_hours=are_hours)))
    wrong = (
        (place, wrong_clock(text))
        for place, (text, time) in enumerate(zip(texts, times, strict=True))
        if text and time is None
    )
    return Clocks(times, told(wrong))


def parse_cell(text: str, are_hours: bool) -> timedelta | None:
    """The time of day in a cell of a column of them."""
    if HHMM.fullmatch(text):
        hour, minute = (int(text), 0) if are_hours else divmod(int(text), 100)
        since = timedelta(hours=hour, minutes=minute)
        return since if minute < 60 and since <= DAY else None
    if FRACTION.fullmatch(text):
        return timedelta(seconds=round(float(text) * DAY.total_seconds()))
    found = parse_clock(text)
    return found.since_midnight if found and found.zone is None else None


def wrong_clock(text: str) -> str:
    """What to say of a cell that is no time of day."""
    return f"{shown(text)} is no time of day, as in 13:30, 1:30 PM or 1330."
