"""/api/v1/consumption_records/sync/: records found by the names of project and trace, each with its own outcome."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from eeds.accounts.project_names import SEVERAL, projects_named
from eeds.api.records import ConsumptionRecords, RecordStart, record_item
from eeds.db.keyed_rows import Key, KeyedRow
from eeds.formats.messages import NUMBER
from eeds.meter.names import INTERPRETATIONS
from eeds.records.attempts import attempts
from eeds.records.consumption import TraceGone, lock_traces
from eeds.records.history.finished import RECORDS, finish
from eeds.records.refusals import Counts
from eeds.records.single_records import KEY, records_by_key, traces_of_projects, upsert_records
from eeds.web.rest.fields import Char, Choice, Flag, Number
from eeds.web.rest.resource import Item
from eeds.web.rest.schemas import ApiSchema
from eeds.web.rest.sync import CREATED, SEVERAL_FOUND, UNCHANGED, UPDATED, Outcome, Sync

NO_TRACE = "error - no consumption metadata"


class JsonNumber(Number):
    """A number of JSON, not its text, as the original wanted it."""

    def parse(self, value: Any) -> float | None:
        """The number, None for NaN."""
        if isinstance(value, str):
            raise ValueError(NUMBER)
        return super().parse(value)


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

    resource = ConsumptionRecords
    schema = ConsumptionRecordSyncSchema
    key = tuple(KEY)
    shown_key = {"start": "start", "metadata": "metadata_id"}

    def run(self, batch: Sequence[Any]) -> list[Outcome]:
        """As every sync; again after a deadlock with a bulk load."""
        outcomes: list[Outcome] = []
        for attempt in attempts(self.session):
            with attempt:
                outcomes = super().run(batch)
                statuses = Counter(outcome.status for outcome in outcomes if outcome.stored)
                counts = Counts(*(statuses[status] for status in (CREATED, UPDATED, UNCHANGED)))
                if statuses:
                    finish(self.session, self.principal, RECORDS, counts, refused=len(batch) - statuses.total())
        return outcomes

    def resolve(self, batch: Sequence[Any], loaded: Sequence[Item]) -> dict[int, Outcome]:
        """Replace the names of traces by their ids: two statements to find them, one to lock them."""
        projects = projects_named(self.session, self.principal, {d["project_id"] for d in loaded if "project_id" in d})
        traces = traces_of_projects(self.session, {id for ids in projects.values() for id in ids})
        unknown: dict[int, Outcome] = {}
        for index, (sent, data) in enumerate(zip(batch, loaded, strict=True)):
            is_named = "project_id" in data and "interpretation" in data
            ids, interpretation = projects.get(data.pop("project_id", ""), ()), data.pop("interpretation", "")
            named = traces.get((ids[0], interpretation), []) if len(ids) == 1 else []
            if "label" in data:
                label = data.pop("label")
                named = [trace for trace in named if trace[1] == label]
            if len(named) == 1:
                data["metadata_id"] = named[0][0]
            elif is_named:
                names = {name: sent.get(name) for name in ("start", "project_id", "interpretation")}
                several = SEVERAL.format(sent["project_id"]) if len(ids) > 1 else None
                status = SEVERAL_FOUND if named or several else NO_TRACE
                unknown[index] = Outcome(status, values=names, message=several)
        found = {data["metadata_id"] for data in loaded if "metadata_id" in data}
        if lock_traces(self.session, self.principal, sorted(found)) != found:
            raise TraceGone
        return unknown

    def lock(self, loaded: Sequence[Item]) -> None:
        """The traces are locked, which is enough."""

    def existing(self, loaded: Sequence[Item]) -> dict[Key, list[KeyedRow]]:
        """The stored records of the batch's keys."""
        return records_by_key(self.session, loaded)

    def write(self, rows: Sequence[KeyedRow]) -> None:
        """Store what is new or changed: one statement."""
        if pending := [row.values for row in rows if row.is_new or row.is_changed]:
            upsert_records(self.session, pending)

    def snapshot(self, row: KeyedRow) -> Item:
        """The record, with its computed id."""
        return record_item(row.values)
