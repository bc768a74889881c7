"""Storing the readings of a trace that have a start and an end, among those that it has.

A record lasts until the next one starts. So one without a value is put where nothing follows on a reading, and those
inside the time of a reading go.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from eeds.db.binary_copy import Columns
from eeds.db.engine import PsycopgConnection, psycopg_connection
from eeds.db.statements import query
from eeds.records.balance import Tally, energy_of
from eeds.records.block_format import decode, utc_texts
from eeds.records.block_store import change_readings
from eeds.records.finer_readings import Readings
from eeds.records.history.written import history_of
from eeds.records.ids import EPOCH, LAST_START
from eeds.records.intervals import READING, Conflict, Resolved, resolve, without_small_gaps
from eeds.records.merging import LISTED_CHANGES, Change
from eeds.records.refusals import Counts

LATEST = int((LAST_START - EPOCH).total_seconds())
NEVER = np.iinfo(np.int64).max
# A stored reading of unknown end, so many times as long as those beside it, is one before a gap.
BEFORE_GAP = 2.5


@dataclass(frozen=True)
class StoredIntervals:
    """What became of the readings of a trace: `counts` are of its records, `stored`, `refused` and `replaced` of the
    new readings, `overwritten` of those that had been stored, without the energy that rests of them keep. `conflicts`
    are what is refused; a reading of which another part is stored counts there."""

    counts: Counts
    stored: Tally
    refused: Tally
    replaced: Tally
    overwritten: Tally
    conflicts: Sequence[Conflict]
    changes: Sequence[Change]


@dataclass(frozen=True)
class Records:
    """Records in order of time: starts in seconds since 1970, NaN for missing values."""

    start: NDArray[np.int64]
    value: NDArray[np.float64]
    estimated: NDArray[np.bool_]

    def part(self, mask: NDArray[Any]) -> "Records":
        """Some of them."""
        return Records(self.start[mask], self.value[mask], self.estimated[mask])


def store_intervals(session: Session, trace_id: int, readings: Readings, *, are_ends_known: bool) -> StoredIntervals:
    """Store new readings (see READING) in the session's transaction; missing ones have NaN, and never replace a value.

    The caller holds the lock of the trace. The readings may overlap each other; they are resolved with the stored ones,
    all at once, so that a coarse one leaves room for all finer ones before its rest is shared out. `are_ends_known`
    says that all that is stored of the trace came with ends.
    """
    if not len(readings):
        return StoredIntervals(Counts(), Tally(), Tally(), Tally(), Tally(), [], [])
    connection = psycopg_connection(session)
    records, is_last_open = load_window(connection, trace_id, int(readings["start"].min()), int(readings["end"].max()))
    stored, guessed = readings_of(records, is_last_open=is_last_open, are_ends_known=are_ends_known)
    is_missing = np.isnan(readings["value"])
    known = readings[~is_missing] if is_missing.any() else readings
    resolved = resolve(np.concatenate((stored, known)) if len(stored) else known)
    final = without_small_gaps(without_guesses(resolved.readings, guessed, readings["start"][is_missing]))
    missing = np.concatenate((records.start[np.isnan(records.value)], readings["start"][is_missing]))
    target = records_with_ends(final, missing)
    if not is_last_open:  # the last one only bounds the one before it
        bound = records.start[-1]
        records, target = records.part(records.start < bound), target.part(target.start < bound)
    counts = write(session, trace_id, records, target, readings)
    stored_starts = target.part(np.isnan(target.value)).start
    missing_ones = int(is_missing.sum())
    lost = missing_ones - int(np.isin(readings["start"][is_missing], stored_starts).sum())
    kept, refused, replaced = tallies(resolved, final)
    changes, overwritten = changes_of(trace_id, records, target, final[final["stored"]])
    return StoredIntervals(
        counts,
        kept + Tally(missing_ones - lost),
        refused,
        replaced + Tally(lost),
        overwritten,
        resolved.conflicts,
        changes,
    )


def tallies(resolved: Resolved, final: Readings) -> tuple[Tally, Tally, Tally]:
    """The new readings that are stored, refused and replaced. Of a coarse one beside finer ones parts may have become
    each of these: it counts as the first of them."""
    kept, gone = final[~final["stored"]], np.concatenate((np.empty(0, READING), *resolved.gone))
    stored = np.unique(kept["index"])
    refused = np.setdiff1d([conflict.index for conflict in resolved.conflicts], stored)
    replaced = np.setdiff1d(gone["index"], np.concatenate((stored, refused)))
    return (
        Tally(len(stored), energy_of(kept["value"])),
        Tally(len(refused), energy_of([conflict.value for conflict in resolved.conflicts])),
        Tally(len(replaced), energy_of(gone["value"]) + resolved.gone_in_part),
    )


def load_window(connection: PsycopgConnection, trace_id: int, first: int, last: int) -> tuple[Records, bool]:
    """The stored records that readings between two times may meet: those between, and two before and after, as before a
    small gap there is a reading and its end. And whether the last of them is the last of the trace, which nothing says
    the end of."""
    earliest, latest = utc_texts(np.array([first, last], "datetime64[s]"))
    bounds = {"id": trace_id, "first": earliest, "last": latest}
    blocks = decode(connection.execute(query("records/load_window"), bounds, binary=True).fetchall())
    seconds = blocks["start"].astype(np.int64)
    begin = max(int(np.searchsorted(seconds, first, side="right")) - 2, 0)
    end = int(np.searchsorted(seconds, last)) + 2
    window = slice(begin, end)
    records = Records(seconds[window], blocks["value"][window], blocks["estimated"][window])
    return records, int((records.start >= last).sum()) < 2


def readings_of(
    records: Records, *, is_last_open: bool, are_ends_known: bool
) -> tuple[Readings, Mapping[int, tuple[int, int]]]:
    """The stored records that have values as readings, and of those whose ends are guessed, by their starts: the guess,
    and the end that the next record gives. The last of the records is a bound, unless it is the last of its trace."""
    start, has_value = records.start, ~np.isnan(records.value)
    until = np.append(start[1:], NEVER)
    length = np.where(has_value & (until < NEVER), until - start, 0)
    usual = np.maximum(np.append(0, length[:-1]), np.append(length[1:], 0))  # of those beside it
    is_unmarked = np.append(has_value[1:], True)  # no record without a value ends it
    is_before_gap = is_unmarked & (usual > 0) & (length > BEFORE_GAP * usual) & (not are_ends_known)
    is_guess = has_value & (is_before_gap | (until == NEVER))
    readings = np.zeros(len(start), READING)
    readings["index"], readings["start"], readings["stored"] = -1, start, True
    readings["end"] = np.where(is_guess, start + np.maximum(usual, 1), until)
    readings["value"], readings["estimated"] = records.value, records.estimated
    is_reading = has_value & (is_last_open | (until < NEVER))
    guesses = zip(readings["end"][is_guess].tolist(), until[is_guess].tolist(), strict=True)
    return readings[is_reading], dict(zip(start[is_guess].tolist(), guesses, strict=True))


def without_guesses(readings: Readings, guessed: Mapping[int, tuple[int, int]], missing: NDArray[np.int64]) -> Readings:
    """Readings, of which those of guessed ends last until the next one starts, also if that is `missing`, or as far as
    their records said."""
    if not guessed:
        return readings
    readings = readings.copy()
    starts = np.append(np.union1d(readings["start"], missing), NEVER)
    following = starts[np.searchsorted(starts, readings["start"], side="right")]
    for place in np.flatnonzero(np.isin(readings["start"], list(guessed)) & readings["stored"]).tolist():
        guess, until = guessed[int(readings["start"][place])]
        if readings["end"][place] == guess:
            readings["end"][place] = min(until, int(following[place]))
    return readings


def records_with_ends(readings: Readings, missing: NDArray[np.int64]) -> Records:
    """The records of readings that do not overlap: one without a value where a reading ends and none follows on it, and
    at the starts of `missing` ones that are in none of them."""
    start, end, value = readings["start"], readings["end"], readings["value"]
    following = np.append(start[1:], NEVER)
    ends = end[(end < following) & (end < LATEST)]
    place = np.searchsorted(start, missing, side="right") - 1
    is_inside = (place >= 0) & (missing < end[place]) if len(end) else np.zeros(len(missing), bool)
    empty = np.union1d(ends, missing[~is_inside])
    starts = np.concatenate((start, empty))
    order = np.argsort(starts, kind="stable")
    return Records(
        starts[order],
        np.concatenate((value, np.full(len(empty), np.nan)))[order],
        np.concatenate((readings["estimated"], np.zeros(len(empty), bool)))[order],
    )


def write(session: Session, trace_id: int, stored: Records, target: Records, readings: Readings) -> Counts:
    """Make the stored records the target's; gives the counts of those that come of the new readings."""
    is_same = same_records(stored, target)
    gone = stored.part(np.isin(stored.start, target.start, invert=True))
    changed = columns_of(trace_id, target.part(~is_same))
    written = change_readings(history_of(session), changed, columns_of(trace_id, gone)).counts
    of_load = np.isin(target.start, np.concatenate((readings["start"], readings["end"])))
    return Counts(written.created, written.updated, int((is_same & of_load).sum()), 0)


def columns_of(trace_id: int, records: Records) -> Columns:
    """Records of a trace as columns of readings."""
    return {
        "metadata_id": np.full(len(records.start), trace_id, np.int64),
        "start": records.start.astype("datetime64[s]"),
        "value": records.value,
        "estimated": records.estimated,
    }


def same_records(stored: Records, target: Records) -> NDArray[np.bool_]:
    """Which of the target's records are stored as they are."""
    if not len(stored.start):
        return np.zeros(len(target.start), bool)
    place = np.minimum(np.searchsorted(stored.start, target.start), len(stored.start) - 1)
    value = stored.value[place]
    is_same_value = (value == target.value) | (np.isnan(value) & np.isnan(target.value))
    is_same_flag = stored.estimated[place] == target.estimated
    same: NDArray[np.bool_] = (stored.start[place] == target.start) & is_same_value & is_same_flag
    return same


def changes_of(trace_id: int, stored: Records, target: Records, rests: Readings) -> tuple[list[Change], Tally]:
    """The stored values that are no more, the first LISTED_CHANGES with what is there now, and all of them together,
    without what is left of them in `rests`, the stored readings as they are now."""
    had_value = stored.part(~np.isnan(stored.value))
    now = np.full(len(had_value.start), np.nan)
    _, places, of_target = np.intersect1d(had_value.start, target.start, assume_unique=True, return_indices=True)
    now[places] = target.value[of_target]
    changed = now != had_value.value
    starts = had_value.start[changed][:LISTED_CHANGES].astype("datetime64[s]").tolist()
    before, after = had_value.value[changed], now[changed]
    changes = [
        Change(trace_id, start.replace(tzinfo=EPOCH.tzinfo), old, None if math.isnan(new) else new)
        for start, old, new in zip(starts, before.tolist(), after.tolist(), strict=False)
    ]
    is_left = np.isin(rests["start"], had_value.start[~changed], invert=True)
    return changes, Tally(int(changed.sum()), energy_of(before) - energy_of(rests["value"][is_left]))
