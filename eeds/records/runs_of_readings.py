"""Runs of readings, each of one trace in order of time: what can be stored beside the stored readings, unmerged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeds.db.binary_copy import Columns
from eeds.records.block_format import EMPTY, utc_texts
from eeds.records.ids import record_ids

# Looking up what is stored costs a little a run: worth it for runs of this length.
SHORTEST_RUN = 20
NO_IDS, NO_STARTS = np.empty(0, np.int64), np.empty(0, "datetime64[s]")


@dataclass(frozen=True)
class Runs:
    """The traces, and the first and last start (datetime64[s]) of a run of each; a trace may have several."""

    ids: NDArray[np.int64]
    first: NDArray[np.datetime64]
    last: NDArray[np.datetime64]

    def parameters(self) -> dict[str, list[Any]]:
        """For statements."""
        return {"ids": self.ids.tolist(), "first": utc_texts(self.first), "last": utc_texts(self.last)}

    @classmethod
    def together(cls, parts: Sequence["Runs"]) -> "Runs":
        """The runs of all parts."""
        return cls(
            np.concatenate([NO_IDS, *(part.ids for part in parts)]),
            np.concatenate([NO_STARTS, *(part.first for part in parts)]),
            np.concatenate([NO_STARTS, *(part.last for part in parts)]),
        )

    def hold(self, readings: Columns) -> NDArray[np.bool_]:
        """Whether each reading is in one of the runs, of which none overlaps another."""
        if not len(self.ids):
            return np.zeros(len(readings["start"]), bool)
        firsts = record_ids({**EMPTY, "metadata_id": self.ids, "start": self.first})
        order = np.argsort(firsts)
        lasts = record_ids({**EMPTY, "metadata_id": self.ids, "start": self.last})[order]
        sought = record_ids(readings)
        place = np.searchsorted(firsts[order], sought, side="right") - 1
        is_held: NDArray[np.bool_] = (place >= 0) & (sought <= lasts[place])
        return is_held


def long_runs(readings: Columns) -> Runs | None:
    """The runs that sorted readings consist of; None if two are of the same start, or the runs are short."""
    ids, starts = readings["metadata_id"], readings["start"]
    heads = run_heads(ids)
    is_later = starts[1:] > starts[:-1]
    is_later[heads[1:] - 1] = True
    if not is_later.all() or len(ids) < SHORTEST_RUN * len(heads):
        return None
    tails = np.append(heads[1:], len(ids))[: len(heads)] - 1
    return Runs(ids[heads], starts[heads], starts[tails])


def run_heads(ids: NDArray[np.int64]) -> NDArray[np.intp]:
    """Where another trace begins; one that comes again begins again."""
    return np.flatnonzero(np.concatenate(([True], ids[1:] != ids[:-1]))[: len(ids)])
