"""The job of a run: an id in, nothing but the id. It reads its input from the database, and stores the result there."""

import logging

from sqlalchemy.orm import Session

from eeds.config.settings import Settings
from eeds.db.engine import Database, psycopg_connection
from eeds.meter.compute import compute
from eeds.meter.kept import NOTHING_KEPT
from eeds.meter.provenance import provenance
from eeds.runs.inputs import RunInput, load_input
from eeds.runs.lifecycle import RUNS, ClaimedRun
from eeds.runs.results.freshness import succeed_with
from eeds.runs.results.kept_fits import kept_fits
from eeds.runs.results.store import reuse, save
from eeds.runs.waiting import wait_for_weather
from eeds.weather.errors import TooFewHours
from workers.claimed_job import claimed

log = logging.getLogger("eeds.jobs")


def execute_project_run(run_id: int) -> None:
    """Run the meter for a project run that is PENDING; does nothing if it is not any more."""
    with claimed(RUNS, run_id) as (database, run):
        if run is not None:
            compute_or_wait(database, run, Settings.from_env())


def compute_or_wait(database: Database, run: ClaimedRun, settings: Settings) -> None:
    """Compute the run, or have the weather fetched that it lacks, and let it wait for that; it is another job then.

    Raises EedsError or NotModelled with what is wrong with the input, and LeaseLost.
    """
    try:
        compute_and_store(database, run)
    except TooFewHours as lacking:
        if not settings.fetches_weather:
            raise
        with database.session() as session:
            waiting_for = wait_for_weather(session, run, lacking)
        log.info("run %d of project %d: PENDING, waits for %s", run.id, run.project_id, waiting_for)


def compute_and_store(database: Database, run: ClaimedRun) -> None:
    """Read, compute, write; no connection is open while the meter computes, for a database has fewer of them than many
    workers would hold. Raises the same."""
    kept, is_copied = NOTHING_KEPT, False
    with database.session() as session:
        input = load_input(session, run)
        if input.settings.reuse:
            is_copied = copy_result(session, run, input)
            kept = NOTHING_KEPT if is_copied else kept_fits(psycopg_connection(session), run.project_id)
    if is_copied:
        log.info("run %d of project %d: SUCCESS, as before", run.id, run.project_id)
        return
    database.engine.dispose()
    result = compute(input.traces, input.weather.weather, input.periods, input.settings, kept)
    with database.session() as session:
        succeed_with(session, run, input, save(session, run, input, result))
    log.info("run %d of project %d: SUCCESS", run.id, run.project_id)


def copy_result(session: Session, run: ClaimedRun, input: RunInput) -> bool:
    """End the run with the result of an earlier one that had the same input, if there is one."""
    own = provenance(input.traces, input.weather.weather, input.periods, input.settings)
    copy = reuse(psycopg_connection(session), run, {**own, **input.provenance})
    if copy is not None:
        succeed_with(session, run, input, copy)
    return copy is not None
