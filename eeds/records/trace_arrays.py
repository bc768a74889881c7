"""Traces with their records as numpy arrays, for the meter."""

import numpy as np

from eeds.db.binary_arrays import FLOAT8, read_times, read_values
from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.meter.types import Trace


def load_traces(connection: PsycopgConnection, project_id: int, trace_id: int | None = None) -> list[Trace]:
    """A project's traces in order of id, or that one of them, each with its records in order of time."""
    parameters = {"project_id": project_id, "trace_id": trace_id}
    rows = connection.execute(query("records/load_traces"), parameters, binary=True)
    traces = []
    for id, interpretation, unit, start, value, estimated_start in rows:
        starts = read_times(start)
        estimated = np.zeros(starts.size, dtype=np.bool_)
        estimated[np.searchsorted(starts, read_times(estimated_start))] = True
        traces.append(Trace(id, interpretation, unit, starts, read_values(value, FLOAT8), estimated))
    return traces
