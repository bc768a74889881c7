"""The second opinion: it finds the response of buildings that are known, and does not invent one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from meter_buildings import TEMPERATURES, daily_means, expected_kwh

from eeds.meter.arrays import totals
from eeds.meter.degree_days import DegreeDays, Line, aicc, bic, fit_degree_days

DAYS = daily_means(TEMPERATURES)
FIRST, SECOND = DAYS[:365], DAYS[365:730]
WEEK = np.minimum(np.arange(365) // 7, 51)
MONTH = np.minimum(np.arange(365) // 30, 11)
ONES = np.ones(365)


def fit(energy: np.ndarray, group: np.ndarray = WEEK) -> DegreeDays:
    return fit_degree_days(totals(group, energy), FIRST, group)


@pytest.mark.parametrize("group", [WEEK, MONTH])
def test_the_response_of_a_building_is_found_from_sums(group: np.ndarray) -> None:
    truth = expected_kwh(SECOND).sum()
    found, variance = fit(expected_kwh(FIRST), group).sum(SECOND, ONES)
    assert found == pytest.approx(truth, rel=0.004)
    assert abs(found - truth) < 4 * np.sqrt(variance)


@pytest.mark.parametrize("group", [WEEK, MONTH])
def test_its_variance_is_that_of_its_errors(group: np.ndarray) -> None:
    rng, errors = np.random.default_rng(1), []
    for _ in range(40):
        found, variance = fit(expected_kwh(FIRST) + rng.normal(0, 6, 365), group).sum(SECOND, ONES)
        errors.append((found - expected_kwh(SECOND).sum()) / np.sqrt(variance))
    assert 0.7 < np.sqrt(np.mean(np.square(errors))) < 1.4


def test_a_building_without_weather_is_its_mean() -> None:
    model = fit(np.random.default_rng(2).normal(20, 3, 365))
    assert model.sum(SECOND - 10, ONES)[0] == pytest.approx(20 * 365, rel=0.03)
    assert model.parameters < 2.5


def test_use_that_falls_with_degree_days_is_no_heating_or_cooling() -> None:
    falling = 60 - expected_kwh(FIRST)
    for line in fit(falling).lines:
        assert np.all(line.coefficients[1:] >= 0)


def test_four_groups_are_enough_for_a_mean() -> None:
    model = fit_degree_days(np.array([30.0, 31.0, 29.0, 30.0]), np.full(40, 55.0), np.arange(40) // 10)
    assert model.sum(np.full(10, 20.0), np.ones(10))[0] == pytest.approx(30)


def test_a_group_weighs_as_much_as_it_has_days() -> None:
    group = np.repeat(np.arange(5), [1, 2, 30, 31, 60])
    model = fit_degree_days(np.array([90.0, 10.0, 300.0, 320.0, 590.0]), np.full(124, 55.0), group)
    assert model.sum(np.full(124, 55.0), np.ones(124))[0] == pytest.approx(90 + 10 + 300 + 320 + 590)


def test_an_average_varies_as_its_regressions_do_and_differ() -> None:
    def line(base: float, variance: float) -> Line:
        covariance = np.diag([0.01, 0.0, 0.0])
        return Line((-np.inf, np.inf), np.array([base, 0.0, 0.0]), covariance, variance, 1, criterion=0.0)

    model = DegreeDays((line(10, 4), line(14, 8)), np.array([0.75, 0.25]))
    assert model.sum(np.full(5, 60.0), np.ones(5)) == pytest.approx((55, 25 * 0.01 * 5 + 0.75 * 5**2 + 0.25 * 15**2))


def test_akaikes_criterion_for_small_samples() -> None:
    # Burnham and Anderson 2002, equation 2.5
    assert aicc(24.0, 12, 4) == pytest.approx(12 * np.log(2) + 8 + 40 / 7)


@given(seed=st.integers(0, 99), groups=st.integers(4, 30), level=st.floats(-1e4, 1e4))
def test_any_sums_have_a_finite_answer(seed: int, groups: int, level: float) -> None:
    rng = np.random.default_rng(seed)
    group = np.arange(groups * 9) // 9
    model = fit_degree_days(rng.normal(level, 5, groups), rng.normal(60, 15, groups * 9), group)
    assert model.weights.sum() == pytest.approx(1)
    assert np.isfinite(model.sum(rng.normal(60, 15, 50), np.ones(50))).all()
    assert model.sum(np.empty(0), np.empty(0)) == (0, 0)


def test_six_bills_are_enough_for_heating_and_cooling() -> None:
    rng, bill = np.random.default_rng(16), np.arange(365) * 6 // 365
    energy = expected_kwh(FIRST)
    sums = np.bincount(bill, energy) + rng.normal(0, 10, 6)
    fitted = fit_degree_days(sums, FIRST, bill)
    assert fitted.parameters > 2.5  # nearly all of the weight is on both
    colder = FIRST - 3
    found, variance = fitted.sum(colder, np.ones(365))
    truth = expected_kwh(colder).sum()
    assert abs(found - truth) < 3 * np.sqrt(variance) < 0.1 * truth
    assert fitted.of_days(colder).sum() == pytest.approx(found)


def test_schwarz_criterion() -> None:
    assert bic(12.0, 6, 3) == pytest.approx(6 * np.log(2) + 3 * np.log(6))
