"""Consumption records in bulk: the readings of any number of traces, stored by (metadata_id, start)."""

from collections.abc import Sequence
from datetime import datetime
from math import isnan
from typing import Annotated

import msgspec
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db import binary_copy
from eeds.db.array_parameters import among
from eeds.db.binary_copy import Columns
from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.db.tables import ConsumptionMetadata
from eeds.formats.messages import invalid_pk
from eeds.formats.values import MAX_BIGINT
from eeds.records.batch import Segment
from eeds.records.fields import Column, read_boolean, read_key, read_number, read_time
from eeds.records.ids import FIRST_START, LAST_START, START_RANGE
from eeds.records.record_type import Decoding, Kind
from eeds.records.refusals import Counts, Refusal
from eeds.records.sorted_runs import run_heads, runs_of
from eeds.records.starts import Starts, starts_of, starts_of_texts

FINAL, STAGED = "consumption_records", "staged_records"
FIRST, LAST = (np.datetime64(time.replace(tzinfo=None), "s") for time in (FIRST_START, LAST_START))


class Row(msgspec.Struct, gc=False):
    """A reading; a null value is a missing one."""

    metadata_id: int
    start: datetime
    value: float | None
    estimated: bool = False


class DecodedRow(msgspec.Struct, gc=False):
    """A reading as it comes in JSON: making an object of every start would cost more than all the rest."""

    metadata_id: Annotated[int, msgspec.Meta(ge=-MAX_BIGINT, le=MAX_BIGINT)]
    start: str
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


def columns_of_decoded(rows: Sequence[DecodedRow]) -> Columns | None:
    """Decoded rows as columns; None if some start is not right. Raises msgspec.ValidationError if one is no time."""
    starts = starts_of_texts([row.start for row in rows])
    if starts is None:
        return None
    columns = columns_of(rows, starts)
    return columns if starts_all_right(columns) else None


def columns_of(rows: Sequence[Row] | Sequence[DecodedRow], starts: Starts) -> Columns:
    """Rows as columns, NaN for a missing value."""
    return {
        "metadata_id": np.array([row.metadata_id for row in rows], np.int64),
        "start": starts,
        "value": np.array([row.value for row in rows], np.float64),
        "estimated": np.frombuffer(bytes([row.estimated for row in rows]), np.bool_),
    }


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
        self.traces: set[int] = set()  # known to be the asker's
        self.all_locked = True  # as long as we hurry
        self.unknown: set[int] = set()
        self.copied = 0
        self.connection = psycopg_connection(session)
        self.connection.execute(query("records/load_settings"))
        self.staging = False

    def add(self, segment: Segment) -> Sequence[Refusal]:
        """Copy the records of known traces; the refusals of the others."""
        segment, refusals = self.known(segment)
        if not segment.places:
            return refusals
        columns = columns_in(segment)
        self.direct = self.direct and self.is_free(columns)
        if not self.direct and not self.staging:
            self.connection.execute(query("records/stage_records"))
            self.staging = True
        self.copy(columns, FINAL if self.direct else STAGED)
        self.copied += len(segment.places) if self.direct else 0
        return refusals

    def check(self, segment: Segment) -> Sequence[Refusal]:
        """The refusals of records whose trace is not the asker's."""
        return self.known(segment)[1]

    def known(self, segment: Segment) -> tuple[Segment, Sequence[Refusal]]:
        """The segment as columns, without the records whose trace is not the asker's, and the refusals of those."""
        segment = Segment(segment.sent, segment.places, columns=columns_in(segment))
        ids = columns_in(segment)["metadata_id"]
        self.learn(set(ids[run_heads(ids)].tolist()) - self.traces - self.unknown)
        is_unknown = np.isin(ids, list(self.unknown))
        if not self.unknown or not is_unknown.any():
            return segment, []
        return part(segment, ~is_unknown), unknown_traces(part(segment, is_unknown))

    def learn(self, ids: set[int]) -> None:
        """Find out which of these traces are the asker's."""
        if ids:
            known = known_traces(self.session, self.principal, sorted(ids), lock=self.direct)
            self.all_locked = self.all_locked and self.direct
            self.traces |= known
            self.unknown |= ids - known

    def is_free(self, columns: Columns) -> bool:
        """Whether the records can be copied as they are: in order, and nothing stored in between."""
        spans = runs_of(columns)
        return spans is not None and self.connection.execute(query("records/any_stored_records"), spans).fetchone() == (
            False,
        )

    def copy(self, columns: Columns, table: str) -> None:
        """COPY the records in their order, in binary."""
        with self.connection.cursor().copy(query(f"records/copy_{table}")) as target:
            target.write(binary_copy.records(columns))

    def finish(self) -> Counts:
        """Merge what was staged; all traces are locked by then."""
        if not self.staging:
            return Counts(created=self.copied)
        if not self.all_locked and lock_traces(self.session, self.principal, sorted(self.traces)) != self.traces:
            raise TraceGone
        created, updated, unchanged, duplicates = (
            self.connection.execute(query("records/merge_records")).fetchone() or (0,) * 4
        )
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


def columns_in(segment: Segment) -> Columns:
    """The records of a segment as columns."""
    if segment.columns is not None:
        return segment.columns
    starts = starts_of([row.start for row in segment.rows])
    assert starts is not None, "the starts of rows have been checked"
    return columns_of(segment.rows, starts)


def part(segment: Segment, wanted: NDArray[np.bool_]) -> Segment:
    """Some records of a segment of columns."""
    places = np.asarray(segment.places)[wanted].tolist()
    return Segment(segment.sent, places, columns={name: column[wanted] for name, column in columns_in(segment).items()})


def unknown_traces(segment: Segment) -> list[Refusal]:
    """The refusals of the records of a segment of columns, whose traces are not the asker's."""
    columns = {name: column.tolist() for name, column in columns_in(segment).items()}
    refusals = []
    for place, *values in zip(segment.places, *columns.values(), strict=True):
        item = dict(zip(columns, values, strict=True))
        id, start, value = item["metadata_id"], f"{item['start']:%Y-%m-%dT%H:%M:%SZ}", item["value"]
        shown = {**item, "start": start, "value": None if isnan(value) else value}
        refusals.append(Refusal(place, "metadata_id", id, invalid_pk(id), shown))
    return refusals


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
    Decoding(DecodedRow, columns_of_decoded),
)
