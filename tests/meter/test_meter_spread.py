"""Errors and their sums: what is a building's own, what buildings share, and shocks that many have in common."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student_t  # type: ignore[import-untyped]

from eeds.meter.spread import COSINES, Spread, add_spreads

SPREADS = st.builds(
    Spread,
    offset=st.floats(-1e3, 1e3),
    variance=st.floats(1e-3, 1e5),
    shared=st.floats(0, 1e2),
    freedom=st.floats(1, 1e4),
)
LEVELS = st.floats(0.5, 0.99)


@given(SPREADS, LEVELS)
def test_an_interval_holds_the_promised_probability(spread: Spread, level: float) -> None:
    lower, upper = spread.distances(level)
    # the truth is value - error, so that the error is between minus upper and lower
    error = student_t(spread.freedom, spread.offset, np.sqrt(spread.total))
    inside = error.cdf(lower) - error.cdf(-upper)
    if lower and upper:
        assert inside == pytest.approx(level, abs=1e-6)
    else:
        assert inside >= level - 1e-6  # the value itself is in it
    assert sum(spread.distances(level + 0.005)) > lower + upper


def test_bounds_lie_around_the_value_less_what_is_expected_to_be_wrong() -> None:
    assert Spread(3.0, 4.0, 0.0, 1e9).distances(0.95) == pytest.approx((3 + 1.96 * 2, 1.96 * 2 - 3), abs=1e-3)
    assert Spread(-30.0, 4.0, 0.0, 1e9).distances(0.95) == pytest.approx((0, 30 + 1.96 * 2), abs=1e-3)
    assert Spread(5.0, 0.0, 0.0, 8.0).distances(0.95) == (5, 0)
    assert Spread(0.0, 0.0, 0.0, 8.0).distances(0.95) == (0, 0)


@given(SPREADS, LEVELS, st.floats(0.01, 100))
def test_widths_scale_with_the_unit(spread: Spread, level: float, factor: float) -> None:
    lower, upper = spread.distances(level)
    assert spread.times(factor).distances(level) == pytest.approx((lower * factor, upper * factor))
    assert spread.times(-factor).distances(level) == pytest.approx((upper * factor, lower * factor))


def test_a_difference_has_both_variances_and_the_difference_of_the_offsets() -> None:
    before, after = Spread(5.0, 9.0, 3.0, 10.0, (3.0,)), Spread(3.0, 16.0, 4.0, 20.0, (4.0, 0.0))
    difference = before.minus(after)
    assert (difference.offset, difference.variance, difference.shared) == (2, 25, 5)
    assert difference.freedom == pytest.approx(50**2 / (18**2 / 10 + 32**2 / 20))
    assert len(difference.cosines) == 2 * COSINES
    assert [cosine for cosine in difference.cosines if cosine] == [3, 4]
    nothing = Spread(0.0, 0.0, 0.0, 8.0)
    assert nothing.minus(nothing).distances(0.9) == (0, 0)


@given(SPREADS, LEVELS)
def test_a_portfolio_of_one_is_as_sure_as_the_one(spread: Spread, level: float) -> None:
    waves = tuple(np.sqrt(spread.variance) * np.full(COSINES, 1 / np.sqrt(COSINES)))
    for one in (spread, replace(spread, cosines=waves)):
        assert add_spreads([("a", one)]).distances(level) == pytest.approx(one.distances(level))


def test_what_is_shared_adds_up_linearly_within_a_station_and_model_alone() -> None:
    one = Spread(1.0, 16.0, 2.0, 50.0)
    together, apart = add_spreads([("a", one)] * 4), add_spreads([(name, one) for name in "abcd"])
    assert (together.offset, together.variance, together.shared) == (4, 64, 8)
    assert (apart.offset, apart.variance, apart.shared) == (4, 64, 4)
    assert add_spreads([]).distances(0.95) == (0, 0)


def test_offsets_of_either_sign_cancel() -> None:
    assert add_spreads([("a", Spread(sign * 5.0, 1.0, 0.0, 50.0)) for sign in (1, -1, 1, -1)]).offset == 0


@pytest.mark.parametrize(("share", "times"), [(0.0, 10.0), (1.0, 100.0), (0.3, 55.7)])
def test_shocks_in_common_do_not_cancel(share: float, times: float) -> None:
    # a hundred buildings, of the variance of whose noise a share is common to all
    widths = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        common = rng.normal(size=COSINES)
        rows = np.sqrt(share) * common + np.sqrt(1 - share) * rng.normal(size=(100, COSINES))
        parts = [Spread(0.0, float(row @ row), 0.0, COSINES, tuple(row)) for row in rows]
        widths.append(sum(add_spreads([("a", part) for part in parts]).distances(0.95)) / 2)
    one = np.sqrt(COSINES) * 1.96
    # independent ones are never taken to be surer than they are
    assert times * 0.95 < np.mean(widths) / one < times * 1.3


@given(st.lists(st.tuples(st.sampled_from("ab"), SPREADS), min_size=1, max_size=6))
def test_sums_of_sums_are_sums(parts: list[tuple[str, Spread]]) -> None:
    whole = add_spreads(parts)
    assert whole.offset == pytest.approx(sum(spread.offset for _, spread in parts), abs=1e-9)
    assert whole.variance == pytest.approx(sum(spread.variance for _, spread in parts))
    assert whole.shared >= max(spread.shared for _, spread in parts) * (1 - 1e-9)
    assert min(spread.freedom for _, spread in parts) * (1 - 1e-9) <= whole.freedom
