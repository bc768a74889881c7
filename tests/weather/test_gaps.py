"""Finding gaps and filling the short ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.weather.gaps import fill_short_gaps, find_gaps, longest_gap

NAN = float("nan")
SERIES = st.lists(st.one_of(st.just(NAN), st.floats(-100, 150)), max_size=60).map(np.array)


@pytest.mark.parametrize(
    ("series", "filled"),
    [
        ([], []),
        ([NAN], [NAN]),
        ([NAN, NAN, NAN], [NAN, NAN, NAN]),
        ([1, 2, 3], [1, 2, 3]),
        ([0, NAN, 2], [0, 1, 2]),
        ([0, NAN, NAN, 3], [0, 1, 2, 3]),
        ([0, NAN, NAN, NAN, 4], [0, NAN, NAN, NAN, 4]),
        ([NAN, 1, NAN, 3, NAN], [NAN, 1, 2, 3, NAN]),
        ([0, NAN, NAN, NAN, 4, NAN, 6, NAN, NAN, 3], [0, NAN, NAN, NAN, 4, 5, 6, 5, 4, 3]),
    ],
)
def test_gaps_of_up_to_two(series: list[float], filled: list[float]) -> None:
    given_series = np.array(series, dtype=float)
    before = given_series.copy()
    np.testing.assert_allclose(fill_short_gaps(given_series, 2), filled)
    np.testing.assert_array_equal(given_series, before)


@given(SERIES, st.integers(1, 8))
def test_a_gap_is_filled_as_a_whole_or_not_at_all(series: np.ndarray, limit: int) -> None:
    filled = fill_short_gaps(series, limit)
    known = ~np.isnan(series)
    np.testing.assert_array_equal(filled[known], series[known])
    for begin, end in zip(*find_gaps(series), strict=True):
        inside, bounded = filled[begin:end], begin > 0 and end < series.size
        assert np.isnan(series[begin:end]).all()
        if bounded and end - begin <= limit:
            # equal steps from one neighbour to the other
            steps = np.diff(filled[begin - 1 : end + 1])
            np.testing.assert_allclose(steps, (series[end] - series[begin - 1]) / (end - begin + 1), atol=1e-9)
        else:
            assert np.isnan(inside).all()


@given(SERIES)
def test_the_longest_gap(series: np.ndarray) -> None:
    begin, end = longest_gap(series)
    lengths = [len(run) for run in "".join("x" if np.isnan(value) else " " for value in series).split()]
    assert end - begin == max(lengths, default=0)
    assert np.isnan(series[begin:end]).all()
