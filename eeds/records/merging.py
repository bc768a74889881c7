"""Readings that are sent, brought together with those that are stored: whole columns, no database."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from eeds.db.binary_copy import Columns
from eeds.records.balance import Tally, tallies_by_trace
from eeds.records.block_format import block_heads, part_of
from eeds.records.history.changes import Changes, changes_of_merge
from eeds.records.ids import record_ids
from eeds.records.refusals import Counts

LISTED_CHANGES = 100
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Change:
    """A stored reading that a load changes: its values before and after (None: missing, or no more)."""

    trace_id: int
    start: datetime
    before: float | None
    after: float | None


@dataclass
class Outcome:
    """What became of the readings of a load: their counts, the stored values that it replaced in each trace, the
    readings that others of the same start behind them in the body replaced, and the first of the changes."""

    counts: Counts = field(default_factory=Counts)
    overwritten: dict[int, Tally] = field(default_factory=dict)
    again: dict[int, Tally] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        """Of the same load, in later blocks."""
        self.counts += other.counts
        self.changes += other.changes[: LISTED_CHANGES - len(self.changes)]
        for tallies, more in ((self.overwritten, other.overwritten), (self.again, other.again)):
            for id, tally in more.items():
                tallies[id] = tallies.get(id, Tally()) + tally


@dataclass(frozen=True)
class Merged:
    """The readings of some blocks as they are to be stored, which of them are in blocks that change, and what is
    changed."""

    readings: Columns
    is_changed: Mask
    outcome: Outcome
    changes: Changes


def merge(readings: Columns, is_stored: Mask, is_own: Mask | None = None) -> Merged:
    """Of several readings of one trace and start the last one is right. `readings` are those of whole blocks: before
    those sent, in the order of their arrival, those that are stored (`is_stored`), of which the load itself may have
    stored some (`is_own`)."""
    ids = record_ids(readings)
    order = np.argsort(ids, kind="stable")
    heads, tails = runs_of(ids[order])
    first, last = order[heads], order[tails]
    was_stored = is_stored[first]
    was_own = was_stored & is_own[first] if is_own is not None else np.zeros(len(first), bool)
    sent = tails - heads + 1 - was_stored
    is_new = ~was_stored
    is_updated = was_stored & (sent > 0) & ~is_same(readings, first, last)
    kept = part_of(readings, last)
    overwritten = is_updated & ~was_own
    places, changes = overwritten_values(readings, first[overwritten], last[overwritten])
    counts = counts_of(sent, is_new=is_new, is_updated=is_updated, was_own=was_own)
    outcome = Outcome(counts, tallies(part_of(readings, places)), changes=changes)
    if outcome.counts.duplicates:
        is_again = np.ones(len(order), bool)
        is_again[tails] = False
        is_again[heads] &= is_new | was_own
        outcome.again |= tallies(part_of(readings, order[is_again]))
    changed = changes_of_merge(
        kept, part_of(readings, first), is_new=is_new, is_other=is_updated, was_there=was_stored & ~was_own
    )
    return Merged(kept, in_same_block(kept, is_new | is_updated), outcome, changed)


def runs_of(ids: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The places of the first and the last of each run of the same id."""
    heads = np.flatnonzero(np.concatenate(([True], ids[1:] != ids[:-1]))[: len(ids)])
    return heads, np.append(heads[1:], len(ids))[: len(heads)] - 1


def is_same(readings: Columns, first: NDArray[np.intp], last: NDArray[np.intp]) -> Mask:
    """Whether readings at two places are the same; missing values are."""
    value, estimated = readings["value"], readings["estimated"]
    before, after = value[first], value[last]
    same: Mask = ((before == after) | (np.isnan(before) & np.isnan(after))) & (estimated[first] == estimated[last])
    return same


def counts_of(sent: NDArray[np.intp], *, is_new: Mask, is_updated: Mask, was_own: Mask) -> Counts:
    """The counts, by how many readings were sent of each key; what the load has stored itself is counted already."""
    created, updated = int(is_new.sum()), int((is_updated & ~was_own).sum())
    of_load = (sent > 0) & ~was_own
    return Counts(created, updated, int(of_load.sum()) - created - updated, int(sent.sum() - of_load.sum()))


def overwritten_values(
    readings: Columns, before: NDArray[np.intp], after: NDArray[np.intp]
) -> tuple[NDArray[np.intp], list[Change]]:
    """Where of these places a value, not a missing one, is replaced by another, and the first of these changes."""
    old, new = readings["value"][before], readings["value"][after]
    is_other = ~np.isnan(old) & (old != new)
    before, old, new = before[is_other], old[is_other], new[is_other]
    listed = slice(LISTED_CHANGES)
    changes = [
        Change(id, start.replace(tzinfo=UTC), was, None if np.isnan(now) else now)
        for id, start, was, now in zip(
            readings["metadata_id"][before[listed]].tolist(),
            readings["start"][before[listed]].tolist(),
            old[listed].tolist(),
            new[listed].tolist(),
            strict=True,
        )
    ]
    return before, changes


def tallies(readings: Columns) -> dict[int, Tally]:
    """How many readings there are of each trace, and their energy."""
    return dict(tallies_by_trace(readings["metadata_id"], readings["value"]))


def in_same_block(readings: Columns, which: Mask) -> Mask:
    """The readings in the blocks of which some are meant."""
    heads = block_heads(readings)
    if not len(heads):
        return which
    counts = np.diff(np.append(heads, len(which)))
    return np.repeat(np.logical_or.reduceat(which, heads), counts)
