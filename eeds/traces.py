"""Traces with their records as numpy arrays, for the meter."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeds.db import PsycopgConnection, query
from eeds.meter.types import Trace

# An array on the wire: dimensions, null flag, element type, length and lower bound, 4 bytes each; then every element
# behind its 4-byte length. (PostgreSQL source, src/backend/utils/adt/arrayfuncs.c, array_send)
HEADER_BYTES = 20


def load_traces(connection: PsycopgConnection, project_id: int) -> list[Trace]:
    """A project's traces in order of id, each with its records in order of time."""
    rows = connection.execute(query("load_traces"), {"project_id": project_id}, binary=True)
    return [
        Trace(
            id=id,
            interpretation=interpretation,
            unit=unit,
            start=column(start, ">i8").astype("datetime64[s]"),
            value=column(value, ">f8"),
            estimated=column(estimated, "?"),
        )
        for id, interpretation, unit, start, value, estimated in rows
    ]


def column(wire: bytes | None, element: str) -> NDArray[Any]:
    """The elements of an array without nulls, in native byte order; None is an empty one."""
    native = np.dtype(element).newbyteorder("=")
    if wire is None:
        return np.empty(0, dtype=native)
    elements = np.frombuffer(wire, dtype=[("length", ">i4"), ("value", element)], offset=HEADER_BYTES)
    return elements["value"].astype(native)
