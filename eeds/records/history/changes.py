"""What a write changes of the stored readings, as whole columns: all that is needed to take it back."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from eeds.db.binary_copy import Columns
from eeds.records.balance import LARGEST
from eeds.records.block_format import EMPTY, block_heads, joined, part_of
from eeds.records.ids import record_ids
from eeds.records.runs_of_readings import Runs, run_heads

Mask = NDArray[np.bool_]
NO_RUNS = Runs.together([])


@dataclass(frozen=True)
class Energies:
    """The energy that was added to traces, and what was taken from them, in the unit of each: a trace an element, which
    may come several times."""

    ids: NDArray[np.int64]
    added: NDArray[np.float64]
    removed: NDArray[np.float64]

    @classmethod
    def of(cls, new: Columns, old: Columns) -> "Energies":
        """Of sorted readings that are new, or as they are now, and of the old ones."""
        added, removed = sums_of(new), sums_of(old)
        return cls(
            np.concatenate((added[0], removed[0])),
            np.concatenate((added[1], np.zeros(len(removed[0])))),
            np.concatenate((np.zeros(len(added[0])), removed[1])),
        )

    @classmethod
    def together(cls, parts: Sequence["Energies"]) -> "Energies":
        """Those of all parts."""
        return cls(
            np.concatenate([np.empty(0, np.int64), *(part.ids for part in parts)]),
            np.concatenate([np.empty(0), *(part.added for part in parts)]),
            np.concatenate([np.empty(0), *(part.removed for part in parts)]),
        )


NO_ENERGIES = Energies.together([])


@dataclass(frozen=True)
class Changes:
    """What a write changes: `added` are runs in which only new readings are stored afterwards, `replaced` the sorted
    readings that were stored before, and are others now, or no more: `deleted` is how many of them are no more."""

    added: Runs = NO_RUNS
    replaced: Columns = field(default_factory=lambda: EMPTY)
    deleted: int = 0
    energies: Energies = NO_ENERGIES

    def with_deleted(self, readings: Columns) -> "Changes":
        """The same, and that these sorted readings, of other starts, were deleted."""
        count = len(readings["start"])
        if not count:
            return self
        replaced = joined([self.replaced, readings])
        order = np.argsort(record_ids(replaced), kind="stable")
        energies = Energies.together([self.energies, Energies.of(EMPTY, readings)])
        return Changes(self.added, part_of(replaced, order), self.deleted + count, energies)


def sums_of(readings: Columns) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The traces that sorted readings are of, and the energy of each; see eeds.records.balance.energy_of."""
    ids, value = readings["metadata_id"], readings["value"]
    heads = run_heads(ids)
    if not len(heads):
        return ids, value
    return ids[heads], np.add.reduceat(np.where(np.abs(value) <= LARGEST, value, 0), heads)


def added_runs(readings: Columns, is_new: Mask, is_left: Mask) -> Runs:
    """The runs of those that are new of sorted readings, as they are stored now; between two of a run there is none
    that `is_left` as it was. A run ends with its month, for only of that all readings between two new ones are here."""
    places = np.flatnonzero(is_new)
    if not len(places):
        return NO_RUNS
    heads_of_months = np.zeros(len(is_new), np.int64)
    heads_of_months[block_heads(readings)] = 1
    stretch = np.cumsum(is_left + heads_of_months)[places]
    ids, starts = readings["metadata_id"][places], readings["start"][places]
    heads = run_heads(stretch)
    tails = np.append(heads[1:], len(places)) - 1
    return Runs(ids[heads], starts[heads], starts[tails])


def changes_of_merge(stored: Columns, before: Columns, *, is_new: Mask, is_other: Mask, was_there: Mask) -> Changes:
    """What a merge changes. `stored` are sorted readings as they are now, `before` those of the same keys as they were
    when the merge began, of the new ones anything. `is_new` says which were not stored then, `is_other` which were, and
    are others now, and `was_there` which were stored before the load, and not by itself."""
    touched = is_new | is_other
    if not touched.any():
        return Changes()
    return Changes(
        added_runs(stored, is_new, was_there & ~is_other),
        part_of(before, is_other & was_there),
        energies=Energies.of(part_of(stored, touched), part_of(before, is_other)),
    )
