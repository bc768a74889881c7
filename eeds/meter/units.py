"""What belongs to a period as a whole or not at all: days, or bills."""

from dataclasses import dataclass

import numpy as np

from eeds.meter.arrays import Indexes, Instants, Mask


@dataclass(frozen=True, eq=False)
class Units:
    """Consecutive units of cells."""

    of_cell: Indexes  # the unit that each cell lies in; -1 = none
    begin: Instants
    end: Instants
    days: Indexes  # how many local days each has

    def cells(self, mask: Mask) -> Mask:
        """The cells of the units in a mask."""
        return np.append(mask, False)[self.of_cell]

    def first(self, mask: Mask, count: int) -> Mask:
        """The first of a mask, as far as at least half of each lies in the first `count` days: the twelve bills of a
        year may have 366."""
        covered = np.cumsum(np.where(mask, self.days, 0))
        return mask & (covered - self.days / 2 <= count)

    def last(self, mask: Mask, count: int | None) -> Mask:
        """The last of a mask in the same way; None = all."""
        if count is None:
            return mask
        backwards = Units(self.of_cell, self.begin, self.end, self.days[::-1])
        return backwards.first(mask[::-1], count)[::-1]


def units_of(unit: Indexes, day: Indexes, edges: Instants) -> Units:
    """The units of cells, given for each the number of its unit, none below 0, and of its day; there is one edge of
    time more than there are cells."""
    there = np.flatnonzero(unit >= 0)
    _, first, inverse, count = np.unique(unit[there], return_index=True, return_inverse=True, return_counts=True)
    of_cell = np.full(len(unit), -1, dtype=np.intp)
    of_cell[there] = inverse
    first = there[first]
    last = first + count - 1
    return Units(of_cell, edges[first], edges[last + 1], day[last] - day[first] + 1)
