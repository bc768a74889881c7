"""What is known of a project before any run: its owner, attributes, traces and weather station."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.api.project_attributes import column_of
from eeds.db.tables import (
    ConsumptionMetadata,
    ConsumptionRecord,
    Project,
    ProjectAttribute,
    ProjectAttributeKey,
    ProjectOwner,
    ProjectWeather,
    User,
)
from eeds.errors import NotFound
from eeds.weather.coverage import station_name
from eeds.weather.errors import NoWeather
from eeds.weather.location import Whereabouts, locate
from eeds.weather.stations import MAX_KM, rank_stations

PLACE = ("weather_station", "latitude", "longitude")  # attributes that choose the station


@dataclass(frozen=True)
class Attribute:
    """An attribute of a project."""

    name: str
    display_name: str
    value: Any


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


def find(session: Session, principal: Principal, id: int) -> Project:
    """The project; raises NotFound."""
    project = session.scalars(select(Project).where(Project.id == id, visible(principal, Project))).one_or_none()
    if project is None:
        raise NotFound
    return project


def find_trace(session: Session, principal: Principal, project_id: int, id: int) -> ConsumptionMetadata:
    """A trace of that project; raises NotFound."""
    trace = ConsumptionMetadata
    chosen = select(trace).where(trace.id == id, trace.project_id == project_id, visible(principal, trace))
    found = session.scalars(chosen).one_or_none()
    if found is None:
        raise NotFound
    return found


def owner_of(session: Session, project: Project) -> str:
    """The name of the user whose project it is, which only admins are shown."""
    owner = select(User.name).join(ProjectOwner, ProjectOwner.user_id == User.id)
    return session.scalars(owner.where(ProjectOwner.id == project.project_owner_id)).one()


def attributes_of(session: Session, principal: Principal, project: Project) -> Sequence[Attribute]:
    """The attributes of the project, by name."""
    rows = session.execute(
        select(ProjectAttribute, ProjectAttributeKey)
        .join(ProjectAttributeKey, ProjectAttributeKey.id == ProjectAttribute.key_id)
        .where(ProjectAttribute.project_id == project.id, visible(principal, ProjectAttribute))
        .order_by(func.lower(ProjectAttributeKey.display_name), ProjectAttribute.id)
    )
    return [Attribute(key.name, key.display_name, getattr(row, column_of(key.data_type))) for row, key in rows]


def traces_of(session: Session, principal: Principal, project: Project) -> Sequence[Row[Any]]:
    """The traces: each with the number of its records, the first and the last."""
    trace, record = ConsumptionMetadata, ConsumptionRecord
    counts = (
        select(
            func.count().label("records"), func.min(record.start).label("first"), func.max(record.start).label("last")
        )
        .where(record.metadata_id == trace.id)
        .lateral()
    )
    return (
        session.execute(
            select(trace.id, trace.interpretation, trace.unit, trace.label, counts)
            .where(trace.project_id == project.id, visible(principal, trace))
            .order_by(trace.id)
        )
    ).all()


def station_of(session: Session, project: Project, attributes: Sequence[Attribute]) -> Station:
    """The station that runs have pinned, else the one that a run would try first, else why there is none.

    Only for a project that the user may see."""
    pinned = session.get(ProjectWeather, project.id)
    if pinned is None:
        return expected_station(project, {each.name: each.value for each in attributes})
    return Station(
        pinned.station,
        station_name(pinned.station),
        pinned.km,
        pinned.climate_match,
        pinned.method,
        pinned.kind,
        is_pinned=True,
    )


def expected_station(project: Project, attributes: Mapping[str, Any]) -> Station:
    """The station that a run would try first, or why there is none."""
    place = Whereabouts(project.zipcode, **{name: text_of(attributes.get(name)) for name in PLACE})
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


def text_of(value: Any) -> str | None:
    """An attribute as text; None for one that is not set."""
    text = "" if value is None else str(value).strip()
    return text or None
