"""The ways in which a date may be written. Each reads a text to a moment, or to nothing; which one a column is written
in is decided in eeds.formats.date_columns."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from eeds.formats.clock_times import parse_clock

FIRST_YEAR, LAST_YEAR = 1900, 2100
PIVOT = 70  # 70 is 1970, 69 is 2069
# Day 0 of Excel. It takes 1900 for a leap year, so that this is right from 1 March 1900 on.
EXCEL_EPOCH = datetime(1899, 12, 30)
FIRST_SERIAL, LAST_SERIAL = 20_000, 80_000  # 1954 to 2119
UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_SECONDS = 86_400
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)

YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:[T ]?(\d\d)(?:(\d\d)(\d\d)?)?)?(Z?)", re.ASCII)
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
DAY_NAME_YEAR = re.compile(
    WEEKDAY + r"(\d{1,2})(?:st|nd|rd|th)?[-/. ]*([a-z]{3,9})[-/., ]*(\d{4}|\d{2})", re.ASCII | re.IGNORECASE
)
NAME_DAY_YEAR = re.compile(
    WEEKDAY + r"([a-z]{3,9})[-/. ]*(\d{1,2})(?:st|nd|rd|th)?[-/, ]+(\d{4}|\d{2})", re.ASCII | re.IGNORECASE
)
YEAR_NAME_DAY = re.compile(r"(\d{4})[-/. ]([a-z]{3,9})[-/. ](\d{1,2})", re.ASCII | re.IGNORECASE)
NUMBER = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
UNIX = re.compile(r"(\d{10})(\d{3})?", re.ASCII)


class Moment(NamedTuple):
    """What a text says: a time, and whether it is a day alone."""

    time: datetime
    is_day: bool = True


@dataclass(frozen=True)
class Reading:
    """A way to write dates: what people call it, and how it is read."""

    name: str
    read: Callable[[str], Moment | None]
    has_clock: bool = False  # whether it reads the time of day too


def moment(year: str | int, month: str | int, day: str | int) -> Moment | None:
    """A day; None if there is none. A year of two digits is one from 1970 to 2069."""
    number = int(year)
    if isinstance(year, str) and len(year) == 2:
        number += 1900 if number >= PIVOT else 2000
    try:
        return Moment(datetime(number, int(month), int(day)))
    except ValueError:
        return None


def with_clock(day: Moment | None, clock: str) -> Moment | None:
    """The moment of a day and a time of day, "" for none; None if one of them cannot be read, or if there are two times
    of day."""
    if day is None or not clock:
        return day
    at = parse_clock(clock)
    if at is None or not day.is_day:
        return None
    try:
        return Moment((day.time + at.since_midnight).replace(tzinfo=at.zone), is_day=False)
    except OverflowError:  # 24:00 on the last day there is
        return None


def read_year_first(text: str) -> Moment | None:
    """2022-01-31, 2022/1/31, 2022.01.31."""
    match = YEAR_FIRST.fullmatch(text)
    return moment(match[1], match[3], match[4]) if match else None


def read_compact(text: str) -> Moment | None:
    """20220131, and with hour, minute and second."""
    match = COMPACT.fullmatch(text)
    day = moment(*match.group(1, 2, 3)) if match else None
    if match is None or day is None or not FIRST_YEAR <= day.time.year <= LAST_YEAR:
        return None
    if match[4] is None:
        return day if not match[7] else None
    hour, minute, second = (int(part or 0) for part in match.group(4, 5, 6))
    since = timedelta(hours=hour, minutes=minute, seconds=second)
    if minute > 59 or second > 59 or since > timedelta(days=1):
        return None
    return Moment((day.time + since).replace(tzinfo=UTC if match[7] else None), is_day=False)


def read_iso(text: str) -> Moment | None:
    """A date with the year first, with signs in between or without."""
    return read_year_first(text) or read_compact(text)


def read_month_first(text: str) -> Moment | None:
    """1/31/2022, 01-31-22; not with dots, with which the day is first everywhere."""
    match = YEAR_LAST.fullmatch(text)
    return moment(match[4], match[1], match[3]) if match and match[2] != "." else None


def read_day_first(text: str) -> Moment | None:
    """31/1/2022, 31.01.22."""
    match = YEAR_LAST.fullmatch(text)
    return moment(match[4], match[3], match[1]) if match else None


def read_named_month(text: str) -> Moment | None:
    """31-Jan-2022, Jan 31, 2022, Monday, 31 January 2022, 2022-Jan-31."""
    for pattern, (year, month, day) in (
        (DAY_NAME_YEAR, (3, 2, 1)),
        (NAME_DAY_YEAR, (3, 1, 2)),
        (YEAR_NAME_DAY, (1, 2, 3)),
    ):
        match = pattern.fullmatch(text)
        number = month_named(match[month]) if match else None
        if match and number:
            return moment(match[year], number, match[day])
    return None


def month_named(text: str) -> int | None:
    """The number of a month by its English name, the first three letters of it, or Sept."""
    name = text.lower()
    return next((number for number, month in enumerate(MONTHS, 1) if name in (month, month[:3], month[:4])), None)


def read_serial(text: str) -> Moment | None:
    """44592.5: the days since 30 December 1899, as Excel counts; the fraction is the time of day, to the second."""
    if not NUMBER.fullmatch(text):
        return None
    days = float(text)
    if not FIRST_SERIAL <= days <= LAST_SERIAL:
        return None
    return Moment(EXCEL_EPOCH + timedelta(seconds=round(days * DAY_SECONDS)), is_day=days.is_integer())


def read_unix(text: str) -> Moment | None:
    """1643587200: the seconds since 1970 in UTC, or 1643587200000, the milliseconds."""
    match = UNIX.fullmatch(text)
    if match is None:
        return None
    time = UNIX_EPOCH + timedelta(seconds=int(match[1]), milliseconds=int(match[2] or 0))
    return Moment(time, is_day=False)


ISO = Reading("YYYY-MM-DD", read_iso)
MONTH_FIRST = Reading("MM/DD/YYYY", read_month_first)
DAY_FIRST = Reading("DD/MM/YYYY", read_day_first)
# In order of preference, where two read as many cells; of the two orders of day and month, see date_columns.
READINGS = (
    ISO,
    MONTH_FIRST,
    DAY_FIRST,
    Reading("with the name of the month, as 31-Jan-2022", read_named_month),
    Reading("as Excel's numbers of days", read_serial),
    Reading("as seconds or milliseconds since 1970", read_unix),
)
