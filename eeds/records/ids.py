"""Consumption records have no stored id: theirs is computed from their key, and the key from it."""

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from eeds.db.binary_copy import Columns

# 33 bits hold the seconds of 1900 to 2100 once they are shifted to be positive; the ids of up to a million traces stay
# below 2**53, exact in JavaScript too.
SECONDS = 2**33
OFFSET = 2**32
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_START = datetime(1900, 1, 1, tzinfo=UTC)
LAST_START = datetime(2100, 1, 1, tzinfo=UTC)
START_RANGE = "Starts are whole seconds from 1900 to 2100."


def record_id(metadata_id: int, start: datetime) -> int:
    """The id of the record of a trace that starts then; `start` in whole seconds between 1900 and 2100."""
    return metadata_id * SECONDS + (start - EPOCH) // timedelta(seconds=1) + OFFSET


def record_key(id: int) -> tuple[int, datetime] | None:
    """Trace and start of the record of that id; None for a number that is the id of no record."""
    metadata_id, shifted = divmod(id, SECONDS)
    start = EPOCH + timedelta(seconds=shifted - OFFSET)
    return (metadata_id, start) if FIRST_START <= start < LAST_START else None


def record_ids(readings: Columns) -> NDArray[np.int64]:
    """The ids of readings (metadata_id, start)."""
    ids: NDArray[np.int64] = readings["metadata_id"] * SECONDS + readings["start"].astype(np.int64) + OFFSET
    return ids
