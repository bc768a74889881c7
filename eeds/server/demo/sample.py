"""The sample project of the development seed: what it measures, made up but regular.

Traces 1 and 2 are those of the original's `dev_seed`, reading by reading, because its tutorial and its clients' tests
look at them. They are constant, and no model can be made of that; so the other four respond to weather and sun.
"""

from dataclasses import dataclass

import numpy as np

from eeds.db.binary_copy import Columns
from eeds.server.demo.building import (
    BURBANK,
    DAYS_A_YEAR,
    Building,
    Floats,
    Response,
    Times,
    daily,
    hours_of,
    temperatures,
)

PROJECT_ID, ZIPCODE = "ABC", "91104"
BASELINE_END, REPORTING_START = "2012-01-01", "2012-02-01"
# The station of the zipcode, and the years it needs: those of the readings, and one before.
STATION = "722880"
FIRST_YEAR, LAST_YEAR = 2010, 2014
READINGS_FROM = np.datetime64("2011-01-01")

BUILDING = Building(
    before=Response(base=14.0, heating=0.9, cooling=1.1, weekend=3.0),
    after=Response(base=13.0, heating=0.6, cooling=0.8, weekend=3.0),
    retrofitted=np.datetime64(BASELINE_END),
    noise=0.06,
    noise_correlation=0.4,
)
# How much of a day's use each hour of the day has, from midnight UTC.
HOUR_SHARES = 1 + 0.4 * np.cos(2 * np.pi * (np.arange(24) - 2) / 24)


@dataclass(frozen=True)
class SampleTrace:
    """The readings of one trace in columns: `start` (datetime64[s], UTC), `value` (in `unit`, NaN = missing) and
    `estimated`."""

    interpretation: str
    unit: str
    columns: Columns


def weather() -> tuple[Times, Floats]:
    """Every hour of FIRST_YEAR to LAST_YEAR at STATION, and its temperature in degrees Fahrenheit."""
    hours = hours_of(FIRST_YEAR, LAST_YEAR)
    return hours, temperatures(BURBANK, hours, seed=1)


def traces() -> list[SampleTrace]:
    """The six traces of the sample project, in order."""
    days, means = daily(*weather())
    measured = days >= READINGS_FROM
    days, means = days[measured], means[measured]
    use = BUILDING.use(days, means, seed=3)
    panels = generation(days, seed=5)
    months = np.arange("2010-01", "2015-01", dtype="datetime64[M]").astype("datetime64[D]")
    hours = np.arange(days[0], days[-1] + 1, dtype="datetime64[h]")
    new = days >= np.datetime64(REPORTING_START)
    return [
        constant_trace("NG_C_S", "THM", months, 1.0),
        constant_trace("NG_C_S", "THM", np.arange("2011-09-01", "2015-01-01", dtype="datetime64[D]"), 2.0),
        electricity_trace("E_C_S", hours, np.round(np.outer(use / 24, HOUR_SHARES).ravel(), 3)),
        electricity_trace("E_C_S", days, BUILDING.use(days, means, seed=4)),
        electricity_trace("E_OSG_U", days[new], panels[new]),  # panels that came with the retrofit
        electricity_trace("E_OSG_U", days, np.round(panels / 2, 1)),
    ]


def electricity_trace(interpretation: str, start: Times, value: Floats) -> SampleTrace:
    """An electricity trace in kWh, none of it estimated, closed by a record that marks the end of its last reading."""
    end = start[-1] + (start[-1] - start[-2])
    starts, values = np.append(start, end).astype("datetime64[s]"), np.append(value, np.nan)
    estimated = np.zeros(len(starts), dtype=np.bool_)
    return SampleTrace(interpretation, "KWH", {"start": starts, "value": values, "estimated": estimated})


def constant_trace(interpretation: str, unit: str, start: Times, value: float) -> SampleTrace:
    """A trace of the original's seed: one value, but of the first 1,000 every 20th missing and every 15th estimated."""
    number = np.arange(len(start))
    early = number < 1000
    values = np.where(early & (number % 20 == 0), np.nan, value)
    columns = {"start": start.astype("datetime64[s]"), "value": values, "estimated": early & (number % 15 == 3)}
    return SampleTrace(interpretation, unit, columns)


def generation(days: Times, seed: int) -> Floats:
    """kWh a day that solar panels feed into the grid: the length of the day and its clouds."""
    number = days.astype(np.int64)
    sun = 7.0 - 3.0 * np.cos(2 * np.pi * (number + 10) / DAYS_A_YEAR)  # the shortest day is 21 December
    clear = np.random.default_rng(seed).beta(5, 2, len(days))
    fed: Floats = np.round(sun * clear, 1)
    return fed
