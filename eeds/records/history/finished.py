"""The end of a load that has stored something: the last of its history, and its row."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import cast

import numpy as np
from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.jobs.stale_results import mark_readings
from eeds.jobs.status import SUCCESS
from eeds.records.history.changes import Energies
from eeds.records.history.sent import sent_of
from eeds.records.history.written import ChangedTrace, History, history_of
from eeds.records.refusals import Counts

# Kinds of loads: files and bodies of what their names say, readings one by one, and what takes a load back.
ENERGY, GREEN_BUTTON, WEATHER, NORMALS, PROJECTS = "energy", "greenbutton", "weather", "normals", "projects"
RECORDS, UNDO = "records", "undo"
ENDED = "ended_load"  # what a session keeps for the row of a load that is there already


@dataclass(frozen=True)
class Ended:
    """What became of a load: its counts, the energy that it added and took away by unit, and whether it has a
    history."""

    counts: dict[str, int]
    energy: dict[str, dict[str, float]]
    has_changes: bool


def finish(
    session: Session, principal: Principal, kind: str, counts: Counts, *, refused: int = 0, undoes: int | None = None
) -> int:
    """End a load, whose changes are all in the session's transaction: every writer calls this last, even if nothing was
    changed. Stores the row of the load, or leaves what is new of it to whoever ends the one that there is (see
    eeds.records.loads.succeed), and marks the results that have looked at what has changed; gives the load's id."""
    history = history_of(session)
    traces = history.changed_traces()
    history.write_additions()
    ended = Ended(
        {**asdict(counts), "deleted": history.deleted, "refused": refused},
        energy_by_unit(history, traces),
        has_changes=bool(history.traces),
    )
    id = sent_of(session).load_id
    if id is None:
        id = add_row(session, principal, kind, ended, history.load_id, undoes)
    else:
        session.info[ENDED] = ended
    projects = {id: trace.project for id, trace in traces.items() if trace.project is not None}
    mark_readings(history.connection, projects, list(history.spans()), id)
    return id


def ended_in(session: Session) -> Ended | None:
    """What became of the load that has a row already, once it has finished in this session."""
    ended: Ended | None = session.info.get(ENDED)
    return ended


def add_row(
    session: Session, principal: Principal, kind: str, ended: Ended, id: int | None, undoes: int | None = None
) -> int:
    """Store the row of a load that has ended, which has an id already if it has a history; gives its id."""
    sent = sent_of(session)
    row = {
        "id": id,
        "project_owner_id": principal.owner_id,
        "user_id": principal.user_id,
        "kind": kind,
        "file_name": sent.file_name,
        "size": sent.size,
        "sha256": sent.sha256,
        "status": SUCCESS,
        "message": None,
        "request_id": sent.request_id,
        "counts": Jsonb(ended.counts),
        "energy": Jsonb(ended.energy),
        "undoes": undoes,
        "has_changes": ended.has_changes,
    }
    stored = psycopg_connection(session).execute(query("loads/add_ended_load"), row).fetchone()
    return cast(tuple[int], stored)[0]


def energy_by_unit(history: History, traces: Mapping[int, ChangedTrace]) -> dict[str, dict[str, float]]:
    """The energy that a load added, and what it took away, by unit of the traces."""
    if not traces:
        return {}
    energies = Energies.together(history.energies)
    names = sorted({trace.unit for trace in traces.values()})
    place = np.array([names.index(traces[id].unit) for id in energies.ids.tolist()], np.intp)
    added = np.bincount(place, energies.added, len(names)).tolist()
    removed = np.bincount(place, energies.removed, len(names)).tolist()
    return {unit: {"added": plus, "removed": minus} for unit, plus, minus in zip(names, added, removed, strict=True)}
