"""Arrays and columns of Postgres in its binary format, to and from numpy: as lists they take ten times as long.

An array on the wire: number of dimensions, null flag, element type, length and lower bound, 4 bytes each; then every
element behind its 4-byte length. (PostgreSQL source, src/backend/utils/adt/arrayfuncs.c, array_send)
"""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeds.db.binary_copy import POSTGRES_EPOCH

HEADER = struct.Struct(">5i")


@dataclass(frozen=True)
class Element:
    """A type of Postgres: its OID, and how numpy reads it."""

    oid: int
    dtype: str

    @property
    def wire(self) -> np.dtype[np.void]:
        """An element behind its length."""
        return np.dtype([("length", ">i4"), ("value", self.dtype)])


FLOAT8 = Element(701, ">f8")
DATE = Element(1082, ">i4")  # days since 2000
TIMESTAMPTZ = Element(1184, ">i8")  # microseconds since 2000


def read_array(wire: bytes, element: Element) -> NDArray[Any]:
    """The elements of an array without nulls, in native byte order."""
    native = np.dtype(element.dtype).newbyteorder("=")
    return np.frombuffer(wire, dtype=element.wire, offset=HEADER.size)["value"].astype(native)


def read_values(wire: bytes | None, element: Element) -> NDArray[Any]:
    """Values strung together without their lengths, in native byte order; None are none."""
    return np.frombuffer(wire or b"", dtype=element.dtype).astype(np.dtype(element.dtype).newbyteorder("="))


def write_array(values: NDArray[Any], element: Element) -> bytes:
    """An array without nulls."""
    wire = np.empty(len(values), element.wire)
    wire["length"] = np.dtype(element.dtype).itemsize
    wire["value"] = values
    return HEADER.pack(1, 0, element.oid, len(values), 1) + wire.tobytes()


def read_times(wire: bytes | None) -> NDArray[np.datetime64]:
    """Values of timestamptz on whole seconds strung together, as datetime64[s], UTC."""
    seconds = read_values(wire, TIMESTAMPTZ) // 1_000_000
    return POSTGRES_EPOCH + seconds.astype("timedelta64[s]")


def write_times(values: NDArray[np.datetime64]) -> bytes:
    """datetime64[s], UTC, as an array of timestamptz."""
    seconds = (values - POSTGRES_EPOCH).astype(np.int64)
    return write_array(seconds * 1_000_000, TIMESTAMPTZ)


def write_dates(values: NDArray[np.datetime64]) -> bytes:
    """datetime64[D] as an array of dates."""
    return write_array((values - POSTGRES_EPOCH.astype("datetime64[D]")).astype(np.int64), DATE)
