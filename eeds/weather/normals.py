"""The normal year of a station: a stored one, else one derived from the station's history."""

from datetime import datetime, timedelta

import numpy as np

from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.weather.errors import NoWeather
from eeds.weather.gaps import Series, fill_short_gaps, longest_gap
from eeds.weather.history import normal_at
from eeds.weather.series import FILLED_HOURS, Year, join_years, load_years
from eeds.weather.years import FIRST_YEAR, LAST_YEAR, first_hour, instant_of

HOURS = 8760
# Stored kinds, best first. What a station measured comes before a model's temperatures of its place (NSRDB, PVGIS), and
# later years before earlier ones: CZ2010's are later than TMY3's, and TMY2's are 1961 to 1990.
STORED_KINDS = ("CZ2010", "TMY3", "EPW", "NSRDB", "PVGIS", "TMY2")
DERIVED = "derived"
# What the mean of a history may lack: the seasons are slow enough for two weeks, but not many times over.
FILLED_DAYS = 14
MISSING_SHARE = 0.1
COMMON_YEAR = 2001  # any year that is no leap year
FEBRUARY_29 = 59 * 24  # its first hour
REMEDY = "Fetch or upload hourly temperatures of at least one full year, or upload a TMY3, CZ2010 or EPW file."


def best_kind(connection: PsycopgConnection, station: str) -> str:
    """The best kind of normal year that is stored for a station; derived if there is none."""
    rows = connection.execute(query("weather/normal_kinds"), {"station": station})
    stored = {kind for (kind,) in rows}
    return next((kind for kind in STORED_KINDS if kind in stored), DERIVED)


def kinds_replaced_by(kind: str) -> tuple[str, ...]:
    """The kinds that a run takes only where there is none of this one."""
    return (*STORED_KINDS[STORED_KINDS.index(kind) + 1 :], DERIVED)


def load_normal(connection: PsycopgConnection, station: str, kind: str, as_of: datetime | None = None) -> Series:
    """A normal year of a station, 8,760 UTC hours from 1 January, degF; `kind` as best_kind gives it. With `as_of`, as
    it was at that time. Raises NoWeather if it has to be derived and the stored history is too short for it."""
    if kind == DERIVED:
        return derive(station, load_years(connection, station, FIRST_YEAR, LAST_YEAR, as_of))
    earlier = normal_at(connection, station, kind, as_of) if as_of is not None else None
    if earlier is not None:
        utc_offset, temps = earlier
        return to_utc(temps, utc_offset)
    rows = connection.execute(query("weather/load_normal"), {"station": station, "kind": kind}, binary=True)
    ((utc_offset, temps),) = rows.fetchall()
    return to_utc(np.array(temps, dtype=np.float64), utc_offset)


def to_utc(temps: Series, utc_offset: float) -> Series:
    """A year of local standard time by the hours of UTC. The year closes on itself; for an offset of half
    hours, two hours are interpolated."""
    hours = np.arange(HOURS)
    shifted: Series = np.interp(hours + utc_offset, hours, temps, period=HOURS)
    return shifted


def derive(station: str, years: dict[int, Year]) -> Series:
    """The mean of the stored years by hour of the year, without 29 February; short gaps in them are filled first.

    The hours of the year that no year has, MISSING_SHARE of them at most, take their temperature from the same hour of
    the days before and after, over at most FILLED_DAYS days. Raises NoWeather if more is missing.
    """
    if not years:
        raise NoWeather(f"No normal year for station {station}: none of its temperatures are stored. {REMEDY}")
    mean = mean_by_hour(years)
    normal = fill_days(mean)
    present = np.count_nonzero(~np.isnan(mean))
    if np.isnan(normal).any() or present < (1 - MISSING_SHARE) * HOURS:
        begin, end = longest_gap(mean)
        raise NoWeather(
            f"No normal year for station {station}: its stored temperatures cover {present:,} of the {HOURS:,} "
            f"hours of a year, with none from {day_of_year(begin)} to {day_of_year(end - 1)}. {REMEDY}"
        )
    return normal


def mean_by_hour(years: dict[int, Year]) -> Series:
    """The mean of each hour over the years that have it; NaN where none has."""
    first, last = min(years), max(years)
    series = fill_short_gaps(join_years(years, first, last), FILLED_HOURS)
    total, count = np.zeros(HOURS), np.zeros(HOURS)
    for year in years:
        begin, end = ((first_hour(y) - first_hour(first)).astype(int) for y in (year, year + 1))
        temps = series[begin:end]
        if temps.size > HOURS:
            temps = np.delete(temps, np.s_[FEBRUARY_29 : FEBRUARY_29 + 24])
        total += np.nan_to_num(temps)
        count += ~np.isnan(temps)
    mean: Series = np.divide(total, count, out=np.full(HOURS, np.nan), where=count > 0)
    return mean


def fill_days(temps: Series) -> Series:
    """Fill gaps of at most FILLED_DAYS days, each hour of the day by itself; the year closes on itself."""
    columns = temps.reshape(-1, 24).T
    around = np.concatenate([columns, columns, columns], axis=1)
    days = columns.shape[1]
    return np.array([fill_short_gaps(hour, FILLED_DAYS)[days : 2 * days] for hour in around]).T.ravel()


def day_of_year(hour: int) -> str:
    """The day of the year that an hour lies in, as 1 March."""
    instant = instant_of(first_hour(COMMON_YEAR)) + timedelta(hours=hour)
    return f"{instant.day} {instant:%B}"
