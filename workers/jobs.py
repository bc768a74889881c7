"""The jobs: ids in, nothing but ids. They read what they need from the database, and store what they find there."""

import logging
import signal
import traceback

from psycopg import OperationalError
from sqlalchemy.exc import OperationalError as DatabaseAway

from eeds import results, runs
from eeds.config import Settings
from eeds.db import Database
from eeds.errors import EedsError
from eeds.inputs import load_input
from eeds.meter.compute import compute
from eeds.meter.types import NotModelled
from eeds.processes import end_with_parent
from workers.lease import Lease

log = logging.getLogger("eeds.jobs")


def execute_project_run(run_id: int) -> None:
    """Run the meter for a project run that waits; does nothing if it does not wait any more."""
    # This is a fork of the worker: without it nobody would wait for the job, or end it.
    end_with_parent(signal.SIGKILL)
    settings = Settings.from_env()
    database = Database(settings.database_url)
    with database.connection() as connection:
        held = runs.claim(connection, run_id)
    if held is None:
        log.info("run %d does not wait any more", run_id)
        return
    with Lease(settings, held):
        try:
            end_run(database, held)
        except runs.LeaseLost as error:
            log.warning("%s; its result is dropped", error)
    database.engine.dispose()


def end_run(database: Database, held: runs.Claim) -> None:
    """Compute and store the result, or store why there is none. While the database is away neither can be done: the
    exception goes up, the lease lapses, and the run waits again."""
    try:
        store_result(database, held)
    except (EedsError, NotModelled) as error:
        fail(database, held, str(error))
    except (runs.LeaseLost, OperationalError, DatabaseAway):
        raise
    except Exception as error:
        log.exception("run %d failed", held.id)
        fail(database, held, f"The run failed unexpectedly: {error!r}\n\n{traceback.format_exc()}")


def store_result(database: Database, held: runs.Claim) -> None:
    """Read, compute, write; no transaction is open while the meter computes. Raises EedsError or NotModelled."""
    with database.session() as session:
        found = load_input(session, held)
    result = compute(found.traces, found.weather.weather, found.periods, found.settings)
    with database.session() as session:
        results.save(session, held, result, {**result.provenance, "weather": found.weather.provenance})
        runs.succeed(session, held)
    log.info("run %d of project %d: SUCCESS", held.id, held.project_id)


def fail(database: Database, held: runs.Claim, reason: str) -> None:
    """End the run as FAILED."""
    with database.connection() as connection:
        runs.fail(connection, held, reason)
    log.info("run %d of project %d: FAILED: %s", held.id, held.project_id, reason.partition("\n")[0])
