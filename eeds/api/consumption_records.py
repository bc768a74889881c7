"""/api/v1/consumption_records/: the readings of traces, one by one, synced, or in bulk."""

from flask import Response, request
from flask.views import MethodView

from eeds.api.record_uploads import upload_view
from eeds.api.records import ConsumptionRecords, ConsumptionRecordSchema, RecordStart, record_item
from eeds.api.records_sync import ConsumptionRecordSync
from eeds.db.tables import ConsumptionMetadata
from eeds.formats.media_types import JSON
from eeds.records.consumption import CONSUMPTION
from eeds.records.single_records import create_records
from eeds.web.context import principal, session
from eeds.web.requests import load_items, load_object, read_body
from eeds.web.responses import answer
from eeds.web.rest.blueprint import Blueprint, FieldErrors, batch_refused, json_content
from eeds.web.rest.fields import Flag, Number, Pk
from eeds.web.rest.resource import crud
from eeds.web.rest.schemas import ApiSchema
from eeds.web.rest.sync import sync_view
from eeds.web.rest.sync2 import sync2_view


class ConsumptionRecordSync2Schema(ApiSchema):
    """A record as `sync2/` takes it, stored by metadata_id and start."""

    EXAMPLE = {"metadata_id": 1, "start": "2014-01-01T00:00:00Z", "value": 57.8, "estimated": False}

    metadata_id = Pk(ConsumptionMetadata, required=True)
    start = RecordStart(required=True)
    value = Number(required=True, allow_none=True)
    estimated = Flag(load_default=False)


blueprint = Blueprint("consumption_records", "The readings of a trace; bulk loads go through sync2.")
crud(blueprint, ConsumptionRecords, verbs="list get put patch delete")
sync_view(blueprint, ConsumptionRecordSync)
sync2_view(blueprint, CONSUMPTION, ConsumptionRecordSync2Schema)
upload_view(blueprint)


ONE_OR_MANY = json_content({"anyOf": [ConsumptionRecordSchema(), ConsumptionRecordSchema(many=True)]})
ONE_OR_MANY[JSON]["example"] = ConsumptionRecordSchema.EXAMPLE


@blueprint.route("/", endpoint="ConsumptionRecordCreation")
class ConsumptionRecordCreation(MethodView):
    """POST takes one record or a list of them."""

    @blueprint.doc(
        summary="Create a consumption record, or a list of them",
        requestBody={"required": True, "content": ONE_OR_MANY},
        responses={
            "201": {"description": "As it was sent: the record, or the list of them.", "content": ONE_OR_MANY},
            "400": batch_refused(FieldErrors(many=True), "Nothing was stored; errors by record, {} for a good one."),
        },
    )
    def post(self) -> Response:
        """All are stored, or none."""
        body = read_body(request)
        many, schema = isinstance(body, list), ConsumptionRecordSchema()
        new = load_items(schema, body) if many else [load_object(schema, body)]
        create_records(session(), principal(), new)
        items = [record_item(record) for record in new]
        return answer(items if many else items[0], 201)
