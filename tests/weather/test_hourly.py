"""Observations into means of hours, as CalTRACK 2.3.4 has it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeds.weather.sources.hourly import hourly_means

NAN = float("nan")


def means(observations: dict[int, float], hours: int) -> list[float]:
    minutes, values = np.array(list(observations), dtype=np.int64), np.array(list(observations.values()))
    return list(hourly_means(minutes, values, hours))


@pytest.mark.parametrize(
    ("observations", "expected"),
    [
        ({}, [NAN, NAN, NAN]),
        # on the straight line from 0 to 120; beyond the last one its value
        ({0: 0.0, 60: 60.0, 120: 120.0}, [29.5, 89.5, 120.0]),
        ({120: 120.0, 0: 0.0, 60: 60.0}, [29.5, 89.5, 120.0]),
        ({30: 5.0}, [5.0, 5.0, NAN]),
        # two hours apart: an hour from either, and so all between
        ({0: 0.0, 120: 120.0}, [29.5, 89.5, 120.0]),
        # four: the line within an hour of an observation, nothing in the middle
        ({0: 0.0, 240: 240.0}, [29.5, 60.0, NAN, 209.5, 240.0]),
    ],
)
def test_means(observations: dict[int, float], expected: list[float]) -> None:
    np.testing.assert_allclose(means(observations, len(expected)), expected)


def test_several_at_the_same_minute_count_by_their_mean() -> None:
    assert hourly_means(np.array([10, 10, 10]), np.array([1.0, 2.0, 6.0]), 1).tolist() == [3.0]


@given(st.dictionaries(st.integers(0, 60 * 100 - 1), st.floats(-50, 50), min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_the_same_as_the_reference_implementation(observations: dict[int, float]) -> None:
    """eeweather's: resampled to minutes, interpolated over at most 60 of them from either side, and averaged."""
    start = pd.Timestamp("2014-01-01")
    series = pd.Series(observations).sort_index()
    series.index = start + pd.to_timedelta(series.index, unit="min")
    grid = pd.date_range(start, periods=60 * 100, freq="min")
    by_minute = series.reindex(grid).interpolate(method="linear", limit=60, limit_direction="both")
    expected = by_minute.resample("h").mean()
    np.testing.assert_allclose(means(observations, 100), expected.to_numpy(), atol=1e-9)
