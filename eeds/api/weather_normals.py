"""/api/v1/weather_normals/: normal years of weather stations, each from the file of its maker."""

from dataclasses import replace

from flask import Response, request
from flask.views import MethodView
from marshmallow import Schema, fields, validate
from sqlalchemy import select

from eeds.db.engine import psycopg_connection
from eeds.db.tables import WeatherNormal
from eeds.errors import Forbidden, Invalid
from eeds.formats.spool import spool
from eeds.weather.normals import STORED_KINDS
from eeds.weather.normals_files import BadNormals, NormalYear, read_normals
from eeds.weather.normals_store import CREATED, UNCHANGED, UPDATED, store_normal
from eeds.weather.station_ids import STATION, read_station
from eeds.web.context import principal, session
from eeds.web.responses import answer
from eeds.web.rest.blueprint import Blueprint

MAX_BYTES = 16 * 2**20  # the files have 2 MB
PARAMETERS = [
    {
        "in": "query",
        "name": "station",
        "description": "The station to keep it for, if it is not the one that the file names.",
        "schema": {"type": "string", "pattern": STATION.replace(r"\Z", "$")},
    },
]


class StoredNormalSchema(Schema):
    """A normal year that is stored."""

    station = fields.String()
    kind = fields.String(validate=validate.OneOf(STORED_KINDS))
    utc_offset = fields.Float(metadata={"description": "Hours that the station's standard time is ahead of UTC."})


class UploadedNormalSchema(StoredNormalSchema):
    """What became of an uploaded one."""

    status = fields.String(validate=validate.OneOf([CREATED, UPDATED, UNCHANGED]))


def admins_only() -> None:
    """Stations are shared by all owners: a normal year that one uploads changes the savings of others."""
    if not principal().is_admin:
        raise Forbidden


blueprint = Blueprint("weather_normals", "Normal years of weather stations; for admins.")
blueprint.before_request(admins_only)


@blueprint.route("/", endpoint="list")
class NormalsView(MethodView):
    """What is stored, and one more."""

    @blueprint.response(200, StoredNormalSchema(many=True))
    @blueprint.doc(summary="List the normal years")
    def get(self) -> Response:
        normal = WeatherNormal
        rows = session().execute(
            select(normal.station, normal.kind, normal.utc_offset).order_by(normal.station, normal.kind)
        )
        return answer([dict(row) for row in rows.mappings()])

    @blueprint.response(200, UploadedNormalSchema)
    @blueprint.alt_response(413, description=f"More than {MAX_BYTES // 2**20} MB.")
    @blueprint.doc(
        parameters=PARAMETERS,
        summary="Create or replace a normal year by a TMY3, CZ2010 or EPW file",
        requestBody={"required": True, "content": {"text/plain": {"schema": {"type": "string", "format": "binary"}}}},
    )
    def post(self) -> Response:
        normal = sent_normal()
        status = store_normal(psycopg_connection(session()), normal)
        kept = {"station": normal.station, "kind": normal.kind, "utc_offset": normal.utc_offset}
        return answer({**kept, "status": status})


def sent_normal() -> NormalYear:
    """The normal year in the body, whatever its media type; raises Invalid with what is wrong, by line."""
    with spool(request.stream, request.headers.get("Content-Encoding", ""), MAX_BYTES) as body:
        text = body.read().decode("utf-8", "replace")  # names of places may be in any encoding, figures are not
    try:
        normal = read_normals(text)
        return replace(normal, station=read_station(request.args.get("station", normal.station)))
    except BadNormals as error:
        raise Invalid({"non_field_errors": error.reasons}) from error
    except ValueError as error:
        raise Invalid({"station": [str(error)]}) from error
