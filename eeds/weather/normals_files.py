"""Normal years as their makers publish them: TMY3 (NREL), CZ2010 (California) and EPW (EnergyPlus) files.

All three have a line for each hour of a year, in local standard time, hours counted 1 to 24 by their end, and say in
their first line which station and time zone they are of. Fields are divided by commas, and may be quoted.
"""

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eeds.errors import Invalid
from eeds.weather.gaps import Series, fill_short_gaps, longest_gap
from eeds.weather.normals import COMMON_YEAR, HOURS, day_of_year
from eeds.weather.series import FILLED_HOURS
from eeds.weather.units import COLDEST_C, HOTTEST_C, fahrenheit
from eeds.weather.years import first_hour

TMY3, CZ2010, EPW = "TMY3", "CZ2010", "EPW"
# CZ2010 files are written like TMY3's, with two columns less.
KIND_BY_COLUMNS = {71: TMY3, 69: CZ2010}
DATE, TIME, TEMPERATURE = "Date (MM/DD/YYYY)", "Time (HH:MM)", "Dry-bulb (C)"
MISSING_C = {TMY3: -9900.0, CZ2010: -9900.0, EPW: 99.9}
EPW_BEGINS = "LOCATION"
EPW_HEADER_LINES = 8
UTC_OFFSETS = (-12.0, 14.0)
LISTED = 20


class BadNormals(Invalid):
    """The file is no normal year; `reasons` says why, most of them by line."""

    def __init__(self, reasons: Sequence[str]) -> None:
        more = [f"... and {len(reasons) - LISTED:,} more"] if len(reasons) > LISTED else []
        self.reasons = [*reasons[:LISTED], *more]
        super().__init__({"non_field_errors": self.reasons})

    def __str__(self) -> str:
        return "\n".join(self.reasons)


class BadLine(Exception):
    """What is wrong with a line."""


@dataclass(frozen=True)
class NormalYear:
    """The normal year of a station: 8,760 hours of local standard time, degF."""

    station: str
    kind: str
    utc_offset: float  # hours
    temps: Series


@dataclass(frozen=True)
class Layout:
    """What kind of file it is, and where things are in it."""

    kind: str
    station: str
    utc_offset: str
    header_lines: int
    fields: int  # that a line has at least
    temperature: int  # its place in a line
    date: int = 0  # of TMY3 and CZ2010, which have date and time in a field each
    time: int = 0


def read_normals(text: str) -> NormalYear:
    """The normal year in a file; raises BadNormals. 29 February, if it is there, is left out; gaps of up to
    FILLED_HOURS are filled."""
    lines = fields_of(text)
    layout = layout_of(lines)
    utc_offset = utc_offset_of(layout)
    temps = np.full(HOURS, np.nan)
    given = np.zeros(HOURS, dtype=np.bool_)
    reasons = list(read_hours(lines, layout, temps, given)) or gaps_in(temps, given)
    if reasons:
        raise BadNormals(reasons)
    return NormalYear(layout.station, layout.kind, utc_offset, fahrenheit(fill_gaps(temps)))


def fields_of(text: str) -> list[list[str]]:
    """The lines, each as its fields; a quote never reaches beyond its line."""
    lines = text.removeprefix("\N{BYTE ORDER MARK}").split("\n")
    try:
        return [next(csv.reader([line]), []) for line in lines]
    except csv.Error as error:
        raise BadNormals([f"This is no normal year: {error}."]) from error


def layout_of(lines: Sequence[Sequence[str]]) -> Layout:
    """Which of the three it is, by its first lines; raises BadNormals."""
    if len(lines) > EPW_HEADER_LINES and lines[0][:1] == [EPW_BEGINS] and len(lines[0]) >= 9:
        return Layout(EPW, lines[0][5].strip(), lines[0][8], EPW_HEADER_LINES, 7, temperature=6)
    headings = [heading.strip() for heading in lines[1]] if len(lines) > 1 else []
    kind = KIND_BY_COLUMNS.get(len(headings))
    if kind is None or len(lines[0]) != 7 or not {DATE, TIME, TEMPERATURE} <= set(headings):
        wanted = f"{DATE}, {TIME} and {TEMPERATURE}"
        raise BadNormals(
            [
                f"This is no normal year. An EPW file begins with {EPW_BEGINS}; the second line of a TMY3 or CZ2010 "
                f"file has 71 or 69 headings, {wanted} among them, and here it has {len(headings)}."
            ]
        )
    temperature, date, time = (headings.index(heading) for heading in (TEMPERATURE, DATE, TIME))
    return Layout(kind, lines[0][0].strip(), lines[0][3], 2, len(headings), temperature, date, time)


def utc_offset_of(layout: Layout) -> float:
    """The hours that local standard time is ahead of UTC; raises BadNormals."""
    first, last = UTC_OFFSETS
    try:
        offset = float(layout.utc_offset)
    except ValueError:
        offset = math.nan
    if not first <= offset <= last:
        raise BadNormals(
            [f"line 1: the time zone is {layout.utc_offset!r}; it must be the hours from UTC, as -8.0 in California."]
        )
    return offset


def when(line: Sequence[str], layout: Layout) -> tuple[int, int, int]:
    """Month, day and hour, 1 to 24, of a line; raises ValueError."""
    if layout.kind == EPW:  # 1999,1,1,1,60,...
        month, day, hour = (int(field) for field in line[1:4])
        return month, day, hour
    month, day, _ = (int(part) for part in line[layout.date].split("/"))  # 01/01/1988
    hour, minute = (int(part) for part in line[layout.time].split(":"))  # 01:00
    if minute:
        raise ValueError
    return month, day, hour


def read_hours(
    lines: Sequence[Sequence[str]], layout: Layout, temps: Series, given: NDArray[np.bool_]
) -> Iterator[str]:
    """Put the temperatures, degC, in their places, and note which hours the file has; gives what is wrong by line."""
    for number, line in enumerate(lines[layout.header_lines :], layout.header_lines + 1):
        if not line:
            continue
        try:
            hour = hour_of_year(line, layout)
            if hour is None:
                continue
            if given[hour]:
                raise BadLine(f"{day_of_year(hour)}, hour {hour % 24 + 1} is given a second time")
            given[hour] = True
            temps[hour] = temperature(line[layout.temperature], MISSING_C[layout.kind])
        except BadLine as error:
            yield f"line {number}: {error}."


def hour_of_year(line: Sequence[str], layout: Layout) -> int | None:
    """The place of a line in a year of 365 days; None on 29 February. Raises BadLine."""
    if len(line) < layout.fields:
        raise BadLine(f"it has {len(line)} fields, and must have {layout.fields}")
    try:
        month, day, hour = when(line, layout)
        if (month, day) == (2, 29) and 1 <= hour <= 24:
            return None
        date = np.datetime64(f"{COMMON_YEAR}-{month:02}-{day:02}", "h")
    except ValueError:
        raise BadLine("its month, day and hour cannot be read") from None
    if not 1 <= hour <= 24:
        raise BadLine(f"its hour is {hour}; hours are counted 1 to 24")
    return int((date - first_hour(COMMON_YEAR)).astype(int)) + hour - 1


def temperature(text: str, missing: float) -> float:
    """A temperature in degC, NaN for a missing one; raises BadLine."""
    try:
        value = float(text) if text.strip() else math.nan
    except ValueError:
        raise BadLine(f"its temperature is {text!r}, which is no number") from None
    if math.isnan(value) or value == missing:
        return math.nan
    if not COLDEST_C <= value <= HOTTEST_C:
        raise BadLine(f"its temperature is {text}; it must be between {COLDEST_C:g} and {HOTTEST_C:g} degrees Celsius")
    return value


def fill_gaps(temps: Series) -> Series:
    """The year with its gaps of up to FILLED_HOURS filled; the year closes on itself."""
    return fill_short_gaps(np.tile(temps, 3), FILLED_HOURS)[HOURS : 2 * HOURS]


def gaps_in(temps: Series, given: NDArray[np.bool_]) -> list[str]:
    """What is missing from the year, if more is than can be filled: hours that have no line, or no temperature."""
    if not given.all():
        first = int(np.argmin(given))
        absent = np.count_nonzero(~given)
        return [
            f"The year has {HOURS:,} hours; {absent:,} are missing, first {day_of_year(first)}, hour {first % 24 + 1}."
        ]
    left = fill_gaps(temps)
    if np.isnan(left).any():
        begin, end = longest_gap(left)
        return [
            f"{np.count_nonzero(np.isnan(temps)):,} hours have no temperature, {end - begin:,} of them in a row from "
            f"{day_of_year(begin)}; at most {FILLED_HOURS} in a row are filled."
        ]
    return []
