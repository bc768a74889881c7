"""Whether records come trace by trace and in order of time, which lets them be copied as they are."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeds.db.binary_copy import Columns

# Looking up what is stored costs a little a run: worth it for runs of this length.
SHORTEST_RUN = 20


def sorted_runs(columns: Columns) -> dict[str, list[Any]] | None:
    """The runs of records of one trace, each later than the one before: `ids`, and the `first` and `last` start of
    each. None if a trace has more than one run, or they are short."""
    ids, starts = columns["metadata_id"], columns["start"]
    heads = run_heads(ids)
    in_order = starts[1:] > starts[:-1]
    in_order[heads[1:] - 1] = True
    if not in_order.all() or len(ids) < SHORTEST_RUN * len(heads) or len(np.unique(ids[heads])) < len(heads):
        return None
    tails = np.append(heads[1:], len(ids)) - 1
    return {"ids": ids[heads].tolist(), "first": texts(starts[heads]), "last": texts(starts[tails])}


def run_heads(ids: NDArray[np.int64]) -> NDArray[np.intp]:
    """Where another trace begins; one that comes again begins again."""
    return np.flatnonzero(np.concatenate(([True], ids[1:] != ids[:-1]))[: len(ids)])


def texts(starts: NDArray[np.datetime64]) -> list[str]:
    """The starts for Postgres, in UTC."""
    return np.datetime_as_string(starts, timezone="UTC").tolist()  # type: ignore[no-any-return]
