"""Bodies by names are read in whole columns; whatever is in them, the records are those of reading row by row."""

import csv
import io
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.formats.media_types import ARROW, CSV
from eeds.records import table_body
from eeds.records.batch import Batch
from eeds.records.table_body import table_batches
from eeds.records.table_columns import TableColumns
from eeds.records.trace_names import NAMED

USUAL = {
    "project_id": ["ABC", " ABC", "ABC ", "Ä, Ö"],
    "interpretation": ["E_C_S", "NG_C_S", "gas", " Natural_Gas", "e_c_s"],
    "label": ["main", "", "7"],
    "unit": ["KWH", "THM", "kWh", "therms"],
    "start": ["2015-01-01T00:00:00Z", "2015-01-02T00:00:00+0100", "1901-02-28 23:59:59Z"],
    "value": ["1.5", "-2e-3", "", "NaN", " 7 ", "n/a", " NULL "],
    "estimated": ["true", "false", "", "1"],
}
UNUSUAL = {
    "project_id": ["", "  ", "x" * 256, "A\0B"],
    "interpretation": ["", "E_X_X"],
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


def csv_batches(body: io.BytesIO) -> Iterator[Batch]:
    return table_batches(CSV, TableColumns(NAMED, list(USUAL)), body, keep_rows=False)


def by_rows(body: io.BytesIO) -> Iterator[Batch]:
    """The same, as if nothing was ever usual."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_body, "columns_of", lambda *arguments: None)
        yield from csv_batches(body)


def records_and_refusals(batches: Iterator[Batch]) -> Read:
    """The records with their row numbers, and the refusals."""
    records, refusals = [], []
    for batch in batches:
        if batch.rows:
            values = (batch.columns[name].tolist() for name in ("name", "start", "value", "estimated"))
            for row, number, *rest in zip(batch.rows, *values, strict=True):
                records.append((row, batch.names[number], *map(str, rest)))
        refusals += [(r.row, r.field, r.value, r.message, r.item) for r in batch.refusals]
    return records, refusals


def in_columns(body: io.BytesIO) -> bool:
    """Whether all of a body is read in columns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(table_body, "read_one_by_one")
        try:
            list(csv_batches(body))
        except NameError:
            return False
    return True


some_unusual = {name: st.sampled_from(USUAL[name] * 3 + UNUSUAL[name]) for name in USUAL}
all_usual = {name: st.sampled_from(USUAL[name]) for name in USUAL}
columns_of_cells = st.sampled_from(sorted(USUAL)).map(lambda odd: all_usual | {odd: some_unusual[odd]})
bodies = columns_of_cells.flatmap(lambda cells: st.lists(st.tuples(*cells.values()).map(list), max_size=8))


@given(bodies)
def test_columns_and_rows_are_read_alike(rows: list[list[str]]) -> None:
    assert records_and_refusals(csv_batches(as_csv(rows))) == records_and_refusals(by_rows(as_csv(rows)))


@given(st.lists(st.tuples(*all_usual.values()).map(list), max_size=8))
def test_what_is_usual_is_read_in_columns(rows: list[list[str]]) -> None:
    assert in_columns(as_csv(rows))


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
    assert in_columns(as_csv(rows)) == usual
    assert records_and_refusals(csv_batches(as_csv(rows))) == records_and_refusals(by_rows(as_csv(rows)))


def test_many_names_are_told_apart() -> None:
    """More than fit a number of 16 bits, in no order."""
    names = list(product(map(str, range(300)), ("E_C_S", "NG_C_S"), map(str, range(100)), ("KWH",)))
    order = np.random.default_rng(1).permutation(len(names)).tolist()
    rows = [[*names[number], "2015-01-01T00:00:00Z", str(number), ""] for number in order]
    records, refusals = records_and_refusals(csv_batches(as_csv(rows)))
    assert [(row, name, value) for row, name, _, value, _ in records] == [
        (row, names[number], f"{number:.1f}") for row, number in enumerate(order)
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
    body = io.BytesIO(sink.getvalue())
    (batch,) = table_batches(ARROW, TableColumns(NAMED, table.schema.names), body, keep_rows=False)
    records, refusals = records_and_refusals(iter([batch]))
    assert [(row, name[2]) for row, name, *_ in records] == list(enumerate(read))
    assert refusals == []
