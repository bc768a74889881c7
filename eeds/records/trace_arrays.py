"""Traces with their records as numpy arrays, for the meter."""

import numpy as np
from numpy.typing import NDArray

from eeds.db.binary_arrays import FLOAT8, read, read_times
from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.meter.types import Trace

Times = NDArray[np.datetime64]


def load_traces(connection: PsycopgConnection, project_id: int, trace_id: int | None = None) -> list[Trace]:
    """A project's traces in order of id, or that one of them, each with its records in order of time."""
    parameters = {"project_id": project_id, "trace_id": trace_id}
    rows = connection.execute(query("records/load_traces"), parameters, binary=True)
    return [
        trace_of(id, interpretation, unit, read_times(start), read(value, FLOAT8), read_times(estimated))
        for id, interpretation, unit, start, value, estimated in rows
    ]


def trace_of(
    id: int, interpretation: str, unit: str, start: Times, value: NDArray[np.float64], estimated: Times
) -> Trace:
    """A trace; `estimated` are the starts of the records that are."""
    flags = np.zeros(start.size, dtype=np.bool_)
    flags[np.searchsorted(start, estimated)] = True
    return Trace(id, interpretation, unit, start, value, flags)
