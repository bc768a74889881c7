"""Traces with their records as numpy arrays, for the meter."""

from eeds.db import PsycopgConnection, query
from eeds.meter.types import Trace
from eeds.pgarray import BOOLEAN, FLOAT8, read, read_times


def load_traces(connection: PsycopgConnection, project_id: int, trace_id: int | None = None) -> list[Trace]:
    """A project's traces in order of id, or that one of them, each with its records in order of time."""
    parameters = {"project_id": project_id, "trace_id": trace_id}
    rows = connection.execute(query("load_traces"), parameters, binary=True)
    return [
        Trace(
            id=id,
            interpretation=interpretation,
            unit=unit,
            start=read_times(start),
            value=read(value, FLOAT8),
            estimated=read(estimated, BOOLEAN),
        )
        for id, interpretation, unit, start, value, estimated in rows
    ]
