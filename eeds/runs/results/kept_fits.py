"""The fits that a project's latest result has, for a run in which only some of the traces have changed."""

from psycopg.types.json import Jsonb

from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.meter.kept import Kept, KeptFit
from eeds.meter.provenance import versions


def kept_fits(connection: PsycopgConnection, project_id: int) -> Kept:
    """By the hash of what was fitted; nothing if other versions have computed them."""
    parameters = {"project_id": project_id, "versions": Jsonb(versions())}
    rows = connection.execute(query("runs/kept_fits"), parameters).fetchall()
    return {key: KeptFit(model_json, spread) for key, model_json, spread in rows}
