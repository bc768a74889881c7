"""The arrays that the meter computes with, by what is in them, and sums of groups of their elements."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]  # NaN = missing
Indexes = NDArray[np.intp]
Mask = NDArray[np.bool_]
Dates = NDArray[np.datetime64]  # datetime64[D]
Instants = NDArray[np.datetime64]  # datetime64[s], UTC


def totals(group: Indexes, amounts: Numbers | None = None) -> Numbers:
    """The sum of what is in each group, or how much there is."""
    return np.bincount(group, amounts).astype(np.float64)
