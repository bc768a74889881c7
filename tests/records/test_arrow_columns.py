"""Bodies by names are read in whole columns; whatever is in them, the records are those of reading row by row."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.records.batch import Segment
from eeds.records.record_type import Kind
from eeds.records.tabular_body import arrow_segments, csv_segments
from eeds.records.trace_names import NAMED, columns_in

BY_ROWS = replace(NAMED, all_right=None)
USUAL = {
    "project_id": ["ABC", " ABC", "ABC ", "Ä, Ö"],
    "interpretation": ["E_C_S", "NG_C_S"],
    "label": ["main", "", "7"],
    "unit": ["KWH", "THM"],
    "start": ["2015-01-01T00:00:00Z", "2015-01-02T00:00:00+0100", "1901-02-28 23:59:59Z"],
    "value": ["1.5", "-2e-3", "", "NaN", " 7 "],
    "estimated": ["true", "false", "", "1"],
}
UNUSUAL = {
    "project_id": ["", "  ", "x" * 256, "A\0B"],
    "interpretation": ["", "E_X_X", "e_c_s"],
    "label": [" ", "y" * 255, "y" * 256, '"\n'],
    "unit": ["", "BTU"],
    "start": ["2015-01-01", "2015-1-1", "2015-01-01T05", "2015-01-01T05:30", "2015-02-30", "x", "", "1850-01-01"],
    "value": ["x", "inf", "1,5", "0x10", "1_000"],
    "estimated": ["maybe", "Yes", "2"],
}

Read = tuple[list[Any], list[Any]]


def as_csv(rows: list[list[str]]) -> io.BytesIO:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([list(USUAL), *rows])
    return io.BytesIO(text.getvalue().encode())


def found(segments: Iterator[Segment]) -> Read:
    """The records with their places, and the refusals."""
    records, refusals = [], []
    for segment in segments:
        columns, names = columns_in(segment)
        values = (columns[name].tolist() for name in ("name", "start", "value", "estimated"))
        for place, number, *rest in zip(segment.places, *values, strict=True):
            records.append((place, names[number], *map(str, rest)))
        refusals += [(r.index, r.field, r.value, r.message, r.item) for r in segment.refusals]
    return records, refusals


def in_columns(kind: Kind, body: io.BytesIO) -> bool:
    """Whether all of a body is read in columns."""
    return all(segment.columns is not None for segment in csv_segments(kind, body))


some_unusual = {name: st.sampled_from(USUAL[name] * 3 + UNUSUAL[name]) for name in USUAL}
all_usual = {name: st.sampled_from(USUAL[name]) for name in USUAL}
columns_of_cells = st.sampled_from(sorted(USUAL)).map(lambda odd: all_usual | {odd: some_unusual[odd]})
bodies = columns_of_cells.flatmap(lambda cells: st.lists(st.tuples(*cells.values()).map(list), max_size=8))


@given(bodies)
def test_columns_and_rows_are_read_alike(rows: list[list[str]]) -> None:
    assert found(csv_segments(NAMED, as_csv(rows))) == found(csv_segments(BY_ROWS, as_csv(rows)))


@given(st.lists(st.tuples(*all_usual.values()).map(list), max_size=8))
def test_what_is_usual_is_read_in_columns(rows: list[list[str]]) -> None:
    assert in_columns(NAMED, as_csv(rows))


@pytest.mark.parametrize(
    ("starts", "usual"),
    [
        (["2015-01-01", "2015-01-02"], True),
        (["2015-01-01", "2015-01-02T00:00", "2015-01-03 01:02:03"], True),
        (["2015-01-01", "2015-01-02T05"], False),
        (["2015-01-01", "2015-01-02T00:00Z"], False),
        (["2015-01-01T00:00:00", "2015-1-2"], False),
    ],
)
def test_days_among_times(starts: list[str], usual: bool) -> None:
    rows = [["ABC", "E_C_S", "", "KWH", start, "1", ""] for start in starts]
    assert in_columns(NAMED, as_csv(rows)) == usual
    assert found(csv_segments(NAMED, as_csv(rows))) == found(csv_segments(BY_ROWS, as_csv(rows)))


def test_many_names_are_told_apart() -> None:
    """More than fit a number of 16 bits, in no order."""
    names = list(product(map(str, range(300)), ("E_C_S", "NG_C_S"), map(str, range(100)), ("KWH",)))
    order = np.random.default_rng(1).permutation(len(names)).tolist()
    rows = [[*names[number], "2015-01-01T00:00:00Z", str(number), ""] for number in order]
    records, refusals = found(csv_segments(NAMED, as_csv(rows)))
    assert [(place, name, value) for place, name, _, value, _ in records] == [
        (place, names[number], f"{number:.1f}") for place, number in enumerate(order)
    ]
    assert refusals == []


@pytest.mark.parametrize(
    ("labels", "read"),
    [
        (pa.array([7, None, 7]), ["7", None, "7"]),
        (pa.array(["a", " a ", None]).dictionary_encode(), ["a", "a", None]),
        (pa.array(["a", "b", "a"], pa.large_string()), ["a", "b", "a"]),
        (pa.nulls(3), [None, None, None]),
        (None, [None, None, None]),
    ],
)
def test_columns_of_other_types(labels: pa.Array | None, read: list[str | None]) -> None:
    columns = {
        "project_id": pa.array(["ABC"] * 3).dictionary_encode(),
        "interpretation": pa.array(["E_C_S"] * 3),
        "unit": pa.array(["KWH"] * 3),
        "start": pa.array([0, 1, 2], pa.timestamp("s")),
        "value": pa.array([1.0, None, float("nan")]),
    }
    table = pa.table(columns if labels is None else {**columns, "label": labels})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    (segment,) = arrow_segments(NAMED, io.BytesIO(sink.getvalue()))
    assert segment.columns is not None
    records, refusals = found(iter([segment]))
    assert [(place, name.label) for place, name, *_ in records] == list(enumerate(read))
    assert refusals == []
