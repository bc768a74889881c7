"""Where a project is, from its ZIP code and attributes."""

from dataclasses import dataclass

from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.errors import NotFound
from eeds.weather.errors import NoWeather
from eeds.weather.stations import Site, normalise_zipcode, site_at, site_of_zipcode

ATTRIBUTES = "set weather_station or latitude and longitude"
LIMITS = {"latitude": 90.0, "longitude": 180.0}


@dataclass(frozen=True)
class Whereabouts:
    """What is known of a project's place: its ZIP code, and its attributes of these names as text; None = not set."""

    zipcode: str | None
    weather_station: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    timezone: str | None = None


@dataclass(frozen=True)
class Location:
    """A site, and what it was found by: the same text for as long as ZIP code and attributes stay the same."""

    method: str
    site: Site


def lock_whereabouts(connection: PsycopgConnection, project_id: int) -> Whereabouts:
    """Read where a project is, and lock it: other transactions that choose its station wait until this one ends."""
    key = {"project_id": project_id}
    project = connection.execute(query("weather/lock_project"), key).fetchone()
    if project is None:
        raise NotFound(f"There is no project {project_id}.")
    attributes = {name: value.strip() for name, value in connection.execute(query("weather/attributes"), key) if value}
    return Whereabouts(project[0], **{name: value for name, value in attributes.items() if value})


def locate(place: Whereabouts) -> Location:
    """The site by latitude and longitude, else by ZIP code; raises NoWeather with what is missing or wrong."""
    if place.latitude is None and place.longitude is None:
        return by_zipcode(place.zipcode or "")
    latitude, longitude = degrees("latitude", place.latitude), degrees("longitude", place.longitude)
    return Location(f"latitude {latitude:.4f}, longitude {longitude:.4f}", site_at(latitude, longitude))


def degrees(name: str, text: str | None) -> float:
    """The number in one of the coordinates; raises NoWeather with what is wrong with it."""
    if text is None:
        raise NoWeather(f"No weather station: the project's {name} is not set; set latitude and longitude, or neither.")
    limit = LIMITS[name]
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not -limit <= value <= limit:
        raise NoWeather(
            f"No weather station: the project's {name} is {text}; it must be a number of degrees between "
            f"-{limit:g} and {limit:g}."
        )
    return value


def by_zipcode(text: str) -> Location:
    """The site of a ZIP code as people write it; raises NoWeather."""
    if not text.strip():
        raise NoWeather(f"No weather station: the project has no ZIP code; set zipcode, or {ATTRIBUTES}.")
    zipcode = normalise_zipcode(text)
    site = site_of_zipcode(zipcode) if zipcode else None
    if site is None:
        raise NoWeather(f"No weather station: ZIP code {text.strip()} has no Census area; {ATTRIBUTES}.")
    return Location(f"zipcode {zipcode}", site)
