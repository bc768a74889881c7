"""/api/v1/loads/: what was sent to be stored, what became of it and which readings it changed; and undoing it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask import Response, request
from flask.views import MethodView
from marshmallow import fields, validate
from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import aliased

from eeds.api.greenbutton import CountsSchema
from eeds.db.tables import Load, User
from eeds.errors import Invalid
from eeds.jobs.status import STATUSES
from eeds.records.history.listed import KINDS as CHANGES
from eeds.records.history.listed import Reading, ReadingChange, changes_of_load, visible_traces
from eeds.records.history.undo import undo_load
from eeds.web.context import principal, session
from eeds.web.responses import answer
from eeds.web.rest import filters
from eeds.web.rest.blueprint import ID, Blueprint, Detail, query_parameter
from eeds.web.rest.filters import Args
from eeds.web.rest.paging import PARAMETERS, link_next, page_of
from eeds.web.rest.resource import Item, Resource, crud
from eeds.web.rest.schemas import ApiSchema

LISTED_TRACES = 100
PAGE = 1000


class LoadCountsSchema(CountsSchema):
    """What became of records."""

    deleted = fields.Integer()
    refused = fields.Integer()


class EnergySchema(ApiSchema):
    """Energy in one unit."""

    added = fields.Float()
    removed = fields.Float(metadata={"description": "Of the readings that were changed or deleted, as they were."})


class TraceOfLoadSchema(ApiSchema):
    """A trace that a load has changed."""

    trace = fields.Integer()
    first = fields.DateTime(
        metadata={"description": "The start of the first reading that it added, changed or deleted."}
    )
    last = fields.DateTime()


class LoadSchema(ApiSchema):
    """A load: what somebody sent, or did, to be stored in one transaction."""

    id = fields.Integer()
    kind = fields.String(
        metadata={
            "example": "energy",
            "description": "energy, greenbutton, weather, normals, projects: a file or body of these; records: "
            "readings one by one or by sync/; undo: another load was undone.",
        }
    )
    user = fields.String(allow_none=True, metadata={"description": "The name of who sent it; null: deleted since."})
    file_name = fields.String(allow_none=True, metadata={"description": "null: a body without a name."})
    size = fields.Integer(allow_none=True, metadata={"description": "Bytes, as they were sent."})
    sha256 = fields.String(allow_none=True, metadata={"description": "Of the bytes as they were sent."})
    request_id = fields.String(allow_none=True)
    dry_run = fields.Boolean(metadata={"description": "True: it was only checked."})
    status = fields.String(validate=validate.OneOf(STATUSES))
    message = fields.String(allow_none=True, metadata={"description": "Why it FAILED: then nothing was stored."})
    counts = fields.Nested(LoadCountsSchema, allow_none=True)
    energy = fields.Dict(
        fields.String(),
        fields.Nested(EnergySchema),
        allow_none=True,
        metadata={"description": "By unit of the traces.", "example": {"KWH": {"added": 57.8, "removed": 0}}},
    )
    undoes = fields.Integer(allow_none=True, metadata={"description": "The load that it has undone."})
    undone_by = fields.Integer(allow_none=True, metadata={"description": "The latest load that has undone it."})
    added = fields.DateTime()
    ended = fields.DateTime(allow_none=True)
    changed = fields.DateTime(
        allow_none=True,
        metadata={"description": "When it changed readings, for `as_of`; null: it changed none, or nobody knows."},
    )


class LoadDetailSchema(LoadSchema):
    """A load with the traces that it changed."""

    traces_changed = fields.Integer(metadata={"description": "How many."})
    traces = fields.List(fields.Nested(TraceOfLoadSchema), metadata={"description": f"The first {LISTED_TRACES}."})


class LoadChangeSchema(ApiSchema):
    """What a load did to one reading."""

    id = fields.Integer(metadata={"description": "Of the record."})
    trace = fields.Integer()
    start = fields.DateTime()
    change = fields.String(validate=validate.OneOf(CHANGES))
    before = fields.Float(allow_none=True, metadata={"description": "The value; null: missing, or no reading."})
    before_estimated = fields.Boolean(allow_none=True, metadata={"description": "null: there was no reading."})
    after = fields.Float(allow_none=True, metadata={"description": "The value; null: missing, or no reading any more."})
    after_estimated = fields.Boolean(allow_none=True, metadata={"description": "null: there is no reading any more."})


class Loads(Resource):
    """Loads, the newest first."""

    noun = "load"
    model = Load
    schema = LoadSchema
    filters = {
        "kind": filters.text(Load.kind),
        "status": filters.choices(Load.status, STATUSES),
        "sha256": filters.Filter(lambda values: Load.sha256 == bytes.fromhex(values[-1]), "Of what was sent."),
        **filters.days("added", Load.added),
    }

    def columns(self) -> dict[str, ColumnElement[Any]]:
        """What is stored, with the names of users and what has undone it."""
        undo = aliased(Load)
        user = select(User.name).where(User.id == Load.user_id).scalar_subquery()
        undone_by = select(func.max(undo.id)).where(undo.undoes == Load.id).scalar_subquery()
        columns: dict[str, Any] = {
            **super().columns(),
            "user": user,
            "dry_run": Load.is_dry_run,
            "undone_by": undone_by,
        }
        return {name: columns[name] for name in self.schema._declared_fields}

    def order(self) -> Sequence[ColumnElement[Any]]:
        """The newest first."""
        return [Load.id.desc()]

    def behind(self, id: int) -> ColumnElement[bool]:
        """Older ones."""
        return Load.id < id

    def represent(self, rows: Iterable[Row[Any]], args: Args) -> Iterator[Item]:
        """The hash as people write it."""
        for item in super().represent(rows, args):
            yield {**item, "sha256": item["sha256"].hex() if item["sha256"] else None}

    def answer_one(self, id: int, args: Args) -> Response:
        """A load with its traces; raises NotFound."""
        (item,) = self.represent([self.row(self.filtered(args), id)], args)
        return answer(self.with_traces(item))

    def with_traces(self, item: Item) -> Item:
        """A load with the first of its traces."""
        traces = visible_traces(self.session, self.principal, item["id"])
        first = [{"trace": each.id, "first": each.first, "last": each.last} for each in traces[:LISTED_TRACES]]
        return {**item, "traces_changed": len(traces), "traces": first}


blueprint = Blueprint("loads", "What was sent to be stored, what it changed, and undoing it.")
crud(blueprint, Loads, verbs="list")


@blueprint.route(f"/{ID}/", endpoint="LoadDetail", parameters=[])
class LoadDetail(MethodView):
    """One load."""

    @blueprint.response(200, LoadDetailSchema)
    @blueprint.alt_response(404, schema=Detail)
    @blueprint.doc(summary="Get a load with the traces that it changed")
    def get(self, id: int) -> Response:
        return Loads(session(), principal()).answer_one(id, request.args)


@blueprint.route(f"/{ID}/changes/", endpoint="LoadChanges", parameters=[])
class LoadChanges(MethodView):
    """The readings that a load has changed."""

    @blueprint.response(200, LoadChangeSchema(many=True))
    @blueprint.alt_response(404, schema=Detail)
    @blueprint.doc(
        parameters=[
            query_parameter("change", "Only these.", {"type": "string", "enum": list(CHANGES)}),
            *PARAMETERS,
        ],
        summary=f"List what a load changed, by trace and start; {PAGE:,} at a time, unless limit says less",
    )
    def get(self, id: int) -> Response:
        limit, after = page_of(request.args)
        limit, kinds = limit or PAGE, kinds_in(request.args)
        found = changes_of_load(session(), principal(), id, kinds, after=after, count=limit + 1)
        items = [change_item(change) for change in found[:limit]]
        response = answer(items)
        if len(found) > limit:
            link_next(response, request, items)
        return response


@blueprint.route(f"/{ID}/undo/", endpoint="LoadUndo", parameters=[])
class LoadUndo(MethodView):
    """Undoing a load."""

    @blueprint.response(201, LoadDetailSchema)
    @blueprint.alt_response(404, schema=Detail)
    @blueprint.alt_response(409, schema=Detail, description="It changed nothing, or its readings were changed since.")
    @blueprint.doc(summary="Undo a load: a load itself, which can be undone")
    def post(self, id: int) -> Response:
        undone = undo_load(session(), principal(), id)
        loads = Loads(session(), principal())
        return answer(loads.with_traces(loads.stored(undone.load_id, request.args)), 201)


def kinds_in(args: Args) -> Sequence[str]:
    """The kinds of changes that the query asks for; raises Invalid."""
    kind = args.get("change")
    if kind is not None and kind not in CHANGES:
        raise Invalid({"change": [f'"{kind}" is not a valid choice; there are: {", ".join(CHANGES)}.']})
    return CHANGES if kind is None else [kind]


def change_item(change: ReadingChange) -> Item:
    """A change in the answer."""
    nothing = Reading(None, False)
    before, after = change.before or nothing, change.after or nothing
    return {
        "id": change.id,
        "trace": change.trace,
        "start": change.start,
        "change": change.kind,
        "before": before.value,
        "before_estimated": None if change.before is None else before.estimated,
        "after": after.value,
        "after_estimated": None if change.after is None else after.estimated,
    }
