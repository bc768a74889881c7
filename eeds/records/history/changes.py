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
# The value of an old reading that was none: no reading that is stored has it.
ABSENT = -np.inf
# New readings between old ones are runs of one or a few: a trace with more than so many runs in a month has them as old
# readings that are ABSENT instead, in 1 or 2 bytes each, where a run takes 80.
MOST_RUNS = 3


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
    readings that were stored before, and are others now, or no more (`deleted` is how many), and those that were ABSENT
    and in no run."""

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


def added_runs(readings: Columns, is_new: Mask, is_left: Mask) -> tuple[Runs, Mask]:
    """The runs of those that are new of sorted readings, as they are stored now; between two of a run there is none
    that `is_left` as it was. A run ends with its month, for only of that all readings between two new ones are here.
    And which of the new ones are in no run, for their trace has too many in that month."""
    places, blocks = np.flatnonzero(is_new), block_heads(readings)
    is_scattered = np.zeros(len(is_new), bool)
    if not len(places):
        return NO_RUNS, is_scattered
    is_block_head = np.zeros(len(is_new), np.int64)
    is_block_head[blocks] = 1
    heads = run_heads(np.cumsum(is_left + is_block_head)[places])
    tails = np.append(heads[1:], len(places)) - 1
    block_of_run = np.searchsorted(blocks, places[heads], side="right")
    is_kept = np.bincount(block_of_run)[block_of_run] <= MOST_RUNS
    is_scattered[places[np.repeat(~is_kept, tails - heads + 1)]] = True
    ids, starts = readings["metadata_id"][places], readings["start"][places]
    return Runs(ids[heads][is_kept], starts[heads][is_kept], starts[tails][is_kept]), is_scattered


def changes_of_merge(stored: Columns, before: Columns, *, is_new: Mask, is_other: Mask, was_there: Mask) -> Changes:
    """What a merge changes. `stored` are sorted readings as they are now, `before` those of the same keys as they were
    when the merge began, of the new ones anything. `is_new` says which were not stored then, `is_other` which were, and
    are others now, and `was_there` which were stored before the load, and not by itself."""
    touched = is_new | is_other
    if not touched.any():
        return Changes()
    runs, is_scattered = added_runs(stored, is_new, was_there & ~is_other)
    old = {
        **before,
        "value": np.where(is_scattered, ABSENT, before["value"]),
        "estimated": before["estimated"] & ~is_scattered,
    }
    return Changes(
        runs,
        part_of(old, is_other & was_there | is_scattered),
        energies=Energies.of(part_of(stored, touched), part_of(before, is_other)),
    )
