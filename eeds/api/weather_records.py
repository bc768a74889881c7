"""/api/v1/weather_records/: hourly temperatures of weather stations, which the meter runs on."""

from flask import g, request
from marshmallow import fields

from eeds.records.temperatures import TEMPERATURES
from eeds.weather.operations import require_station_rights
from eeds.web.rest.blueprint import READING, Blueprint
from eeds.web.rest.fields import Number, Timestamp
from eeds.web.rest.schemas import ApiSchema
from eeds.web.rest.sync2 import sync2_view


class WeatherRecordSchema(ApiSchema):
    """The temperature of one hour at one station, as temp_f or as temp_c."""

    EXAMPLE = {"station": "725460", "start": "2014-01-01T00:00:00Z", "temp_f": 23.4}

    station = fields.String(required=True, metadata={"description": "USAF or GHCN id, or one of your own."})
    start = Timestamp(required=True, metadata={"description": "The first second of the hour."})
    temp_f = Number(allow_none=True, metadata={"description": "Degrees Fahrenheit; null = missing."})
    temp_c = Number(allow_none=True, metadata={"description": "Degrees Celsius; null = missing."})


def admins_only() -> None:
    """Uploading is for those who may change stations."""
    if request.method not in READING:
        require_station_rights(g.principal)


blueprint = Blueprint("weather_records", "Hourly temperatures of weather stations; uploading them is for admins.")
blueprint.before_request(admins_only)
sync2_view(blueprint, TEMPERATURES, WeatherRecordSchema)
