"""Whether a result is stale when it is stored, for what its run has read may have changed while it was computed."""

from sqlalchemy.orm import Session

from eeds.db.engine import psycopg_connection
from eeds.jobs.stale_results import READINGS, WEATHER, lock_projects, mark, share_station
from eeds.projects.own_inputs import mark_results
from eeds.records.trace_arrays import trace_states
from eeds.runs.inputs import RunInput
from eeds.runs.lifecycle import ClaimedRun, succeed


def succeed_with(session: Session, run: ClaimedRun, input: RunInput, result_id: int) -> None:
    """End a run as SUCCESS with the result that was stored for it, in the same transaction, from the input. Raises
    LeaseLost.

    The result is marked where what was read is not what a run would read now. Who changes that later finds the result
    and marks it: see eeds.jobs.stale_results for why none is missed. Readings are compared by when they have changed
    last, which was read before they were: a change in between, or beyond the periods, marks a result that need not be,
    which costs a run. A run that was asked for the readings of a certain time has those.
    """
    connection = psycopg_connection(session)
    lock_projects(connection, [run.project_id])
    share_station(connection, input.weather.weather.station)
    if input.settings.as_of is None and trace_states(connection, run.project_id) != input.states:
        mark(connection, [result_id], READINGS)
    if not input.weather.is_unchanged(connection):
        mark(connection, [result_id], WEATHER)
    mark_results(session, [run.project_id], first=result_id)
    succeed(session, run)
