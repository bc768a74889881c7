"""Columns of dates, with or without times of day, as people write them.

Whether 03/04/2022 is in March or in April, that cell does not tell: the whole column decides.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import numpy as np
from numpy.typing import NDArray

from eeds.errors import MalformedBody
from eeds.formats.clock_times import Clocks
from eeds.formats.date_formats import reading_of
from eeds.formats.date_moments import EPOCH, MICROSECOND, NONE, Column, Moments
from eeds.formats.date_readings import (
    DAY_FIRST,
    FIRST_YEAR,
    ISO,
    LAST_YEAR,
    MONTH_FIRST,
    MONTHS,
    READINGS,
    Moment,
    Reading,
)
from eeds.formats.messages import shown
from eeds.formats.text_columns import told

# So few cells of the other order are slips; more of them, and the column was put together from two.
MOST_SLIPS = 0.05
# The order of the rows tells day from month only in a series of so many steps, of which so many are the same.
FEWEST_STEPS = 7
SAME_STEPS = 0.9
LONGEST = 60  # characters of a date with its time of day; a text of any length takes long to look through
FIRST_TIME, END_TIME = ((datetime(year, 1, 1) - EPOCH) // MICROSECOND for year in (FIRST_YEAR, LAST_YEAR + 1))
HOUR_ALONE = re.compile(r"(.*?)[ T,]\s*(\d{1,2}\s*[ap]\.?m\.?)", re.ASCII | re.IGNORECASE)


class AmbiguousDates(MalformedBody):
    """Each date of a column may be read in two ways; the text has both, and what to do."""


@dataclass(frozen=True)
class Times:
    """The times of a column: naive where no offset from UTC is written, else aware; None where a cell is empty or, with
    a message, wrong. `is_days`: every one is a day alone, without a time of day. `format` is how they are written."""

    values: list[datetime | None]
    wrong: dict[int, str]
    is_days: bool
    format: str = ISO.name


@dataclass(frozen=True)
class TimeArrays:
    """The same as arrays (of MOMENT)."""

    moments: Moments
    wrong: dict[int, str]
    is_days: bool
    format: str = ISO.name


def read_times(texts: Sequence[str], date_format: str | None = None) -> Times:
    """A column of dates, whose cells have no blanks around them. `date_format` as DD/MM/YYYY or DD/MM/YYYY HH:mm, if it
    is known; dates as in ISO 8601 are understood all the same if all of them are.

    Raises AmbiguousDates where day and month may change places, and MalformedBody for a format that is not known. The
    order of the rows decides between the two only if the column is a regular series under one reading (no step goes
    back, or none forth, and nine of ten steps are the same) and goes to and fro under the other.
    """
    read = read_time_arrays(texts, date_format)
    return Times([as_time(*each) for each in read.moments.tolist()], read.wrong, read.is_days, read.format)


def as_time(time: int, offset: int, has_offset: bool, _: bool) -> datetime | None:
    """A row of MOMENT as a time."""
    if time == NONE:
        return None
    naive = EPOCH + timedelta(microseconds=time)
    return naive.replace(tzinfo=timezone(timedelta(seconds=offset))) if has_offset else naive


def read_time_arrays(texts: Sequence[str], date_format: str | None = None) -> TimeArrays:
    """As read_times does, for columns of any length."""
    column = Column(texts, split)
    if date_format is None:
        reading = find_reading(column)
    else:
        reading, column = named_reading(column, texts, date_format)
    found = column.moments(reading)
    has_time = found["time"] != NONE
    is_good = (found["time"] >= FIRST_TIME) & (found["time"] < END_TIME)
    places = np.flatnonzero(column.has_text & ~is_good).tolist()
    wrong = told((place, what_is_wrong(texts[place], found["time"][place], reading)) for place in places)
    is_days = bool(has_time.any() and found["is_day"][has_time].all())
    found["time"][~is_good] = NONE
    return TimeArrays(found, wrong, is_days, reading.name)


def split(text: str) -> tuple[str, str]:
    """The texts of the date and of the time of day, which begins with the hour before the first colon."""
    colon = text.find(":")
    if len(text) > LONGEST:
        return text, ""
    if colon < 0:
        hour = HOUR_ALONE.fullmatch(text) if text[-1:] in "mM." else None
        return (hour[1], hour[2]) if hour else (text, "")
    begin = colon
    while begin and colon - begin < 2 and text[begin - 1].isdecimal():
        begin -= 1
    return text[:begin].rstrip(" ,T\xa0\u202f"), text[begin:]


def whole(text: str) -> tuple[str, str]:
    """The text as a date that has its time of day."""
    return text, ""


def find_reading(column: Column) -> Reading:
    """The reading that reads the most cells. Raises AmbiguousDates."""
    best, most, cells = ISO, 0, column.cells
    for reading in READINGS:
        count = column.cells_read(reading)
        if count > most:
            best, most = reading, count
        if count == cells:
            break
    return day_or_month_first(column) if best in (MONTH_FIRST, DAY_FIRST) else best


def day_or_month_first(column: Column) -> Reading:
    """The order of day and month. Raises AmbiguousDates."""
    weights = Counter[Reading]()
    first_of: dict[Reading, str] = {}
    differing = ""
    for date, count, (month_first, day_first) in column.dates(MONTH_FIRST, DAY_FIRST):
        if month_first != day_first:
            only = MONTH_FIRST if month_first else DAY_FIRST
            weights[only] += count
            first_of.setdefault(only, date)
        elif month_first and not differing and MONTH_FIRST.read(date) != DAY_FIRST.read(date):
            differing = date
    if min(weights[MONTH_FIRST], weights[DAY_FIRST]) > MOST_SLIPS * max(weights.values(), default=0):
        raise AmbiguousDates(
            f"Some dates of the column have the month first ({first_of[MONTH_FIRST]}), others the day "
            f"({first_of[DAY_FIRST]}); write all of them alike, or as YYYY-MM-DD."
        )
    if weights:
        return MONTH_FIRST if weights[MONTH_FIRST] > weights[DAY_FIRST] else DAY_FIRST
    return by_order(column) or refuse(differing) if differing else MONTH_FIRST


def by_order(column: Column) -> Reading | None:
    """The order of day and month that makes the column a regular series, if the other makes it no series at all."""
    month_first, day_first = (
        np.diff(times[times != NONE])
        for times in (column.moments(reading)["time"] for reading in (MONTH_FIRST, DAY_FIRST))
    )
    if is_regular(month_first) and not is_series(day_first):
        return MONTH_FIRST
    return DAY_FIRST if is_regular(day_first) and not is_series(month_first) else None


def is_series(steps: NDArray[np.int64]) -> bool:
    """Whether no step goes back, or none forth."""
    return bool((steps >= 0).all() or (steps <= 0).all())


def is_regular(steps: NDArray[np.int64]) -> bool:
    """Whether the steps are those of a series, and nearly all the same."""
    if len(steps) < FEWEST_STEPS or not is_series(steps):
        return False
    found, counts = np.unique(steps, return_counts=True)
    return bool(found[counts.argmax()] != 0 and counts.max() >= SAME_STEPS * len(steps))


def refuse(date: str) -> Reading:
    """Raises AmbiguousDates, with both readings of a date of the column."""
    raise AmbiguousDates(
        f"{date} may be {in_words(MONTH_FIRST.read(date))} ({MONTH_FIRST.name}) or {in_words(DAY_FIRST.read(date))} "
        f"({DAY_FIRST.name}), and no other cell of the column tells; give date_format, one of the two."
    )


def in_words(found: Moment | None) -> str:
    """A day that cannot be misunderstood: 4 March 2022."""
    assert found is not None, "the date is read both ways"
    return f"{found.time.day} {MONTHS[found.time.month - 1].capitalize()} {found.time.year}"


def named_reading(column: Column, texts: Sequence[str], date_format: str) -> tuple[Reading, Column]:
    """The reading of a format, and the column as it takes it apart; ISO 8601 if the format reads no cell, and that
    every one, as in the columns of a workbook, which writes its dates itself. Raises MalformedBody."""
    reading = reading_of(date_format)
    own = Column(texts, whole) if reading.has_clock else column
    if not own.cells_read(reading) and column.cells and column.cells_read(ISO) == column.cells:
        return ISO, column
    return reading, own


def what_is_wrong(text: str, time: int, reading: Reading) -> str:
    """What to say of a cell that is no time of the column."""
    if time != NONE:
        year = (EPOCH + timedelta(microseconds=int(time))).year
        return f"{shown(text)} is in the year {year}; it has to be from {FIRST_YEAR} to {LAST_YEAR}."
    date, clock = split(text)
    if clock and not reading.has_clock and reading.read(date):
        return f"{shown(text)} has no time of day that can be read, as in 13:30, 1:30 PM or 13:30:00+01:00."
    return f"{shown(text)} cannot be read as a date written {reading.name}, as the others are."


def join(dates: Times, clocks: Clocks) -> Times:
    """The times of two columns, one of days and one of times of day; 24:00 is the next day's midnight. One of them
    alone is wrong, and so is a date that has another time of day itself."""
    values: list[datetime | None] = []
    wrong = {**clocks.wrong, **dates.wrong}
    for place, (day, since) in enumerate(zip(dates.values, clocks.values, strict=True)):
        if place in wrong or (day is None and since is None):
            values.append(None)
        elif day is None or since is None:
            values.append(None)
            wrong[place] = f"There is no {'date' if day is None else 'time of day'} in this row."
        elif day != day.replace(hour=0, minute=0, second=0, microsecond=0):
            values.append(None)
            wrong[place] = f"The date has a time of day itself, {day.time()}, beside the one in its own column."
        else:
            values.append(day + since)
    return Times(values, wrong, is_days=False, format=dates.format)
