"""Cases from the sample meters that the eemeter library ships: hourly electricity and gas of a household in the United
Kingdom, and synthetic loads, with much noise of hours, at real weather of Illinois.

There are few of them that have two years, so that cases share years: their mean errors are less certain than their
number says.
"""

import gzip
import json
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from bench.generators.cases import ELECTRICITY, GAS, Case, Numbers
from bench.generators.meters import Meter, fahrenheit, of_weeks_around, two_years

PACKAGE = "opendsm.eemeter.samples"
ILLINOIS, KINGDOM = "America/Chicago", "Europe/London"
# By fuel: the samples, and the days on which a baseline can begin at the earliest and the latest.
SAMPLES = {
    ELECTRICITY: {
        "il-electricity-cdd-hdd-hourly": ("2015-11-24", "2016-02-06"),
        "il-electricity-cdd-only-hourly": ("2015-11-24", "2016-02-06"),
        "uk-electricity-hdd-only-hourly-sample-0": ("2020-04-03", "2020-12-03"),
    },
    GAS: {
        "il-gas-hdd-only-hourly": ("2015-11-24", "2016-02-06"),
        "il-gas-intercept-only-hourly": ("2015-11-24", "2016-02-06"),
        "uk-gas-hdd-only-hourly-sample-0": ("2020-04-03", "2020-12-03"),
    },
}
LAST_READ_DAY = 28  # that every month has


def of_samples(fuel: str, seed: int, treated: bool) -> Case:
    """The case of a seed: a sample, a day on which its baseline begins, and a retrofit."""
    rng = np.random.default_rng(seed)
    name = list(SAMPLES[fuel])[seed // 2 % len(SAMPLES[fuel])]
    earliest, latest = (date.fromisoformat(day) for day in SAMPLES[fuel][name])
    days = [earliest + timedelta(days=day) for day in range((latest - earliest).days + 1)]
    first = days[rng.choice([place for place, day in enumerate(days) if day.day <= LAST_READ_DAY])]
    meter, normal = meter_of(name, fuel)
    case = two_years(meter, first, normal, seed, treated=treated)
    if case is None:
        raise ValueError(f"the sample {name} does not have two years from {first} on")
    return case


@cache
def meter_of(name: str, fuel: str) -> tuple[Meter, Numbers]:
    """A sample without the savings that it has, and the temperatures of a whole calendar year of it."""
    described = json.loads(files(PACKAGE).joinpath("metadata.json").read_text())[name]
    energy, degrees = (read_sample(described[f"{what}_filename"]) for what in ("meter_data", "temperature"))
    in_celsius = "tempC" in described["temperature_filename"]
    temperature = degrees.reindex(pd.date_range(degrees.index[0], degrees.index[-1], freq="h")).interpolate()
    hours = energy.reindex(temperature.index)
    if not in_celsius:
        later = hours.index >= pd.Timestamp(described["blackout_end_date"], tz="UTC")
        left = described["annual_reporting_total_load"] / described["annual_baseline_total_load"]
        hours = hours.where(~later, hours / left)
    missing = hours == 0 if fuel == ELECTRICITY else hours.isna()
    outside = fahrenheit(temperature.to_numpy()) if in_celsius else temperature.to_numpy()
    meter = Meter(
        name,
        fuel,
        KINGDOM if in_celsius else ILLINOIS,
        np.datetime64(temperature.index[0].tz_localize(None), "h"),
        of_weeks_around(hours.where(~missing).to_numpy()),
        outside,
    )
    return meter, whole_year(pd.Series(outside, temperature.index))


def read_sample(name: str) -> "pd.Series[float]":
    """A sample by UTC hours; of half hours the sum, or the mean of temperatures."""
    with gzip.open(str(files(PACKAGE).joinpath(name))) as opened:
        rows = pd.read_csv(opened)
    values = pd.Series(rows.iloc[:, -1].to_numpy(dtype=np.float64), pd.to_datetime(rows.iloc[:, -2], utc=True))
    values = values[~values.index.duplicated()]
    hours = values.resample("h")
    return hours.mean() if "temp" in name else hours.sum(min_count=1)


def whole_year(temperature: "pd.Series[float]") -> Numbers:
    """The last calendar year of 8,760 hours that the temperatures have."""
    years = [temperature[temperature.index.year == year] for year in sorted(set(temperature.index.year), reverse=True)]
    return next(year.to_numpy() for year in years if len(year) == len(year.dropna()) == 8760)
