"""What a run takes from its project itself: its periods, where it is, and what it says of its meter. Results that took
something else than that say so.

Whoever changes projects, their attributes or the keys of these calls `mark_results` when all is changed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from psycopg.rows import class_row
from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.db.array_parameters import among
from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.db.tables import ProjectAttribute, ProjectAttributeKey
from eeds.errors import EedsError
from eeds.jobs.stale_results import PERIODS, SETTINGS, WEATHER, lock_projects
from eeds.meter.settings import OF_PROJECT, UTC
from eeds.projects.details import PLACE
from eeds.weather.errors import NoWeather
from eeds.weather.location import Whereabouts, locate
from eeds.weather.zone import timezone_of

TIMEZONE = "timezone"
DATES = tuple(name for name in OF_PROJECT if name != TIMEZONE)
# The attributes that runs take.
NAMES = (*PLACE, *OF_PROJECT)
AGAIN = frozenset((PERIODS, SETTINGS))  # reasons that are gone when the project is as it was


class Taken(NamedTuple):
    """What a result took of its project, and what that is now."""

    id: int
    stale_because: list[str] | None
    same_periods: bool
    zipcode: str | None
    attributes: Mapping[str, str] | None
    meter_settings: Mapping[str, Any] | None
    settings: Mapping[str, Any] | None  # None, and so is weather: in results of earlier releases
    weather: Mapping[str, Any] | None

    @property
    def place(self) -> Whereabouts:
        """Where the project is."""
        return Whereabouts(self.zipcode, **{name: self.now(name) for name in (*PLACE, TIMEZONE)})

    def now(self, name: str) -> str | None:
        """An attribute of the project."""
        return (self.attributes or {}).get(name)

    def asked(self, name: str) -> Any:
        """A setting that the run was requested with."""
        return (self.meter_settings or {}).get(name)


def mark_results(session: Session, projects: Collection[int], *, first: int = 0) -> None:
    """Have the results of the projects, from the id `first` on, say whether they took other periods, settings or a
    station of another place than a run would now: in a few statements, however many there are."""
    if not projects:
        return
    connection = psycopg_connection(session)
    lock_projects(connection, projects)
    with connection.cursor(row_factory=class_row(Taken)) as cursor:
        parameters = {"projects": list(projects), "first": first, "names": list(NAMES), "dates": list(DATES)}
        rows = cursor.execute(query("results/own_inputs"), parameters).fetchall()
    changed = {row.id: reasons for row in rows if (reasons := reasons_of(row)) != (row.stale_because or [])}
    if changed:
        texts = [",".join(reasons) for reasons in changed.values()]
        connection.execute(query("results/set_reasons"), {"ids": list(changed), "reasons": texts})


def mark_results_with(session: Session, attributes: Collection[tuple[int, int]]) -> None:
    """The same after attributes have changed, each given by the ids of its project and its key."""
    key = ProjectAttributeKey
    of_these = among(key.id, {key for _, key in attributes}), key.name.in_(NAMES)
    taken = set(session.scalars(select(key.id).where(*of_these))) if attributes else set()
    mark_results(session, {project for project, key in attributes if key in taken})


def projects_with(session: Session, keys: Mapping[int, str]) -> Sequence[int]:
    """The ids of the projects that have attributes of some keys, which are given with their names: of those keys that
    runs take, or took under these names."""
    taken = [key for key, name in keys.items() if name in NAMES]
    attribute = ProjectAttribute
    with_them = select(attribute.project_id).distinct().where(among(attribute.key_id, taken))
    return session.scalars(with_them).all() if taken else []


def reasons_of(taken: Taken) -> list[str]:
    """The reasons for which the result is stale, those that it had first."""
    found, before = set(own_reasons(taken)), taken.stale_because or []
    kept = [reason for reason in before if reason in found or reason not in AGAIN]
    return kept + sorted(found.difference(kept))


def own_reasons(taken: Taken) -> Iterator[str]:
    """Those of the project itself."""
    if not taken.same_periods:
        yield PERIODS
    if taken.settings is not None and not is_same_setting(taken, taken.settings):
        yield SETTINGS
    if taken.weather is not None and not is_same_place(taken, taken.weather):
        yield WEATHER


def is_same_setting(taken: Taken, settings: Mapping[str, str | None]) -> bool:
    """Whether a run would have the same settings from its project."""
    dates = (name for name in DATES if taken.asked(name) is None)
    if any(settings.get(name) != taken.now(name) for name in dates):
        return False
    if taken.asked(TIMEZONE) or TIMEZONE not in settings:
        return True
    try:
        return settings[TIMEZONE] == (timezone_of(taken.place) or UTC)
    except EedsError:
        return False


def is_same_place(taken: Taken, weather: Mapping[str, str | None]) -> bool:
    """Whether a run would take a station that was chosen in the same way; see eeds.weather.choice.choose_station."""
    if taken.asked("weather_station") or "method" not in weather:
        return True
    place = taken.place
    if place.weather_station:
        return place.weather_station == weather.get("station")
    try:
        return locate(place).method == weather["method"]
    except NoWeather:
        return False
