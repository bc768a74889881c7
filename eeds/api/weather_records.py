"""/api/v1/weather_records/: hourly temperatures of weather stations, which the meter runs on."""

from flask import Response, g, request
from flask.views import MethodView
from marshmallow import fields

from eeds.formats.media_types import CSV, JSON, PARQUET, type_of_table
from eeds.formats.spool import spool
from eeds.records.operations import LoadOptions
from eeds.records.refused_rows import Loaded
from eeds.records.temperature_files import load_temperatures
from eeds.records.temperatures import TEMPERATURES
from eeds.weather.operations import require_station_rights
from eeds.web.context import principal, session, settings
from eeds.web.metrics import count_records
from eeds.web.requests import unpacked_body
from eeds.web.rest.blueprint import READING, Blueprint, batch_refused
from eeds.web.rest.fields import Number, Timestamp
from eeds.web.rest.schemas import ApiSchema
from eeds.web.rest.sync2 import (
    BINARY,
    PARAMETERS,
    RefusedSchema,
    StoredSchema,
    answer_to_load,
    query_parameter,
    sync2_view,
)


class WeatherRecordSchema(ApiSchema):
    """The temperature of one hour at one station, as temp_f or as temp_c."""

    EXAMPLE = {"station": "725460", "start": "2014-01-01T00:00:00Z", "temp_f": 23.4}

    station = fields.String(required=True, metadata={"description": "USAF or GHCN id, or one of your own."})
    start = Timestamp(required=True, metadata={"description": "The first second of the hour."})
    temp_f = Number(allow_none=True, metadata={"description": "Degrees Fahrenheit; null = missing."})
    temp_c = Number(allow_none=True, metadata={"description": "Degrees Celsius; null = missing."})


STATION = query_parameter("station", "Whose temperatures they are; for files of PVGIS and NSRDB.", type="string")
UPLOADED = """\
The file is a table (CSV, also packed by gzip, Parquet or Arrow) with the columns of `sync2/`, whose times may be at any
minute, or a CSV file of PVGIS or NSRDB. Of what is not of whole hours an hour gets the mean of its minutes, after a
straight line between the observations; `notes` say so, and the counts are then of hours. Hours without an observation
stay as they are.
"""


def admins_only() -> None:
    """Uploading is for those who may change stations."""
    if request.method not in READING:
        require_station_rights(g.principal)


blueprint = Blueprint("weather_records", "Hourly temperatures of weather stations; uploading them is for admins.")
blueprint.before_request(admins_only)
sync2_view(blueprint, TEMPERATURES, WeatherRecordSchema)


@blueprint.route("/upload/", endpoint="upload", offers={"json": JSON, "csv": CSV})
class UploadView(MethodView):
    """A file of temperatures as it is."""

    @blueprint.response(200, StoredSchema)
    @blueprint.alt_response(413, description="More than EEDS_MAX_UPLOAD_MB.")
    @blueprint.doc(
        parameters=[*PARAMETERS, STATION],
        responses={"400": batch_refused(RefusedSchema(), "Some were refused, so none was stored.")},
        summary="Load a file of temperatures at any minute, which become hourly",
        description=UPLOADED,
        requestBody={"required": True, "content": dict.fromkeys((CSV, PARQUET), BINARY)},
    )
    def post(self) -> Response:
        return answer_to_load(load_upload)


def load_upload(options: LoadOptions) -> Loaded:
    """Load the file in the body, whatever its media type says."""
    limit = settings().max_upload_mb * 2**20
    with unpacked_body(request, limit) as sent:
        media_type, encoding = type_of_table(sent)
        with spool(sent, encoding, limit) as body:
            station = request.args.get("station")
            loaded = load_temperatures(session(), principal(), media_type, body, station, options)
    if not options.dry_run:
        count_records(TEMPERATURES.name, loaded.counts, loaded.refused)
    return loaded
