"""A trace as the model sees it, one row a local day, and which of its days belong to which period."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray

from eeds.meter.days import Dates, Days, Numbers, daily_energy, daily_temperature, days_of, local_days
from eeds.meter.names import is_electricity_consumption
from eeds.meter.settings import MeterSettings
from eeds.meter.types import Periods, Trace, Weather

Mask = NDArray[np.bool_]

REPORTING_MODEL_DAYS = 365
# The normal year has no weekdays of its own. Of all years without 29 February, one that starts on a working day comes
# nearest to the usual share of weekends: 104 days of 365.
NORMAL_YEAR = 2015


@dataclass(frozen=True)
class Series:
    """Consecutive local days: energy in the trace's unit, mean temperature in degrees Fahrenheit, NaN = missing."""

    dates: Dates
    energy: Numbers
    temperature: Numbers

    @property
    def complete(self) -> Mask:
        """The days with a reading and a temperature."""
        return ~np.isnan(self.energy) & ~np.isnan(self.temperature)

    def select(self, mask: Mask) -> "Series":
        """The days of a mask."""
        return Series(self.dates[mask], self.energy[mask], self.temperature[mask])


@dataclass(frozen=True)
class TraceDays:
    """All the days of a trace, and those of its periods."""

    series: Series
    day_of_reading: NDArray[np.intp]
    baseline: Mask  # fitted by the baseline model
    reporting_model: Mask  # fitted by the reporting model
    reporting: Mask  # summed in gross_predicted


def trace_days(trace: Trace, weather: Weather, periods: Periods, settings: MeterSettings) -> TraceDays:
    """The days of a trace of at least two records. Only whole days belong to a period, so that the day that contains
    baseline_period_end is never in the baseline, and no day is in both."""
    days = days_of(trace, settings.timezone)
    energy = daily_energy(trace, days)
    if is_electricity_consumption(trace.interpretation):
        energy = np.where(energy == 0, np.nan, energy)
    series = Series(days.dates, energy, daily_temperature(weather.first_hour, weather.observed, days))
    baseline = within(days, periods.baseline_start, periods.baseline_end)
    reporting = within(days, periods.reporting_start, periods.reporting_end) & until_last_reading(series)
    return TraceDays(
        series,
        days.index_of(trace.start[:-1]),
        baseline=baseline if settings.baseline_days is None else last_of(baseline, settings.baseline_days),
        reporting_model=first_of(reporting, REPORTING_MODEL_DAYS),
        reporting=reporting,
    )


def within(days: Days, start: datetime | None, end: datetime | None) -> Mask:
    """The days that lie between two instants as a whole; None = open."""
    mask = np.ones(len(days.dates), dtype=bool)
    if start is not None:
        mask &= days.midnights[:-1] >= instant(start)
    if end is not None:
        mask &= days.midnights[1:] <= instant(end)
    return mask


def instant(moment: datetime) -> np.datetime64:
    """numpy's times are UTC without saying so."""
    return np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "us")


def first_of(mask: Mask, count: int) -> Mask:
    """The first `count` days of a mask."""
    return mask & (np.cumsum(mask) <= count)


def last_of(mask: Mask, count: int) -> Mask:
    """The last `count` days of a mask."""
    return first_of(mask[::-1], count)[::-1]


def until_last_reading(series: Series) -> Mask:
    """The days up to the last one with a reading."""
    return np.cumsum(~np.isnan(series.energy)[::-1])[::-1] > 0


def normal_year(weather: Weather, timezone: str) -> Series:
    """The 365 local days of the normal year; the hours that local time shifts over its end are taken from its start."""
    days = local_days(date(NORMAL_YEAR, 1, 1), date(NORMAL_YEAR, 12, 31), timezone)
    first, last = days.midnights[0], days.midnights[-1]
    new_year = np.datetime64(f"{NORMAL_YEAR}-01-01", "h")
    first_hour = np.datetime64(first, "h")
    hours = np.arange(first_hour, np.datetime64(last, "h") + 1) - new_year
    hourly = weather.normal[hours.astype(np.int64) % len(weather.normal)]
    return Series(days.dates, np.full(len(days.dates), np.nan), daily_temperature(first_hour, hourly, days))
