"""Blocks of readings in the database: read, replaced, and what is said of them in trace_extents kept true.

Whoever writes holds the locks of the traces (see eeds.records.consumption.lock_traces).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from eeds.db.binary_copy import Columns
from eeds.db.cursors import Rows
from eeds.db.engine import PsycopgConnection, psycopg_connection
from eeds.db.statements import query
from eeds.errors import EedsError
from eeds.records.block_cursor import READINGS, READINGS_AT_ONCE, portions
from eeds.records.block_format import EMPTY, block_heads, decode, encode, joined, months_of, part_of, utc_texts
from eeds.records.history.written import History
from eeds.records.ids import record_ids
from eeds.records.merging import Outcome, merge
from eeds.records.refusals import Counts
from eeds.records.runs_of_readings import Runs

FIRST, LAST, ARRIVAL = 1, 7, 8  # places in a row of staged_and_stored.sql

# A month of a trace with so many blocks of less than so many readings, or a few more, has them merged into one when
# others come.
SMALL_BLOCK, MANY_SMALL = 10_000, 7
# Of the blocks that are merged at once: a month of readings a minute has a tenth of it.
MOST_AT_ONCE = 400_000
TOO_MANY = (
    "Trace {} has more than {:,} readings in {} to be merged at once. Send them in order of time, or add them up, to"
    " minutes for example."
)


class TooDense(EedsError):
    """More readings of a trace in a month have to be brought together than are held."""

    def __init__(self, trace_id: int, month: np.datetime64) -> None:
        super().__init__(TOO_MANY.format(trace_id, MOST_AT_ONCE, month))


def write_blocks(connection: PsycopgConnection, readings: Columns) -> None:
    """Store sorted readings as new blocks."""
    with connection.cursor().copy(query("records/copy_blocks")) as target:
        target.write(encode(readings))


def traces_to_merge(connection: PsycopgConnection, runs: Runs) -> set[int]:
    """The traces of runs that cannot be stored as blocks beside the stored ones."""
    parameters = {**runs.parameters(), "small": SMALL_BLOCK, "many": MANY_SMALL}
    return {id for (id,) in connection.execute(query("records/traces_to_merge"), parameters).fetchall()}


def stage_blocks(connection: PsycopgConnection, readings: Columns) -> Outcome:
    """Keep sorted readings for `merge_staged`, of several of one start the last; gives what became of the others."""
    outcome = Outcome()
    if (np.diff(record_ids(readings)) == 0).any():
        merged = merge(readings, np.zeros(len(readings["start"]), bool))
        readings = merged.readings
        outcome = Outcome(Counts(duplicates=merged.outcome.counts.duplicates), again=merged.outcome.again)
    with connection.cursor().copy(query("records/copy_staged_blocks")) as target:
        target.write(encode(readings))
    return outcome


def months_in(readings: Columns) -> dict[str, list[Any]]:
    """The traces (`ids`) and `months` of sorted readings."""
    heads = block_heads(readings)
    months = months_of(readings["start"][heads]).astype("datetime64[D]")
    return {"ids": readings["metadata_id"][heads].tolist(), "months": months.tolist()}


def load_months(connection: PsycopgConnection, readings: Columns) -> Columns:
    """What is stored in the months of the traces of sorted readings. Raises TooDense."""
    months = {**months_in(readings), "most": MOST_AT_ONCE}
    rows = connection.execute(query("records/blocks_of_months"), months, binary=True).fetchall()
    if sum(row[READINGS] for row in rows) > MOST_AT_ONCE:
        raise TooDense(*month_of(rows[0]))
    return decode(rows)


def change_readings(history: History, sent: Columns, gone: Columns = EMPTY) -> Outcome:
    """Store readings, of which the last of one start is right, and delete those of the traces and starts of `gone`. All
    of their months are in memory at once. Raises TooDense."""
    connection = history.connection
    touched = in_order(joined([sent, gone]))
    stored = load_months(connection, touched)
    is_gone = np.isin(record_ids(stored), record_ids(gone))
    left, deleted = part_of(stored, ~is_gone), part_of(stored, is_gone)
    before = len(left["start"])
    merged = merge(joined([left, sent]), np.arange(before + len(sent["start"])) < before)
    if merged.is_changed.any() or is_gone.any():
        connection.execute(query("records/delete_months"), months_in(touched))
        write_blocks(connection, merged.readings)
        write_extents(connection, np.unique(touched["metadata_id"]).tolist())
        history.add(merged.changes.with_deleted(deleted))
    return merged.outcome


def in_order(readings: Columns) -> Columns:
    """The readings by trace and start; those of one start stay in their order."""
    ids, starts = readings["metadata_id"], readings["start"]
    if ((ids[1:] > ids[:-1]) | ((ids[1:] == ids[:-1]) & (starts[1:] >= starts[:-1]))).all():
        return readings
    return part_of(readings, np.argsort(record_ids(readings), kind="stable"))


def merge_staged(session: Session, history: History, traces: Sequence[int], own: Runs) -> Outcome:
    """Merge the staged readings, which are of these traces, into the stored ones; `own` are the runs that the load has
    stored itself. Raises TooDense."""
    connection, outcome = psycopg_connection(session), Outcome()
    changed: set[int] = set()
    parameters = {"ids": traces, "small": SMALL_BLOCK, "many": MANY_SMALL}
    for rows in overlapping(portions(session, query("records/staged_and_stored"), parameters)):
        rows.sort(key=lambda row: -1 if row[ARRIVAL] is None else row[ARRIVAL])
        readings = decode([row[:LAST] for row in rows])
        is_stored = np.repeat([row[ARRIVAL] is None for row in rows], [row[READINGS] for row in rows])
        merged = merge(readings, is_stored, own.hold(readings))
        outcome.add(merged.outcome)
        new = part_of(merged.readings, merged.is_changed)
        if len(new["start"]):
            connection.execute(query("records/delete_blocks"), stored_in_months_of(new, rows))
            write_blocks(connection, new)
            history.add(merged.changes)
            changed.update(np.unique(new["metadata_id"]).tolist())
    if changed:
        write_extents(connection, sorted(changed))
    return outcome


def overlapping(parts: Iterable[Rows]) -> Iterator[Rows]:
    """Rows of staged_and_stored.sql, which are in order of trace and time, many at a time: together with all that they
    overlap, and, where they are small, with all of their month. Raises TooDense."""
    held: Rows = []
    size, last = 0, 0
    for row in chain.from_iterable(parts):
        is_other = bool(held) and month_of(held[-1]) != month_of(row)
        if size >= READINGS_AT_ONCE and (is_other or row[FIRST] > last):
            yield held
            held, size = [], 0
        last = max(row[LAST], last) if held and not is_other else row[LAST]
        held.append(row)
        size += row[READINGS]
        if size > MOST_AT_ONCE:
            raise TooDense(*month_of(row))
    if held:
        yield held


def month_of(row: Sequence[Any]) -> tuple[int, np.datetime64]:
    """The trace and the month of a row."""
    return row[0], np.datetime64(row[FIRST], "s").astype("datetime64[M]")


def stored_in_months_of(readings: Columns, rows: Rows) -> dict[str, list[Any]]:
    """The stored ones of the rows, by `ids` of traces and `first` starts, that are of the months of these readings."""
    heads = block_heads(readings)
    months = set(zip(readings["metadata_id"][heads].tolist(), months_of(readings["start"][heads]), strict=True))
    stored = [row for row in rows if row[ARRIVAL] is None and month_of(row) in months]
    first = np.array([row[FIRST] for row in stored], "datetime64[s]")
    return {"ids": [row[0] for row in stored], "first": utc_texts(first)}


def write_extents(connection: PsycopgConnection, traces: Sequence[int]) -> None:
    """Say of traces whose blocks have changed what is stored of them now."""
    connection.execute(query("records/write_extents"), {"ids": traces})
