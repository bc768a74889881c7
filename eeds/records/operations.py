"""Loading records in bulk: from a body to what became of its records, all or nothing unless it may be partial."""

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import IO

from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.errors import EedsError
from eeds.formats.media_types import ARROW, CSV, JSON, JSON_LINES, PARQUET
from eeds.records.attempts import attempts
from eeds.records.batch import Batch
from eeds.records.consumption import CONSUMPTION, ReadingStore
from eeds.records.history.finished import ENERGY, WEATHER, finish
from eeds.records.json_body import json_batches, line_batches
from eeds.records.limits import LoadLimits, bounded
from eeds.records.record_type import RecordType
from eeds.records.refused_rows import Loaded, Refusals, Refused
from eeds.records.table_columns import TableColumns
from eeds.records.temperatures import TEMPERATURES, ObservationType, TemperatureStore
from eeds.records.trace_names import NAMED, NamedReadingStore

MEDIA_TYPES = (JSON, JSON_LINES, CSV, ARROW, PARQUET)
# A thread that decodes behind so few records takes longer to start and to wait for than it saves.
FEW = 10_000


@dataclass(frozen=True)
class LoadOptions:
    """How to load a body: `limits` are the bounds of the load, `partial` stores the good records of a body with bad
    ones, `dry_run` stores nothing, `refused` is the file for the refused records, None without one, and `heating_value`
    that of a gas in MJ/m3, by which volumes in a Green Button file become energy."""

    limits: LoadLimits
    partial: bool = False
    dry_run: bool = False
    refused: IO[bytes] | None = None
    heating_value: float | None = None


def load_records(
    session: Session,
    principal: Principal,
    record_type: RecordType,
    media_type: str,
    body: IO[bytes],
    options: LoadOptions,
) -> Loaded:
    """Store the records of a body, CONSUMPTION, TEMPERATURES or an ObservationType, in the session's transaction, or
    roll it back. The media type is one of MEDIA_TYPES.

    Raises MalformedBody, and Refused where some record is bad and the load is not `partial`.
    """
    table = None
    if media_type not in (JSON, JSON_LINES):
        # pyarrow takes a while to import, and most processes never need it
        from eeds.records.table_body import column_names

        table = table_columns(record_type, column_names(media_type, body))
        record_type = table.record_type
    try:
        for attempt in attempts(session):
            with attempt:
                batches = read_batches(record_type, media_type, table, body, keep_rows=options.refused is not None)
                batches = bounded(batches, options.limits, dry_run=options.dry_run)
                loaded = load_once(session, principal, record_type, table, batches, options, attempt.optimistic)
    except EedsError:
        session.rollback()  # whoever answers the error commits nothing of the batches before it
        raise
    if options.dry_run:
        session.rollback()
    return loaded


def table_columns(record_type: RecordType, header: Sequence[str]) -> TableColumns:
    """The columns of a table of records. Readings may name their traces instead of giving their ids. Raises
    MalformedBody."""
    if record_type is CONSUMPTION and "metadata_id" not in [name.strip().lower() for name in header]:
        record_type = NAMED
    return TableColumns(record_type, header)


def read_batches(
    record_type: RecordType, media_type: str, table: TableColumns | None, body: IO[bytes], *, keep_rows: bool
) -> Iterator[Batch]:
    """The batches of a body, from its beginning."""
    body.seek(0)
    if table is None:
        return json_batches(record_type, body) if media_type == JSON else line_batches(record_type, body)
    from eeds.records.table_body import table_batches

    return table_batches(media_type, table, body, keep_rows=keep_rows)


def load_once(
    session: Session,
    principal: Principal,
    record_type: RecordType,
    table: TableColumns | None,
    batches: Iterator[Batch],
    options: LoadOptions,
    optimistic: bool,
) -> Loaded:
    """Read the body to its end, whatever is wrong with it, so that all of it is reported at once."""
    if options.refused:
        options.refused.truncate(options.refused.seek(0))  # of what an earlier attempt wrote
    store = store_of(session, principal, record_type, optimistic=optimistic)
    refused = Refusals(list(record_type.fields), table, options.refused)
    ignored = table.ignored if table else ()
    sent = 0
    with closing(read_ahead(batches)) as ready:
        for batch in ready:
            sent += batch.sent
            good, refusals = store.split(batch)
            refused.add([*batch.refusals, *refusals], batch.file_rows)
            if refused.records > options.limits.refused_rows:
                raise Refused(refused, sent, ignored, are_more=True)
            if options.partial or not refused.records:
                store.add(good)
    if refused.records and not options.partial:
        raise Refused(refused, sent, ignored)
    counts = store.finish()
    kind, notes = (WEATHER, store.notes) if isinstance(store, TemperatureStore) else (ENERGY, ())
    finish(session, principal, kind, counts, refused=refused.records)
    return Loaded(counts, refused, ignored, notes)


def store_of(
    session: Session, principal: Principal, record_type: RecordType, *, optimistic: bool
) -> ReadingStore | NamedReadingStore | TemperatureStore:
    """Where the records of one load go."""
    if record_type is TEMPERATURES:
        return TemperatureStore(session)
    if isinstance(record_type, ObservationType):
        return TemperatureStore(session, record_type.hourly)
    readings = NamedReadingStore if record_type is NAMED else ReadingStore
    return readings(session, principal, optimistic=optimistic)


def read_ahead(batches: Iterator[Batch]) -> Generator[Batch]:
    """The batches, the next of which is decoded while the database works on a long one."""
    batch = next(batches, None)
    with ThreadPoolExecutor(1) as reader:  # which starts no thread before it is needed
        while batch:
            following = reader.submit(next, batches, None) if batch.sent > FEW else None
            yield batch
            batch = following.result() if following else next(batches, None)
