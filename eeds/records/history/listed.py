"""The readings that a load has changed, listed a page at a time."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import BigInteger, Row, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import find, visible
from eeds.db.binary_copy import Columns
from eeds.db.tables import ConsumptionMetadata, Load, Project
from eeds.formats.table import finite
from eeds.records.consumption import find_traces
from eeds.records.history.states import States, TraceOfLoad, at, states_of_load, traces_of_load
from eeds.records.ids import record_key

IDS = ARRAY(BigInteger)
KINDS = ADDED, CHANGED, DELETED = ("added", "changed", "deleted")


@dataclass(frozen=True)
class Reading:
    """A reading as it was or is: its value, None for a missing one, and whether it is estimated."""

    value: float | None
    estimated: bool


@dataclass(frozen=True)
class ReadingChange:
    """What a load did to a reading, of the id that it has as a record. None: there was none before, or is none."""

    id: int
    trace: int
    start: datetime
    before: Reading | None
    after: Reading | None

    @property
    def kind(self) -> str:
        """One of KINDS."""
        return ADDED if self.before is None else DELETED if self.after is None else CHANGED


def visible_traces(session: Session, principal: Principal, load_id: int) -> list[TraceOfLoad]:
    """The traces that a load has changed, as far as the principal sees them, by id."""
    traces = traces_of_load(session, load_id)
    seen = find_traces(session, principal, [trace.id for trace in traces], lock=False)
    return [trace for trace in traces if trace.id in seen]


def projects_of_traces(
    session: Session, principal: Principal, traces: Collection[int], count: int
) -> Sequence[Row[int, str]]:
    """Id and name of the projects that traces belong to, as far as the principal sees them: the first by name."""
    some = ConsumptionMetadata.project_id.is_not(None), ConsumptionMetadata.id == any_(literal(list(traces), IDS))
    with_traces = select(ConsumptionMetadata.project_id).where(*some)
    projects = select(Project.id, Project.project_id).where(Project.id.in_(with_traces), visible(principal, Project))
    return session.execute(projects.order_by(Project.project_id, Project.id).limit(count)).all()


def changes_of_load(
    session: Session, principal: Principal, load_id: int, kinds: Collection[str], *, after: int | None, count: int
) -> list[ReadingChange]:
    """The first changes of a load by trace and start, at most `count`: those of some KINDS, behind the one of
    the id `after`. Raises NotFound."""
    load = find(session, principal, Load, load_id)
    changes: list[ReadingChange] = []
    if load.changed is not None:
        traces = visible_traces(session, principal, load_id)
        for some in from_there_on(traces, after):
            for states in states_of_load(session, load_id, load.changed, some):
                behind = (change for change in listed(states) if after is None or change.id > after)
                changes += [change for change in behind if change.kind in kinds]
                if len(changes) >= count:
                    return changes[:count]
    return changes


def from_there_on(traces: list[TraceOfLoad], after: int | None) -> Iterator[list[TraceOfLoad]]:
    """The traces with what is behind the record of the id `after`: the one that it is of, from its start on, and then
    the others."""
    key = None if after is None else record_key(after)
    if key is None:
        yield traces
        return
    id, start = key
    yield [replace(trace, first=max(trace.first, start)) for trace in traces if trace.id == id]
    yield [trace for trace in traces if trace.id > id]


def listed(states: States) -> Iterator[ReadingChange]:
    """The changes of some readings."""
    before, after = readings_at(states.before, states.ids), readings_at(states.behind, states.ids)
    for id, was, now in zip(states.ids.tolist(), before, after, strict=True):
        key = record_key(id)
        assert key is not None, "it is the id of a reading"
        yield ReadingChange(id, *key, was, now)


def readings_at(readings: Columns, ids: np.ndarray[Any, Any]) -> Iterator[Reading | None]:
    """Of sorted readings those of these ids, None for one that is not there."""
    there, value, estimated = (column.tolist() for column in at(readings, ids))
    for is_there, number, flag in zip(there, value, estimated, strict=True):
        yield Reading(finite(number), flag) if is_there else None
