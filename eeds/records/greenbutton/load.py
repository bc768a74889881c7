"""Loading a Green Button body into the traces of one project: all of it or, in a partial load, its good readings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import IO

from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.errors import BodyTooLarge, EedsError, MalformedBody
from eeds.records.attempts import attempts
from eeds.records.balance import Balance, Tally
from eeds.records.consumption import TraceGone, lock_traces
from eeds.records.greenbutton.archive import documents
from eeds.records.greenbutton.elements import walk
from eeds.records.greenbutton.feed import Collector
from eeds.records.greenbutton.refused_body import BodyRefused, Skipped
from eeds.records.greenbutton.trace_readings import (
    TraceReadings,
    readings_of,
    refuse_conflicts,
)
from eeds.records.greenbutton.traces import Trace, traces_of
from eeds.records.greenbutton.usage_points import StoredTrace, find_or_make
from eeds.records.greenbutton.windows import windows
from eeds.records.history.finished import GREEN_BUTTON, finish
from eeds.records.interval_store import StoredIntervals, store_intervals
from eeds.records.merging import Change
from eeds.records.operations import LoadOptions
from eeds.records.refusals import Counts
from eeds.records.refused_rows import LISTED, Refusals

NOTHING = "Nothing was stored: the body has no interval readings of energy."


@dataclass(frozen=True)
class LoadedTrace:
    """What became of the readings of a trace, in the unit of the stored one. The counts are of its records, those at
    the ends of readings too; `refused` contradict what is stored."""

    stored: StoredTrace
    trace: Trace
    counts: Counts
    balance: Balance
    changes: Sequence[Change]
    refused: Refusals

    def with_window(self, found: TraceReadings, outcome: StoredIntervals) -> "LoadedTrace":
        """With what became of one more window of it."""
        balance = Balance(
            received=found.received,
            stored=outcome.stored,
            summed=Tally(found.summed),
            refused=found.refused + outcome.refused,
            replaced=found.replaced + outcome.replaced,
            overwritten=outcome.overwritten,
        )
        counts = replace(outcome.counts, duplicates=found.replaced.readings)
        changes = [*self.changes, *outcome.changes][:LISTED]
        return replace(self, counts=self.counts + counts, balance=self.balance + balance, changes=changes)


@dataclass(frozen=True)
class LoadedBody:
    """What became of a body."""

    traces: Sequence[LoadedTrace]
    skipped: Sequence[Skipped]
    refused: Refusals

    @property
    def counts(self) -> Counts:
        """Of all traces together."""
        return sum((loaded.counts for loaded in self.traces), Counts())


def load_green_button(
    session: Session, principal: Principal, project: int, body: IO[bytes], limit: int, options: LoadOptions
) -> LoadedBody:
    """Store the readings of a body in the session's transaction, or roll it back; `project` is the id of a project that
    the principal sees, and `limit` is in bytes, unpacked.

    Raises MalformedBody, BodyTooLarge, Invalid, and BodyRefused where nothing is good, or something bad and the load
    not `partial`."""
    collector = Collector(options.limits.refused_rows)
    try:
        read_documents(collector, body, limit)
        traces, skipped = traces_of(collector, options.heating_value)
        usable = usable_traces(collector, traces, skipped, options)
        refused = collector.refused
        for attempt in attempts(session):
            with attempt:
                loaded = store_traces(session, principal, project, collector, usable)
        for each in loaded:
            refused.join(each.refused)
        require_none_refused(collector, refused, skipped, options)
        body_counts = sum((each.counts for each in loaded), Counts())
        finish(session, principal, GREEN_BUTTON, body_counts, refused=refused.records)
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
    usable = []
    for trace in traces:
        counts = [len(readings_of(collector, window).readings) for window in windows(collector, trace)]
        if any(counts):
            usable.append(trace)
    require_none_refused(collector, collector.refused, skipped, options)
    if not usable:
        raise BodyRefused(NOTHING, collector.refused, skipped)
    return usable


def require_none_refused(
    collector: Collector, refused: Refusals, skipped: Sequence[Skipped], options: LoadOptions
) -> None:
    """Raises BodyRefused if a reading is refused, and the load not partial."""
    if refused.records and not options.partial:
        raise BodyRefused(f"{refused.records} of {collector.readings} readings refused, none stored", refused, skipped)


def store_traces(
    session: Session,
    principal: Principal,
    project: int,
    collector: Collector,
    traces: Sequence[Trace],
) -> list[LoadedTrace]:
    """Store the readings of all traces, which are made if they are not there; those that contradict stored ones are
    added to what is refused. Raises Invalid."""
    stored = find_or_make(session, principal, project, traces)
    ids = [each.id for each in stored]
    if lock_traces(session, principal, sorted(set(ids))) != set(ids):
        raise TraceGone
    return [
        store_trace(session, collector, replace(trace, unit=each.unit), each)
        for trace, each in zip(traces, stored, strict=True)
    ]


def store_trace(session: Session, collector: Collector, trace: Trace, stored: StoredTrace) -> LoadedTrace:
    """Store the readings of a trace, which is locked, in the unit of the stored one, window after window."""
    loaded = LoadedTrace(stored, trace, Counts(), Balance(), [], Refusals())
    for window in windows(collector, trace):
        collector.refused = Refusals()  # what is found again, which was refused when all was checked
        found = readings_of(collector, window)
        collector.refused = loaded.refused
        outcome = store_intervals(session, stored.id, found.readings, are_ends_known=stored.are_ends_known)
        refuse_conflicts(collector, window, found.intervals, outcome.conflicts)
        loaded = loaded.with_window(found, outcome)
    return loaded
