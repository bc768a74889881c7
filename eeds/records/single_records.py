"""Records a few at a time, not by COPY: inserted, or found by their key and stored where they differ."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.db.array_parameters import among, unnested
from eeds.db.keyed_rows import Key, KeyedRow, Values
from eeds.db.tables import ConsumptionMetadata, ConsumptionRecord
from eeds.errors import Invalid
from eeds.records.attempts import attempts
from eeds.records.consumption import lock_traces

NOT_UNIQUE = {"non_field_errors": ["The fields metadata, start must make a unique set."]}
COLUMNS = {name: getattr(ConsumptionRecord, name) for name in ("metadata_id", "start", "value", "estimated")}
KEY = {name: COLUMNS[name] for name in ("start", "metadata_id")}


def create_records(session: Session, principal: Principal, records: Sequence[Mapping[str, Any]]) -> None:
    """Store new records (metadata_id, start, value, estimated); raises Invalid if one of them is there already."""
    if not records:
        return
    statement = insert(ConsumptionRecord).on_conflict_do_nothing().returning(ConsumptionRecord.start)
    for attempt in attempts(session):
        with attempt:
            lock_traces(session, principal, sorted({record["metadata_id"] for record in records}))
            if len(session.scalars(statement, records).all()) != len(records):
                raise Invalid(NOT_UNIQUE)


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
    keys = unnested(KEY, [values for values in batch if KEY.keys() <= values.keys()])
    same = and_(*(column == keys.c[name] for name, column in KEY.items()))
    rows = session.execute(select(*COLUMNS.values()).join(keys, same).distinct()).mappings()
    return {(row["start"], row["metadata_id"]): [KeyedRow(dict(row))] for row in rows}


def upsert_records(session: Session, records: Sequence[Values]) -> None:
    """Store records of locked traces, new or changed, in one statement."""
    rows = unnested(COLUMNS, records)
    statement = insert(ConsumptionRecord).from_select(list(COLUMNS), select(*(rows.c[name] for name in COLUMNS)))
    changes = {name: statement.excluded[name] for name in ("value", "estimated")}
    session.execute(statement.on_conflict_do_update(index_elements=["metadata_id", "start"], set_=changes))
