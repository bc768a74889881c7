"""Readings that a file has twice: the same again is counted, another value for the same time is refused."""

import numpy as np

from eeds.records.files.accounts import Accounts
from eeds.records.files.grid_rows import GridTable
from eeds.records.files.store import Ready
from eeds.records.files.taken import Taken

TWICE = "The trace has another value for this time, {other} on line {line}; which of them is right?"


def without_repeats(ready: Ready, taken: Taken, table: GridTable, accounts: Accounts) -> Ready:
    """The readings without those that have the trace, start and end of one before them in the file. Where the value is
    another one too, that is refused."""
    order = np.lexsort((ready.at, ready.ends, ready.starts, ready.ids))
    ids, starts, ends = ready.ids[order], ready.starts[order], ready.ends[order]
    is_again = np.append(False, (np.diff(ids) == 0) & (np.diff(starts) == 0) & (np.diff(ends) == 0))[: len(order)]
    if not is_again.any():
        return ready
    firsts = order[np.flatnonzero(~is_again)[np.cumsum(~is_again) - 1]]
    for place in np.flatnonzero(is_again).tolist():
        first, second = firsts[place], order[place]
        values = ready.values[[first, second]]
        if values[0] == values[1] or np.isnan(values).all():
            accounts.repeat(int(ready.at[second]))
            continue
        at_first, at_second = int(ready.at[first]), int(ready.at[second])
        line = accounts.line_of(at_first)
        cells = (table.grid.rows[int(taken.rows[at])][int(taken.places[at])] for at in (at_first, at_second))
        other, cell = (text or "nothing" for text in cells)
        accounts.refuse(at_second, "value", TWICE.format(other=other, line=line), cell)
    kept = np.ones(len(order), bool)
    kept[order[is_again]] = False
    return ready.part(kept)
