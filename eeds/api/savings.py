"""/api/v1/savings/: what projects have saved, in a table for spreadsheets and statistics."""

from flask import Response, request
from flask.views import MethodView
from marshmallow import fields
from sqlalchemy import and_, true

from eeds.api.projects import in_any_block
from eeds.db.tables import Project
from eeds.exports.savings import savings_file
from eeds.exports.selection import results_of
from eeds.formats.format import BY_MEDIA_TYPE
from eeds.web.context import principal, session
from eeds.web.negotiation import media_type, offer
from eeds.web.responses import answer_file
from eeds.web.rest import filters
from eeds.web.rest.blueprint import AnyKeys, Blueprint, format_parameters, format_responses, query_parameter
from eeds.web.rest.project_filters import chosen

OFFERS = offer(BY_MEDIA_TYPE.values())
FILTERS = {
    "projects": filters.ids(Project.id),
    "project_id": filters.text(Project.project_id),
    "project_block": filters.Filter(in_any_block, "In one of these blocks; may be repeated.", filters.IDS),
    **chosen(Project),
}
FLAGS = {"every_result": "Not only the latest result of each project."}


class SavingsRowSchema(AnyKeys):
    """Savings of a kind of a project's fuel, in `unit`. `lower` and `upper` are bounds, not distances. Each attribute
    that one of the projects has is a key more, as `attribute:contractor`."""

    project = fields.Integer()
    project_id = fields.String()
    owner = fields.String(metadata={"description": "The name of the user whose project it is; for admins alone."})
    fuel = fields.String(metadata={"description": "As ELECTRICITY_CONSUMPTION_SUPPLIED; also the sum of all supplied."})
    kind = fields.String(metadata={"enum": ["metered", "normalized"]})
    unit = fields.String(metadata={"enum": ["KWH"]})
    value = fields.Float(allow_none=True, metadata={"description": "null where a model is missing."})
    lower = fields.Float(allow_none=True, metadata={"description": "The lower bound of value."})
    upper = fields.Float(allow_none=True, metadata={"description": "The upper bound of value."})
    baseline = fields.Float(allow_none=True, metadata={"description": "The use without the retrofit."})
    percent = fields.Float(allow_none=True, metadata={"description": "Of the baseline."})
    percent_lower = fields.Float(allow_none=True, metadata={"description": "The lower bound of percent."})
    percent_upper = fields.Float(allow_none=True, metadata={"description": "The upper bound of percent."})
    days = fields.Integer(allow_none=True, metadata={"description": "How many were summed."})
    confidence_level = fields.Float(allow_none=True, metadata={"description": "Of the bounds."})
    station = fields.String(allow_none=True, metadata={"description": "Whose temperatures were used."})
    model = fields.String(allow_none=True, metadata={"description": "Of the baseline; several are joined by +."})
    project_result = fields.Integer()
    found = fields.DateTime(metadata={"description": "When the result was found."})
    stale_since = fields.DateTime(
        allow_none=True,
        metadata={"description": "Since when its input is not what is stored any more; null: it is."},
    )


blueprint = Blueprint("savings", "What projects have saved, a row for each project, fuel and kind of savings.")


@blueprint.route("/", endpoint="Savings", offers=OFFERS)
class Savings(MethodView):
    """The savings of many projects."""

    @blueprint.response(200, SavingsRowSchema(many=True))
    @blueprint.doc(
        summary="List savings by project, fuel and kind, with their bounds",
        parameters=[
            *(known.document(name) for name, known in FILTERS.items()),
            *(query_parameter(name, text, {"type": "string", "enum": ["True"]}) for name, text in FLAGS.items()),
            *format_parameters(OFFERS),
        ],
        responses=format_responses(OFFERS),
    )
    def get(self) -> Response:
        """Of the latest result of each project."""
        projects = and_(true(), *filters.conditions(FILTERS, request.args))
        results = results_of(principal(), projects, every_result=request.args.get("every_result") == "True")
        return answer_file(savings_file(session(), principal(), results, BY_MEDIA_TYPE[media_type()]))
