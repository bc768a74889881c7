"""Consumption records in bulk: the readings of any number of traces, stored by (metadata_id, start)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.auth import Principal
from eeds.db import PsycopgConnection, among, psycopg_connection, query
from eeds.ingest.columns import Column, read_boolean, read_key, read_number, read_time
from eeds.ingest.kind import Kind
from eeds.ingest.report import Counts, Refusal, Refused
from eeds.messages import invalid_pk
from eeds.records import FIRST_START, LAST_START, START_RANGE
from eeds.tables import ConsumptionMetadata
from eeds.values import MAX_BIGINT
from eeds.visibility import visible

COLUMN_TYPES = ("int8", "timestamptz", "float8", "bool")


class Row(msgspec.Struct, gc=False):
    """A reading as it is sent; a null value is a missing one."""

    metadata_id: Annotated[int, msgspec.Meta(ge=-MAX_BIGINT, le=MAX_BIGINT)]
    start: Annotated[datetime, msgspec.Meta(tz=True)]
    value: float | None
    estimated: bool = False


def check_start(row: Row) -> tuple[str, str] | None:
    """Starts are whole seconds of a range that ids can be computed for."""
    if row.start.microsecond or not FIRST_START <= row.start < LAST_START:
        return "start", START_RANGE
    return None


def store(session: Session, principal: Principal, rows: Sequence[Row]) -> Counts:
    """Merge the rows into the table in the session's transaction; raises Refused if a trace is not the asker's."""
    if not rows:
        return Counts()
    refuse_unknown(rows, lock_traces(session, principal, sorted({row.metadata_id for row in rows})))
    connection = psycopg_connection(session)
    connection.execute(query("stage_records"))
    copy(connection, rows)
    counts = connection.execute(query("merge_records")).fetchone()
    assert counts is not None
    return Counts(*counts)


def lock_traces(session: Session, principal: Principal, ids: Sequence[int]) -> set[int]:
    """Which of these traces the asker may write to; until the transaction ends nobody deletes them, and other loads of
    the same traces wait. In order of id, so that no two loads wait for each other."""
    wanted = among(ConsumptionMetadata.id, ids)
    rows = select(ConsumptionMetadata.id).where(wanted, visible(principal, ConsumptionMetadata))
    return set(session.scalars(rows.order_by(ConsumptionMetadata.id).with_for_update(key_share=True)))


def refuse_unknown(rows: Sequence[Row], known: set[int]) -> None:
    """Raises Refused for the rows of traces that are not known."""
    refusals = [
        Refusal(index, "metadata_id", row.metadata_id, invalid_pk(row.metadata_id))
        for index, row in enumerate(rows)
        if row.metadata_id not in known
    ]
    if refusals:
        raise Refused(refusals, len(rows))


def copy(connection: PsycopgConnection, rows: Sequence[Row]) -> None:
    """COPY the rows into staging, in binary, in their order."""
    with connection.cursor().copy(query("copy_records")) as target:
        target.set_types(COLUMN_TYPES)
        write = target.write_row
        for row in rows:
            write((row.metadata_id, row.start, row.value, row.estimated))


CONSUMPTION = Kind(
    "consumption_records",
    Row,
    {
        "metadata_id": Column(read_key),
        "start": Column(read_time),
        "value": Column(read_number, nullable=True),
        "estimated": Column(read_boolean, default=False),
    },
    check_start,
    store,
)
