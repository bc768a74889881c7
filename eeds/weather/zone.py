"""The time zone of a place: the times of meters there are read by it where they say none, and days begin and end by
it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.errors import EedsError
from eeds.meter.settings import timezones
from eeds.weather.errors import NoWeather
from eeds.weather.location import Whereabouts, degrees
from eeds.weather.stations import ZCTAS, ZONE_KM, normalise_zipcode

BY_ATTRIBUTE = "timezone attribute"
PREFIX = 3  # digits of a ZIP code that name the office which sorts the mail of an area


class UnknownTimezone(EedsError):
    """The attribute timezone of a project is no time zone."""


@dataclass(frozen=True)
class Zone:
    """An IANA time zone, and what it was found by."""

    name: str
    method: str  # timezone attribute, latitude A, longitude B, or zipcode C


def zone_of(place: Whereabouts) -> Zone | None:
    """The zone that the project's attribute says, else that of latitude and longitude, and where one of them is not set
    or no number of degrees, of the ZIP code; None where it is not known. Raises UnknownTimezone."""
    if place.timezone:
        if place.timezone not in timezones():
            raise UnknownTimezone(
                f'The project\'s attribute timezone is "{place.timezone}"; set it to an IANA time zone such as '
                "America/Los_Angeles."
            )
        return Zone(place.timezone, BY_ATTRIBUTE)
    try:
        latitude, longitude = degrees("latitude", place.latitude), degrees("longitude", place.longitude)
    except NoWeather:
        name = timezone_of_zipcode(place.zipcode or "")
        return Zone(name, f"zipcode {place.zipcode}") if name else None
    name = timezone_at(latitude, longitude)
    return Zone(name, f"latitude {latitude:.4f}, longitude {longitude:.4f}") if name else None


def timezone_of(place: Whereabouts) -> str | None:
    """The name of the zone of a place; None where it is not known. Raises UnknownTimezone."""
    zone = zone_of(place)
    return zone.name if zone else None


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
    """The zones of projects by their ids; a project whose zone is not known, or that does not exist, is left out.
    Raises UnknownTimezone."""
    return {id: zone.name for id, zone in zones_of_projects(connection, project_ids).items()}


def zones_of_projects(connection: PsycopgConnection, project_ids: Sequence[int]) -> dict[int, Zone]:
    """The same with what they were found by."""
    zones = {}
    for id, zipcode, latitude, longitude, timezone in connection.execute(query("weather/places"), [list(project_ids)]):
        zone = zone_of(Whereabouts(zipcode, latitude=latitude, longitude=longitude, timezone=timezone))
        if zone:
            zones[id] = zone
    return zones
