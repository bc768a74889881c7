"""Synthetic buildings whose truth is known, drawn from populations, to measure how right the meter is.

Nothing here comes from the meter. A building stands in a climate of its own, with two years of hourly weather that
differ and a normal year. What it uses in an hour is a base load that follows the clock and the weekday, and heating and
cooling in proportion to how far the temperature it feels, the outdoor one smoothed by its thermal mass, is beyond its
balance points. The second year it uses less. Noise comes on top, of the same size in both years. Buildings of one
climate have the same weather, and in some populations also part of their noise: shocks that all have in common.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter  # type: ignore[import-untyped]

Numbers = NDArray[np.float64]
Rng = np.random.Generator
Range = tuple[float, float]

YEAR = 365
START = np.datetime64("2014-01-01", "h")  # two years without 29 February follow
NORMAL_START = np.datetime64("2015-01-01", "h")  # the weekdays of a normal year are taken to be those of 2015
SETTLE = 14 * 24  # hours of weather that a building has felt before its first
# How savings come about: in proportion to the use, the same each hour, or by less cooling.
SHARE, CONSTANT, COOLING = "share", "constant", "cooling"
COOLER, MOST_COOLER = 2, 0.9  # so many times the savings, at most this share of the cooling
SHOCK_AUTOCORRELATION = 0.5


@dataclass(frozen=True)
class Population:
    """What buildings are drawn from, uniformly between the bounds."""

    name: str
    noise_of: Callable[[Rng, float, int], Numbers]  # standard noise of so many days with this lag-1 autocorrelation
    autocorrelation: Range
    noise: Range  # of a day, as a fraction of the mean load
    savings: Range
    annual_mean: Range  # degrees Fahrenheit
    annual_swing: Range
    curvature: Range  # the exponent of degrees beyond the balance point; 1 = proportional
    seasonal: Range  # half the difference of the base load between January and July, as a fraction of it
    missing: float  # fraction of the days without a reading
    heated: float = 0.7  # how many of them there are with this fuel
    cooled: float = 0.7
    saves: str = SHARE
    common: float = 0.0  # share of the variance of a day's noise that all buildings of a climate have in common


@dataclass(frozen=True)
class Building:
    """One building; energies in kWh an hour for two years, temperatures in degrees Fahrenheit."""

    temperature: Numbers  # a day longer than the energies
    normal_temperature: Numbers  # of a year
    parts: tuple[Numbers, ...]  # base load, heating and cooling, without savings and noise
    normal_parts: tuple[Numbers, ...]  # of the normal year
    noise: Numbers
    savings: float
    saves: str
    present: NDArray[np.bool_]  # the hours that were read

    @property
    def expected(self) -> Numbers:
        """What it would use without savings and noise."""
        return np.asarray(sum(self.parts), dtype=np.float64)

    @property
    def normal_expected(self) -> Numbers:
        """What it would use in the normal year."""
        return np.asarray(sum(self.normal_parts), dtype=np.float64)

    @property
    def saved(self) -> Numbers:
        """What it saves, from the second year on."""
        after = np.arange(len(self.expected)) >= YEAR * 24
        return np.where(after, self.savings_in(self.parts), 0.0)

    @property
    def normal_saved(self) -> Numbers:
        """What it saves in the normal year."""
        return self.savings_in(self.normal_parts)

    def savings_in(self, parts: tuple[Numbers, ...]) -> Numbers:
        """What it saves of some use."""
        if self.saves == COOLING:
            return min(COOLER * self.savings, MOST_COOLER) * parts[-1]
        if self.saves == CONSTANT:
            return np.full(len(parts[0]), self.savings * float(self.expected.mean()))
        return np.asarray(self.savings * sum(parts), dtype=np.float64)

    @property
    def used(self) -> Numbers:
        """What it used."""
        return np.asarray(self.expected - self.saved + self.noise, dtype=np.float64)

    @property
    def measured(self) -> Numbers:
        """What an hourly meter shows; NaN where it was not read."""
        return np.where(self.present, self.used, np.nan)


def autoregressive(rng: Rng, rho: float, count: int) -> Numbers:
    """AR(1) noise of variance 1."""
    return scaled(rng.normal(size=count + 100), rho)


def with_spells(rng: Rng, rho: float, count: int) -> Numbers:
    """Noise of variance 1 that is no AR(1): its shocks have heavy tails (Student's t of 5), and a third of its variance
    are spells, of two weeks on average, in which a building is used more or less than usual."""
    shocks = rng.standard_t(5, count + 100) / np.sqrt(5 / 3)
    spell = np.cumsum(rng.random(count) < 1 / 14)
    spells = rng.normal(size=spell[-1] + 1)[spell]
    return np.asarray(np.sqrt(2 / 3) * scaled(shocks, rho) + np.sqrt(1 / 3) * spells, dtype=np.float64)


def scaled(shocks: Numbers, rho: float) -> Numbers:
    """Smoothed shocks of variance 1, with the same variance; the first 100 have settled it."""
    return smooth(shocks, rho)[100:] * float(np.sqrt((1 + rho) / (1 - rho)))


# The population that the targets are about, and one that none of the meter's assumptions was made for.
TYPICAL = Population(
    "typical",
    autoregressive,
    autocorrelation=(0.2, 0.7),
    noise=(0.03, 0.20),
    savings=(0.0, 0.3),
    annual_mean=(45, 68),
    annual_swing=(12, 28),
    curvature=(1, 1),
    seasonal=(0, 0),
    missing=0.0,
)
UNRULY = Population(
    "unruly",
    with_spells,
    autocorrelation=(0.0, 0.8),
    noise=(0.02, 0.30),
    savings=(-0.1, 0.5),
    annual_mean=(38, 76),
    annual_swing=(6, 34),
    curvature=(0.7, 1.5),
    seasonal=(-0.3, 0.3),
    missing=0.03,
)
# Others that differ from the typical one in one respect.
CONSTANT_SAVINGS = replace(TYPICAL, name="constant", saves=CONSTANT)
COOLING_SAVINGS = replace(TYPICAL, name="cooling", saves=COOLING)
SHOCKED = replace(TYPICAL, name="shocked", common=0.25)
EVERY = (TYPICAL, UNRULY, CONSTANT_SAVINGS, COOLING_SAVINGS, SHOCKED)
POPULATIONS = {population.name: population for population in (TYPICAL, UNRULY)}
ALL_POPULATIONS = {population.name: population for population in EVERY}


def draw(population: Population, seed: int, climate: int | None = None) -> Building:
    """The building of a seed, always the same, in a climate of its own or in that of a seed."""
    rng = np.random.default_rng(seed)
    sky = rng if climate is None else np.random.default_rng(climate)
    mean, swing = sky.uniform(*population.annual_mean), sky.uniform(*population.annual_swing)
    lasting = SETTLE + (2 * YEAR + 1) * 24
    weather = temperatures(sky, mean, swing, START - SETTLE, lasting)
    normal = temperatures(sky, mean, swing, NORMAL_START - SETTLE, SETTLE + YEAR * 24)
    shocks = population.noise_of(np.random.default_rng([climate or seed, 1]), SHOCK_AUTOCORRELATION, 2 * YEAR)
    load = load_of(rng, population)
    parts = tuple(part[: 2 * YEAR * 24] for part in load(weather, START))
    return Building(
        temperature=weather[SETTLE:],
        normal_temperature=normal[SETTLE:],
        parts=parts,
        normal_parts=load(normal, NORMAL_START),
        noise=hourly_noise(rng, population, float(sum(parts)[: YEAR * 24].mean()), shocks),
        savings=rng.uniform(*population.savings),
        saves=population.saves,
        present=(rng.random(2 * YEAR) >= population.missing).repeat(24),
    )


def temperatures(rng: Rng, mean: float, swing: float, start: np.datetime64, hours: int) -> Numbers:
    """Hourly weather: seasons, day and night, fronts of a few days, months and years that are warmer or colder."""
    day_of_year = (start - start.astype("datetime64[Y]")).astype(float) / 24 + np.arange(hours) / 24
    seasons = -swing * np.cos(2 * np.pi * (day_of_year - 18) / 365.25)
    night = -rng.uniform(5, 11) * np.cos(2 * np.pi * (day_of_year - 0.15))
    days = hours // 24 + 2
    fronts = 6 * autoregressive(rng, 0.7, days)
    months = 2 * autoregressive(rng, 0.3, days // 30 + 2)
    years = rng.normal(0, 1, days // YEAR + 1)
    usual = between(fronts, 1, hours) + between(months, 30, hours) + years[np.arange(hours) // (YEAR * 24)]
    return np.asarray(np.round(mean + seasons + night + usual, 2), dtype=np.float64)


def between(values: Numbers, days: int, hours: int) -> Numbers:
    """Hourly values between those that are so many days apart."""
    return np.asarray(np.interp(np.arange(hours) / (24 * days), np.arange(len(values)), values), dtype=np.float64)


def load_of(rng: Rng, population: Population) -> Callable[[Numbers, np.datetime64], tuple[Numbers, ...]]:
    """What a building uses each hour but the first SETTLE, given hourly temperatures and when they start: its base
    load, heating and cooling."""
    base, busy = rng.uniform(8, 40) / 24, rng.uniform(1, 3)
    heating = rng.uniform(0, 1.5) / 24 * (rng.random() < population.heated)
    cooling = rng.uniform(0.3, 2) / 24 * (rng.random() < population.cooled)
    heat_below, cool_above = rng.uniform(50, 62), rng.uniform(64, 74)
    weekend = rng.uniform(0.6, 0.9) if rng.random() < 0.4 else 1.0
    inertia = np.exp(-1 / rng.uniform(2, 24))
    opens, closes = rng.integers(6, 9), rng.integers(17, 23)
    ways = rng.spawn(1)[0]
    exponent, seasonal = ways.uniform(*population.curvature), ways.uniform(*population.seasonal)

    def degrees(beyond: Numbers) -> Numbers:
        return np.asarray(10 * (np.maximum(beyond, 0) / 10) ** exponent, dtype=np.float64)

    def load(temperature: Numbers, start: np.datetime64) -> tuple[Numbers, ...]:
        hour = start - SETTLE + np.arange(len(temperature))
        felt = smooth(temperature - temperature[0], inertia) + temperature[0]
        occupied = (hour.astype(np.int64) % 24 >= opens) & (hour.astype(np.int64) % 24 < closes)
        saturday = (hour.astype("datetime64[D]").astype(np.int64) + 3) % 7 >= 5
        season = 1 + seasonal * np.cos(2 * np.pi * (hour - START).astype(float) / (24 * 365.25))
        week = np.where(saturday, weekend, 1)
        parts = (
            base * season * np.where(occupied, busy, 1),
            heating * degrees(heat_below - felt),
            cooling * degrees(felt - cool_above),
        )
        return tuple((part * week)[SETTLE:] for part in parts)

    return load


def smooth(values: Numbers, share: float) -> Numbers:
    """Exponentially: of each value, `share` is what it was before."""
    return np.asarray(lfilter([1 - share], [1, -share], values), dtype=np.float64)


def hourly_noise(rng: Rng, population: Population, mean: float, shocks: Numbers) -> Numbers:
    """Noise of days as the population has it, with its part of the shocks, and beside it within each day noise of hours
    that adds up to nothing."""
    rho, size = rng.uniform(*population.autocorrelation), rng.uniform(*population.noise)
    own, common = np.sqrt(1 - population.common), np.sqrt(population.common)
    days = size * mean * (own * population.noise_of(rng, rho, 2 * YEAR) + common * shocks)
    hours = autoregressive(rng, 0.6, 2 * YEAR * 24).reshape(-1, 24)
    within = rng.uniform(0.05, 0.3) * mean * (hours - hours.mean(axis=1, keepdims=True))
    return np.asarray(days.repeat(24) + within.ravel(), dtype=np.float64)
