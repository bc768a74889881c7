"""The arrays that the meter computes with, by what is in them."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]  # NaN = missing
Indexes = NDArray[np.intp]
Mask = NDArray[np.bool_]
Dates = NDArray[np.datetime64]  # datetime64[D]
Instants = NDArray[np.datetime64]  # datetime64[s], UTC
