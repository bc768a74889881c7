"""Plain tables at the speed of COPY: the columns of the API, every start with an offset, plain numbers. Any file that
is not as plain is left to the general reader."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import IO, Any

import numpy as np
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.errors import EedsError
from eeds.formats.id_columns import cleaned
from eeds.formats.media_types import type_of_table
from eeds.formats.timestamps import parse_instant
from eeds.records.attempts import attempts
from eeds.records.balance import LARGEST, Balance, Tally
from eeds.records.batch import Batch
from eeds.records.consumption import CONSUMPTION, ReadingStore
from eeds.records.fields import ZONED_INSTANT
from eeds.records.files.header import find_header
from eeds.records.files.plan import PLAIN, LoadedFile, LoadedTrace, Plan
from eeds.records.files.traces import stored_traces
from eeds.records.history.finished import ENERGY, finish
from eeds.records.limits import bounded
from eeds.records.operations import LoadOptions, read_ahead, read_batches
from eeds.records.record_type import RecordType
from eeds.records.refusals import Refusal
from eeds.records.refused_rows import Refusals, Refused
from eeds.records.table_columns import TableColumns
from eeds.records.trace_names import NAMED, NamedReadingStore, read_text

NO_OFFSET = "The time has no offset from UTC, as in 2022-01-31T13:00:00-06:00; the first rows of the file have one."
NUMBER_MADE = "A spreadsheet made a number of this id."


class NotPlain(EedsError):
    """The table has to be read by the general reader; the text says what is not plain."""


def read_zoned_time(sent: Any) -> Any:
    """An instant with an offset; raises ValueError."""
    text = str(sent)
    instant = parse_instant(text)
    if not text.rstrip().endswith(("Z", "z")) and not any(sign in text[10:] for sign in "+-"):
        raise ValueError(NO_OFFSET)
    return instant


def read_id(sent: Any) -> str:
    """A name that nobody has made a number; raises ValueError."""
    text = read_text(sent)
    if cleaned(text) != text:
        raise ValueError(NUMBER_MADE)
    return text


def plain_type(record_type: RecordType) -> RecordType:
    """The record type as plain tables have it."""
    fields = dict(record_type.fields)
    fields["start"] = replace(fields["start"], type=ZONED_INSTANT, read=read_zoned_time)
    for name in {"project_id", "label"} & fields.keys():
        fields[name] = replace(fields[name], read=read_id)
    return replace(record_type, fields=fields)


PLAIN_BY_ID, PLAIN_BY_NAME = plain_type(CONSUMPTION), plain_type(NAMED)


@dataclass
class Tallies:
    """What came in, by trace."""

    readings: dict[int, int] = field(default_factory=dict)
    energy: dict[int, float] = field(default_factory=dict)

    def add(self, batch: Batch) -> None:
        """Count the readings of a batch."""
        if not batch.rows:
            return
        ids, place = np.unique(batch.columns["metadata_id"], return_inverse=True)
        counts = np.bincount(place)
        values = batch.columns["value"]
        energies = np.bincount(place, np.where(np.abs(values) <= LARGEST, values, 0.0))  # nor what is missing
        for id, count, energy in zip(ids.tolist(), counts.tolist(), energies.tolist(), strict=True):
            self.readings[id] = self.readings.get(id, 0) + count
            self.energy[id] = self.energy.get(id, 0.0) + energy


def plain_columns(body: IO[bytes]) -> tuple[str, TableColumns]:
    """The media type of a plain table, and its columns. Raises MalformedBody, and NotPlain where the general reader
    makes something else of its columns."""
    from eeds.records.table_body import column_names  # pyarrow takes a while to import

    media_type, encoding = type_of_table(body)
    if encoding:
        raise NotPlain("The file is packed.")
    body.seek(0)
    names = column_names(media_type, body)
    by_id = "metadata_id" in [name.strip().lower() for name in names]
    table = TableColumns(PLAIN_BY_ID if by_id else PLAIN_BY_NAME, names)
    understood = find_header([[name.strip() for name in names]])
    places = {"interpretation" if name == "fuel" else name: place for name, place in understood.places.items()}
    ours = dict(table.places)
    if by_id:
        # names beside an id are a comment, but a unit is none
        places = {name: at for name, at in places.items() if name not in NAMED.fields or name in {"unit", *ours}}
    if places != ours or understood.profile or understood.slots:
        raise NotPlain("The table has other columns.")
    return media_type, table


def load_plain(
    session: Session, principal: Principal, body: IO[bytes], options: LoadOptions, *, is_piece: bool
) -> LoadedFile:
    """Store the readings of a plain table. Of a piece of a table that is plain as far as anybody has looked, rows that
    are not are refused. Raises NotPlain, MalformedBody, and Refused."""
    media_type, table = plain_columns(body)
    try:
        for attempt in attempts(session):
            with attempt:
                batches = read_batches(
                    table.record_type, media_type, table, body, keep_rows=options.refused is not None
                )
                batches = bounded(batches, options.limits, dry_run=options.dry_run)
                load = PlainLoad(session, principal, table, options, is_piece=is_piece, optimistic=attempt.optimistic)
                loaded = load.run(batches)
    except EedsError:
        session.rollback()
        raise
    return loaded


class PlainLoad:
    """One attempt at a plain table."""

    def __init__(
        self,
        session: Session,
        principal: Principal,
        table: TableColumns,
        options: LoadOptions,
        *,
        is_piece: bool,
        optimistic: bool,
    ) -> None:
        if options.refused:
            options.refused.truncate(options.refused.seek(0))
        self.session, self.principal, self.table, self.options = session, principal, table, options
        self.is_piece = is_piece
        self.by_name = table.record_type is PLAIN_BY_NAME
        stores = NamedReadingStore if self.by_name else ReadingStore
        self.store = stores(session, principal, optimistic=optimistic)
        self.refused = Refusals(list(table.record_type.fields), table, options.refused)
        self.tallies = Tallies()
        self.sent = 0

    def run(self, batches: Iterator[Batch]) -> LoadedFile:
        """Load all batches; raises NotPlain and Refused."""
        with closing(read_ahead(batches)) as ready:
            for batch in ready:
                self.require_plain(batch.refusals)
                self.sent += batch.sent
                good, refusals = self.store.split(batch)
                self.require_plain([each for each in refusals if each.field == "unit"])
                self.refused.add([*batch.refusals, *refusals], batch.file_rows)
                if self.refused.records > self.options.limits.refused_rows:
                    raise Refused(self.refused, self.sent, self.table.ignored, are_more=True)
                self.tallies.add(good)
                if self.options.partial or not self.refused.records:
                    self.store.add(good)
        if self.refused.records and not self.options.partial:
            raise Refused(self.refused, self.sent, self.table.ignored)
        return self.finish()

    def require_plain(self, refusals: Sequence[Refusal]) -> None:
        """Raises NotPlain for the first of what the general reader may understand."""
        if refusals and not self.is_piece:
            first = refusals[0]
            field = self.table.column_of(first.field) if first.field else "the row"
            raise NotPlain(f"row {first.row + 1}, {field}, {first.value!r}: {first.message}")

    def finish(self) -> LoadedFile:
        """Merge what is staged, and account for it; raises NotPlain where readings come twice."""
        counts = self.store.finish()
        finish(self.session, self.principal, ENERGY, counts, refused=self.refused.records)
        readings = self.store.readings if isinstance(self.store, NamedReadingStore) else self.store
        outcome = readings.outcome
        if counts.duplicates and not self.is_piece:
            raise NotPlain("a trace has two readings of the same start")
        changes = outcome.changes if self.options.dry_run else ()
        traces = self.traces(outcome.again, outcome.overwritten)
        if self.options.dry_run:
            self.session.rollback()
        columns = {name: self.table.header[place] for name, place in self.table.places.items()}
        plan = Plan(PLAIN, header_line=1, columns=columns)
        refused = self.refused.records
        return LoadedFile(plan, counts, traces, self.sent, refused, self.refused, changes, self.table.ignored)

    def traces(self, again: Mapping[int, Tally], overwritten: Mapping[int, Tally]) -> list[LoadedTrace]:
        """What became of the readings of each trace."""
        known = stored_traces(self.session, self.principal, [*self.tallies.readings])
        loaded = []
        for id, readings in self.tallies.readings.items():
            received, replaced = Tally(readings, self.tallies.energy[id]), again.get(id, Tally())
            stored = Tally(received.readings - replaced.readings, received.energy - replaced.energy)
            balance = Balance(received, stored, replaced=replaced, overwritten=overwritten.get(id, Tally()))
            trace = known[id][0]
            loaded.append(LoadedTrace(id, trace.project_id, trace.interpretation, trace.label, trace.unit, balance))
        return loaded
