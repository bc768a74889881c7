"""Consumption records in bulk: the readings of any number of traces, stored by (metadata_id, start)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.auth import Principal
from eeds.db import among, psycopg_connection, query
from eeds.ingest import pgcopy
from eeds.ingest.columns import Column, read_boolean, read_key, read_number, read_time
from eeds.ingest.kind import Kind
from eeds.ingest.report import Counts, Refusal
from eeds.ingest.runs_of import column_runs, row_runs
from eeds.ingest.segment import Columns, Segment
from eeds.messages import invalid_pk
from eeds.records import FIRST_START, LAST_START, START_RANGE
from eeds.tables import ConsumptionMetadata
from eeds.values import MAX_BIGINT
from eeds.visibility import visible

TYPES = ("int8", "timestamptz", "float8", "bool")
FINAL, STAGED = "consumption_records", "staged_records"
FIRST, LAST = (np.datetime64(time.replace(tzinfo=None), "s") for time in (FIRST_START, LAST_START))


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


def starts_all_right(columns: Columns) -> bool:
    """The same of a whole column."""
    start = columns["start"]
    return bool(((start >= FIRST) & (start < LAST)).all())


class Records:
    """Where the records of one load go.

    As long as every trace of a segment is one run in order of time, and nothing is stored where it goes, the segment is
    copied straight into the table. From the first that is not, everything goes to a staging table and is merged at the
    end. Loads of the same traces take turns, by locks on the traces. A load that hurries takes them as it comes to
    them, and may find itself waiting for one that waits for it (DeadlockDetected); one that does not takes them all at
    the end, in order of id.
    """

    def __init__(self, session: Session, principal: Principal, hurry: bool) -> None:
        self.session = session
        self.principal = principal
        self.direct = hurry
        self.traces: set[int] = set()  # known to be the asker's; locked when we hurry
        self.unknown: set[int] = set()
        self.copied = 0
        self.connection = psycopg_connection(session)
        self.connection.execute(query("load_settings"))
        self.staging = False

    def add(self, segment: Segment) -> Sequence[Refusal]:
        """Copy the records of known traces; the refusals of the others."""
        refusals = self.check(segment)
        if refusals:
            segment = without(segment, {refusal.index for refusal in refusals})
        if not segment.places:
            return refusals
        self.direct = self.direct and self.is_free(segment)
        if not self.direct and not self.staging:
            self.connection.execute(query("stage_records"))
            self.staging = True
        self.copy(segment, FINAL if self.direct else STAGED)
        self.copied += len(segment.places) if self.direct else 0
        return refusals

    def check(self, segment: Segment) -> Sequence[Refusal]:
        """The refusals of records whose trace is not the asker's."""
        self.learn(ids_of(segment) - self.traces - self.unknown)
        if self.unknown.isdisjoint(ids_of(segment)):
            return []
        return [
            Refusal(place, "metadata_id", item["metadata_id"], invalid_pk(item["metadata_id"]), item)
            for place, item in zip(segment.places, items_of(segment), strict=True)
            if item["metadata_id"] in self.unknown
        ]

    def learn(self, ids: set[int]) -> None:
        """Find out which of these traces are the asker's."""
        if ids:
            known = known_traces(self.session, self.principal, sorted(ids), lock=self.direct)
            self.traces |= known
            self.unknown |= ids - known

    def is_free(self, segment: Segment) -> bool:
        """Whether the segment can be copied as it is: in order, and nothing stored in between."""
        runs = row_runs(segment.rows) if segment.columns is None else column_runs(segment.columns)
        if runs is None:
            return False
        spans = dict(zip(("ids", "first", "last"), map(list, zip(*runs, strict=True)), strict=True))
        return self.connection.execute(query("any_stored_records"), spans).fetchone() == (False,)

    def copy(self, segment: Segment, table: str) -> None:
        """COPY the records in their order, in binary."""
        with self.connection.cursor().copy(query(f"copy_{table}")) as target:
            if segment.columns is not None:
                target.write(pgcopy.records(segment.columns))
                return
            target.set_types(TYPES)
            write = target.write_row
            for row in segment.rows:
                write((row.metadata_id, row.start, row.value, row.estimated))

    def finish(self) -> Counts:
        """Merge what was staged; all traces are locked by then."""
        if not self.staging:
            return Counts(created=self.copied)
        locked = known_traces(self.session, self.principal, sorted(self.traces), lock=True)
        if locked != self.traces:
            raise TraceGone
        created, updated, unchanged, duplicates = self.connection.execute(query("merge_records")).fetchone() or (0,) * 4
        return Counts(self.copied + created, updated, unchanged, duplicates)


class TraceGone(Exception):
    """A trace was deleted while its records were on their way: the load has to begin anew."""


def known_traces(session: Session, principal: Principal, ids: Sequence[int], *, lock: bool) -> set[int]:
    """Those of the traces that the asker may write to. Locked, in order of id, so that two such calls never wait for
    each other: until the transaction ends nobody deletes them, and other loads of the same traces wait."""
    trace = ConsumptionMetadata
    statement = select(trace.id).where(among(trace.id, ids), visible(principal, trace)).order_by(trace.id)
    return set(session.scalars(statement.with_for_update(key_share=True) if lock else statement))


def lock_traces(session: Session, principal: Principal, ids: Sequence[int]) -> set[int]:
    """Keep those of the traces that are the asker's from being deleted, and other writers of theirs waiting."""
    return known_traces(session, principal, ids, lock=True)


def ids_of(segment: Segment) -> set[int]:
    """The traces that a segment names."""
    if segment.columns is not None:
        return set(np.unique(segment.columns["metadata_id"]).tolist())
    return {row.metadata_id for row in segment.rows}


def items_of(segment: Segment) -> Iterable[dict[str, Any]]:
    """The records as they may be shown to who sent them."""
    if segment.columns is None:
        items = (msgspec.structs.asdict(row) for row in segment.rows)
    else:
        columns = {name: column.tolist() for name, column in segment.columns.items()}
        items = (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
    return ({**item, "start": f"{item['start']:%Y-%m-%dT%H:%M:%SZ}"} for item in items)


def without(segment: Segment, refused: set[int]) -> Segment:
    """The segment without the records in these places."""
    kept = [number for number, place in enumerate(segment.places) if place not in refused]
    places = [segment.places[number] for number in kept]
    if segment.columns is None:
        return Segment(segment.sent, places, [segment.rows[number] for number in kept])
    return Segment(segment.sent, places, columns={name: column[kept] for name, column in segment.columns.items()})


CONSUMPTION = Kind(
    "consumption_records",
    Row,
    {
        "metadata_id": Column(read_key, "whole number"),
        "start": Column(read_time, "instant"),
        "value": Column(read_number, "number", nullable=True),
        "estimated": Column(read_boolean, "boolean", default=False),
    },
    check_start,
    starts_all_right,
    Records,
)
