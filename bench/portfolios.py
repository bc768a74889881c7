"""Sums over buildings of one climate, and of several: how often the truth is within their bounds."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from bench.api import Line
from eeds.meter.spread import add_spreads
from eeds.meter.types import Savings

IN_A_CLIMATE = 40
SIZES = (10, IN_A_CLIMATE)


class Building(Protocol):
    """What is known of a building."""

    @property
    def climate(self) -> int:
        """Whose weather its model saw."""

    @property
    def savings(self) -> Savings:
        """That were found."""

    @property
    def truth(self) -> float:
        """What it saved."""

    @property
    def used(self) -> float:
        """What it would have used."""


def portfolio_lines(buildings: Sequence[Building], level: float) -> Iterator[Line]:
    """The sums of so many buildings of one climate, each in one sum alone, and of all buildings."""
    by_climate = defaultdict(list)
    for building in buildings:
        by_climate[building.climate].append(building)
    for size in SIZES:
        sums = [
            of_climate[begin : begin + size]
            for of_climate in by_climate.values()
            for begin in range(0, len(of_climate) - size + 1, size)
        ]
        yield from portfolio_interval(f"{len(sums)} sums of {size} buildings of a climate", sums, level)
    if len(by_climate) > 1:
        yield from portfolio_interval(f"the sum of {len(buildings)} buildings", [buildings], level)


def portfolio_interval(what: str, sums: Sequence[Sequence[Building]], level: float) -> Iterator[Line]:
    """How often the bounds of sums hold the truth, and how wide they are, beside distances in quadrature."""
    if not sums:
        return
    checked = np.array([check(buildings, level) for buildings in sums])
    is_held, width, is_held_in_quadrature, in_quadrature = checked.mean(axis=0)
    yield Line(f"{what}, within their interval", 100 * is_held, "%", "", True)
    yield Line("    mean half width", width, "pp", "", True)
    yield Line("    in quadrature, within", 100 * is_held_in_quadrature, "%", "", True)
    yield Line("    in quadrature, mean half width", in_quadrature, "pp", "", True)


def check(buildings: Sequence[Building], level: float) -> tuple[float, float, float, float]:
    """Whether the bounds of a sum hold its truth, and half of what is between them in percentage points of the use; the
    same of distances in quadrature."""
    saved = [(building, building.savings) for building in buildings]
    error = sum(savings.value - building.truth for building, savings in saved)
    used = sum(building.used for building in buildings)
    parts = [(str(building.climate), savings.spread) for building, savings in saved if savings.spread]
    lower, upper = add_spreads(parts).distances(level)
    down, up = (float(np.hypot.reduce([getattr(one, side) for _, one in saved])) for side in ("lower", "upper"))
    return (
        -upper <= error <= lower,
        100 * (lower + upper) / 2 / used,
        -up <= error <= down,
        100 * (down + up) / 2 / used,
    )
