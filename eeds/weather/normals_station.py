"""Which station a normal year is kept for."""

import math

from eeds.errors import Invalid
from eeds.weather.normals_format import Place
from eeds.weather.normals_of_hours import TMY2
from eeds.weather.station_ids import read_station
from eeds.weather.stations import STATIONS, station_of_wban

# What files have in the place of the number of a station where there is none, besides nothing, zeros and nines.
NO_STATION = {"-", "unknown", "n/a", "na", "none", "null", "untitled"}
NEAR_KM = 50.0


def station_for(asked: str | None, place: Place, kind: str) -> str:
    """The station that is asked for, else the one that the file names; raises Invalid if that is none."""
    try:
        if asked is not None:
            return read_station(asked)
        if is_none(place.station):
            raise Invalid({"station": [f"The file names no station{as_written(place)}: {remedy(place)}"]})
        return read_station(place.station) if kind != TMY2 else station_of_tmy2(place)
    except ValueError as error:
        raise Invalid({"station": [str(error)]}) from error


def station_of_tmy2(place: Place) -> str:
    """The station with the WBAN number that is nearest to where the file is of; raises Invalid."""
    station = station_of_wban(place.station, place.latitude, place.longitude)
    if station is None:
        raise Invalid({"station": [f"No known station has the WBAN number {place.station}: {remedy(place)}"]})
    return station.id


def is_none(station: str) -> bool:
    """Whether this is no station's id, but says that there is none."""
    text = station.strip()
    return not text.strip("0") or not text.strip("9") or text.casefold() in NO_STATION


def as_written(place: Place) -> str:
    """What a file has in the place of its station, if it has something."""
    return f" ({place.station.strip()!r})" if place.station.strip() else ""


def remedy(place: Place) -> str:
    """How to say which station it is, with the nearest one, if there is one near."""
    nearest = None if math.isnan(place.latitude) else STATIONS.nearest(place.latitude, place.longitude, NEAR_KM)
    hint = f" The nearest to the file's position is {nearest['station']} ({nearest['name']})." if nearest else ""
    return f"say by --station (in the API station=) which one to keep it for.{hint}"
