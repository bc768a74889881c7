"""A stored result for a run with the same input: what the meter would find again need not be computed again."""

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.runs.lifecycle import ClaimedRun


def reuse(connection: PsycopgConnection, run: ClaimedRun, provenance: Mapping[str, Any]) -> int | None:
    """Give the run a copy of the oldest result of its project that has the same input and versions, in the connection's
    transaction; the id of the copy, or None if there is no such result.

    `provenance` is the run's own: its settings and its weather's origin replace those of the copied result.
    """
    settings = None if run.meter_settings is None else Jsonb(run.meter_settings)
    own = {name: provenance[name] for name in ("settings", "weather")}
    parameters = {
        "project_id": run.project_id,
        "run_id": run.id,
        "meter_class": run.meter_class,
        "meter_settings": settings,
        "input_sha256": provenance["input_sha256"],
        "versions": Jsonb(provenance["versions"]),
        "provenance": Jsonb(own),
    }
    found = connection.execute(query("runs/copy_result"), parameters).fetchone()
    return None if found is None else int(found[0])
