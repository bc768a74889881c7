"""What a model fits and predicts: energy and temperature, a value a local day or an hour; which of them belong to a
period, and the normal year."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from eeds.meter.arrays import Dates, Indexes, Instants, Mask, Numbers, totals
from eeds.meter.days import Days, local_days, local_days_between, temperature_between
from eeds.meter.types import Weather

# The normal year has no weekdays of its own. Of all years without 29 February, one that starts on a working day comes
# nearest to the usual share of weekends: 104 days of 365.
NORMAL_YEAR = 2015
MONTHS = 12


@dataclass(frozen=True, eq=False)
class Series:
    """Consecutive local days, or their hours: energy in the trace's unit, measured or predicted, mean temperature in
    degrees Fahrenheit, NaN = missing."""

    start: Instants  # UTC, of each
    dates: Dates  # the local day of each
    energy: Numbers
    temperature: Numbers

    @property
    def complete(self) -> Mask:
        """Those with a reading and a temperature."""
        return ~np.isnan(self.energy) & ~np.isnan(self.temperature)

    @property
    def present(self) -> "Series":
        """Those with an energy."""
        return self.select(~np.isnan(self.energy))

    @property
    def month(self) -> Indexes:
        """Of the year, from 0."""
        return self.dates.astype("datetime64[M]").astype(np.intp) % MONTHS

    @property
    def days(self) -> int:
        """How many days there are."""
        return len(np.unique(self.dates))

    def select(self, mask: Mask) -> "Series":
        """Those in a mask."""
        return Series(self.start[mask], self.dates[mask], self.energy[mask], self.temperature[mask])

    def by_day(self) -> "Series":
        """Hours added up, the temperature averaged; NaN if one hour is. Days are as they were."""
        dates, first, day = np.unique(self.dates, return_index=True, return_inverse=True)
        temperature = totals(day, self.temperature) / totals(day)
        return Series(self.start[first], dates, totals(day, self.energy), temperature)


def within(start: Instants, end: Instants, first: datetime | None, last: datetime | None) -> Mask:
    """Of what lies between a start and an end each, which lie between two instants as a whole; None = open."""
    mask = np.ones(len(start), dtype=bool)
    if first is not None:
        mask &= start >= instant(first)
    if last is not None:
        mask &= end <= instant(last)
    return mask


def instant(moment: datetime) -> np.datetime64:
    """A time with a zone as numpy has it: in UTC, without a zone."""
    return np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "us")


def until_last_reading(energy: Numbers) -> Mask:
    """Those up to the last one with a reading."""
    return np.cumsum(~np.isnan(energy)[::-1])[::-1] > 0


def hours_of(days: Days) -> Instants:
    """When each hour of some local days begins, and when the last one ends."""
    return np.arange(days.midnights[0], days.midnights[-1] + np.timedelta64(1, "s"), np.timedelta64(3600, "s"))


def normal_year(weather: Weather, timezone: str, *, hourly: bool) -> Series:
    """The temperatures of the 365 local days of the normal year, or of their hours; the hours that local time shifts
    over the end of the year are taken from its start."""
    return weather.once(("normal year", timezone, hourly), lambda: find_normal_year(weather, timezone, hourly))


def find_normal_year(weather: Weather, timezone: str, hourly: bool) -> Series:
    """The normal year, computed."""
    days = local_days(date(NORMAL_YEAR, 1, 1), date(NORMAL_YEAR, 12, 31), timezone)
    edges = hours_of(days) if hourly else days.midnights
    new_year = np.datetime64(f"{NORMAL_YEAR}-01-01", "h")
    first_hour = np.datetime64(edges[0], "h")
    hours = np.arange(first_hour, np.datetime64(edges[-1], "h") + 1) - new_year
    temperature = weather.normal[hours.astype(np.int64) % len(weather.normal)]
    dates = days.dates[days.index_of(edges[:-1])]
    nothing = np.full(len(dates), np.nan)
    return Series(edges[:-1], dates, nothing, temperature_between(first_hour, temperature, edges))


def temperatures_of(weather: Weather, timezone: str, edges: Instants, *, hourly: bool) -> Numbers:
    """Mean temperature of consecutive local days, or of hours counted from a local midnight, NaN where there is none:
    what temperature_between finds, cut out of what it finds for all days that the weather has."""
    known, temperature = weather.once(("cells", timezone, hourly), lambda: all_cells(weather, timezone, hourly))
    common = max(edges[0], known[0]), min(edges[-1], known[-1])
    (begin, end), (known_begin, known_end) = np.searchsorted(edges, common), np.searchsorted(known, common)
    if not np.array_equal(edges[begin : end + 1], known[known_begin : known_end + 1]):
        # hours where clocks change by less than one, or cells that the weather does not reach
        return temperature_between(weather.first_hour, weather.observed, edges)
    found = np.full(len(edges) - 1, np.nan)
    found[begin:end] = temperature[known_begin:known_end]
    return found


def all_cells(weather: Weather, timezone: str, hourly: bool) -> tuple[Instants, Numbers]:
    """The edges and mean temperatures of all local days that the weather touches, or of their hours."""
    last_hour = weather.first_hour + np.timedelta64(max(len(weather.observed) - 1, 0), "h")
    days = local_days_between(weather.first_hour, last_hour, timezone)
    edges = hours_of(days) if hourly else days.midnights
    return edges, temperature_between(weather.first_hour, weather.observed, edges)
