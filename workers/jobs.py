"""The job of a run: an id in, nothing but the id. It reads what it needs from the database, and stores what it finds
there."""

import logging

from eeds.db.engine import Database, psycopg_connection
from eeds.errors import EedsError
from eeds.meter.compute import compute
from eeds.meter.provenance import provenance
from eeds.meter.types import NotModelled
from eeds.runs import lifecycle as runs
from eeds.runs.inputs import RunInput, load_input
from eeds.runs.results.reuse import reuse
from eeds.runs.results.store import save
from workers.claimed_job import end_or_fail, work_on

log = logging.getLogger("eeds.jobs")


def execute_project_run(run_id: int) -> None:
    """Run the meter for a project run that waits; does nothing if it does not wait any more."""
    work_on(runs.RUNS, run_id, runs.claim, end_run)


def end_run(database: Database, held: runs.Claim) -> None:
    """Compute and store the result, or store why there is none."""
    end_or_fail(database, held, store_result, foreseen=(EedsError, NotModelled))


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
