"""Traces that the last library with CalTRACK's usage per day methods, eemeter 3.2.0, was run on: its results are in
caltrack_expected.json, which tools/record_caltrack.py wrote."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from drawn_buildings import changed, drawn
from numpy.typing import NDArray

from bench.buildings import POPULATIONS, draw

Numbers = NDArray[np.float64]
YEAR = 365
DRAWN = 21  # of each population of bench/buildings.py
# Odd buildings of drawn_buildings.py, and how each is read: 0 and every third by days, then by months and two months. A
# bill of which an hour is missing is none.
KINDS = {
    "net metered": (3, 1),
    "gaps": (6,),
    "a month away": (0,),
    "outliers": (3,),
    "whole numbers": (2,),
    "without weather": (3,),
    "huge": (1,),
}
MONTHLY = np.array([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365])
BIMONTHLY = MONTHLY[::2]
SAMPLES = ("electricity-cdd-hdd", "electricity-cdd-only", "gas-hdd-only", "gas-intercept-only")


@dataclass(frozen=True, eq=False)
class CaltrackTrace:
    """Days or bills of a baseline, by the position of the day that each begins with, and the last one's end; the hourly
    temperatures of these days and of others to predict."""

    name: str
    edges: NDArray[np.int_]
    energy: Numbers  # of each day or bill
    temperature: Numbers  # hourly
    asked: Numbers  # hourly
    cools: bool

    @property
    def billing(self) -> bool:
        """Whether these are bills."""
        return len(self.energy) < YEAR // 2

    @property
    def day_temperatures(self) -> Numbers:
        """Mean temperatures of the days."""
        return self.temperature.reshape(-1, 24).mean(axis=1)


def traces() -> Iterator[CaltrackTrace]:
    """All of them: drawn buildings, ordinary and odd, by days, months and two months, and the library's samples."""
    for population in POPULATIONS.values():
        for seed in range(DRAWN):
            building = draw(population, seed)
            hourly = building.used if seed % 3 else building.measured
            yield made(f"{population.name} {seed}", hourly, building.temperature, seed)
    for seed, (kind, ways) in enumerate(KINDS.items()):
        temperature, energy = drawn(seed)
        hourly = changed(energy, kind, np.random.default_rng(seed))
        for way in ways:
            yield made(f"{kind} {way}", hourly, temperature, way)
    yield from samples()


def made(name: str, hourly: Numbers, temperature: Numbers, way: int) -> CaltrackTrace:
    """The first year of hours, read by day, month or two months; every fourth is of a fuel that does not cool."""
    edges = (np.arange(YEAR + 1), MONTHLY, BIMONTHLY)[way % 3]
    days = hourly[: 24 * YEAR].reshape(YEAR, 24).sum(axis=1)
    energy = np.add.reduceat(days, edges[:-1])
    year = 24 * YEAR
    return CaltrackTrace(name, edges, energy, temperature[:year], temperature[year : 2 * year], cools=way % 4 != 0)


def samples() -> Iterator[CaltrackTrace]:
    """The samples that opendsm ships as eemeter did: the last year before the retrofit, whole days or bills."""
    from opendsm.eemeter.samples import load_sample

    for building in SAMPLES:
        for reading in ("daily", "billing_monthly", "billing_bimonthly"):
            meter, hourly, about = load_sample(f"il-{building}-{reading}")
            begin = hourly.index[0]
            edge = ((meter.index - begin) / np.timedelta64(24, "h")).to_numpy().astype(int)
            end = (about["blackout_start_date"] - begin) / np.timedelta64(24, "h")
            last = int(np.searchsorted(edge, end, side="right")) - 1
            first = int(np.searchsorted(edge, edge[last] - YEAR))
            hours = hourly.to_numpy()
            yield CaltrackTrace(
                f"{building} {reading}",
                edge[first : last + 1] - edge[first],
                meter["value"].to_numpy()[first:last],
                hours[24 * edge[first] : 24 * edge[last]],
                hours[24 * edge[last] : 24 * (edge[last] + 200)],
                cools="gas" not in building,
            )
