"""The settings of a run that a project has of its own: its time zone, and what was declared of its meter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.errors import Invalid
from eeds.meter.settings import UTC, InvalidSettings, MeterSettings, parse_settings
from eeds.records.history.as_of import parse_as_of
from eeds.runs.periods import IncompleteProject
from eeds.weather.zone import Zone, zones_of_projects

BY_SETTING, UNKNOWN = "timezone setting", "the place of the project is not known"


@dataclass(frozen=True)
class ResolvedSettings:
    """The settings of a run with those of its project in place of what it leaves to that, and what their time zone was
    found by."""

    settings: MeterSettings
    zone: Zone

    @property
    def provenance(self) -> dict[str, str]:
        """What a result says of its time zone."""
        return {"name": self.zone.name, "method": self.zone.method}


def require_known_time(session: Session, meter_settings: Mapping[str, Any] | None) -> None:
    """Raises Invalid where the settings ask for readings as of a time that the history does not know."""
    text = (meter_settings or {}).get("as_of")
    if text is not None:
        try:
            parse_as_of(session, text)
        except Invalid as error:
            raise Invalid({"meter_settings": [f"as_of: {error}"]}) from error


def resolve_settings(session: Session, project_id: int, meter_settings: Mapping[str, Any] | None) -> ResolvedSettings:
    """The settings of a run of a project. Raises InvalidSettings for the meter_settings, and EedsError for an attribute
    of the project that is not allowed."""
    parse_settings(meter_settings)
    connection = psycopg_connection(session)
    named = (meter_settings or {}).get("timezone")
    zone = Zone(named, BY_SETTING) if named else zones_of_projects(connection, [project_id]).get(project_id)
    zone = zone or Zone(UTC, UNKNOWN)
    declared = connection.execute(query("runs/declared"), {"project_id": project_id}).fetchall()
    own = {name: value for name, value in declared if value}
    try:
        settings = parse_settings(meter_settings, {**own, "timezone": zone.name})
    except InvalidSettings as error:
        raise IncompleteProject(f"The project has an attribute that its runs cannot take. {error}") from error
    return ResolvedSettings(settings, zone)
