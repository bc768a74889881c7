"""Readings as blocks and back, and readings brought together with others: no database."""

from datetime import datetime
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eeds.db.binary_copy import Columns
from eeds.records.block_format import EMPTY, FIXED, block_heads, encode, joined, part_of
from eeds.records.block_store import in_order
from eeds.records.merging import merge
from eeds.records.record_values import readings_of, records_of
from eeds.records.refusals import Counts

starts = st.datetimes(datetime(1999, 12, 30), datetime(2000, 1, 3)).map(lambda start: start.replace(microsecond=0))
keys = st.tuples(st.integers(1, 2), starts)
values = st.tuples(st.none() | st.floats(allow_nan=False, allow_infinity=False), st.booleans())
some = st.dictionaries(keys, values, max_size=8)
Readings = dict[tuple[int, datetime], tuple[float | None, bool]]


def columns_of(readings: Readings) -> Columns:
    """As columns, in the order of the dict."""
    rows = [
        {"metadata_id": id, "start": start.astimezone(), "value": value, "estimated": estimated}
        for (id, start), (value, estimated) in readings.items()
    ]
    return readings_of(rows)


def as_dict(readings: Columns) -> Readings:
    """As a dict by trace and start."""
    return {
        (row["metadata_id"], row["start"].astimezone().replace(tzinfo=None)): (row["value"], row["estimated"])
        for row in records_of(readings)
    }


def test_a_block_is_a_month_of_a_trace() -> None:
    hours = np.datetime64("1999-12-31T22:00", "s") + np.arange(4) * 3600
    readings = {**EMPTY, "metadata_id": np.array([1] * 4 + [2] * 4), "start": np.tile(hours, 2)}
    assert block_heads(readings).tolist() == [0, 2, 4, 6]


def test_a_reading_takes_eight_bytes_and_its_length_on_the_wire() -> None:
    hours = np.datetime64("2000-01-01", "s") + np.arange(744) * 3600
    columns: dict[str, Any] = {"metadata_id": np.ones(744, int), "start": hours}
    columns |= {"value": np.arange(744) / 7, "estimated": np.zeros(744, bool)}
    assert len(encode(columns)) < 744 * 12 + FIXED.size + 100


@given(some, some)
def test_merged_is_what_a_dict_would_be(stored: Readings, sent: Readings) -> None:
    before, after = columns_of(stored), columns_of(sent)
    both = joined([in_order(before), after])
    merged = merge(both, np.arange(len(stored) + len(sent)) < len(stored))
    assert as_dict(merged.readings) == stored | sent
    assert merged.readings["start"].tolist() == in_order(merged.readings)["start"].tolist()
    same = {key for key in sent.keys() & stored.keys() if sent[key] == stored[key]}
    created = len(sent.keys() - stored.keys())
    assert merged.outcome.counts == Counts(created, len(sent) - created - len(same), len(same), 0)
    changed = {(id, start.month) for id, start in sent.keys() - same}
    months = {(id, start.month) for id, start in as_dict(part_of(merged.readings, merged.is_changed))}
    assert months == changed


@given(st.lists(st.tuples(keys, values), max_size=8))
def test_the_last_of_several_counts(sent: list[tuple[Any, Any]]) -> None:
    columns = joined([columns_of({key: value}) for key, value in sent])
    merged = merge(columns, np.zeros(len(sent), bool))
    last = dict(sent)
    assert as_dict(merged.readings) == last
    assert merged.outcome.counts == Counts(created=len(last), duplicates=len(sent) - len(last))
    assert sum(tally.readings for tally in merged.outcome.again.values()) == len(sent) - len(last)
