"""Traces with their readings as numpy arrays, for the meter."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from eeds.db.binary_copy import Columns
from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.meter.types import Trace
from eeds.records.balance import places_by_trace
from eeds.records.block_format import EMPTY, decode, part_of
from eeds.records.history.as_of import load_as_of

# Interpretation and unit of a trace, and when its readings have changed last; None if it has none.
TraceState = tuple[str, str, datetime | None]


def load_traces(
    connection: PsycopgConnection, project_id: int, trace_id: int | None = None, *, as_of: datetime | None = None
) -> list[Trace]:
    """A project's traces in order of id, or that one of them, each with its readings in order of time: those of now, or
    those that were stored at a time."""
    of_project = {"project_id": project_id, "trace_id": trace_id}
    traces = connection.execute(query("records/traces_of_project"), of_project).fetchall()
    ids = [id for id, _, _ in traces]
    readings = stored_readings(connection, ids) if as_of is None else earlier_readings(connection, ids, as_of)
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


def stored_readings(connection: PsycopgConnection, ids: Sequence[int]) -> Mapping[int, Columns]:
    """The readings of traces that have some."""
    rows = connection.execute(query("records/load_traces"), {"ids": ids}, binary=True)
    return {id: decode(list(blocks)) for id, blocks in groupby(rows, key=itemgetter(0))}


def earlier_readings(connection: PsycopgConnection, ids: Sequence[int], time: datetime) -> Mapping[int, Columns]:
    """The readings that were stored at a time of traces that had some."""
    readings = load_as_of(connection, time, ids)
    return {id: part_of(readings, places) for id, places in places_by_trace(readings["metadata_id"])}
