"""The temperatures of a station as a run reads them: one series of hours, short gaps filled."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from eeds.db.binary_arrays import FLOAT8, read_array
from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.weather.gaps import Series, fill_short_gaps, longest_gap
from eeds.weather.history import changes_since, put_back
from eeds.weather.years import (
    FIRST_YEAR,
    HOUR,
    LAST_YEAR,
    SOURCES,
    first_hour,
    hour_from,
    hour_of,
    hours_in,
    year_of_hour,
)

# Hours in a row that are filled. Stations that report every three or six hours need it, and over so short a time a
# straight line is close to the truth.
FILLED_HOURS = 6


@dataclass(frozen=True)
class Year:
    """A stored year: where it comes from, and its hours in degF, NaN = missing."""

    source: str
    temps: Series
    url: str | None = None  # of the file that was fetched, with its sha256; None = uploaded or made up
    sha256: str | None = None


@dataclass(frozen=True)
class Observed:
    """Some hours of a station; observed + filled + missing = len(temps)."""

    station: str
    source: str  # upload, ghcnh, synthetic; joined by commas if the years have several; empty if nothing is stored
    first_hour: np.datetime64  # datetime64[h], UTC
    temps: Series  # degF, an hour each from first_hour on, NaN = missing
    observed: int
    filled: int  # by a straight line between the observations on either side
    missing: int
    longest_gap: int  # hours in a row without an observation, filled or not
    years: Mapping[int, Year]  # what is stored of the years that the hours lie in

    @property
    def covered(self) -> int:
        """Hours with a temperature."""
        return self.observed + self.filled

    @property
    def days_under_half(self) -> int:
        """Days (UTC) with a temperature in less than half of their hours, as far as they are among these."""
        days = (self.first_hour + np.arange(self.temps.size) * HOUR).astype("datetime64[D]").astype(np.int64)
        hours = np.bincount(days - days[0])
        present = np.bincount(days - days[0], weights=~np.isnan(self.temps))
        return int(np.count_nonzero(2 * present < hours))


def load_observed(
    connection: PsycopgConnection, station: str, first: datetime, last: datetime, as_of: datetime | None = None
) -> Observed:
    """The hours of a station that touch [first, last), stored or not; the times have a zone, and first < last. With
    `as_of`, as they were stored at that time.

    Each year comes from one source, the first in SOURCES that has an observation in it. Gaps of at most FILLED_HOURS
    are filled, at the ends of years and of [first, last) too; longer ones are left whole.
    """
    begin, end = hour_of(first), hour_from(last)
    # a gap at either end is filled from the hours beyond it
    first_year, last_year = year_of_hour(begin - FILLED_HOURS * HOUR), year_of_hour(end + FILLED_HOURS * HOUR)
    years = load_years(connection, station, first_year, last_year, as_of)
    series = join_years(years, first_year, last_year)
    within = slice(*((np.array([begin, end]) - first_hour(first_year)) // HOUR))
    raw, temps = series[within], fill_short_gaps(series, FILLED_HOURS)[within]
    used = {year: years[year] for year in range(year_of_hour(begin), year_of_hour(end - HOUR) + 1) if year in years}
    sources = {year.source for year in used.values()}
    observed, missing = int(np.count_nonzero(~np.isnan(raw))), int(np.count_nonzero(np.isnan(temps)))
    gap_begin, gap_end = longest_gap(raw)
    return Observed(
        station=station,
        source=",".join(source for source in SOURCES if source in sources),
        first_hour=begin,
        temps=temps,
        observed=observed,
        filled=temps.size - observed - missing,
        missing=missing,
        longest_gap=gap_end - gap_begin,
        years=used,
    )


def load_history(connection: PsycopgConnection, station: str) -> tuple[np.datetime64, Series]:
    """All that is stored of a station: its first hour, and the hours from there on, short gaps filled; of any hours in
    it, what load_observed() gives. There must be some."""
    years = load_years(connection, station, FIRST_YEAR, LAST_YEAR)
    first, last = min(years), max(years)
    return first_hour(first), fill_short_gaps(join_years(years, first, last), FILLED_HOURS)


def load_years(
    connection: PsycopgConnection, station: str, first_year: int, last_year: int, as_of: datetime | None = None
) -> dict[int, Year]:
    """The stored years of a station between two, both included, that have an observation; with `as_of`, as they were
    at that time."""
    parameters = {"station": station, "first_year": first_year, "last_year": last_year, "sources": list(SOURCES)}
    if as_of is not None:
        return load_earlier_years(connection, parameters, as_of)
    rows = connection.execute(query("weather/load_years"), parameters, binary=True)
    return {year: Year(source, read_array(temps, FLOAT8), *file) for year, source, temps, *file in rows}


def load_earlier_years(connection: PsycopgConnection, parameters: dict[str, Any], time: datetime) -> dict[int, Year]:
    """The years at a time. What was fetched later comes from another file than is known."""
    station, first_year, last_year = (parameters[name] for name in ("station", "first_year", "last_year"))
    changes = changes_since(connection, station, first_year, last_year, time)
    rows = connection.execute(query("weather/load_years_of_sources"), parameters, binary=True)
    years: dict[int, Year] = {}
    for year, source, temps, *file in rows:
        later = changes.get((source, year), ())
        earlier = put_back(read_array(temps, FLOAT8), later)
        if year not in years and not np.isnan(earlier).all():
            years[year] = Year(source, earlier, *([] if later else file))
    return years


def join_years(years: Mapping[int, Year], first_year: int, last_year: int) -> Series:
    """The hours from the beginning of one year to the end of another; NaN for a year that is not stored."""
    every = range(first_year, last_year + 1)
    return np.concatenate([years[y].temps if y in years else np.full(hours_in(y), np.nan) for y in every])
