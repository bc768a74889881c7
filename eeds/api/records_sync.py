"""/api/v1/consumption_records/sync/: records found by the names of project and trace, each with its own outcome."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from marshmallow import ValidationError, fields
from sqlalchemy import and_, select
from sqlalchemy.dialects.postgresql import insert

from eeds.accounts.visibility import visible
from eeds.api.records import RecordStart, again_after_deadlock, record_item, records
from eeds.db.array_parameters import among, unnested
from eeds.db.tables import ConsumptionMetadata, ConsumptionRecord, Project
from eeds.formats.messages import NUMBER
from eeds.meter.names import INTERPRETATIONS
from eeds.records.consumption import lock_traces
from eeds.web.context import principal, session
from eeds.web.rest.fields import Char, Choice, Flag
from eeds.web.rest.resource import Item
from eeds.web.rest.schemas import ApiSchema
from eeds.web.rest.sync import Key, Outcome, Stored, Sync

NO_TRACE, SEVERAL_TRACES = "error - no consumption metadata", "error - multiple records"
COLUMNS = {name: getattr(ConsumptionRecord, name) for name in ("metadata_id", "start", "value", "estimated")}
KEYS = {name: COLUMNS[name] for name in ("metadata_id", "start")}


class JsonNumber(fields.Float):
    """A number that is one in JSON, for which the original had no patience either; NaN is a missing value."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float) or math.isinf(value):
            raise ValidationError(NUMBER)
        return None if math.isnan(value) else float(value)


class ConsumptionRecordSyncSchema(ApiSchema):
    """A record as `sync/` takes it; `label` tells apart traces of the same project and interpretation."""

    EXAMPLE = {
        "project_id": "ABC",
        "interpretation": "E_C_S",
        "label": "DEF",
        "start": "2014-01-01T00:00:00Z",
        "value": 57.8,
        "estimated": False,
    }

    project_id = Char(required=True)
    interpretation = Choice(INTERPRETATIONS, required=True)
    label = Char(allow_none=True, blank=True)
    start = RecordStart(required=True)
    value = JsonNumber(required=True, allow_none=True)
    estimated = Flag(required=True)


class ConsumptionRecordSync(Sync):
    """consumption_records/sync/"""

    resource = records
    schema = ConsumptionRecordSyncSchema
    key = ("start", "metadata_id")
    key_shown = ("start", "metadata")

    def run(self, batch: Sequence[Any]) -> list[Outcome]:
        """As every sync, though a bulk load may be in the way."""
        return again_after_deadlock(lambda: super(ConsumptionRecordSync, self).run(batch))

    def resolve(self, batch: Sequence[Any], loaded: Sequence[Item]) -> dict[int, Outcome]:
        """Replace the names of traces by their ids: one statement to find them, one to lock them."""
        traces = self.traces({data["project_id"] for data in loaded if "project_id" in data})
        unknown: dict[int, Outcome] = {}
        for index, (sent, data) in enumerate(zip(batch, loaded, strict=True)):
            named = "project_id" in data and "interpretation" in data
            found = traces.get((data.pop("project_id", None), data.pop("interpretation", None)), [])
            if "label" in data:
                label = data.pop("label")
                found = [trace for trace in found if trace[1] == label]
            if len(found) == 1:
                data["metadata_id"] = found[0][0]
            elif named:
                told = {name: sent.get(name) for name in ("start", "project_id", "interpretation")}
                unknown[index] = Outcome(SEVERAL_TRACES if found else NO_TRACE, values=told)
        lock_traces(session(), principal(), sorted({data["metadata_id"] for data in loaded if "metadata_id" in data}))
        return unknown

    def traces(self, projects: set[str]) -> dict[tuple[str, str], list[tuple[int, str | None]]]:
        """Id and label of the traces of these projects that the asker sees, by project and interpretation."""
        trace = ConsumptionMetadata
        statement = select(Project.project_id, trace.interpretation, trace.id, trace.label).join(Project)
        found: dict[tuple[str, str], list[tuple[int, str | None]]] = {}
        wanted = among(Project.project_id, projects), visible(principal(), trace)
        for project, interpretation, id, label in session().execute(statement.where(*wanted)):
            found.setdefault((project, interpretation), []).append((id, label))
        return found

    def existing(self, loaded: Iterable[Item]) -> dict[Key, list[Stored]]:
        """The stored records of the batch's keys."""
        keys = unnested(KEYS, [data for data in loaded if KEYS.keys() <= data.keys()])
        record = ConsumptionRecord
        same = and_(record.metadata_id == keys.c.metadata_id, record.start == keys.c.start)
        rows = session().execute(select(*COLUMNS.values()).join(keys, same).distinct()).mappings()
        return {self.key_of(dict(row)): [Stored(dict(row))] for row in rows}

    def write(self, objects: Sequence[Stored]) -> None:
        """Store what is new or changed: one statement."""
        pending = [stored.values for stored in objects if stored.is_new or stored.is_changed]
        if pending:
            rows = unnested(COLUMNS, pending)
            statement = insert(ConsumptionRecord).from_select(
                list(COLUMNS), select(*(rows.c[name] for name in COLUMNS))
            )
            changes = {name: statement.excluded[name] for name in ("value", "estimated")}
            session().execute(statement.on_conflict_do_update(index_elements=["metadata_id", "start"], set_=changes))

    def snapshot(self, stored: Stored) -> Item:
        """The record, with its computed id."""
        return record_item(stored.values)

    def show_one(self, outcome: Outcome) -> Item:
        """One object of the answer."""
        return {**outcome.values, "status": outcome.status} if outcome.stored else super().show_one(outcome)
