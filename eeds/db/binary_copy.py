"""The binary format of COPY: what stands around its rows, which numpy makes at several million values a second.

Every row is the number of its fields in two bytes, then each field behind its length in four, -1 for null; see COPY in
PostgreSQL's documentation.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Columns = Mapping[str, NDArray[Any]]  # by the name of the column; of the same length

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
POSTGRES_EPOCH = np.datetime64("2000-01-01", "s")
NULL = -1
