"""/api/v1/consumption_metadatas/: traces, one meter channel of a project each, with or without their records."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

import msgspec
from flask import Response
from marshmallow import fields
from sqlalchemy import Row
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.api.projects import Projects, ProjectSchema
from eeds.api.records import AS_OF, NestedRecordSchema
from eeds.api.trace_sufficiency import sufficiency_view
from eeds.db.array_parameters import among
from eeds.db.engine import psycopg_connection
from eeds.db.keyed_rows import KeyedRow
from eeds.db.name_locks import lock_names_in_projects
from eeds.db.tables import ConsumptionMetadata, Project
from eeds.errors import Invalid
from eeds.formats.json_array import encode, json_array
from eeds.formats.media_types import JSON
from eeds.formats.messages import NULL
from eeds.jobs.stale_results import mark_readings, spans_of
from eeds.meter.names import INTERPRETATIONS, UNITS
from eeds.records.history.as_of import parse_as_of
from eeds.records.reading import nested_records
from eeds.records.single_records import create_records
from eeds.web.responses import answer_stream
from eeds.web.rest import filters
from eeds.web.rest.blueprint import Blueprint
from eeds.web.rest.fields import Char, Choice, Pk
from eeds.web.rest.filters import Args
from eeds.web.rest.project_filters import chosen
from eeds.web.rest.resource import Item, Resource, crud
from eeds.web.rest.schemas import ApiSchema
from eeds.web.rest.sync import Outcome, ProjectName, Sync, sync_view

KEPT = 0  # stands for the project that a change does not mention
PLACE = b"\0"  # of the records in the JSON of a trace, which has no such byte


class ConsumptionMetadataSchema(ApiSchema):
    """A trace with its records."""

    EXAMPLE = {"interpretation": "E_C_S", "unit": "KWH", "project": 1, "label": "main"}

    id = fields.Integer(dump_only=True)
    interpretation = Choice(INTERPRETATIONS, required=True)
    unit = Choice(UNITS, required=True)
    records = fields.List(fields.Nested(NestedRecordSchema))
    project = Pk(Project, attribute="project_id", allow_none=True)
    label = Char(allow_none=True, blank=True)


class ConsumptionMetadataSummarySchema(ApiSchema):
    """A trace without its records, with its project."""

    id = fields.Integer(dump_only=True)
    interpretation = Choice(INTERPRETATIONS)
    unit = Choice(UNITS)
    project = fields.Nested(ProjectSchema, allow_none=True)
    label = Char(allow_none=True)


class ConsumptionMetadatas(Resource):
    """Traces, with their records or their project."""

    noun = "consumption metadata"
    model = ConsumptionMetadata
    schema = ConsumptionMetadataSchema
    read_schemas = (ConsumptionMetadataSchema, ConsumptionMetadataSummarySchema)
    filters = {
        "interpretation": filters.choices(ConsumptionMetadata.interpretation, INTERPRETATIONS),
        "unit": filters.choices(ConsumptionMetadata.unit, UNITS),
        "project": filters.key(ConsumptionMetadata.project_id, "project"),
        "projects": filters.ids(ConsumptionMetadata.project_id),
        "label": filters.text(ConsumptionMetadata.label),
        **chosen(ConsumptionMetadata),
        "as_of": AS_OF,
    }
    flags = {"summary": "The whole project in place of its id, and no records."}

    def as_of(self, args: Args) -> datetime | None:
        """The time as of which records are asked for, None for now; raises Invalid."""
        return parse_as_of(self.session, args.getlist("as_of")[-1]) if "as_of" in args else None

    def represent(self, rows: Iterable[Row[Any]], args: Args) -> Iterator[Item]:
        """Traces with their project, or with their records: one more statement for all the rows."""
        if args.get("summary") == "True":
            require_no_time(args)
            return with_projects(self.session, self.principal, [dict(row._mapping) for row in rows])
        return (complete(trace, b"".join(pieces)) for trace, pieces in self.with_records(rows, self.as_of(args)))

    def answer_all(self, args: Args) -> Response:
        """Traces whose records are sent while they are read."""
        if args.get("summary") == "True":
            require_no_time(args)
            return super().answer_all(args)
        as_of = self.as_of(args)
        traces = (trace for rows in self.batches(args) for trace in self.in_pieces(rows, as_of))
        return answer_stream(json_array(traces), JSON)

    def answer_one(self, id: int, args: Args) -> Response:
        """A trace whose records are sent while they are read."""
        if args.get("summary") == "True":
            require_no_time(args)
            return super().answer_one(id, args)
        return answer_stream(next(self.in_pieces([self.row(self.filtered(args), id)], self.as_of(args))), JSON)

    def in_pieces(self, rows: Iterable[Row[Any]], as_of: datetime | None) -> Iterator[Iterator[bytes]]:
        """The JSON of each trace with its records, in pieces that are gone when the next trace is asked for."""
        for trace, pieces in self.with_records(rows, as_of):
            before, _, behind = encode(complete(trace, PLACE)).partition(PLACE)
            yield chain([before], pieces, [behind])

    def with_records(self, rows: Iterable[Row[Any]], as_of: datetime | None) -> Iterator[tuple[Item, Iterator[bytes]]]:
        """Each trace, and its records in order of time, as they are or were, as a JSON array in pieces."""
        traces = [dict(row._mapping) for row in rows]
        ids = [trace["id"] for trace in traces]
        return zip(traces, nested_records(self.session, self.principal, ids, as_of), strict=True)

    def create(self, data: Item) -> int:
        """A trace with the records it came with."""
        self.require_project(data.get("project_id"))
        nested = data.pop("records", [])
        id = super().create(data)
        create_records(self.session, self.principal, [{**record, "metadata_id": id} for record in nested])
        return id

    def update(self, id: int, data: Item) -> int:
        """Change the trace, and mark the results of its project where it is another one for them; records are changed
        through their own resource."""
        if data.pop("records", []):
            raise Invalid({"records": ["Records of a stored trace are changed through consumption_records."]})
        self.require_project(data.get("project_id", KEPT))
        before = measured(self.find(id))
        super().update(id, data)
        after = measured(self.find(id))
        if after != before:
            connection = psycopg_connection(self.session)
            spans = spans_of(connection, [id])
            for project in sorted(owner for owner in {before[0], after[0]} if owner is not None):
                mark_readings(connection, {id: project}, spans)
        return id

    def delete(self, id: int) -> None:
        """Delete the trace with its records, and mark the results of its project; raises NotFound or Forbidden."""
        project, connection = self.find(id).project_id, psycopg_connection(self.session)
        spans = spans_of(connection, [id])
        super().delete(id)
        if project is not None:
            mark_readings(connection, {id: project}, spans)

    def require_project(self, project: int | None) -> None:
        """A trace without a project has no owner: nobody but an admin would see it. Raises Invalid."""
        if project is None and not self.principal.is_admin:
            raise Invalid({"project": [NULL]})


def measured(trace: ConsumptionMetadata) -> tuple[int | None, str, str]:
    """What a run takes of a trace besides its readings."""
    return trace.project_id, trace.interpretation, trace.unit


def require_no_time(args: Args) -> None:
    """Raises Invalid where a summary is asked for as of a time: it has nothing that was other then."""
    if "as_of" in args:
        raise Invalid({"as_of": ["A summary has no records, of which alone it is known what was stored at a time."]})


def with_projects(session: Session, principal: Principal, traces: Sequence[Item]) -> Iterator[Item]:
    """Traces whose project is the whole object, or null."""
    ids = {trace["project"] for trace in traces} - {None}
    rows = session.execute(Projects(session, principal).statement().where(among(Project.id, ids)))
    projects = {row.id: dict(row._mapping) for row in rows}
    return ({**trace, "project": projects.get(trace["project"])} for trace in traces)


def complete(trace: Item, records: bytes) -> Item:
    """A trace with the JSON of its records, at their place among the keys."""
    whole = {**trace, "records": msgspec.Raw(records)}
    return {key: whole[key] for key in ConsumptionMetadataSchema._declared_fields}


class ConsumptionMetadataSyncSchema(ApiSchema):
    """A trace as `sync/` takes it, found by project, interpretation and label."""

    EXAMPLE = {"project_project_id": "ABC", "interpretation": "E_C_S", "unit": "KWH", "label": "DEF"}

    project_project_id = ProjectName()
    interpretation = Choice(INTERPRETATIONS, required=True)
    unit = Choice(UNITS, required=True)
    label = Char(required=True, allow_none=True, blank=True)


class ConsumptionMetadataSync(Sync):
    """consumption_metadatas/sync/"""

    resource = ConsumptionMetadatas
    schema = ConsumptionMetadataSyncSchema
    answer_schema = ConsumptionMetadataSummarySchema
    key = ("project_id", "interpretation", "label")
    shown_key = {"project": "project_project_id", "interpretation": "interpretation", "label": "label"}

    def lock(self, loaded: Sequence[Item]) -> None:
        """By the owners of the projects."""
        projects = {data["project_id"] for data in loaded if "project_id" in data}
        lock_names_in_projects(self.session, ConsumptionMetadata, projects)

    def write(self, rows: Sequence[KeyedRow]) -> None:
        """Store them, and mark the results of projects with traces whose unit changes."""
        super().write(rows)
        connection = psycopg_connection(self.session)
        changed = {row.values["id"]: row.values["project_id"] for row in rows if row.is_changed and not row.is_new}
        mark_readings(connection, changed, spans_of(connection, changed))

    def show(self, outcomes: Sequence[Outcome]) -> list[Item]:
        """As a summary: with the whole project."""
        good = [outcome for outcome in outcomes if outcome.stored]
        traces = with_projects(self.session, self.principal, [outcome.values for outcome in good])
        for outcome, trace in zip(good, traces, strict=True):
            outcome.values = trace
        return super().show(outcomes)


blueprint = Blueprint("consumption_metadatas", "Traces: one meter channel of a project each.")
crud(blueprint, ConsumptionMetadatas)
sync_view(blueprint, ConsumptionMetadataSync)
sufficiency_view(blueprint)
