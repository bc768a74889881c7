"""What is known of a project before any run: its owner, traces and weather station."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import find, visible
from eeds.db.array_parameters import among
from eeds.db.tables import ConsumptionMetadata, Project, ProjectOwner, ProjectWeather, TraceExtent, User
from eeds.projects.attributes import Attribute
from eeds.weather.coverage import station_name
from eeds.weather.errors import NoWeather
from eeds.weather.location import Whereabouts, locate
from eeds.weather.stations import MAX_KM, rank_stations

PLACE = ("weather_station", "latitude", "longitude")  # attributes that choose the station


@dataclass(frozen=True)
class Station:
    """The weather station of a project; None = not known. Without one, `why_none`."""

    id: str | None
    name: str | None = None
    km: float | None = None
    climate_match: bool | None = None
    method: str | None = None
    kind: str | None = None  # of the normal year
    is_pinned: bool = False
    why_none: str | None = None


def find_trace(session: Session, principal: Principal, project_id: int, id: int) -> ConsumptionMetadata:
    """A trace of that project; raises NotFound."""
    trace = ConsumptionMetadata
    return find(session, principal, trace, (trace.id == id) & (trace.project_id == project_id))


def owner_of(session: Session, project: Project) -> str:
    """The name of the user who owns the project; only for admins."""
    owner = select(User.name).join(ProjectOwner, ProjectOwner.user_id == User.id)
    return session.scalars(owner.where(ProjectOwner.id == project.project_owner_id)).one()


def traces_of(
    session: Session, principal: Principal, project: Project
) -> Sequence[tuple[ConsumptionMetadata, TraceExtent | None]]:
    """The traces of the project in order of id, each with what is stored of it; None where nothing is."""
    trace, extent = ConsumptionMetadata, TraceExtent
    own = trace.project_id == project.id, visible(principal, trace)
    traces = session.scalars(select(trace).where(*own).order_by(trace.id)).all()
    stored = select(extent).where(among(extent.metadata_id, [each.id for each in traces]))
    extents = {each.metadata_id: each for each in session.scalars(stored)}
    return [(each, extents.get(each.id)) for each in traces]


def station_of(session: Session, project: Project, attributes: Sequence[Attribute]) -> Station:
    """The station that runs have pinned, else the one that a run would try first, else why there is none.

    The caller must be known to see the project.
    """
    pinned = session.get(ProjectWeather, project.id)
    if pinned is None:
        return expected_station(project, {each.name: each.value for each in attributes})
    stored = {name: getattr(pinned, name) for name in ("km", "climate_match", "method", "kind")}
    return Station(pinned.station, station_name(pinned.station), is_pinned=True, **stored)


def expected_station(project: Project, attributes: Mapping[str, Any]) -> Station:
    """The station that a run would try first, or why there is none."""
    texts = {name: str(attributes[name]).strip() for name in PLACE if attributes.get(name) is not None}
    place = Whereabouts(project.zipcode, **{name: texts.get(name) or None for name in PLACE})
    if place.weather_station:
        return Station(place.weather_station, station_name(place.weather_station), method="weather_station attribute")
    try:
        location = locate(place)
    except NoWeather as error:
        return Station(None, why_none=str(error))
    ranked = rank_stations(location.site)
    if not ranked:
        return Station(None, why_none=f"No weather station within {MAX_KM:g} km of {location.method}.")
    best = ranked[0]
    return Station(best.station.id, best.station.name, best.km, best.climate_match, location.method)
