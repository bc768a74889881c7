"""The job of a restatement: what two results, or the results of two aggregations, were computed from is put together
again, and computed with one thing after the other changed."""

import logging
from collections.abc import Mapping, Sequence

from eeds.db.engine import Database
from eeds.errors import EedsError
from eeds.meter.compute import compute
from eeds.meter.types import MeterResult
from eeds.runs.restatements.comparing import read_comparison
from eeds.runs.restatements.lifecycle import RESTATEMENTS, ClaimedRestatement, add_project, begin, succeed
from eeds.runs.restatements.operations import AGGREGATIONS
from eeds.runs.restatements.pairs import Pair, Part, pairs_of_aggregations, pairs_of_results
from eeds.runs.restatements.steps import Key, Movement, accepted, not_computed, unmoved
from eeds.runs.restatements.stored_input import MeterInput
from workers.claimed_job import claimed

log = logging.getLogger("eeds.jobs")

Moved = tuple[Mapping[Key, Movement], Sequence[str]]


def compare(restatement_id: int) -> None:
    """Compute a restatement that is PENDING; does nothing if it is not any more."""
    with claimed(RESTATEMENTS, restatement_id) as (database, restatement):
        if restatement is not None:
            compare_and_store(database, restatement)


def compare_and_store(database: Database, restatement: ClaimedRestatement) -> None:
    """Compare project by project, and store what moved of each. Raises EedsError, and LeaseLost."""
    find_pairs = pairs_of_aggregations if restatement.kind == AGGREGATIONS else pairs_of_results
    with database.session() as session:
        pairs = find_pairs(session, restatement.before_id, restatement.after_id)
    with database.connection() as connection:
        begin(connection, restatement, len(pairs))
    for pair in pairs:
        movements, notes = moved_of(database, pair)
        with database.session() as session:
            add_project(session, restatement, pair.project_id, movements, notes)
    with database.session() as session:
        succeed(session, restatement)
    log.info("%s: SUCCESS, %d projects", restatement, len(pairs))


def moved_of(database: Database, pair: Pair) -> Moved:
    """What moved of a project; no connection is open while the meter computes."""
    before, after = pair.before, pair.after
    if before is None or after is None:
        return not_computed(before.savings if before else None, after.savings if after else None), ()
    if before.result == after.result:
        return of_fuels(unmoved(before.savings), before, after), ()
    try:
        with database.session() as session:
            comparison = read_comparison(session, before.result, after.result)
    except EedsError as error:
        return not_computed(before.savings, after.savings), [str(error)]
    movements, notes = comparison.movements(computed)
    return of_fuels(movements, before, after), notes


def of_fuels(movements: Mapping[Key, Movement], before: Part, after: Part) -> Mapping[Key, Movement]:
    """The movements, of two aggregations those of the fuels that were accepted in both."""
    if before.fuels is None or after.fuels is None:
        return movements
    return accepted(movements, before.savings, after.savings, before.fuels & after.fuels)


def computed(input: MeterInput) -> MeterResult:
    """The result of an input. Raises NotModelled."""
    return compute(input.traces, input.weather, input.periods, input.settings)
