"""Traces with their readings as numpy arrays, for the meter."""

from itertools import groupby

from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.meter.types import Trace
from eeds.records.block_format import decode


def load_traces(connection: PsycopgConnection, project_id: int, trace_id: int | None = None) -> list[Trace]:
    """A project's traces in order of id, or that one of them, each with its readings in order of time."""
    parameters = {"project_id": project_id, "trace_id": trace_id}
    rows = connection.execute(query("records/load_traces"), parameters, binary=True)
    traces = []
    for (id, interpretation, unit), blocks in groupby(rows, key=lambda row: row[:3]):
        readings = decode([block for _, _, _, *block in blocks if block[0] is not None])
        start, value, estimated = (readings[name] for name in ("start", "value", "estimated"))
        traces.append(Trace(id, interpretation, unit, start, value, estimated))
    return traces
