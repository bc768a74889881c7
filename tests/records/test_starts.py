"""Starts read all at once are those that are read one by one."""

from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeds.records.starts import starts_of_texts, usual_starts

SECONDS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(lambda time: time.replace(microsecond=0))
TAILS = ["", "Z", "+00:00", ".000Z"]
USUAL = "2016-02-29T23:59:59"


def seconds(times: list[datetime]) -> list[int]:
    return [int(time.replace(tzinfo=UTC).timestamp()) for time in times]


@settings(deadline=None)
@given(st.lists(SECONDS, min_size=1, max_size=5), st.sampled_from(TAILS))
def test_usual_texts(times: list[datetime], tail: str) -> None:
    found = usual_starts([time.isoformat() + tail for time in times])
    assert found is not None
    assert found.dtype == "datetime64[s]"
    assert found.astype(np.int64).tolist() == seconds(times)


@settings(deadline=None)
@given(st.lists(st.text("0123456789-T:Z+.\0\n W", max_size=3), min_size=2, max_size=4), st.data())
def test_what_is_not_all_usual(cuts: list[str], data: st.DataObject) -> None:
    """Texts cut anywhere and patched: never taken for usual unless each of them is."""
    texts = []
    for patch in cuts:
        start = data.draw(st.integers(0, 20))
        text = f"{USUAL}Z"
        texts.append(text[:start] + patch + text[start + data.draw(st.integers(0, 3)) :])
    found = usual_starts(texts)
    if found is not None:
        assert {len(text) for text in texts} <= {19, 20, 24, 25}
        times = [datetime.fromisoformat(text).replace(tzinfo=None) for text in texts]
        assert found.astype(np.int64).tolist() == seconds(times)


@pytest.mark.parametrize(
    "texts",
    [
        [USUAL, f"Z{USUAL}Z"],  # together as long as two usual ones, and the same letters
        [USUAL, f"{USUAL}Z"],
        ["2016-02-30T00:00:00Z"],
        ["2016-02-29T24:00:00Z"],
        ["2016-02-29T23:59:60Z"],
        ["2016-02-29 23:59:59Z"],
        ["2016-02-29T23:59:5\0Z"],
        ["-016-02-29T23:59:59Z"],
        ["2016-02-29"],
        [""],
        ["２016-02-29T23:59:59"],
    ],
)
def test_unusual_texts(texts: list[str]) -> None:
    assert usual_starts(texts) is None


def test_texts_with_other_offsets_are_read_one_by_one() -> None:
    found = starts_of_texts([f"{USUAL}-05:00", f"{USUAL}Z", "2016-03-01 06:59:59+02:00"])
    assert found is not None
    assert found.tolist() == [datetime(2016, 3, 1, 4, 59, 59), datetime(2016, 2, 29, 23, 59, 59), found[0].tolist()]
    assert starts_of_texts([f"{USUAL}.5Z", f"{USUAL}Z"]) is None
    with pytest.raises(msgspec.ValidationError):
        starts_of_texts([USUAL, f"{USUAL}Z"])
