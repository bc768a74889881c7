"""Cases from buildings of the University of Cambridge: hourly electricity and gas of ten years, with all that happens
in real buildings, and the weather of Bedford.

The readings are not part of this repository. They are published, under the MIT licence, as the Cambridge University
Estates building energy usage archive (M. Langtry and R. Choudhary, 2024, doi:10.5281/zenodo.10955332): clone
https://github.com/EECi/Cambridge-Estates-Building-Energy-Archive and give its directory. Its temperatures are the Met
Office's, MIDAS Open, under the Open Government Licence.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from bench.generators.cases import ELECTRICITY, Case, Numbers
from bench.generators.meters import Meter, fahrenheit, of_weeks_around, two_years

WEATHER = "aux_data/MetOffice Weather Data/processed_data/bedford"
BUILDINGS = "building_data/processed_data"
FIRST_YEAR, LAST_YEAR = 2009, 2019  # people stayed at home in 2020
NORMAL = 2018  # stands for a normal year
KINGDOM = "Europe/London"
MOST_IDLE = 0.03  # of the winter's days without gas; in summer boilers are off
WINTER = (1, 2, 3, 11, 12)
TRIES = 500


def of_estates(archive: Path, fuel: str, seed: int, treated: bool) -> Case:
    """The case of a seed: a building, the first day of a month on which its baseline begins, and a retrofit."""
    rng = np.random.default_rng(seed)
    meters = buildings(archive, fuel)
    for _ in range(TRIES):
        building = meters[rng.integers(len(meters))]
        first = date(int(rng.integers(FIRST_YEAR, LAST_YEAR - 1)), int(rng.integers(1, 13)), 1)
        case = two_years(meter_of(archive, fuel, building), first, normal_year(archive), seed, treated=treated)
        if case is not None and is_whole(case):
            return case
    raise ValueError(f"{archive} has no two whole years of {fuel} in {TRIES} tries")


@cache
def buildings(archive: Path, fuel: str) -> list[str]:
    """Those that have the fuel."""
    return sorted(path.parent.name for path in (archive / BUILDINGS).glob(f"*/{fuel}"))


@cache
def meter_of(archive: Path, fuel: str, building: str) -> Meter:
    """A building's meter."""
    temperature = temperatures(archive)
    hours = yearly_files(archive / BUILDINGS / building / fuel).reindex(temperature.index)
    energy = hours.to_numpy(dtype=np.float64)
    if fuel == ELECTRICITY:
        # what is missing is zero in the archive
        energy = of_weeks_around(np.where(energy == 0, np.nan, energy))
    start = np.datetime64(temperature.index[0], "h")
    return Meter(building, fuel, KINGDOM, start, energy, temperature.to_numpy())


def is_whole(case: Case) -> bool:
    """Whether gas flows on the days of winter; a missing reading is zero in the archive."""
    if case.fuel == ELECTRICITY:
        return True
    hours = pd.Series(case.used + case.saved, pd.date_range(pd.Timestamp(case.start), periods=len(case.used), freq="h"))
    days = hours[hours.index.month.isin(WINTER)].resample("D").sum(min_count=1).dropna()
    return float((days <= 0).mean()) <= MOST_IDLE


@cache
def temperatures(archive: Path) -> "pd.Series[float]":
    """By the hour, degrees Fahrenheit."""
    celsius = yearly_files(archive / WEATHER)
    hours = pd.date_range(f"{FIRST_YEAR}-01-01", f"{LAST_YEAR}-12-31 23:00", freq="h")
    return pd.Series(fahrenheit(celsius.reindex(hours).interpolate().to_numpy()), hours)


@cache
def normal_year(archive: Path) -> Numbers:
    """Temperatures of a year that stands for a normal one."""
    hours = temperatures(archive)
    return hours[hours.index.year == NORMAL].to_numpy()


def yearly_files(folder: Path) -> "pd.Series[float]":
    """The first value of each hour, from the files of the years that there are."""
    years = [pd.read_csv(path, index_col=0, parse_dates=True).iloc[:, 0] for path in wanted(folder)]
    if not years:
        return pd.Series(dtype=np.float64, index=pd.DatetimeIndex([]))
    joined = pd.concat(years)
    return joined[~joined.index.duplicated()]


def wanted(folder: Path) -> Iterator[Path]:
    """The files of the years that are looked at, in order."""
    return (path for path in sorted(folder.glob("*.csv")) if FIRST_YEAR <= int(path.stem) <= LAST_YEAR)
