"""A normal year from the file of its maker: 8,760 hours, one temperature each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from eeds.weather.gaps import Series, fill_short_gaps, longest_gap
from eeds.weather.normals import COMMON_YEAR, HOURS, day_of_year
from eeds.weather.normals_format import BadLine, BadNormals, Format, Place, When
from eeds.weather.normals_lines import fields_of, format_of, read_lines
from eeds.weather.series import FILLED_HOURS
from eeds.weather.sources.hourly import MINUTES, means_of_hours
from eeds.weather.units import fahrenheit
from eeds.weather.years import first_hour

YEAR_MINUTES = HOURS * MINUTES
LEAP_DAY = (2, 29)


@dataclass(frozen=True)
class NormalYear:
    """A normal year: 8,760 hours at `utc_offset`, degF. `notes` says what was made of the file's own temperatures."""

    place: Place
    kind: str
    utc_offset: float  # hours
    temps: Series
    notes: Sequence[str]


@dataclass
class Readings:
    """The temperatures of a file, degC, NaN = missing, each with its minute of a year of 365 days."""

    format: Format
    minutes: list[int] = field(default_factory=list)
    temps: list[float] = field(default_factory=list)
    year_of: dict[int, int] = field(default_factory=dict)  # by minute
    leap_days: int = 0  # lines of 29 February, which are left out

    def take(self, when: When, celsius: float) -> None:
        """Put a temperature in its place; raises BadLine, BadNormals, and ValueError for a day that there is not."""
        minute = minute_of_year(when)
        if minute is None:
            self.leap_days += 1
            return
        if minute in self.year_of:
            raise given_twice(when, minute, self.year_of[minute], self.format)
        self.year_of[minute] = when.year
        self.minutes.append(minute)
        self.temps.append(celsius)


def kind_of_normals(beginning: str) -> str | None:
    """The kind of normal year that a file with this beginning is, None for something else."""
    try:
        return format_of(fields_of(beginning)).kind
    except BadNormals:
        return None


def read_normals(text: str) -> NormalYear:
    """The normal year in a file of any of the formats; raises BadNormals. 29 February, if it is there, is left out;
    gaps of up to FILLED_HOURS are filled."""
    lines = fields_of(text)
    format = format_of(lines)
    readings = Readings(format)
    reasons = list(read_lines(lines, format, readings.take))
    if reasons:
        raise BadNormals(reasons)
    temps = by_hour(readings)
    filled = fill_gaps(temps)
    reasons = gaps_in(temps, filled, readings)
    if reasons:
        raise BadNormals(reasons)
    return NormalYear(format.place, format.kind, format.utc_offset, fahrenheit(filled), list(notes(temps, readings)))


def minute_of_year(when: When) -> int | None:
    """The minute in a year of 365 days; None on 29 February. Raises ValueError for a day that there is not."""
    if (when.month, when.day) == LEAP_DAY:
        return None
    day = np.datetime64(f"{COMMON_YEAR}-{when.month:02}-{when.day:02}", "h")
    return int((day - first_hour(COMMON_YEAR)).astype(int)) * MINUTES + when.minute


def given_twice(when: When, minute_of_year: int, year: int, format: Format) -> Exception:
    """What to say of a time that was there before, in that year."""
    if format.is_of_instants and when.year != year:
        return BadNormals(
            [
                f"The file has {year} and {when.year}, and a normal year has each hour once. Temperatures of several "
                "years are loaded as such: eeds upload weather FILE --station STATION."
            ]
        )
    day, (hour, minute) = day_of_year(minute_of_year // MINUTES), divmod(when.minute, MINUTES)
    if format.is_of_instants or format.records_an_hour > 1:
        return BadLine(f"{day}, {hour}:{minute:02} is given a second time")
    return BadLine(f"{day}, hour {hour + 1} is given a second time")


def by_hour(readings: Readings) -> Series:
    """The temperature of each hour, degC; NaN for one that has none of its own. Of instants it is the mean of the
    straight line between them, over the ends of the year too."""
    minutes, temps = np.array(readings.minutes, np.int64), np.array(readings.temps)
    minutes, temps = minutes[~np.isnan(temps)], temps[~np.isnan(temps)]
    hours, number = np.unique(minutes // MINUTES, return_inverse=True)
    year = np.full(HOURS, np.nan)
    if readings.format.is_of_instants:
        around = [minutes - YEAR_MINUTES, minutes, minutes + YEAR_MINUTES]
        year[hours] = means_of_hours(np.concatenate(around), np.tile(temps, 3), hours)
    else:
        year[hours] = np.bincount(number, weights=temps) / np.bincount(number)
    return year


def fill_gaps(temps: Series) -> Series:
    """The year with its gaps of up to FILLED_HOURS filled; the year closes on itself."""
    return fill_short_gaps(np.tile(temps, 3), FILLED_HOURS)[HOURS : 2 * HOURS]


def gaps_in(temps: Series, filled: Series, readings: Readings) -> list[str]:
    """What is missing from the year, if more is than can be filled: hours that have no line, or no temperature."""
    given = hours_given(readings) > 0
    if not given.all():
        first = int(np.argmin(given))
        absent = np.count_nonzero(~given)
        return [
            f"The year has {HOURS:,} hours; {absent:,} are missing, first {day_of_year(first)}, hour {first % 24 + 1}."
        ]
    if np.isnan(filled).any():
        begin, end = longest_gap(filled)
        return [
            f"{np.count_nonzero(np.isnan(temps)):,} hours have no temperature, {end - begin:,} of them in a row from "
            f"{day_of_year(begin)}; at most {FILLED_HOURS} in a row are filled."
        ]
    return []


def hours_given(readings: Readings) -> NDArray[np.int64]:
    """How many lines each hour of the year has."""
    return np.bincount(np.array(readings.minutes, np.int64) // MINUTES, minlength=HOURS)


def notes(temps: Series, readings: Readings) -> Iterator[str]:
    """What was made of the temperatures of a file, besides copying them."""
    format = readings.format
    if format.is_of_instants:
        yield (
            f"{len(readings.temps):,} temperatures of instants became {HOURS:,} of hours, each the mean of the "
            "straight line between them."
        )
    elif format.records_an_hour > 1:
        yield f"{len(readings.temps):,} temperatures became {HOURS:,} of hours, each the mean of the hour's."
        yield from incomplete_hours(readings, format.records_an_hour)
    if readings.leap_days:
        yield f"29 February was left out, {readings.leap_days:,} lines."
    gaps = np.count_nonzero(np.isnan(temps))
    if gaps:
        yield f"{gaps:,} hours have no temperature in the file, and were filled by a straight line."


def incomplete_hours(readings: Readings, records_an_hour: int) -> Iterator[str]:
    """The hours whose mean is of fewer temperatures than the file says that an hour has."""
    known = ~np.isnan(readings.temps)
    count = np.bincount(np.array(readings.minutes, np.int64)[known] // MINUTES, minlength=HOURS)
    few = (count > 0) & (count < records_an_hour)
    if few.any():
        yield (
            f"{np.count_nonzero(few):,} hours have fewer than {records_an_hour} temperatures, first "
            f"{day_of_year(int(np.argmax(few)))}; their means are of those that are there."
        )
