"""Runs of records in order, found in whole columns."""

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.db.binary_copy import Columns
from eeds.records import runs_of_readings as module
from eeds.records.runs_of_readings import long_runs, run_heads

RECORDS = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 9)), min_size=1, max_size=8)


def columns(records: list[tuple[int, int]]) -> Columns:
    ids, starts = zip(*records, strict=True)
    return {"metadata_id": np.array(ids), "start": np.array(starts, "datetime64[s]")}


@pytest.fixture(scope="module", autouse=True)
def _short_runs() -> object:
    """So that a run of one record is long enough."""
    before, module.SHORTEST_RUN = module.SHORTEST_RUN, 1
    yield
    module.SHORTEST_RUN = before


@given(RECORDS)
def test_runs(records: list[tuple[int, int]]) -> None:
    records.sort()
    runs = [(id, [start for _, start in run]) for id, run in groupby(records, key=lambda record: record[0])]
    found = long_runs(columns(records))
    assert run_heads(columns(records)["metadata_id"]).size == len(runs)
    if len(set(records)) < len(records):
        assert found is None
        return
    assert found is not None
    assert found.parameters() == {
        "ids": [id for id, _ in runs],
        "first": [f"1970-01-01T00:00:0{starts[0]}Z" for _, starts in runs],
        "last": [f"1970-01-01T00:00:0{starts[-1]}Z" for _, starts in runs],
    }


@given(RECORDS, RECORDS)
def test_what_runs_hold(records: list[tuple[int, int]], sought: list[tuple[int, int]]) -> None:
    found = long_runs(columns(sorted(set(records))))
    assert found is not None
    ends = zip(found.ids.tolist(), found.first.astype(int).tolist(), found.last.astype(int).tolist(), strict=True)
    spans = {id: (first, last) for id, first, last in ends}
    held = [id in spans and spans[id][0] <= start <= spans[id][1] for id, start in sought]
    assert found.hold(columns(sought)).tolist() == held


def test_short_runs_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    records = [(id, start) for id in range(2) for start in range(5)]
    monkeypatch.setattr(module, "SHORTEST_RUN", 5)
    assert long_runs(columns(records)) is not None
    monkeypatch.setattr(module, "SHORTEST_RUN", 6)
    assert long_runs(columns(records)) is None
