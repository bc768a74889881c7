"""The histogram of the portfolio: every value counted once, in bins whose ends people can read."""

from hypothesis import given
from hypothesis import strategies as st

from eeds.runs.portfolio.histogram import histogram

SANE = st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 6))


@given(st.lists(SANE, min_size=1, max_size=300))
def test_every_value_is_counted_once(values: list[float]) -> None:
    drawn = histogram(values)
    assert sum(drawn.counts) + drawn.below + drawn.above == len(values)
    assert drawn.counts[0] > 0
    assert drawn.counts[-1] > 0
    assert len(drawn.counts) <= 42
    assert drawn.below + drawn.above <= 0.02 * len(values)


def test_bins_have_ends_that_people_can_read() -> None:
    drawn = histogram([0.0, 3.3, 7.4, 9.0, 41.0])
    assert drawn.step == 2.5
    assert drawn.edges[:4] == [0, 2.5, 5, 7.5]
    assert drawn.counts == [1, 1, 1, 1, *[0] * 12, 1]
    assert histogram([-0.3, 0.3]).edges[0] == -0.3
    assert histogram([-0.3, 0.3]).edges[1] == -0.25


def test_an_outlier_is_counted_beyond_the_bins() -> None:
    drawn = histogram([-1e9, *(float(i) for i in range(200)), 1e9])
    assert (drawn.below, drawn.above) == (1, 1)
    assert drawn.step == 10
    assert drawn.counts == [10] * 20


def test_one_value_and_none() -> None:
    assert histogram([1200.0]).edges == [1200, 1300]
    assert histogram([0.0]).counts == [1]
    assert histogram([]).counts == []
