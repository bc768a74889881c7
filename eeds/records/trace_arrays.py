"""Traces with their readings as numpy arrays, for the meter."""

from datetime import datetime
from itertools import groupby
from operator import itemgetter

from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.meter.types import Trace
from eeds.records.block_format import EMPTY, decode

# Interpretation and unit of a trace, and when its readings have changed last; None if it has none.
TraceState = tuple[str, str, datetime | None]


def load_traces(connection: PsycopgConnection, project_id: int, trace_id: int | None = None) -> list[Trace]:
    """A project's traces in order of id, or that one of them, each with its readings in order of time."""
    of_project = {"project_id": project_id, "trace_id": trace_id}
    traces = connection.execute(query("records/traces_of_project"), of_project).fetchall()
    ids = {"ids": [id for id, _, _ in traces]}
    rows = connection.execute(query("records/load_traces"), ids, binary=True)
    readings = {id: decode(list(blocks)) for id, blocks in groupby(rows, key=itemgetter(0))}
    result = []
    for id, interpretation, unit in traces:
        own = readings.get(id, EMPTY)
        result.append(Trace(id, interpretation, unit, own["start"], own["value"], own["estimated"]))
    return result


def trace_states(connection: PsycopgConnection, project_id: int) -> dict[int, TraceState]:
    """What a project's traces are, by id: two that are equal mean the same readings."""
    traces = connection.execute(
        query("records/traces_of_project"), {"project_id": project_id, "trace_id": None}
    ).fetchall()
    ids = {"ids": [id for id, _, _ in traces]}
    changed: dict[int, datetime] = dict(connection.execute(query("records/extents_changed"), ids).fetchall())
    return {id: (interpretation, unit, changed.get(id)) for id, interpretation, unit in traces}
