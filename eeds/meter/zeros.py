"""Zeros of electricity: readings that failed, or what was really used."""

import numpy as np

from eeds.meter.arrays import Indexes, Mask, Numbers
from eeds.meter.types import Trace

WEEK_DAYS = 7
# In a slot of the week where one value of ten is zero, as an hour of the night or a Sunday, zero is usual.
USUAL = 0.1
LEAST_ZEROS = 4
NET = "E_C_N"


def is_net(trace: Trace) -> bool:
    """Whether a meter counts what is used less what is made: what it shows passes through zero on its way."""
    return trace.interpretation == NET or bool(np.any(trace.value < 0))


def recurring_zeros(energy: Numbers, slot: Indexes, cells_a_week: int) -> Mask:
    """Which zeros of consecutive cells are readings; NaN = missing.

    CalTRACK 2.2.1.4 takes every zero of electricity for missing, for a building in use never stands still. Where zeros
    come back in the same slots of the week, they are no failures: a shop is closed at night, solar panels cover the use
    of noon. Then all zeros but those of a week or more without anything else are readings: a meter that stood still for
    so long, or an empty building, is what the clause means. `slot` numbers the days or hours of a week.
    """
    zero: Mask = energy == 0
    short = zero & ~in_long_run(zero, cells_a_week)
    zeros, values = (np.bincount(slot[mask], minlength=cells_a_week) for mask in (short, ~np.isnan(energy)))
    usual = (zeros >= LEAST_ZEROS) & (zeros >= USUAL * values)
    recur = 2 * np.count_nonzero(short & usual[slot]) > np.count_nonzero(short)
    return short if recur else np.zeros_like(short)


def in_long_run(mask: Mask, least: int) -> Mask:
    """What lies in runs of at least so many."""
    edges = np.flatnonzero(np.diff(np.pad(mask.astype(np.int8), 1))).reshape(-1, 2)
    found = np.zeros(len(mask), dtype=bool)
    for begin, end in edges[np.diff(edges, axis=1)[:, 0] >= least]:
        found[begin:end] = True
    return found
