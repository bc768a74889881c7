"""Readings a few at a time, not by COPY of a load: made, found by their key, changed and deleted."""

from collections.abc import Collection, Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.db.array_parameters import among
from eeds.db.engine import psycopg_connection
from eeds.db.keyed_rows import Key, KeyedRow, Values
from eeds.db.tables import ConsumptionMetadata
from eeds.errors import Invalid, NotFound
from eeds.formats.messages import invalid_pk
from eeds.records.attempts import attempts
from eeds.records.block_format import part_of
from eeds.records.block_store import change_readings, in_order, load_months
from eeds.records.consumption import lock_traces
from eeds.records.history.finished import RECORDS, finish
from eeds.records.history.written import history_of
from eeds.records.ids import record_ids
from eeds.records.record_values import readings_of, records_of
from eeds.records.refusals import Counts

NOT_UNIQUE = {"non_field_errors": ["The fields metadata, start must make a unique set."]}
KEY = ("start", "metadata_id")


def create_records(session: Session, principal: Principal, records: Sequence[Values]) -> None:
    """Store new records (metadata_id, start, value, estimated); raises Invalid if one of them is there already."""
    if not records:
        return
    readings = readings_of(records)
    for attempt in attempts(session):
        with attempt:
            lock_traces_of(session, principal, records)
            counts = change_readings(history_of(session), readings).counts
            if counts.created != len(records):
                raise Invalid(NOT_UNIQUE)
            finish(session, principal, RECORDS, counts)


def change_record(session: Session, principal: Principal, record: Values, changes: Values) -> Values:
    """Store a record with these changes, at another start or in another trace too; gives it as it is now. What is not
    changed is what is stored when its trace is locked, whatever `record` says. Raises NotFound if the record is gone by
    then, Invalid if another one is there already."""
    changed: Values = {}
    for attempt in attempts(session):
        with attempt:
            lock_traces_of(session, principal, [record, {**record, **changes}])
            stored = records_by_key(session, [record]).get((record["start"], record["metadata_id"]))
            if stored is None:
                raise NotFound
            changed = {**stored[0].values, **changes}
            is_moved = any(record[name] != changed[name] for name in KEY)
            gone = readings_of([record] if is_moved else [])
            counts = change_readings(history_of(session), readings_of([changed]), gone).counts
            if is_moved and not counts.created:
                raise Invalid(NOT_UNIQUE)
            finish(session, principal, RECORDS, counts)
    return changed


def delete_record(session: Session, principal: Principal, record: Values) -> None:
    """Delete a record."""
    for attempt in attempts(session):
        with attempt:
            lock_traces_of(session, principal, [record])
            counts = change_readings(history_of(session), readings_of([]), readings_of([record])).counts
            finish(session, principal, RECORDS, counts)


def lock_traces_of(session: Session, principal: Principal, records: Sequence[Values]) -> None:
    """Lock the traces of records; raises Invalid for one that was deleted since it was looked up."""
    ids = {record["metadata_id"] for record in records}
    gone = ids - lock_traces(session, principal, sorted(ids))
    if gone:
        raise Invalid({"metadata": [invalid_pk(min(gone))]})


def traces_of_projects(
    session: Session, projects: Collection[int]
) -> dict[tuple[int, str], list[tuple[int, str | None]]]:
    """Id and label of the traces of projects that the caller may see, by the id of the project and interpretation."""
    trace = ConsumptionMetadata
    statement = select(trace.project_id, trace.interpretation, trace.id, trace.label)
    traces: dict[tuple[int, str], list[tuple[int, str | None]]] = {}
    for row in session.execute(statement.where(among(trace.project_id, projects))):
        traces.setdefault((row.project_id, row.interpretation), []).append((row.id, row.label))
    return traces


def records_by_key(session: Session, batch: Sequence[Values]) -> dict[Key, list[KeyedRow]]:
    """The stored records of the batch's keys (start, metadata_id)."""
    sought = readings_of([{"value": None, "estimated": False, **each} for each in batch if {*KEY} <= each.keys()])
    stored = load_months(psycopg_connection(session), in_order(sought))
    found = part_of(stored, np.isin(record_ids(stored), record_ids(sought)))
    return {(record["start"], record["metadata_id"]): [KeyedRow(record)] for record in records_of(found)}


def upsert_records(session: Session, records: Sequence[Values]) -> Counts:
    """Store records of locked traces, new or changed."""
    return change_readings(history_of(session), readings_of(records)).counts
