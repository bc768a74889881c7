"""Columns in the binary format of COPY, made by numpy at several million rows a second.

Every value stands behind its length, -1 for null; see COPY in PostgreSQL's documentation.
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
# Of the values in a row; `start` is in microseconds since 2000.
TYPES = {"metadata_id": ">i8", "start": ">i8", "value": ">f8", "estimated": "u1"}
ROW = np.dtype(
    [("fields", ">i2"), *(part for name in TYPES for part in ((f"{name}_length", ">i4"), (name, TYPES[name])))]
)
VALUE_PLACE = ROW.fields["value"][1] if ROW.fields else 0


def records(columns: Columns) -> bytes:
    """Rows of (metadata_id, start, value, estimated); `value` NaN = null."""
    rows = np.empty(len(columns["metadata_id"]), ROW)
    rows["fields"] = len(TYPES)
    for name in TYPES:
        rows[f"{name}_length"] = ROW[name].itemsize
    rows["metadata_id"] = columns["metadata_id"]
    rows["start"] = (columns["start"] - POSTGRES_EPOCH).astype(np.int64) * 1_000_000
    rows["value"] = columns["value"]
    rows["estimated"] = columns["estimated"]
    missing = np.isnan(columns["value"])
    return HEADER + (without_values(rows, missing) if missing.any() else rows.tobytes()) + TRAILER


def without_values(
    rows: np.ndarray[tuple[int], np.dtype[np.void]], missing: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> bytes:
    """The rows, with nulls for the missing values: their lengths say so, and their eight bytes are gone."""
    rows["value_length"][missing] = NULL
    octets = rows.view(np.uint8).reshape(len(rows), ROW.itemsize)
    kept = np.ones(octets.shape, bool)
    kept[missing, VALUE_PLACE : VALUE_PLACE + 8] = False
    return octets[kept].tobytes()
