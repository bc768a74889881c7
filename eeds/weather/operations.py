"""What callers do with weather: load and list normal years, by stations that only admins may change."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.db.tables import WeatherNormal
from eeds.errors import Forbidden
from eeds.jobs.stale_results import mark_normal_year
from eeds.weather.normals import kinds_replaced_by
from eeds.weather.normals_files import read_normals
from eeds.weather.normals_station import station_for

MAX_NORMALS_BYTES = 16 * 2**20  # of a file, which is held; most have 2 MB
CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"


def may_change_stations(principal: Principal) -> bool:
    """Stations are shared by all owners: what one uploads changes the savings of others. So only admins may."""
    return principal.is_admin


def require_station_rights(principal: Principal) -> None:
    """Raises Forbidden for whoever may not change what is stored of stations."""
    if not may_change_stations(principal):
        raise Forbidden


def load_normal_year(session: Session, principal: Principal, text: str, station: str | None) -> dict[str, Any]:
    """Store the normal year in a file of one of the STORED_KINDS, in the place of one of its kind and station, and mark
    the results that have had that, or a lesser kind where it is new.

    `station` is the id to keep it for, None for the one that the file names. Returns station, kind, utc_offset (hours),
    status: CREATED, UPDATED or UNCHANGED, and where something was made of the temperatures, `notes` that say what.
    Raises Forbidden, and Invalid with what is wrong in which line.
    """
    require_station_rights(principal)
    normal = read_normals(text)
    station = station_for(station, normal.place, normal.kind)
    kept = {"station": station, "kind": normal.kind, "utc_offset": normal.utc_offset}
    row = {**kept, "temps": normal.temps.tolist()}
    connection = psycopg_connection(session)
    connection.execute(query("weather/keep_changed_normal"), row)
    stored = connection.execute(query("weather/store_normal"), row).fetchone()
    status = UNCHANGED if stored is None else CREATED if stored[0] else UPDATED
    if status != UNCHANGED:
        kinds = [normal.kind] if status == UPDATED else kinds_replaced_by(normal.kind)
        mark_normal_year(connection, station, kinds)
    notes = {"notes": list(normal.notes)} if normal.notes else {}
    return {**kept, "status": status, **notes}


def list_normal_years(session: Session, principal: Principal) -> list[dict[str, Any]]:
    """Station, kind and utc_offset (hours) of each stored normal year, by station and kind. Raises Forbidden."""
    require_station_rights(principal)
    normal = WeatherNormal
    statement = select(normal.station, normal.kind, normal.utc_offset).order_by(normal.station, normal.kind)
    return [dict(row) for row in session.execute(statement).mappings()]
