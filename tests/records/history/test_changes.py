"""What a write changes: runs in which all is new, and new readings one by one where they are scattered."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eeds.records.block_format import block_heads, joined
from eeds.records.history.changes import MOST_RUNS, added_runs

NEW, LEFT, OTHER = "new", "left", "other"  # what becomes of a reading: OTHER ones are changed
readings = st.lists(st.tuples(st.integers(1, 2), st.integers(0, 80), st.sampled_from([NEW, LEFT, OTHER])), max_size=60)


@given(readings=readings)
def test_every_new_reading_is_in_a_run_or_scattered(readings: Any) -> None:
    """Starts are 12 hours apart, so that there are two months."""
    what = {(trace, place): kind for trace, place, kind in readings}
    keys = sorted(what)
    kinds = np.array([what[key] for key in keys], str)
    starts = np.datetime64("2016-01-20", "s") + np.array([place for _, place in keys], int) * np.timedelta64(12, "h")
    columns = {
        "metadata_id": np.array([trace for trace, _ in keys], np.int64),
        "start": starts.astype("datetime64[s]"),
        "value": np.zeros(len(keys)),
        "estimated": np.zeros(len(keys), bool),
    }
    runs, is_scattered = added_runs(columns, kinds == NEW, kinds == LEFT)
    in_runs = runs.hold(columns)
    assert not (in_runs & (kinds == LEFT)).any()
    assert ((kinds == NEW) == ((in_runs & (kinds == NEW)) | is_scattered)).all()
    assert not (in_runs & is_scattered).any()
    months = joined(
        [{**columns, "start": runs.first, "metadata_id": runs.ids, "value": runs.ids * 0.0, "estimated": runs.ids < 0}]
    )
    assert all(np.diff(np.append(block_heads(months), len(runs.ids))) <= MOST_RUNS)


def test_one_span_for_all_that_nothing_old_interrupts() -> None:
    n = 6
    columns = {
        "metadata_id": np.ones(n, np.int64),
        "start": np.datetime64("2016-01-01", "s") + np.arange(n) * np.timedelta64(1, "h"),
        "value": np.zeros(n),
        "estimated": np.zeros(n, bool),
    }
    kinds = np.array([NEW, NEW, OTHER, NEW, LEFT, NEW])
    runs, is_scattered = added_runs(columns, kinds == NEW, kinds == LEFT)
    assert runs.first.tolist() == [columns["start"][0].item(), columns["start"][5].item()]
    assert runs.last.tolist() == [columns["start"][3].item(), columns["start"][5].item()]
    assert not is_scattered.any()
