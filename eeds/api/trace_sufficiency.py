"""/api/v1/consumption_metadatas/ID/sufficiency/: whether a trace has enough data for a model, before any run."""

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Response, request
from flask.views import MethodView
from marshmallow import Schema, fields

from eeds.accounts.visibility import find
from eeds.db.tables import ConsumptionMetadata
from eeds.errors import Invalid
from eeds.meter.settings import InvalidSettings, parse_settings
from eeds.runs.sufficiency import sufficiency_of
from eeds.web.context import principal, session
from eeds.web.responses import answer
from eeds.web.rest.blueprint import ID, Blueprint, Detail

NOT_AN_OBJECT = "Give a JSON object, as the meter_settings of a run."
SETTINGS = {
    "in": "query",
    "name": "meter_settings",
    "description": "A JSON object: the meter_settings that a run would have.",
    "schema": {"type": "string"},
}


class CriterionSchema(Schema):
    """One requirement, and whether it is met."""

    name = fields.String()
    measured = fields.String()
    required = fields.String()
    passed = fields.Boolean(data_key="pass")
    clause = fields.String(metadata={"description": "Of CalTRACK, or whose requirement it is."})
    advice = fields.String(metadata={"description": "What to do where it is not met."})
    disqualifies = fields.Boolean(metadata={"description": "Whether there is no model where it is not met."})


class CriteriaSchema(Schema):
    """The criteria of both periods."""

    baseline = fields.List(fields.Nested(CriterionSchema))
    reporting = fields.List(fields.Nested(CriterionSchema))


class ZoneSchema(Schema):
    """A time zone."""

    name = fields.String(metadata={"description": "Of the IANA database."})
    method = fields.String(metadata={"description": "What it was found by."})


class SufficiencySchema(Schema):
    """What a trace has of what a model requires."""

    energy_trace = fields.Integer()
    model = fields.String(metadata={"description": "The model that a run would fit."})
    timezone = fields.Nested(ZoneSchema, metadata={"description": "Of the days."})
    periods = fields.Nested(CriteriaSchema)


def sufficiency_view(blueprint: Blueprint) -> None:
    """GET ID/sufficiency/"""

    @blueprint.route(f"/{ID}/sufficiency/", endpoint="ConsumptionMetadataSufficiency", parameters=[])
    class SufficiencyView(MethodView):
        """Whether a run would have a model of the trace."""

        @blueprint.response(200, SufficiencySchema)
        @blueprint.alt_response(404, schema=Detail)
        @blueprint.doc(summary="Report whether a trace has enough data for a model", parameters=[SETTINGS])
        def get(self, id: int) -> Response:
            trace = find(session(), principal(), ConsumptionMetadata, id)
            report, zone = sufficiency_of(session(), trace, settings_of(request.args))
            dump = CriterionSchema(many=True).dump
            periods = {name.lower(): dump(criteria) for name, criteria in report.periods.items()}
            return answer({"energy_trace": id, "model": report.model, "timezone": vars(zone), "periods": periods})


def settings_of(args: Mapping[str, str]) -> dict[str, Any]:
    """The meter_settings in the query string; raises Invalid."""
    try:
        raw: dict[str, Any] = msgspec.json.decode(args.get("meter_settings", "{}"), type=dict[str, Any])
        parse_settings(raw)
    except InvalidSettings as error:
        raise Invalid({"meter_settings": error.messages}) from error
    except msgspec.MsgspecError as error:
        raise Invalid({"meter_settings": [NOT_AN_OBJECT]}) from error
    return raw
