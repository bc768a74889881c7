"""Widths: against CalTRACK's formula, against simulated truth, and where they must not break."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.meter.uncertainty import FitStatistics, autocorrelation, fit_statistics


def statistics(n: int = 365, parameters: int = 5, rmse: float = 2.0, rho: float = 0.4) -> FitStatistics:
    return FitStatistics(n, parameters, r2=0.9, rmse=rmse, mean=40.0, autocorrelation=rho)


def ar1(rng: np.random.Generator, n: int, rho: float) -> np.ndarray:
    errors = rng.normal(0, 1, n)
    for day in range(1, n):
        errors[day] = rho * errors[day - 1] + np.sqrt(1 - rho**2) * errors[day]
    return errors


@pytest.mark.parametrize("months", [1, 3, 6, 12, 24, 36])
def test_metered_savings_have_the_width_of_caltrack(months: int) -> None:
    # CalTRACK 4.3.2.4: F times FSU, this fraction of the counterfactual; 1.649 is t of 90 % and 360 degrees of freedom
    days, n_effective = round(months * 365 / 12), 365 * 0.6 / 1.4
    polynomial = -0.00024 * months**2 + 0.03535 * months + 1.00286
    fraction = 1.649 * polynomial * (2.0 / 40.0) * np.sqrt(365 / n_effective * (1 + 2 / n_effective) / days)
    assert statistics().measured_sum_distance(days, 0.9) == pytest.approx(fraction * days * 40.0, rel=0.025)


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.6])
def test_intervals_cover_what_they_promise(rho: float) -> None:
    # the model of a building without weather is its mean; the truth is 10 a day
    rng = np.random.default_rng(round(rho * 10))
    measured = expected = 0
    for _ in range(1000):
        baseline, reporting = 10 + ar1(rng, 365, rho), 10 + ar1(rng, 365, rho)
        fit = fit_statistics(baseline, np.full(365, baseline.mean()), 1)
        measured += abs(365 * baseline.mean() - reporting.sum()) <= fit.measured_sum_distance(365, 0.95)
        expected += abs(365 * baseline.mean() - 3650) <= fit.expected_sum_distance(365, 0.95)
    assert 930 <= measured <= 970
    assert 930 <= expected <= 970


def test_two_normalized_sums_combine_to_a_calibrated_difference() -> None:
    rng = np.random.default_rng(8)
    covered = 0
    for _ in range(1000):
        years = [level + ar1(rng, 365, 0.5) for level in (10, 8)]
        fits = [fit_statistics(year, np.full(365, year.mean()), 1) for year in years]
        width = np.hypot(*[fit.expected_sum_distance(365, 0.95) for fit in fits])
        covered += abs(365 * (years[0].mean() - years[1].mean()) - 730) <= width
    assert 930 <= covered <= 970


def test_statistics_of_a_fit() -> None:
    measured = np.array([10.0, 12.0, np.nan, 14.0, 16.0, 18.0])
    predicted = np.array([11.0, 11.0, 13.0, 15.0, np.nan, 17.0])
    fit = fit_statistics(measured, predicted, 2)
    assert fit.n == 4
    assert fit.mean == 13.5
    assert fit.rmse == pytest.approx(np.sqrt(4 / 2))
    assert fit.r2 == pytest.approx(1 - 4 / 35)
    assert fit.cvrmse == pytest.approx(np.sqrt(2) / 13.5)


def test_a_net_meter_may_have_a_mean_below_or_at_zero() -> None:
    assert FitStatistics(365, 5, 0.5, rmse=2.0, mean=-4.0, autocorrelation=0.2).cvrmse == 0.5
    assert FitStatistics(365, 5, 0.5, rmse=2.0, mean=0.0, autocorrelation=0.2).cvrmse is None


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


@given(
    n=st.integers(30, 2000),
    parameters=st.integers(1, 40),
    rho=st.floats(0, 0.99),
    days=st.integers(1, 4000),
    level=st.floats(0.5, 0.99),
)
def test_widths_are_finite_and_ordered(n: int, parameters: int, rho: float, days: int, level: float) -> None:
    fit = statistics(n, parameters, rho=rho)
    measured, expected = fit.measured_sum_distance(days, level), fit.expected_sum_distance(days, level)
    assert 0 < expected < measured < np.inf
    assert measured < fit.measured_sum_distance(days + 1, level)
    assert measured < fit.measured_sum_distance(days, level + 0.005)
    assert fit.point_distance(level) < np.inf
    # a fit that is wrong is wrong on every day alike
    assert fit.expected_sum_distance(2 * days, level) == pytest.approx(2 * expected)
