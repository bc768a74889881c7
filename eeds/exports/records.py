"""Records with the names of their projects and traces: the columns that an upload takes back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.array_parameters import among
from eeds.db.binary_copy import Columns
from eeds.db.tables import ConsumptionBlock, ConsumptionMetadata, Project, TraceExtent
from eeds.exports.lifecycle import ClaimedExport
from eeds.exports.selection import is_exported
from eeds.formats.table import Batch, Column, Table, Type, columns
from eeds.records.block_format import part_of
from eeds.records.history.as_of import readings_as_of
from eeds.records.reading import readings_in
from eeds.records.record_values import records_of
from eeds.records.start_span import ALWAYS

COLUMNS = [
    *columns(Type.TEXT, "project_id", "label", "interpretation", "unit"),
    Column("start", Type.INSTANT),
    Column("value", Type.NUMBER),
    Column("estimated", Type.FLAG),
]
TRACES = 1000  # of one statement
ROWS = 2000  # of a batch


def table(session: Session, principal: Principal, export: ClaimedExport) -> Table:
    """The records of all traces of the projects, by trace and time: those of now, or of the export's time. How many
    there were then is known only when they have been read, so they are read twice."""
    traces = trace_names(session, principal, export)
    if export.as_of is not None:
        counted = sum(len(readings["start"]) for readings in readings_as_of(session, export.as_of, list(traces)))
        return Table(COLUMNS, counted, batches(traces, readings_as_of(session, export.as_of, list(traces))))
    total = select(func.coalesce(func.sum(TraceExtent.readings), 0)).where(among(TraceExtent.metadata_id, traces))
    return Table(COLUMNS, int(session.scalars(total).one()), batches(traces, readings_of(session, principal, traces)))


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


def readings_of(session: Session, principal: Principal, traces: Iterable[int]) -> Iterator[Columns]:
    """The readings that are stored, some at a time."""
    ids = list(traces)
    for first in range(0, len(ids), TRACES):
        some = among(ConsumptionBlock.metadata_id, ids[first : first + TRACES])
        yield from readings_in(session, principal, ALWAYS, some)


def batches(traces: Mapping[int, Sequence[Any]], parts: Iterable[Columns]) -> Iterator[Batch]:
    """The rows of readings, some at a time."""
    for readings in parts:
        for piece in range(0, len(readings["start"]), ROWS):
            records = records_of(part_of(readings, slice(piece, piece + ROWS)))
            yield [(*traces[each["metadata_id"]], each["start"], each["value"], each["estimated"]) for each in records]
