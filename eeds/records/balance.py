"""What became of the readings of a load and of their energy: nothing comes in that is not accounted for."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

LARGEST = 1e200  # of the values that are accounted for: any sum of them is finite


@dataclass(frozen=True)
class Tally:
    """Some readings, and the energy in them, in the unit of their trace; missing values have none."""

    readings: int = 0
    energy: float = 0.0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.readings + other.readings, self.energy + other.energy)


def energy_of(values: ArrayLike) -> float:
    """The sum of values, without those that are missing (NaN) or beyond what is accounted for."""
    amounts = np.asarray(values, float)
    return math.fsum(amounts[np.abs(amounts) <= LARGEST])


def places_by_trace(ids: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """The traces that readings are of, by their ids, and the places of the readings of each, in their order."""
    order = np.argsort(ids, kind="stable")
    heads = np.flatnonzero(np.diff(ids[order])) + 1
    if len(ids):
        yield from ((int(ids[places[0]]), places) for places in np.split(order, heads))


def tallies_by_trace(ids: NDArray[np.int64], values: NDArray[np.float64]) -> Iterator[tuple[int, Tally]]:
    """The traces that readings are of, and the readings and energy of each."""
    for id, places in places_by_trace(ids):
        yield id, Tally(len(places), energy_of(values[places]))


@dataclass(frozen=True)
class Balance:
    """What became of the readings of a trace in one load: `received` is the sum of `stored`, `summed`, `refused` and
    `replaced`, in readings and in energy.

    `summed` were added to others of the same time, which have their energy. `replaced` gave way to another reading of
    the same time: a repeated or corrected one, or finer ones; one that finer ones cover in part keeps the rest of its
    energy. `overwritten` had been stored before, and are no more, or less: the energy is what went of them.
    """

    received: Tally = Tally()
    stored: Tally = Tally()
    summed: Tally = Tally()
    refused: Tally = Tally()
    replaced: Tally = Tally()
    overwritten: Tally = Tally()

    def __add__(self, other: "Balance") -> "Balance":
        return Balance(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))
