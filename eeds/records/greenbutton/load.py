"""Loading a Green Button body into the traces of one project: all of it or, in a partial load, its good readings."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import IO, Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.binary_copy import Columns
from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.db.tables import Project
from eeds.errors import BodyTooLarge, EedsError, Invalid, MalformedBody
from eeds.formats.messages import invalid_pk
from eeds.records.attempts import attempts
from eeds.records.batch import BATCH_RECORDS, Batch
from eeds.records.consumption import ReadingStore, TraceGone, lock_traces
from eeds.records.greenbutton.archive import documents
from eeds.records.greenbutton.elements import walk
from eeds.records.greenbutton.feed import Collector
from eeds.records.greenbutton.intervals import Trace, records_of, traces_of
from eeds.records.greenbutton.links import Skipped
from eeds.records.operations import LoadOptions
from eeds.records.refusals import Counts
from eeds.records.refused_rows import LISTED, Refusals
from eeds.records.trace_names import Name, TraceNames, Unknown

NOTHING = "Nothing was stored: the body has no interval readings of energy."


@dataclass(frozen=True)
class LoadedTrace:
    """What became of the readings of a trace; the counts are of its records, those at the ends of readings too."""

    id: int
    trace: Trace
    readings: int
    counts: Counts


@dataclass(frozen=True)
class LoadedBody:
    """What became of a body."""

    traces: Sequence[LoadedTrace]
    skipped: Sequence[Skipped]
    refused: Refusals

    @property
    def counts(self) -> Counts:
        """Of all traces together."""
        each = [asdict(loaded.counts) for loaded in self.traces]
        return Counts(**{name: sum(counts[name] for counts in each) for name in asdict(Counts())})


class BodyRefused(EedsError):
    """Nothing of a body was stored."""

    def __init__(self, message: str, refused: Refusals, skipped: Sequence[Skipped]) -> None:
        super().__init__(message)
        self.refused = refused
        self.skipped = skipped


def load_green_button(
    session: Session, principal: Principal, project: str, body: IO[bytes], limit: int, options: LoadOptions
) -> LoadedBody:
    """Store the readings of a body in the session's transaction, or roll it back; `project` is the name of a project
    that the principal sees, see find_project, and `limit` is in bytes, unpacked.

    Raises MalformedBody, BodyTooLarge, Invalid, and BodyRefused where nothing is good, or something bad and the load
    not `partial`."""
    collector = Collector()
    try:
        read_documents(collector, body, limit)
        traces, skipped = traces_of(collector)
        usable = usable_traces(collector, traces, skipped, options)
        refused, collector.refused = collector.refused, Refusals()  # storing refuses the same again
        for attempt in attempts(session):
            with attempt:
                loaded = store_traces(session, principal, project, collector, usable, optimistic=attempt.optimistic)
    except EedsError:
        session.rollback()
        raise
    finally:
        collector.store.close()
    if options.dry_run:
        session.rollback()
    return LoadedBody(loaded, skipped, refused)


def read_documents(collector: Collector, body: IO[bytes], limit: int) -> None:
    """Read all documents of a body; raises MalformedBody and BodyTooLarge, naming the file of a zip."""
    for name, document in documents(body, limit):
        try:
            walk(document, collector.new_feed(name))
        except (MalformedBody, BodyTooLarge) as error:
            raise type(error)(f"{name}: {error}" if name else str(error)) from error


def usable_traces(
    collector: Collector, traces: Sequence[Trace], skipped: Sequence[Skipped], options: LoadOptions
) -> Sequence[Trace]:
    """The traces that have good readings. All readings are checked, before anything is stored; raises BodyRefused."""
    usable = [trace for trace in traces if records_of(collector, trace).readings]
    refused = collector.refused
    if refused.records and not options.partial:
        message = f"{refused.records} of {collector.readings} readings refused, none stored"
        raise BodyRefused(message, refused, skipped)
    if not usable:
        raise BodyRefused(NOTHING, refused, skipped)
    return usable


def store_traces(
    session: Session,
    principal: Principal,
    project: str,
    collector: Collector,
    traces: Sequence[Trace],
    *,
    optimistic: bool,
) -> list[LoadedTrace]:
    """Store the records of all traces, which are made if they are not there. Raises Invalid."""
    ids = ids_of(session, principal, project, traces)
    if lock_traces(session, principal, sorted(ids)) != set(ids):
        raise TraceGone
    return [
        store_trace(session, principal, collector, trace, id, optimistic=optimistic)
        for trace, id in zip(traces, ids, strict=True)
    ]


def ids_of(session: Session, principal: Principal, project: str, traces: Sequence[Trace]) -> list[int]:
    """The ids of the traces; raises Invalid for one that is stored in another unit, or twice."""
    names_of_traces = TraceNames(session, principal)
    names = [Name(project, trace.interpretation, trace.label, trace.unit) for trace in traces]
    names_of_traces.look_up(names)
    ids: list[int] = []
    wrong: list[str] = []
    for name in names:
        id = names_of_traces.traces[name]
        if isinstance(id, Unknown):
            wrong.append(f"Usage point {name.label}, {name.interpretation} in {name.unit}: {id.message}")
        else:
            ids.append(id)
    if wrong:
        raise Invalid({"non_field_errors": wrong[:LISTED]})
    return ids


def store_trace(
    session: Session, principal: Principal, collector: Collector, trace: Trace, id: int, *, optimistic: bool
) -> LoadedTrace:
    """Store the records of a trace, which is locked. One without a value never replaces one that is stored: where the
    readings of one file end, those of another may have begun."""
    records = records_of(collector, trace)
    readings = ReadingStore(session, principal, optimistic=optimistic)
    kept = replaceable(session, id, records.columns)
    unchanged = len(records.columns["start"]) - int(kept.sum())
    for batch in batches(id, {name: column[kept] for name, column in records.columns.items()}):
        if readings.split(batch)[1]:
            raise TraceGone
        readings.add(batch)
    counts = readings.finish()
    duplicates = counts.duplicates + records.duplicates
    return LoadedTrace(
        id, trace, records.readings, Counts(counts.created, counts.updated, counts.unchanged + unchanged, duplicates)
    )


def replaceable(session: Session, id: int, columns: Columns) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which records may be stored: those with a value, and those without one where nothing is stored."""
    kept = np.ones(len(columns["start"]), bool)
    empty = np.flatnonzero(np.isnan(columns["value"]))
    starts = np.datetime_as_string(columns["start"][empty], timezone="UTC").tolist()
    connection = psycopg_connection(session)
    rows = connection.execute(query("records/stored_starts"), {"id": id, "starts": starts}).fetchall()
    stored = np.array([int(start.timestamp()) for (start,) in rows], "datetime64[s]")
    kept[empty[np.isin(columns["start"][empty], stored)]] = False
    return kept


def batches(id: int, columns: Columns) -> Iterator[Batch]:
    """The records of one trace in batches."""
    for first in range(0, len(columns["start"]), BATCH_RECORDS):
        part = {name: column[first : first + BATCH_RECORDS] for name, column in columns.items()}
        count = len(part["start"])
        yield Batch(count, range(count), {"metadata_id": np.full(count, id, np.int64), **part})


def find_project(session: Session, principal: Principal, id: int | None, name: str | None) -> str:
    """The name of the caller's project of that id, or of that name; raises Invalid."""
    same = Project.id == id if name is None else Project.project_id == name
    project = session.scalar(select(Project.project_id).where(same, visible(principal, Project)))
    if project is None:
        raise Invalid(
            {"project": [invalid_pk(id)]} if name is None else {"project_id": [f'There is no project "{name}".']}
        )
    return project
