"""Records with the names of their projects and traces: the columns that an upload takes back."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.array_parameters import among
from eeds.db.cursors import chunks_of
from eeds.db.tables import ConsumptionMetadata, ConsumptionRecord, Project
from eeds.exports.lifecycle import ClaimedExport
from eeds.exports.selection import is_exported
from eeds.formats.table import Batch, Column, Table, Type, columns

COLUMNS = [
    *columns(Type.TEXT, "project_id", "label", "interpretation", "unit"),
    Column("start", Type.INSTANT),
    Column("value", Type.NUMBER),
    Column("estimated", Type.FLAG),
]
# Few enough that Postgres reads them from the index, in order, and sorts nothing.
TRACES = 100


def table(session: Session, principal: Principal, export: ClaimedExport) -> Table:
    """The records of all traces of the projects, by trace and time."""
    traces = trace_names(session, principal, export)
    total = select(func.count()).select_from(ConsumptionRecord).where(among(ConsumptionRecord.metadata_id, traces))
    return Table(COLUMNS, session.scalars(total).one(), batches(session, traces))


def trace_names(session: Session, principal: Principal, export: ClaimedExport) -> Mapping[int, Sequence[str | None]]:
    """The cells before a record in its row, by the ids of the traces, in order."""
    trace = ConsumptionMetadata
    statement = (
        select(trace.id, Project.project_id, trace.label, trace.interpretation, trace.unit)
        .join(Project, Project.id == trace.project_id)
        .where(is_exported(principal, export), visible(principal, trace))
        .order_by(trace.id)
    )
    return {id: names for id, *names in session.execute(statement)}


def batches(session: Session, traces: Mapping[int, Sequence[Any]]) -> Iterator[Batch]:
    """The rows, at most eeds.db.cursors.CHUNK_ROWS at a time."""
    record, ids = ConsumptionRecord, list(traces)
    columns: tuple[Any, ...] = record.metadata_id, record.start, record.value, record.estimated
    for first in range(0, len(ids), TRACES):
        some = select(*columns).where(among(record.metadata_id, ids[first : first + TRACES]))
        for rows in chunks_of(session, some.order_by(record.metadata_id, record.start)):
            yield [(*traces[id], start, value, estimated) for id, start, value, estimated in rows]
