"""What was done to readings on their way to days, bills and hours: a set of marks for each, so that nothing is left
out, combined or moved in silence."""

from enum import IntFlag

import numpy as np

from eeds.meter.arrays import Indexes, Mask


class Mark(IntFlag):
    """Of a cell: what is special in what was measured there."""

    NONE = 0
    OFF_CYCLE = 1  # in a bill of the baseline that is left out (CalTRACK 2.2.3.4, 2.2.3.5)
    COMBINED = 2  # in a short bill of the reporting period that was combined with the next (3.5.5.3)
    SHORT = 4  # in a short bill of the reporting period that could not be
    LONG = 8  # in a long bill of the reporting period (3.5.5.4)
    ESTIMATED = 16  # in an estimated read (2.2.2.2, 2.2.3.1)
    SPREAD = 32  # in a reading of days on which the meter is usually not read
    FALSE_ZERO = 64  # a zero that counts as missing (2.2.1.4)
    TRUE_ZERO = 128  # a zero that is a reading


def marked(marks: Indexes, mark: Mark) -> Mask:
    """Which of them have a mark."""
    found: Mask = (marks & int(mark)) != 0
    return found


def mark_where(mask: Mask, mark: Mark) -> Indexes:
    """The mark where the mask is, none elsewhere."""
    return np.where(mask, int(mark), 0).astype(np.intp)
