"""Readings as they were stored at a time: what is stored now, and what loads have changed of it since.

Of each start the first change after that time says what there was: a span of new readings that nothing was, an old
reading that it was. Where there is none, it is as it is now.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from eeds.db.binary_copy import Columns
from eeds.db.cursors import Rows
from eeds.db.engine import PsycopgConnection, psycopg_connection
from eeds.db.statements import query
from eeds.errors import Invalid
from eeds.formats.timestamps import FORMAT_HINT, parse_instant
from eeds.records.block_cursor import READINGS, READINGS_AT_ONCE, portions
from eeds.records.block_format import decode, part_of
from eeds.records.history.changes import ABSENT
from eeds.records.history.written import await_ending
from eeds.records.ids import FIRST_START, LAST_START, record_ids
from eeds.records.start_span import ALWAYS, StartSpan

TRACES_AT_ONCE = 1000
# Places in a row of stored_and_later.sql.
TRACE, FIRST, BLOCK, MONTH, LAST, CHANGE, LOAD = 0, 1, slice(0, 7), 7, 8, slice(9, 11), 11
NOW = (None, None)  # the CHANGE of what is stored
NEVER = np.iinfo(np.int64).max

NO_TIME = '"{}" is no time: give one since {}, as 2026-05-01T12:00:00Z. {}'
TOO_EARLY = "The history of readings begins at {}: what was stored at {} is not known."
TOO_LATE = "It is {} now: what will be stored at {} is not known."


def parse_as_of(session: Session, text: str) -> datetime:
    """The time that `as_of` says, of which the history knows, as soon as all loads until then are committed; a day
    alone is its first second (UTC). Raises Invalid."""
    connection = psycopg_connection(session)
    row = connection.execute(query("history/began")).fetchone()
    began, now = cast(tuple[datetime, datetime], row)
    try:
        time = parse_instant(text)
    except ValueError as error:
        raise Invalid({"as_of": [NO_TIME.format(text, spelled(began), FORMAT_HINT)]}) from error
    if time < began:
        raise Invalid({"as_of": [TOO_EARLY.format(spelled(began), spelled(time))]})
    if time > now:
        raise Invalid({"as_of": [TOO_LATE.format(spelled(now), spelled(time))]})
    await_ending(connection)
    return time


def spelled(time: datetime) -> str:
    """A time as the API writes it."""
    return time.isoformat().replace("+00:00", "Z")


def readings_as_of(
    session: Session, time: datetime, trace_ids: Sequence[int], span: StartSpan = ALWAYS
) -> Iterator[Columns]:
    """The readings of a span that were stored at a time of these traces, which the caller may see, by trace and start:
    some of them at a time, never none. Whatever is written meanwhile, all of a thousand traces are of one moment."""
    bounds = {"first": span.first or FIRST_START, "end": span.end or LAST_START, "time": time}
    ids = sorted(trace_ids)
    for place in range(0, len(ids), TRACES_AT_ONCE):
        some = {"ids": ids[place : place + TRACES_AT_ONCE], **bounds}
        rows = portions(session, query("history/stored_and_later"), some)
        for part in whole_months(rows):
            readings = as_they_were(part)
            inside = part_of(readings, span.holds(readings["start"]))
            if len(inside["start"]):
                yield inside


def load_as_of(connection: PsycopgConnection, time: datetime, trace_ids: Sequence[int]) -> Columns:
    """All readings that were stored at a time of these few traces, by trace and start."""
    of_all = {"ids": list(trace_ids), "first": FIRST_START, "end": LAST_START, "time": time}
    rows = connection.execute(query("history/stored_and_later"), of_all, binary=True).fetchall()
    return as_they_were(rows)


def whole_months(parts: Iterable[Rows]) -> Iterator[Rows]:
    """Rows of stored_and_later.sql, many at a time: whole months of traces, each with the spans of its trace."""
    held: Rows = []
    spans: Rows = []  # of the trace of the last row
    size = 0
    for row in chain.from_iterable(parts):
        if spans and spans[0][TRACE] != row[TRACE]:
            spans = []
        is_other = bool(held) and key_of(held[-1]) != key_of(row)
        if size >= READINGS_AT_ONCE and is_other and row[MONTH] is not None:
            yield held
            held, size = [*spans], 0
        if row[MONTH] is None:
            spans.append(row)
        held.append(row)
        size += row[READINGS]
    if held:
        yield held


def key_of(row: Sequence[Any]) -> tuple[int, Any]:
    """The trace and month of a row."""
    return row[TRACE], row[MONTH]


def as_they_were(rows: Rows) -> Columns:
    """The readings of whole months before all changes of them that are among the rows, by trace and start."""
    blocks = [row for row in rows if row[MONTH] is not None]
    if not blocks:
        return decode([])
    changes = sorted({row[CHANGE] for row in rows if row[CHANGE] != NOW})
    order = {change: place for place, change in enumerate(changes)} | {NOW: NEVER}
    readings = decode([row[BLOCK] for row in blocks])
    replaced = np.repeat([order[row[CHANGE]] for row in blocks], [row[READINGS] for row in blocks])
    ids = record_ids(readings)
    sequence = np.lexsort((replaced, ids))
    ids = ids[sequence]
    is_first = np.concatenate(([True], ids[1:] != ids[:-1]))
    first = sequence[is_first]
    spans = [(row[TRACE], row[FIRST], row[LAST], order[row[CHANGE]]) for row in rows if row[MONTH] is None]
    was_there = (replaced[first] <= first_additions(ids[is_first], spans)) & (readings["value"][first] != ABSENT)
    return part_of(readings, first[was_there])


def first_additions(ids: NDArray[np.int64], spans: Sequence[tuple[int, int, int, int]]) -> NDArray[np.int64]:
    """Of each of the sorted ids of records the place in order of the first of the spans that it is in, NEVER where it
    is in none. A span is a trace, its first and its last start in seconds since 1970, and its place."""
    added = np.full(len(ids), NEVER)
    if spans:
        traces, first, last, places = (np.array(each, np.int64) for each in zip(*spans, strict=True))
        begin = np.searchsorted(ids, record_ids({"metadata_id": traces, "start": first}))
        end = np.searchsorted(ids, record_ids({"metadata_id": traces, "start": last}), side="right")
        for span in np.argsort(-places, kind="stable").tolist():
            added[begin[span] : end[span]] = places[span]
    return added
