"""/api/v1/restatements/: two results, or two aggregations, compared: by how much savings moved, and because of what."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Response
from flask.views import MethodView
from marshmallow import Schema, fields, validate
from sqlalchemy import Row

from eeds.db.tables import Restatement
from eeds.formats.format import BY_MEDIA_TYPE, CSV, JSON, PARQUET
from eeds.jobs.status import STATUSES, SUCCESS
from eeds.runs.restatements.operations import (
    KINDS,
    RESULTS,
    delete_restatement,
    request_restatement,
    savings_file,
    totals,
)
from eeds.web.context import principal, request_id, session
from eeds.web.negotiation import media_type, offer
from eeds.web.responses import answer_file
from eeds.web.rest import filters
from eeds.web.rest.blueprint import ID, Blueprint, Detail, format_parameters, format_responses
from eeds.web.rest.fields import Choice, Id
from eeds.web.rest.filters import Args
from eeds.web.rest.resource import Item, Resource, crud
from eeds.web.rest.schemas import ApiSchema

OFFERS = offer((JSON, CSV, PARQUET))


class CausesSchema(Schema):
    """By how much savings moved because of what, in kWh; together that is `moved`."""

    moved = fields.Float(metadata={"description": "after - before"})
    library = fields.Float(metadata={"description": "By another release of what computes."})
    readings = fields.Float(metadata={"description": "By readings that were added, changed or deleted."})
    weather = fields.Float(metadata={"description": "By other temperatures, normal years or stations."})
    periods = fields.Float(metadata={"description": "By other periods of the project."})
    settings = fields.Float(metadata={"description": "By other settings, also those that are attributes."})
    membership = fields.Float(metadata={"description": "By projects that are in one of two aggregations alone."})
    unexplained = fields.Float(metadata={"description": "By nothing that is kept; see the notes."})


class TotalSchema(CausesSchema):
    """What moved, added up over the projects; savings that there are not count as 0."""

    trace_interpretation = fields.String()
    method = fields.String(metadata={"description": "metered or normalized"})
    projects = fields.Integer()
    before = fields.Float(allow_none=True)
    after = fields.Float(allow_none=True)


class MovedProjectSchema(CausesSchema):
    """What moved of a project."""

    project = fields.Integer()
    project_name = fields.String(
        allow_none=True, metadata={"description": "its project_id; null: deleted, or given to another owner"}
    )
    trace_interpretation = fields.String()
    method = fields.String(metadata={"description": "metered or normalized"})
    before = fields.Float(allow_none=True)
    after = fields.Float(allow_none=True)
    notes = fields.String(metadata={"description": "What is to be known of the figures."})


class RestatementSchema(ApiSchema):
    """A comparison, computed by a worker."""

    EXAMPLE = {"kind": "results", "before": 1, "after": 2}

    id = fields.Integer(dump_only=True)
    user = fields.Integer(dump_only=True, attribute="user_id")
    kind = Choice(KINDS, load_default=RESULTS)
    before = Id(
        attribute="before_id", required=True, metadata={"description": "The id of a result, or of an aggregation."}
    )
    after = Id(
        attribute="after_id",
        required=True,
        metadata={"description": "Another result of the same project, or another aggregation."},
    )
    status = fields.String(dump_only=True, validate=validate.OneOf(STATUSES))
    message = fields.String(dump_only=True, allow_none=True, metadata={"description": "Why it FAILED."})
    projects_done = fields.Integer(dump_only=True)
    projects_total = fields.Integer(
        dump_only=True, allow_none=True, metadata={"description": "null: a worker has not begun"}
    )
    totals = fields.List(
        fields.Nested(TotalSchema), dump_only=True, metadata={"description": f"Of one that is {SUCCESS}, in kWh."}
    )
    added = fields.DateTime(dump_only=True)
    updated = fields.DateTime(dump_only=True)


class Restatements(Resource):
    """Restatements."""

    noun = "restatement"
    model = Restatement
    schema = RestatementSchema
    filters = {
        "kind": filters.choices(Restatement.kind, KINDS),
        "status": filters.choices(Restatement.status, STATUSES),
    }

    def represent(self, rows: Iterable[Row[Any]], args: Args) -> Iterator[Item]:
        """With their totals: one more statement."""
        items = [dict(row._mapping) for row in rows]
        found = totals(self.session, [item["id"] for item in items if item["status"] == SUCCESS])
        for item in items:
            added, updated = item.pop("added"), item.pop("updated")
            yield {**item, "totals": found.get(item["id"], []), "added": added, "updated": updated}

    def create(self, data: Item) -> int:
        """Request one; raises Invalid if it names what is not there, or cannot be compared."""
        return request_restatement(
            session(), principal(), data["kind"], data["before_id"], data["after_id"], request_id=request_id()
        )

    def delete(self, id: int) -> None:
        """Delete one, also while it is being computed."""
        delete_restatement(session(), principal(), id)


blueprint = Blueprint("restatements", "By how much savings moved between two results or aggregations, because of what.")
crud(blueprint, Restatements, verbs="list create get delete")


@blueprint.route(f"/{ID}/projects/", endpoint="RestatementProjects", offers=OFFERS, parameters=[])
class RestatementProjects(MethodView):
    """What moved, by project."""

    @blueprint.response(200, MovedProjectSchema(many=True))
    @blueprint.alt_response(404, schema=Detail)
    @blueprint.doc(
        summary="List what moved of each project, the most first",
        parameters=format_parameters(OFFERS),
        responses=format_responses(OFFERS),
    )
    def get(self, id: int) -> Response:
        """In kWh, by fuel and kind of savings."""
        return answer_file(savings_file(session(), principal(), id, BY_MEDIA_TYPE[media_type()]))
