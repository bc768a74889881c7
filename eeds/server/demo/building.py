"""Made-up weather and a made-up building in it, whose savings are known exactly.

The use of a day is a function of its mean temperature and of the day of the week, plus autocorrelated noise. A retrofit
changes the function from one day on. What it saved is therefore no estimate: it is the difference of the two functions,
summed over the days in question, which the meter's result is compared with. Everything follows from a seed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Times = NDArray[np.datetime64]

HOURS_A_DAY = 24
DAYS_A_YEAR = 365.25
COLDEST_DAY, COLDEST_HOUR = 15, 4  # 15 January, 4 in the morning
# Fronts pass in days: the correlation of one hour's departure from the climate with the next one's.
FRONT_CORRELATION = 0.985


@dataclass(frozen=True)
class Climate:
    """The parameters of the temperatures at a place, degrees Fahrenheit."""

    mean: float
    seasonal: float  # half of the difference between summer and winter
    daily: float  # half of the difference between afternoon and night
    fronts: float  # standard deviation of the weather around that
    utc_offset: int  # hours


DES_MOINES = Climate(mean=50.5, seasonal=26.5, daily=9.0, fronts=8.5, utc_offset=-6)
BURBANK = Climate(mean=64.5, seasonal=10.5, daily=11.0, fronts=4.5, utc_offset=-8)


@dataclass(frozen=True)
class Response:
    """What a building uses in a day, in kWh: a base load, heating below one temperature, cooling above another."""

    base: float
    heating: float  # kWh per degree Fahrenheit of the day's mean below `heating_from`
    cooling: float  # the same above `cooling_from`
    heating_from: float = 60.0
    cooling_from: float = 68.0
    weekend: float = 0.0  # kWh that a Saturday or Sunday has more (less, if negative)

    def use(self, days: Times, mean_temperatures: Floats) -> Floats:
        """kWh of each of the days (datetime64[D]), given their mean temperatures in degrees Fahrenheit."""
        heating = self.heating * np.maximum(self.heating_from - mean_temperatures, 0.0)
        cooling = self.cooling * np.maximum(mean_temperatures - self.cooling_from, 0.0)
        return self.base + heating + cooling + self.weekend * ~np.is_busday(days)


@dataclass(frozen=True)
class Building:
    """A building before and after its retrofit, which shows from `retrofitted` (a day) on."""

    before: Response
    after: Response
    retrofitted: np.datetime64
    noise: float  # standard deviation, as a share of the mean use
    noise_correlation: float  # of one day with the next

    def use(self, days: Times, mean_temperatures: Floats, seed: int) -> Floats:
        """kWh that its meter reads on each day, noise and all, to a tenth of a kWh; never negative."""
        before = self.before.use(days, mean_temperatures)
        expected = np.where(days < self.retrofitted, before, self.after.use(days, mean_temperatures))
        noise = self.noise * expected.mean() * autocorrelated(len(days), self.noise_correlation, seed)
        read: Floats = np.maximum(expected + noise, 0.0).round(1)
        return read

    def truth(self, days: Times, mean_temperatures: Floats) -> "Truth":
        """What it would have used on these days without the retrofit and with it, but for noise."""
        before, after = (response.use(days, mean_temperatures).sum() for response in (self.before, self.after))
        return Truth(float(before), float(after))


@dataclass(frozen=True)
class Truth:
    """Use over the same days without and with the retrofit, kWh."""

    baseline: float
    reporting: float

    @property
    def savings(self) -> float:
        """kWh that the retrofit saved."""
        return self.baseline - self.reporting


def autocorrelated(n: int, correlation: float, seed: int) -> Floats:
    """`n` values of standard normal AR(1) noise with this lag-1 correlation."""
    shocks = np.random.default_rng(seed).standard_normal(n)
    shocks[1:] *= np.sqrt(1 - correlation**2)
    values: Iterable[Any] = accumulate(shocks.tolist(), lambda before, shock: correlation * before + shock)
    return np.fromiter(values, dtype=np.float64, count=n)


def hours_of(first_year: int, last_year: int) -> Times:
    """Every hour (datetime64[h], UTC) of these years."""
    return np.arange(f"{first_year}-01-01T00", f"{last_year + 1}-01-01T00", dtype="datetime64[h]")


def temperatures(climate: Climate, hours: Times, seed: int) -> Floats:
    """The temperature of each of consecutive hours (datetime64[h], UTC), degrees Fahrenheit to a tenth."""
    number = hours.astype(np.int64) + climate.utc_offset  # local hours since 1970-01-01
    season = np.cos(2 * np.pi * (number / HOURS_A_DAY - COLDEST_DAY) / DAYS_A_YEAR)
    hour = np.cos(2 * np.pi * (number - COLDEST_HOUR) / HOURS_A_DAY)
    fronts = autocorrelated(len(hours), FRONT_CORRELATION, seed)
    return np.round(climate.mean - climate.seasonal * season - climate.daily * hour + climate.fronts * fronts, 1)


def daily(hours: Times, hourly: Floats) -> tuple[Times, Floats]:
    """The days (datetime64[D], UTC) of whole days of hours, and the mean of each."""
    return hours[::HOURS_A_DAY].astype("datetime64[D]"), hourly.reshape(-1, HOURS_A_DAY).mean(axis=1)


def local_daily(hours: Times, hourly: Floats, timezone: str) -> tuple[Times, Floats]:
    """The local days (datetime64[D]) that begin in consecutive hours (datetime64[h], UTC), and the mean of each, as far
    as its hours are there."""
    zone = ZoneInfo(timezone)
    moments = [hour.replace(tzinfo=UTC).astimezone(zone) for hour in hours.tolist()]
    dates = np.array([moment.date() for moment in moments], dtype="datetime64[D]")
    days, day = np.unique(dates, return_inverse=True)
    means = np.bincount(day, hourly) / np.bincount(day)
    begins = 0 if moments[0].hour == 0 else 1
    return days[begins:], means[begins:]


def normal_year(days: Times, values: Floats) -> tuple[Times, Floats]:
    """365 days and the mean of each calendar day over the whole years given, 29 February left out.

    The days are dated in a year without 29 February, 2013.
    """
    months = days.astype("datetime64[M]")
    leap = (months.astype(np.int64) % 12 == 1) & ((days - months).astype(np.int64) == 28)
    means = values[~leap].reshape(-1, 365).mean(axis=0)
    return np.arange("2013-01-01", "2014-01-01", dtype="datetime64[D]"), means
