"""A job's way with an order: claim it, do it while its lease is kept, end it or let it wait again."""

import logging
import os
import signal
import traceback
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from rq import get_current_job

from eeds.config import logs
from eeds.config.settings import Settings
from eeds.db.engine import Database, PsycopgConnection
from eeds.errors import ConfigurationError, EedsError
from eeds.jobs import leases
from eeds.jobs.processes import end_with_parent
from workers.database_retry import DATABASE_ERRORS, is_away, when_it_answers
from workers.lease_keeper import Lease
from workers.schema_check import require_own_schema

log = logging.getLogger("eeds.jobs")

Claimed = TypeVar("Claimed", bound=leases.Held)
Claim = Callable[[PsycopgConnection, int], Claimed | None]


def work_on(orders: leases.Orders, id: int, claim: Claim[Claimed], end: Callable[[Database, Claimed], None]) -> None:
    """Do what was ordered: `end` ends a claimed order, or raises what a database raises that is away."""
    # This is a fork of the worker: without it nobody would wait for the job, or end it.
    end_with_parent(signal.SIGKILL)
    job = get_current_job()
    logs.about.set({orders.noun: id, **(job.meta if job else {})})  # with the request_id that the relay puts there
    settings = Settings.from_env()
    database = Database(settings.database_url)
    held = take(database, orders, id, claim)
    if held is None:
        return
    try:
        with Lease(settings, held):
            end(database, held)
    except leases.LeaseLost as error:
        log.warning("%s; its result is dropped", error)
    except DATABASE_ERRORS as error:
        if not is_away(error):
            raise
        log.warning("%s: the database went away; it waits again when that is back", held)
        when_it_answers(database, partial(leases.give_back, held=held))
    database.engine.dispose()


def take(database: Database, orders: leases.Orders, id: int, claim: Claim[Claimed]) -> Claimed | None:
    """Claim the order as soon as the database answers; None if there is nothing to do here."""

    def claim_it(connection: PsycopgConnection) -> Claimed | None:
        require_own_schema(connection)
        # From now on a stop of the worker is for the keeper of the lease to hear.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        return claim(connection, id)

    try:
        held = when_it_answers(database, claim_it)
    except ConfigurationError as error:
        log.error("%s %d is left for a worker of the right release; this one stops. %s", orders.noun, id, error)
        os.kill(os.getppid(), signal.SIGTERM)
        return None
    if held is None:
        log.info("%s %d does not wait any more", orders.noun, id)
    return held


def end_or_fail(
    database: Database,
    held: Claimed,
    end: Callable[[Database, Claimed], None],
    foreseen: tuple[type[Exception], ...] = (EedsError,),
) -> None:
    """Let `end` end the order, or end it as FAILED with what is wrong; what is `foreseen` has words for the user.

    While the database is away neither can be done: the exception goes up.
    """
    try:
        end(database, held)
    except foreseen as error:
        fail(database, held, str(error))
    except (leases.LeaseLost, *DATABASE_ERRORS):
        raise
    except Exception as error:
        log.exception("%s failed", held)
        reason = f"The {held.orders.noun} failed unexpectedly: {error!r}\n\n{traceback.format_exc()}"
        fail(database, held, reason)


def fail(database: Database, held: leases.Held, reason: str) -> None:
    """End the order as FAILED."""
    with database.connection() as connection:
        leases.fail(connection, held, reason)
    log.info("%s: FAILED: %s", held, reason.partition("\n")[0])
