"""Keeping the normal years that are uploaded."""

from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.weather.normals_files import NormalYear

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"


def store_normal(connection: PsycopgConnection, normal: NormalYear) -> str:
    """Keep a normal year in the place of one of its kind and station, in the connection's transaction; says which of
    CREATED, UPDATED and UNCHANGED it is."""
    row = {
        "station": normal.station,
        "kind": normal.kind,
        "utc_offset": normal.utc_offset,
        "temps": normal.temps.tolist(),
    }
    stored = connection.execute(query("weather/store_normal"), row).fetchone()
    if stored is None:
        return UNCHANGED
    return CREATED if stored[0] else UPDATED
