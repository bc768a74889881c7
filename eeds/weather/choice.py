"""Which weather station a project's runs use. The choice is pinned to the project, so that all its runs share it."""

from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from psycopg.rows import class_row

from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.weather.coverage import first_covered
from eeds.weather.errors import NoWeather
from eeds.weather.location import Location, Whereabouts, locate, lock_whereabouts
from eeds.weather.normals import best_kind
from eeds.weather.stations import MAX_KM, Candidate, find_station, rank_stations, seen_from

MAX_TRIED = 5
BY_SETTING, BY_ATTRIBUTE = "weather_station setting", "weather_station attribute"


@dataclass(frozen=True)
class Choice:
    """The station of a project, and why it is that one; a row of project_weather."""

    station: str
    normal_station: str
    kind: str  # of the normal year: one of STORED_KINDS, or derived
    km: float | None  # from the site; None = the place of the site or of the station is not known
    climate_match: bool | None  # whether the station is in the site's climate zones; None = not known
    method: str  # weather_station setting, weather_station attribute, latitude A, longitude B, or zipcode C


def choose_station(
    connection: PsycopgConnection, project_id: int, setting: str | None, first: datetime, last: datetime
) -> Choice:
    """The station for the hours [first, last) of a project, in the connection's transaction.

    In this order: `setting` (weather_station of the meter_settings), the attribute weather_station, the attributes
    latitude and longitude, the ZIP code. A site's station is chosen once, of the best MAX_TRIED the first with enough
    hours stored; it is kept for as long as the site stays where it is, even while hours are missing. A setting is for
    one run and leaves the project's own choice alone. Raises NoWeather with what is missing and what to do.
    """
    place = lock_whereabouts(connection, project_id)
    if setting:
        return choose_named(connection, place, setting, BY_SETTING, first, last)
    pinned = load_pinned(connection, project_id)
    if place.weather_station:
        choice = choose_named(connection, place, place.weather_station, BY_ATTRIBUTE, first, last)
    else:
        choice = choose_for_site(connection, locate(place), pinned, first, last)
    if choice != pinned:
        connection.execute(query("weather/pin"), {"project_id": project_id, **asdict(choice)})
    return choice


def load_pinned(connection: PsycopgConnection, project_id: int) -> Choice | None:
    """The choice that is stored for a project; None before its first."""
    with connection.cursor(row_factory=class_row(Choice)) as cursor:
        return cursor.execute(query("weather/pinned"), {"project_id": project_id}).fetchone()


def choose_named(
    connection: PsycopgConnection, place: Whereabouts, station: str, method: str, first: datetime, last: datetime
) -> Choice:
    """A station that the settings or the project name, wherever it is."""
    first_covered(connection, [station], first, last)
    known, candidate = find_station(station), None
    with suppress(NoWeather):  # a project with a named station need not say where it is
        site = locate(place).site
        candidate = seen_from(site, known) if known else None
    return choice_of(connection, station, candidate, method)


def choose_for_site(
    connection: PsycopgConnection, location: Location, pinned: Choice | None, first: datetime, last: datetime
) -> Choice:
    """The station that is pinned for this place, else the best one that has the hours."""
    if pinned and pinned.method == location.method:
        first_covered(connection, [pinned.station], first, last)
        return replace(pinned, kind=best_kind(connection, pinned.normal_station))
    candidates = {candidate.station.id: candidate for candidate in best_stations(location)}
    station = first_covered(connection, candidates, first, last)
    return choice_of(connection, station, candidates[station], location.method)


def best_stations(location: Location) -> list[Candidate]:
    """The stations that are tried for a place, best first; raises NoWeather if there are none."""
    candidates = rank_stations(location.site)[:MAX_TRIED]
    if not candidates:
        raise NoWeather(f"No weather station within {MAX_KM:g} km of {location.method}; set weather_station.")
    return candidates


def choice_of(connection: PsycopgConnection, station: str, seen: Candidate | None, method: str) -> Choice:
    """A station with its own normal year; `seen` says how it lies to the site, None if that is not known."""
    return Choice(
        station=station,
        normal_station=station,
        kind=best_kind(connection, station),
        km=seen.km if seen else None,
        climate_match=seen.climate_match if seen else None,
        method=method,
    )
