"""How much sums of a model's noise vary: against noise whose truth is known, and where it must not break."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from meter_noise import ar1, spells

from eeds.meter.noise import autocorrelation, autoregressive, noise_of_bills, noise_of_days, sums


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


def test_sums_are_scaled_to_the_days_that_are_missing() -> None:
    nan = np.nan
    residuals = np.array([1.0, 1, 1, 1, 1, 1, 1, 2, 2, nan, nan, 2, 2, nan, 3, 3, 3, nan, nan, nan, nan, 9, 9])
    assert sums(residuals, 7) == pytest.approx([7, 14, nan], nan_ok=True)


def test_noise_that_lasts_is_found() -> None:
    rng = np.random.default_rng(6)
    lasting = [spells(rng, 365) for _ in range(200)]
    plain = [autoregressive(series, 1).variance for series in lasting]
    found = [noise_of_days(series, 1).variance for series in lasting]
    truth = np.var([spells(rng, 365).sum() for _ in range(2000)]) / 365
    assert np.median(plain) < 0.6 * truth
    assert 0.75 * truth < np.mean(found) < 1.25 * truth


def test_noise_of_days_that_is_ar1_is_taken_from_days() -> None:
    rng = np.random.default_rng(7)
    from_days = [
        noise_of_days(series, 1) == autoregressive(series, 1) for series in (ar1(rng, 365, 0.5) for _ in range(200))
    ]
    assert np.mean(from_days) > 0.9


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
