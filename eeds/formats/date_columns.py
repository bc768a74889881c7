"""Columns of dates, with or without times of day, as people write them.

Whether 03/04/2022 is in March or in April, that cell does not tell: the whole column decides.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from eeds.errors import MalformedBody
from eeds.formats.clock_times import Clocks
from eeds.formats.date_formats import reading_of
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
    with_clock,
)
from eeds.formats.messages import shown

# So few cells of the other order are slips; more of them, and the column was put together from two.
MOST_SLIPS = 0.05
# The order of the rows tells day from month only in a series of so many steps, of which so many are the same.
FEWEST_STEPS = 7
SAME_STEPS = 0.9
LONGEST = 60  # characters of a date with its time of day; a text of any length takes long to look through
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


class Column:
    """A column taken apart: of each cell the text of the date and of the time of day, "" for none."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.cells = [split(text) for text in texts]
        self.dates = Counter([date for date, _ in self.cells if date])  # how many cells have each
        self.known: dict[str, dict[str, Moment | None]] = {}

    def days(self, reading: Reading) -> Mapping[str, Moment | None]:
        """What each date is under a reading."""
        if reading.name not in self.known:
            self.known[reading.name] = {date: reading.read(date) for date in self.dates}
        return self.known[reading.name]

    def cells_read(self, reading: Reading) -> int:
        """How many cells have a date that is read so."""
        return sum(self.dates[date] for date, day in self.days(reading).items() if day)

    def times(self, reading: Reading) -> list[Moment | None]:
        """The moments of all cells, under a reading of the dates."""
        days = self.days(reading)
        return [with_clock(days.get(date), clock) for date, clock in self.cells]


def read_times(texts: Sequence[str], date_format: str | None = None) -> Times:
    """A column of dates, whose cells have no blanks around them. `date_format` as DD/MM/YYYY or DD/MM/YYYY HH:mm, if it
    is known; dates as in ISO 8601 are understood all the same if all of them are.

    Raises AmbiguousDates where day and month may change places, and MalformedBody for a format that is not known. The
    order of the rows decides between the two only if the column is a regular series under one reading (no step goes
    back, or none forth, and nine of ten steps are the same) and goes to and fro under the other.
    """
    column = Column(texts)
    reading = find_reading(column) if date_format is None else named_reading(column, texts, date_format)
    moments = read_whole(texts, reading) if reading.has_clock else column.times(reading)
    values: list[datetime | None] = []
    wrong: dict[int, str] = {}
    for place, (text, found) in enumerate(zip(texts, moments, strict=True)):
        good = found is not None and FIRST_YEAR <= found.time.year <= LAST_YEAR
        values.append(found.time if found and good else None)
        if text and not good:
            wrong[place] = what_is_wrong(text, found, column.cells[place], reading)
    is_days = all(found.is_day for found in moments if found)
    return Times(values, wrong, is_days and any(moments), reading.name)


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


def find_reading(column: Column) -> Reading:
    """The reading that reads the most cells. Raises AmbiguousDates."""
    best, most, cells = ISO, 0, sum(column.dates.values())
    for reading in READINGS:
        count = column.cells_read(reading)
        if count > most:
            best, most = reading, count
        if count == cells:
            break
    return day_or_month_first(column) if best in (MONTH_FIRST, DAY_FIRST) else best


def day_or_month_first(column: Column) -> Reading:
    """The order of day and month. Raises AmbiguousDates."""
    both, only_month_first, only_day_first = [], [], []
    days = column.days(DAY_FIRST)
    for date, month_first in column.days(MONTH_FIRST).items():
        day_first = days[date]
        if month_first and day_first:
            both.append(date)
        elif month_first:
            only_month_first.append(date)
        elif day_first:
            only_day_first.append(date)
    weights = [sum(column.dates[date] for date in dates) for dates in (only_month_first, only_day_first)]
    if min(weights) > MOST_SLIPS * max(weights):
        raise AmbiguousDates(
            f"Some dates of the column have the month first ({only_month_first[0]}), others the day "
            f"({only_day_first[0]}); write all of them alike, or as YYYY-MM-DD."
        )
    if any(weights):
        return MONTH_FIRST if weights[0] > weights[1] else DAY_FIRST
    differing = next((date for date in both if MONTH_FIRST.read(date) != DAY_FIRST.read(date)), None)
    return by_order(column) or refuse(differing) if differing else MONTH_FIRST


def by_order(column: Column) -> Reading | None:
    """The order of day and month that makes the column a regular series, if the other makes it no series at all."""
    month_first, day_first = (
        [found.time.replace(tzinfo=None) for found in column.times(reading) if found]
        for reading in (MONTH_FIRST, DAY_FIRST)
    )
    if is_regular(month_first) and not is_series(day_first):
        return MONTH_FIRST
    return DAY_FIRST if is_regular(day_first) and not is_series(month_first) else None


def steps(times: Sequence[datetime]) -> list[timedelta]:
    """From each time to the next."""
    return [after - before for before, after in pairwise(times)]


def is_series(times: Sequence[datetime]) -> bool:
    """Whether no step goes back, or none forth."""
    found = steps(times)
    return all(step >= timedelta(0) for step in found) or all(step <= timedelta(0) for step in found)


def is_regular(times: Sequence[datetime]) -> bool:
    """Whether the times are a series, nearly all of whose steps are the same."""
    found = steps(times)
    if len(found) < FEWEST_STEPS or not is_series(times):
        return False
    (step, count), *_ = Counter(found).most_common(1)
    return bool(step) and count >= SAME_STEPS * len(found)


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


def named_reading(column: Column, texts: Sequence[str], date_format: str) -> Reading:
    """The reading of a format; ISO 8601 if the format reads no cell, and that every one, as in the columns of a
    workbook, which writes its dates itself. Raises MalformedBody."""
    reading = reading_of(date_format)
    if any(reading.read(text) for text in (texts if reading.has_clock else column.dates)):
        return reading
    cells = sum(column.dates.values())
    return ISO if cells and column.cells_read(ISO) == cells else reading


def read_whole(texts: Sequence[str], reading: Reading) -> list[Moment | None]:
    """The moments of cells, under a reading of dates with times of day."""
    found: dict[str, Moment | None] = {text: reading.read(text) for text in set(texts)}
    return [found[text] for text in texts]


def what_is_wrong(text: str, found: Moment | None, cell: tuple[str, str], reading: Reading) -> str:
    """What to say of a cell that is no time of the column."""
    if found:
        return f"{shown(text)} is in the year {found.time.year}; it has to be from {FIRST_YEAR} to {LAST_YEAR}."
    date, clock = cell
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
