"""Arrays and columns of Postgres in its binary format, to and from numpy: as lists they take ten times as long.

An array on the wire: number of dimensions, null flag, element type, length and lower bound, 4 bytes each; then every
element behind its 4-byte length. (PostgreSQL source, src/backend/utils/adt/arrayfuncs.c, array_send)
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeds.db.binary_copy import POSTGRES_EPOCH

HEADER = struct.Struct(">5i")
FIELD_HEADER = struct.Struct(">6i")  # behind the length of the whole


@dataclass(frozen=True)
class Element:
    """A type of Postgres: its OID, and how numpy reads it."""

    oid: int
    dtype: str

    @cached_property
    def wire(self) -> np.dtype[np.void]:
        """An element behind its length."""
        return np.dtype([("length", ">i4"), ("value", self.dtype)])

    @cached_property
    def size(self) -> int:
        """Bytes of an element with its length."""
        return self.wire.itemsize


INT4 = Element(23, ">i4")
FLOAT8 = Element(701, ">f8")
INT8 = Element(20, ">i8")
DATE = Element(1082, ">i4")  # days since 2000


def read_array(wire: bytes, element: Element) -> NDArray[Any]:
    """The elements of an array without nulls, in native byte order."""
    native = np.dtype(element.dtype).newbyteorder("=")
    return np.frombuffer(wire, dtype=element.wire, offset=HEADER.size)["value"].astype(native)


def read_arrays(wires: Sequence[bytes], element: Element) -> NDArray[Any]:
    """The elements of arrays without nulls, those of the first before those of the second."""
    elements = b"".join([memoryview(wire)[HEADER.size :] for wire in wires])
    native = np.dtype(element.dtype).newbyteorder("=")
    return np.frombuffer(elements, dtype=element.wire)["value"].astype(native)


def write_array(values: NDArray[Any], element: Element) -> bytes:
    """An array without nulls."""
    return HEADER.pack(1, 0, element.oid, len(values), 1) + elements_of(values, element)


def array_header(element: Element, count: int) -> bytes:
    """What stands before the elements of an array that is a field of COPY: the length of the whole, and its header."""
    return FIELD_HEADER.pack(HEADER.size + count * element.size, 1, 0, element.oid, count, 1)


def elements_of(values: NDArray[Any], element: Element) -> bytes:
    """The elements of an array without nulls, each behind its length."""
    wire = np.empty(len(values), element.wire)
    wire["length"] = np.dtype(element.dtype).itemsize
    wire["value"] = values
    return wire.tobytes()


def write_time(value: np.datetime64) -> bytes:
    """A datetime64[s], UTC, as a timestamptz."""
    return struct.pack(">q", (value - POSTGRES_EPOCH).astype(np.int64) * 1_000_000)


def write_date(value: np.datetime64) -> bytes:
    """A datetime64[D] as a date."""
    return struct.pack(">i", days_of(value))


def write_dates(values: NDArray[np.datetime64]) -> bytes:
    """datetime64[D] as an array of dates."""
    return write_array(days_of(values), DATE)


def days_of(values: Any) -> Any:
    """Days since 2000 of a datetime64[D], or of an array of them."""
    return (values - POSTGRES_EPOCH.astype("datetime64[D]")).astype(np.int64)
