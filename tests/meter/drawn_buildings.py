"""Many buildings to compare the engines of the meter with: every kind that a meter sees, two years by the hour."""

from collections.abc import Callable

import numpy as np
from meter_buildings import DAYS, FIRST, TEMPERATURES, Numbers

from eeds.meter.days import local_days
from eeds.meter.series import Series, hours_of

YEAR = 365


def drawn(seed: int) -> tuple[Numbers, Numbers]:
    """Hourly temperatures, and the energy of a building that heats or cools, with noise that lasts."""
    rng = np.random.default_rng(seed)
    temperature = TEMPERATURES + rng.uniform(-15, 20) + rng.normal(0, 3, DAYS).repeat(24)
    heat_below, cool_above = rng.uniform(48, 62), rng.uniform(62, 76)
    heating, cooling = rng.uniform(0, 0.06) * (rng.random() < 0.7), rng.uniform(0, 0.08) * (rng.random() < 0.7)
    hour = np.arange(len(temperature))
    weekend = np.where(hour // 24 % 7 >= 5, rng.uniform(0.6, 1), 1)
    base = rng.uniform(0.3, 2) * (1 + 0.5 * (hour % 24 >= 7) * (hour % 24 < 19))
    warm, cold = np.maximum(temperature - cool_above, 0), np.maximum(heat_below - temperature, 0)
    use = weekend * (base + heating * cold + cooling * warm)
    noise = np.convolve(rng.standard_t(4, DAYS + 3), [0.4, 0.3, 0.2, 0.1], "valid").repeat(24)
    noise += rng.normal(0, 0.3, len(hour))
    return np.round(temperature, 2), use + rng.uniform(0.02, 0.3) * use.mean() * noise


def changed(energy: Numbers, kind: str, rng: np.random.Generator) -> Numbers:
    """The hourly energy of a building of a kind."""
    hour = np.arange(len(energy))
    kinds: dict[str, Callable[[], Numbers]] = {
        "typical": lambda: energy,
        "net metered": lambda: energy - 1.3 * energy.mean() * np.maximum(np.sin((hour % 24 - 6) / 12 * np.pi), 0),
        "gaps": lambda: np.where(rng.random(DAYS).repeat(24) < 0.06, np.nan, energy),
        "a month away": lambda: np.where((hour // 24 >= 100) & (hour // 24 < 128), np.nan, energy),
        "zeros": lambda: np.where(rng.random(DAYS).repeat(24) < 0.3, 0.0, energy),
        "nothing": lambda: np.zeros_like(energy),
        "constant": lambda: np.full_like(energy, 2.5),
        "nearly constant": lambda: 100.0 + np.where(hour // 24 % 30 == 0, 1e-9, 0.0),
        "outliers": lambda: np.where(rng.random(DAYS).repeat(24) < 0.02, 40 * energy, energy),
        "huge": lambda: energy * 1e7,
        "whole numbers": lambda: np.round(energy),
        "without weather": lambda: energy.mean() + rng.normal(0, 1, len(energy)),
    }
    return kinds[kind]()


KINDS = (
    "typical",
    "net metered",
    "gaps",
    "a month away",
    "zeros",
    "nothing",
    "constant",
    "nearly constant",
    "outliers",
    "huge",
    "whole numbers",
    "without weather",
)


def hourly(seed: int, kind: str = "typical", zone: str = "UTC", days: int = YEAR) -> Series:
    """Hours of the first local days, and energies of a building in them."""
    temperature, energy = drawn(seed)
    return Series(*hours(zone, days, temperature, changed(energy, kind, np.random.default_rng(seed))))


def hours(zone: str, days: int, temperature: Numbers, energy: Numbers) -> tuple[np.ndarray, ...]:
    """Start, local day, energy and temperature of the hours of so many local days from the second day on."""
    first = np.datetime64(FIRST) + 1
    local = local_days(first.astype(object), (first + days - 1).astype(object), zone)
    edges = hours_of(local)
    at = (edges[:-1] - np.datetime64(FIRST, "s")).astype(np.int64) // 3600
    return edges[:-1], local.dates[local.index_of(edges[:-1])], energy[at], temperature[at]


def daily(seed: int, kind: str = "typical", days: int = YEAR) -> Series:
    """The same by days, which are missing if an hour is."""
    return hourly(seed, kind, days=days).by_day()


def billed(seed: int, kind: str = "typical", days: int = YEAR, every: int = 30) -> Series:
    """The same, each day with an even share of its bill; one with a day missing is missing."""
    series = daily(seed, kind, days)
    bill = np.minimum(np.arange(days) // every, max(days // every - 1, 0))
    energy = (np.bincount(bill, series.energy) / np.bincount(bill))[bill]
    return Series(series.start, series.dates, energy, series.temperature)
