"""The time zone of a place, by which the times of meters there are read that say none."""

from collections.abc import Sequence
from functools import cache

from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.weather.errors import NoWeather
from eeds.weather.location import Whereabouts, degrees
from eeds.weather.stations import ZCTAS, ZONE_KM, normalise_zipcode

PREFIX = 3  # digits of a ZIP code that name the office which sorts the mail of an area


def timezone_of(place: Whereabouts) -> str | None:
    """The IANA name of the zone by latitude and longitude, and where one of them is not set or no number of degrees,
    by ZIP code; None where it is not known."""
    try:
        latitude, longitude = degrees("latitude", place.latitude), degrees("longitude", place.longitude)
    except NoWeather:
        return timezone_of_zipcode(place.zipcode or "")
    return timezone_at(latitude, longitude)


def timezone_at(latitude: float, longitude: float) -> str | None:
    """The zone of the Census area whose centre is nearest to a point; None where none is within ZONE_KM."""
    nearest = ZCTAS.nearest(latitude, longitude, ZONE_KM)
    return nearest["timezone"] if nearest else None


def timezone_of_zipcode(text: str) -> str | None:
    """The zone of a ZIP or ZIP+4 code. One without a Census area, as a post office's boxes have, is in the zone of the
    areas that begin with the same three digits, if they are all in one."""
    zipcode = normalise_zipcode(text)
    if zipcode is None:
        return None
    fields = ZCTAS.find(zipcode)
    return fields["timezone"] if fields else timezones_by_prefix().get(zipcode[:PREFIX])


@cache
def timezones_by_prefix() -> dict[str, str]:
    """The zone of each prefix of ZIP codes whose Census areas are all in the same."""
    zones: dict[str, set[str]] = {}
    for line in ZCTAS.lines[1:]:
        zones.setdefault(line[:PREFIX], set()).add(line.rpartition("\t")[2])
    return {prefix: found.pop() for prefix, found in zones.items() if len(found) == 1}


def timezones_of_projects(connection: PsycopgConnection, project_ids: Sequence[int]) -> dict[int, str]:
    """The zones of projects by their ids; a project whose zone is not known, or that does not exist, is left out."""
    zones = {}
    for id, zipcode, latitude, longitude in connection.execute(query("weather/places"), [list(project_ids)]):
        zone = timezone_of(Whereabouts(zipcode, latitude=latitude, longitude=longitude))
        if zone:
            zones[id] = zone
    return zones
