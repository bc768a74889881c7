"""How much sums of a model's noise vary: against noise whose truth is known, and where it must not break."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from meter_noise import ar1, spells

from eeds.meter.noise import (
    autocorrelation,
    autoregressive,
    cosines,
    noise_of_bills,
    noise_of_days,
    noise_of_window,
)
from eeds.meter.series import Series


@pytest.mark.parametrize("rho", [0.2, 0.5, 0.7])
def test_autocorrelation_is_found(rho: float) -> None:
    rng = np.random.default_rng(4)
    found = [autocorrelation(series - series.mean()) for series in (ar1(rng, 365, rho) for _ in range(400))]
    assert np.mean(found) == pytest.approx(rho, abs=0.01)


def test_autocorrelation_leaves_out_the_pairs_that_are_not_there() -> None:
    residuals = np.tile([2.0, 2.0, np.nan, -2.0, -2.0, np.nan], 50)
    assert autocorrelation(residuals) == 0.99
    assert autocorrelation(np.tile([2.0, -2.0], 50)) == 0.0
    assert autocorrelation(np.array([2.0, np.nan, 2.0])) == 0.0
    assert autocorrelation(np.zeros(9)) == 0.0


@pytest.mark.parametrize("rho", [0.3, 0.5, 0.7])
def test_the_variance_of_sums_is_found_and_known_as_well_as_it_says(rho: float) -> None:
    rng = np.random.default_rng(5)
    found = [autoregressive(series - series.mean(), 1) for series in (ar1(rng, 365, rho) for _ in range(600))]
    ratios = np.array([each.variance for each in found]) / ((1 + rho) / (1 - rho))
    assert np.median(ratios) == pytest.approx(1, abs=0.05)
    # chi squared over its degrees of freedom has the variance 2 / freedom
    assert 2 / np.var(ratios) == pytest.approx(np.mean([each.freedom for each in found]), rel=0.3)


def test_the_variance_is_that_of_caltrack() -> None:
    residuals = ar1(np.random.default_rng(11), 365, 0.6)
    rho, square = autocorrelation(residuals), float(np.sum(residuals**2)) / 360
    effective = 365 * (1 - rho) / (1 + rho)
    found = autoregressive(residuals, 5)
    assert found.effective_n == pytest.approx(effective)
    assert found.variance == pytest.approx(square * 365 / effective * (1 + 2 / effective))


@pytest.mark.parametrize("rho", [0.0, 0.4])
def test_cosines_have_the_variance_of_sums(rho: float) -> None:
    rng = np.random.default_rng(12)
    found = np.array([np.mean(cosines(ar1(rng, 365, rho), 0) ** 2) for _ in range(600)])
    assert np.mean(found) == pytest.approx((1 + rho) / (1 - rho), rel=0.06)
    # a mean of twelve squares
    assert 2 / np.var(found / np.mean(found)) == pytest.approx(12, rel=0.2)


def test_cosines_do_not_see_what_a_fit_follows() -> None:
    day = (np.arange(365) + 0.5) / 365
    for halves, is_seen in ((0, False), (1, False), (2, False), (3, True), (14, True), (15, False)):
        assert bool(np.max(np.abs(cosines(np.cos(np.pi * halves * day), 0))) > 1) == is_seen


def test_cosines_of_all_are_the_sums_of_those_of_each() -> None:
    rng = np.random.default_rng(13)
    one, other = ar1(rng, 365, 0.5), ar1(rng, 365, 0.2)
    assert cosines(one + other, 0) == pytest.approx(cosines(one, 0) + cosines(other, 0))


@pytest.mark.parametrize("saved", ["nothing", "the same every day", "cooling", "weekdays"])
def test_noise_of_a_window_is_not_taken_from_savings(saved: str) -> None:
    rng, dates = np.random.default_rng(14), np.datetime64("2014-01-01") + np.arange(365)
    temperature = 60 - 20 * np.cos(2 * np.pi * np.arange(365) / 365)
    ways = {
        "nothing": np.zeros(365),
        "the same every day": np.full(365, -30.0),
        "cooling": -3 * np.maximum(temperature - 65, 0),
        "weekdays": -20.0 * ((dates.astype(int) + 3) % 7 < 5),
    }
    found = []
    for _ in range(100):
        noise = noise_of_window(Series(dates, dates, np.zeros(365), temperature), ar1(rng, 365, 0.4) + ways[saved])
        assert noise is not None
        found.append(noise.variance)
    assert np.mean(found) == pytest.approx(1.4 / 0.6, rel=0.15)


def test_a_short_window_tells_nothing_of_noise() -> None:
    dates = np.datetime64("2014-01-01") + np.arange(79)
    assert noise_of_window(Series(dates, dates, np.zeros(79), np.full(79, 50.0)), np.ones(79)) is None


def test_noise_that_lasts_is_found() -> None:
    rng = np.random.default_rng(6)
    lasting = [spells(rng, 365) for _ in range(200)]
    plain = [autoregressive(series, 1).variance for series in lasting]
    found = [noise_of_days(series, 1).variance for series in lasting]
    truth = np.var([spells(rng, 365).sum() for _ in range(2000)]) / 365
    assert np.mean(plain) < 0.4 * truth
    # a year's cosines are not all slow enough for spells of a fortnight
    assert 0.5 * truth < np.mean(found) < truth


def test_noise_of_days_is_never_less_than_that_of_ar1_and_little_more_if_it_is_that() -> None:
    rng = np.random.default_rng(7)
    pairs = [
        (noise_of_days(series, 1).variance, autoregressive(series, 1).variance)
        for series in (ar1(rng, 365, 0.5) for _ in range(200))
    ]
    assert all(found >= days for found, days in pairs)
    assert np.sqrt(np.mean([found for found, _ in pairs]) / 3) < 1.1


def test_the_pattern_of_noise_has_the_signs_of_its_cosines() -> None:
    residuals = ar1(np.random.default_rng(15), 365, 0.5)
    pattern = np.array(noise_of_days(residuals, 1).pattern)
    assert np.sum(pattern**2) == pytest.approx(1)
    assert np.sign(pattern) == pytest.approx(np.sign(cosines(residuals, 1)))
    assert noise_of_days(np.zeros(365), 1).pattern == ()


def test_missing_days_change_the_noise_little() -> None:
    series = ar1(np.random.default_rng(8), 365, 0.4)
    gaps = np.where(np.random.default_rng(9).random(365) < 0.08, np.nan, series)
    assert noise_of_days(gaps, 3).variance == pytest.approx(noise_of_days(series, 3).variance, rel=0.25)


def test_noise_of_bills_is_in_proportion_to_their_lengths() -> None:
    rng, lengths = np.random.default_rng(10), np.array([28.0, 31.0, 60.0, 30.0, 62.0, 33.0])
    found = [noise_of_bills(rng.normal(0, np.sqrt(7 * lengths)), lengths, 0).variance for _ in range(500)]
    assert np.mean(found) == pytest.approx(7, rel=0.1)
    assert noise_of_bills(np.ones(3), np.full(3, 30.0), 5).freedom == 1


@given(st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(np.nan)), max_size=60), st.integers(0, 40))
def test_noise_is_finite_whatever_was_left(residuals: list[float], parameters: int) -> None:
    noise = noise_of_days(np.array(residuals, dtype=np.float64), parameters)
    assert 0 <= noise.variance < np.inf
    assert 1 <= noise.freedom < np.inf
    assert noise.effective_n > 0
