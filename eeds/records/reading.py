"""Stored readings read back, as a list in any format or as JSON inside their traces; only what the principal may see.

with database.session() as session:
    file = trace_file(session, principal, trace_id, CSV)
    body = b"".join(file.pieces)
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

import numpy as np
from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import find, nothing, visible
from eeds.db.array_parameters import among
from eeds.db.binary_copy import Columns
from eeds.db.cursors import text_of
from eeds.db.tables import ConsumptionBlock, ConsumptionMetadata
from eeds.formats.column_arrays import Arrays, json_objects, write_arrays
from eeds.formats.format import JSON, File, Format
from eeds.formats.json_array import json_array
from eeds.formats.table import Column, Type
from eeds.records.block_cursor import portions
from eeds.records.block_format import decode, part_of
from eeds.records.history.as_of import readings_as_of
from eeds.records.ids import record_ids, record_key
from eeds.records.record_values import records_of
from eeds.records.start_span import ALWAYS, StartSpan

READING = [
    Column("start", Type.SECOND, is_required=True),
    Column("value", Type.NUMBER),
    Column("estimated", Type.FLAG, is_required=True),
]
# JSON has the keys of the API, files have the columns that an upload takes back.
NESTED = [Column("id", Type.INTEGER, is_required=True), *READING]
LISTED = [*NESTED, Column("metadata", Type.INTEGER, is_required=True)]
IN_FILES = [Column("metadata_id", Type.INTEGER, is_required=True), *READING]


def record_file(
    session: Session, principal: Principal, format: Format, span: StartSpan, *conditions: ColumnElement[bool]
) -> File:
    """The readings of a span in the blocks that meet the conditions, by trace and time."""
    return file_of(format, readings_in(session, principal, span, *conditions))


def file_of(format: Format, parts: Iterable[Columns]) -> File:
    """Readings as a list in a format."""
    columns = LISTED if format is JSON else IN_FILES
    return File(
        "consumption_records", format, write_arrays(format, columns, (arrays_of(columns, part) for part in parts))
    )


def trace_file(session: Session, principal: Principal, trace_id: int, format: Format) -> File:
    """The readings of a trace, by time; raises NotFound."""
    find(session, principal, ConsumptionMetadata, trace_id)
    return record_file(session, principal, format, ALWAYS, ConsumptionBlock.metadata_id == trace_id)


def readings_in(
    session: Session, principal: Principal, span: StartSpan, *conditions: ColumnElement[bool]
) -> Iterator[Columns]:
    """The readings of a span in the blocks that meet the conditions, by trace and time: some of them at a time, never
    none; see eeds.db.cursors.chunks_of."""
    block = ConsumptionBlock
    chosen = select(block).where(visible(principal, block), *conditions, *span.conditions())
    for rows in portions(session, *text_of(session, decodable(chosen))):
        readings = decode(rows)
        inside = part_of(readings, span.holds(readings["start"]))
        if len(inside["start"]):
            yield inside


def first_readings(
    session: Session,
    principal: Principal,
    span: StartSpan,
    conditions: Sequence[ColumnElement[bool]],
    *,
    after: int | None,
    count: int,
) -> list[dict[str, Any]]:
    """The first records of a span in the blocks that meet the conditions, at most `count`: those behind the one of the
    id `after`."""
    behind = [] if after is None else [blocks_behind(after)]
    return first_of(readings_in(session, principal, span, *conditions, *behind), after=after, count=count)


def first_of(parts: Iterable[Columns], *, after: int | None, count: int) -> list[dict[str, Any]]:
    """The first of sorted readings as records, at most `count`: those behind the one of the id `after`."""
    records: list[dict[str, Any]] = []
    for readings in parts:
        wanted = readings if after is None else part_of(readings, record_ids(readings) > after)
        records += records_of(part_of(wanted, slice(count - len(records))))
        if len(records) == count:
            break
    return records


def blocks_behind(id: int) -> ColumnElement[bool]:
    """The blocks with readings behind the one of that id."""
    key = record_key(id)
    if key is None:
        return nothing()
    trace, start = key
    block = ConsumptionBlock
    return or_(block.metadata_id > trace, and_(block.metadata_id == trace, block.last_start > start))


def decodable(blocks: Select[Any]) -> Select[Any]:
    """Blocks as eeds.records.block_format.decode takes them, by trace and time; they are sorted before their arrays are
    read. Their order is said outside, too, which costs nothing: the parts of nodes would come as they are done."""
    block = ConsumptionBlock
    sorted_blocks = blocks.order_by(block.metadata_id, block.first_start).subquery().c
    return select(
        sorted_blocks.metadata_id,
        cast(func.date_part("epoch", sorted_blocks.first_start), BigInteger),
        sorted_blocks.readings,
        sorted_blocks.step,
        func.array_send(sorted_blocks.offsets),
        func.array_send(sorted_blocks.value),
        func.varbit_send(sorted_blocks.estimated),
    ).order_by(sorted_blocks.metadata_id, sorted_blocks.first_start)


def arrays_of(columns: Sequence[Column], readings: Columns) -> Arrays:
    """The arrays of these columns."""
    computed = {"id": record_ids(readings), "metadata": readings["metadata_id"]}
    return [readings[column.name] if column.name in readings else computed[column.name] for column in columns]


def nested_records(
    session: Session, principal: Principal, trace_ids: Sequence[int], as_of: datetime | None = None
) -> Iterator[Iterator[bytes]]:
    """For each of the traces, which the principal may see, in order of id, the JSON array of its readings by time, as
    they are or were at a time: one statement for all of them.

    An array comes in pieces, which are gone when that of the next trace is asked for.
    """
    if as_of is not None:
        return arrays_by_trace(trace_ids, readings_as_of(session, as_of, trace_ids))
    of_traces = among(ConsumptionBlock.metadata_id, trace_ids)
    return arrays_by_trace(trace_ids, readings_in(session, principal, ALWAYS, of_traces))


def arrays_by_trace(trace_ids: Sequence[int], parts: Iterable[Columns]) -> Iterator[Iterator[bytes]]:
    """The JSON arrays of readings that are in the traces' order; [] for a trace without any."""
    by_trace = groupby(chain.from_iterable(map(split_by_trace, parts)), key=itemgetter(0))
    current, parts_of_current = next(by_trace, (None, iter(())))
    for id in trace_ids:
        if id != current:
            yield json_array(())
            continue
        yield json_array([json_objects(NESTED, arrays_of(NESTED, readings))] for _, readings in parts_of_current)
        current, parts_of_current = next(by_trace, (None, iter(())))


def split_by_trace(readings: Columns) -> Iterator[tuple[int, Columns]]:
    """The readings of each trace, of those that are sorted by trace."""
    ids = readings["metadata_id"]
    heads = np.flatnonzero(np.diff(ids, prepend=ids[0] - 1)).tolist()
    for head, end in zip(heads, [*heads[1:], len(ids)], strict=True):
        yield int(ids[head]), part_of(readings, slice(head, end))
