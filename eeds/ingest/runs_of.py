"""Whether records come trace by trace and in order of time, which lets them be copied as they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from eeds.ingest.segment import Columns

# Looking up what is stored costs a little a run: worth it for runs of this length.
SHORTEST_RUN = 20


class Run(NamedTuple):
    """Consecutive records of one trace, each later than the one before."""

    id: int
    first: datetime
    last: datetime


def row_runs(rows: Sequence[Any]) -> list[Run] | None:
    """The runs of rows; None if a trace has more than one, or they are short."""
    runs: list[Run] = []
    id = first = last = None
    for row in rows:
        if row.metadata_id != id:
            if id is not None:
                runs.append(Run(id, first, last))  # type: ignore[arg-type]
            id, first = row.metadata_id, row.start
        elif row.start <= last:
            return None
        last = row.start
    runs.append(Run(id, first, last))  # type: ignore[arg-type]
    return runs if are_long(runs, len(rows)) else None


def column_runs(columns: Columns) -> list[Run] | None:
    """The same for columns."""
    ids, starts = columns["metadata_id"], columns["start"]
    new_trace = ids[1:] != ids[:-1]
    if not (new_trace | (starts[1:] > starts[:-1])).all():
        return None
    heads = np.concatenate(([0], np.flatnonzero(new_trace) + 1))
    tails = np.concatenate((heads[1:] - 1, [len(ids) - 1]))
    if len(ids) < SHORTEST_RUN * len(heads):
        return None
    runs = [Run(*run) for run in zip(ids[heads].tolist(), utc(starts[heads]), utc(starts[tails]), strict=True)]
    return runs if are_long(runs, len(ids)) else None


def utc(starts: Any) -> list[datetime]:
    """datetime64[s] as Python's times in UTC."""
    return [datetime.fromisoformat(f"{start}Z") for start in starts]


def are_long(runs: Sequence[Run], records: int) -> bool:
    """Whether every trace has one run, and they are long enough on the whole."""
    return records >= SHORTEST_RUN * len(runs) and len({run.id for run in runs}) == len(runs)
