"""The jobs: ids in, nothing but ids. They read what they need from the database, and store what they find there."""

import logging
import os
import signal
import traceback
from functools import partial

from rq import get_current_job

from eeds import logs, runs
from eeds.config import Settings
from eeds.db import Database, PsycopgConnection, psycopg_connection
from eeds.errors import ConfigurationError, EedsError
from eeds.inputs import RunInput, load_input
from eeds.meter.compute import compute
from eeds.meter.provenance import provenance
from eeds.meter.types import NotModelled
from eeds.processes import end_with_parent
from eeds.results.reuse import reuse
from eeds.results.saving import save
from workers.lease import Lease
from workers.outage import DATABASE_ERRORS, is_away, when_it_answers
from workers.release import require_own_schema

log = logging.getLogger("eeds.jobs")


def execute_project_run(run_id: int) -> None:
    """Run the meter for a project run that waits; does nothing if it does not wait any more."""
    # This is a fork of the worker: without it nobody would wait for the job, or end it.
    end_with_parent(signal.SIGKILL)
    job = get_current_job()
    logs.about.set({"run": run_id, **(job.meta if job else {})})  # with the request_id that the relay puts there
    settings = Settings.from_env()
    database = Database(settings.database_url)
    held = take(database, run_id)
    if held is None:
        return
    try:
        with Lease(settings, held):
            end_run(database, held)
    except runs.LeaseLost as error:
        log.warning("%s; its result is dropped", error)
    except DATABASE_ERRORS as error:
        if not is_away(error):
            raise
        log.warning("run %d: the database went away; the run waits again when it is back", held.id)
        when_it_answers(database, partial(runs.give_back, held=held))
    database.engine.dispose()


def take(database: Database, run_id: int) -> runs.Claim | None:
    """Claim the run as soon as the database answers; None if there is nothing to do here."""

    def claim(connection: PsycopgConnection) -> runs.Claim | None:
        require_own_schema(connection)
        # From now on a stop of the worker is for the keeper of the lease to hear.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        return runs.claim(connection, run_id)

    try:
        held = when_it_answers(database, claim)
    except ConfigurationError as error:
        log.error("run %d is left for a worker of the right release; this one stops. %s", run_id, error)
        os.kill(os.getppid(), signal.SIGTERM)
        return None
    if held is None:
        log.info("run %d does not wait any more", run_id)
    return held


def end_run(database: Database, held: runs.Claim) -> None:
    """Compute and store the result, or store why there is none. While the database is away neither can be done: the
    exception goes up."""
    try:
        store_result(database, held)
    except (EedsError, NotModelled) as error:
        fail(database, held, str(error))
    except (runs.LeaseLost, *DATABASE_ERRORS):
        raise
    except Exception as error:
        log.exception("run %d failed", held.id)
        fail(database, held, f"The run failed unexpectedly: {error!r}\n\n{traceback.format_exc()}")


def store_result(database: Database, held: runs.Claim) -> None:
    """Read, compute, write; no transaction is open while the meter computes. Raises EedsError or NotModelled."""
    with database.session() as session:
        found = load_input(session, held)
    if found.settings.reuse and store_copy(database, held, found):
        return
    result = compute(found.traces, found.weather.weather, found.periods, found.settings)
    with database.session() as session:
        save(session, held, found, result)
        runs.succeed(session, held)
    log.info("run %d of project %d: SUCCESS", held.id, held.project_id)


def store_copy(database: Database, held: runs.Claim, found: RunInput) -> bool:
    """End the run with the result of an earlier one that had the same input, if there is one."""
    own = provenance(found.traces, found.weather.weather, found.periods, found.settings)
    with database.session() as session:
        copied = reuse(psycopg_connection(session), held, {**own, "weather": found.weather.provenance})
        if copied is not None:
            runs.succeed(session, held)
            log.info("run %d of project %d: SUCCESS, as before", held.id, held.project_id)
    return copied is not None


def fail(database: Database, held: runs.Claim, reason: str) -> None:
    """End the run as FAILED."""
    with database.connection() as connection:
        runs.fail(connection, held, reason)
    log.info("run %d of project %d: FAILED: %s", held.id, held.project_id, reason.partition("\n")[0])
