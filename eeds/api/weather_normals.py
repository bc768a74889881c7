"""/api/v1/weather_normals/: normal years of weather stations, each from the file of its maker."""

from flask import Response, request
from flask.views import MethodView
from marshmallow import Schema, fields, validate

from eeds.records.history.finished import NORMALS, finish
from eeds.records.refusals import Counts
from eeds.weather.normals import STORED_KINDS
from eeds.weather.operations import CREATED, MAX_NORMALS_BYTES, UNCHANGED, UPDATED, list_normal_years, load_normal_year
from eeds.weather.station_ids import STATION
from eeds.web.context import principal, session
from eeds.web.requests import unpacked_body
from eeds.web.responses import answer
from eeds.web.rest.blueprint import Blueprint

PARAMETERS = [
    {
        "in": "query",
        "name": "station",
        "description": (
            "The station to keep it for, if it is not the one that the file names. PVGIS and NSRDB files name none."
        ),
        "schema": {"type": "string", "pattern": STATION.replace(r"\Z", "$")},
    },
    {
        "in": "query",
        "name": "file_name",
        "description": "Of the file in the body, for the list of loads.",
        "schema": {"type": "string"},
    },
]


class StoredNormalSchema(Schema):
    """A normal year that is stored."""

    station = fields.String()
    kind = fields.String(validate=validate.OneOf(STORED_KINDS))
    utc_offset = fields.Float(metadata={"description": "Hours that the station's standard time is ahead of UTC."})


class UploadedNormalSchema(StoredNormalSchema):
    """A normal year that was uploaded, and what became of it."""

    status = fields.String(validate=validate.OneOf([CREATED, UPDATED, UNCHANGED]))
    notes = fields.List(
        fields.String(), metadata={"description": "What was made of the file's temperatures, if something was."}
    )


blueprint = Blueprint("weather_normals", "Normal years of weather stations; for admins.")


@blueprint.route("/", endpoint="list")
class NormalsView(MethodView):
    """The normal years that are stored."""

    @blueprint.response(200, StoredNormalSchema(many=True))
    @blueprint.doc(summary="List the normal years")
    def get(self) -> Response:
        return answer(list_normal_years(session(), principal()))

    @blueprint.response(200, UploadedNormalSchema)
    @blueprint.alt_response(413, description=f"More than {MAX_NORMALS_BYTES // 2**20} MB.")
    @blueprint.doc(
        parameters=PARAMETERS,
        summary="Create or replace a normal year by a TMY3, CZ2010, TMY2, EPW, NSRDB or PVGIS file",
        requestBody={"required": True, "content": {"text/plain": {"schema": {"type": "string", "format": "binary"}}}},
    )
    def post(self) -> Response:
        with unpacked_body(request, MAX_NORMALS_BYTES) as body:
            text = body.read().decode("utf-8", "replace")  # names of places may be in any encoding, figures are not
        stored = load_normal_year(session(), principal(), text, request.args.get("station"))
        finish(session(), principal(), NORMALS, Counts(**{stored["status"]: 1}))
        return answer(stored)
