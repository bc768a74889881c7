"""Undoing a load: its readings become what they were before it, if nobody has changed them since."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import find
from eeds.db.tables import Load
from eeds.errors import Conflict
from eeds.jobs.status import SUCCESS
from eeds.records.attempts import attempts
from eeds.records.block_format import part_of
from eeds.records.block_store import change_readings
from eeds.records.consumption import lock_traces
from eeds.records.history.finished import UNDO, finish
from eeds.records.history.states import States, TraceOfLoad, states_of_load, traces_of_load
from eeds.records.history.written import history_of
from eeds.records.ids import record_ids, record_key
from eeds.records.refusals import Counts

NOTHING = "Load {} changed no readings, so there is nothing to undo."
UNKNOWN = "Load {} was before the history of readings began: what it changed is not known."
UNFINISHED = "Load {} is {}: it has stored nothing that could be undone."
OF_OTHERS = "Load {} changed readings of traces that are not yours now: an admin can undo it."
LATER = (
    "Readings of load {} have been changed since, the first of trace {} at {}, by {}. Undo the later loads first, or"
    " correct these readings."
)
NAMED = 10  # of the later loads


@dataclass
class Undone:
    """What became of readings when a load was undone: `load_id` is that of the undoing, a load itself."""

    load_id: int
    counts: Counts
    deleted: int


def undo_load(session: Session, principal: Principal, load_id: int) -> Undone:
    """Give the readings that a load has changed the values that they had before it, and delete those that it added, in
    the session's transaction. Raises NotFound, and Conflict where there is nothing to undo, or a later load has changed
    the same readings: it names those loads."""
    load = find(session, principal, Load, load_id)
    if load.changed is None:
        why = UNFINISHED if load.status != SUCCESS else UNKNOWN if load.counts is None else NOTHING
        raise Conflict(why.format(load_id, load.status))
    undone = Undone(0, Counts(), 0)
    for attempt in attempts(session):
        with attempt:
            traces = traces_of_load(session, load_id)
            ids = [trace.id for trace in traces]
            if lock_traces(session, principal, ids) != {*ids}:
                raise Conflict(OF_OTHERS.format(load_id))
            undone = take_back(session, principal, load, traces)
    return undone


def take_back(session: Session, principal: Principal, load: Load, traces: list[TraceOfLoad]) -> Undone:
    """Undo a load of these traces, which are locked."""
    assert load.changed is not None
    counts, history, is_nothing = Counts(), history_of(session), True
    for states in states_of_load(session, load.id, load.changed, traces):
        is_nothing = False
        require_unchanged(states, load.id)
        gone = part_of(states.now, ~np.isin(record_ids(states.now), record_ids(states.before)))
        counts += change_readings(history, states.before, gone).counts
    if is_nothing:  # what it changed it has changed back, or the traces are deleted
        raise Conflict(NOTHING.format(load.id))
    id = finish(session, principal, UNDO, counts, undoes=load.id)
    return Undone(id, counts, history.deleted)


def require_unchanged(states: States, load_id: int) -> None:
    """Raises Conflict if some of the readings are not as the load left them."""
    conflicts = states.conflicts()
    if len(conflicts):
        later = sorted(states.loads_behind(conflicts, load_id))
        names = ", ".join(f"load {id}" for id in later[:NAMED]) + (" and others" if len(later) > NAMED else "")
        key = record_key(int(conflicts[0]))
        assert key is not None, "it is the id of a reading"
        trace, start = key
        raise Conflict(LATER.format(load_id, trace, start.isoformat().replace("+00:00", "Z"), names))
