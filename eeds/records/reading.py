"""Stored records read back, as a list in any format or as JSON inside their traces; only what the principal may see.

with database.session() as session:
    file = trace_file(session, principal, trace_id, CSV)
    body = b"".join(file.pieces)
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import find, visible
from eeds.db.array_parameters import among
from eeds.db.cursors import Rows, chunks_of
from eeds.db.tables import ConsumptionMetadata, ConsumptionRecord
from eeds.formats.format import JSON, File, Format, expressions, write_selected
from eeds.formats.json_array import encode_inner, json_array, row_type
from eeds.formats.table import Column, Type
from eeds.records.ids import record_id_column

READING = [
    Column("start", Type.SECOND, ConsumptionRecord.start, is_required=True),
    Column("value", Type.NUMBER, ConsumptionRecord.value),
    Column("estimated", Type.FLAG, ConsumptionRecord.estimated, is_required=True),
]
# JSON has the keys of the API, files have the columns that an upload takes back.
NESTED = [Column("id", Type.INTEGER, record_id_column(), is_required=True), *READING]
LISTED = [*NESTED, Column("metadata", Type.INTEGER, ConsumptionRecord.metadata_id, is_required=True)]
IN_FILES = [Column("metadata_id", Type.INTEGER, ConsumptionRecord.metadata_id, is_required=True), *READING]

trace_of = itemgetter(-1)  # of a row of LISTED


def record_file(session: Session, principal: Principal, format: Format, *conditions: ColumnElement[bool]) -> File:
    """The records that meet the conditions, by trace and time."""
    columns = LISTED if format is JSON else IN_FILES
    rows = chunks_of(session, select_records(principal, format, columns).where(*conditions))
    return File("consumption_records", format, write_selected(format, columns, rows))


def trace_file(session: Session, principal: Principal, trace_id: int, format: Format) -> File:
    """The records of a trace, by time; raises NotFound."""
    find(session, principal, ConsumptionMetadata, trace_id)
    return record_file(session, principal, format, ConsumptionRecord.metadata_id == trace_id)


def select_records(principal: Principal, format: Format, columns: Sequence[Column]) -> Select[Any]:
    """The columns of the records, as the format wants them, in order of the key."""
    record = ConsumptionRecord
    statement = select(*expressions(format, columns)).where(visible(principal, record))
    return statement.order_by(record.metadata_id, record.start)


def nested_records(session: Session, principal: Principal, trace_ids: Sequence[int]) -> Iterator[Iterator[bytes]]:
    """For each of the traces, in order of id, the JSON array of its records by time: one statement for all of them.

    An array comes in pieces, which are gone when that of the next trace is asked for.
    """
    statement = select_records(principal, JSON, LISTED).where(among(ConsumptionRecord.metadata_id, trace_ids))
    return arrays_by_trace(trace_ids, chunks_of(session, statement))


def arrays_by_trace(trace_ids: Sequence[int], chunks: Iterable[Rows]) -> Iterator[Iterator[bytes]]:
    """The JSON arrays of rows of LISTED, which are in the traces' order; [] for a trace without any."""
    record = row_type(NESTED)
    parts = ((id, list(rows)) for chunk in chunks for id, rows in groupby(chunk, key=trace_of))
    by_trace = groupby(parts, key=itemgetter(0))
    current, parts_of_current = next(by_trace, (None, iter(())))
    for id in trace_ids:
        if id != current:
            yield json_array(())
            continue
        yield json_array(
            [encode_inner([record(id, start, value, estimated) for id, start, value, estimated, _ in rows])]
            for _, rows in parts_of_current
        )
        current, parts_of_current = next(by_trace, (None, iter(())))
