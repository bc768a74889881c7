"""Widths: against CalTRACK's formula, against simulated truth, and where they must not break."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from meter_buildings import TEMPERATURES, daily_means, expected_kwh
from meter_noise import ar1

from eeds.meter.noise import Noise
from eeds.meter.series import Series
from eeds.meter.uncertainty import FitStatistics, of_bills, of_cells, same_months

FIRST_DAY = np.datetime64("2013-01-01")
LATER = 4000  # days after the fit
TEMPERATURE = daily_means(TEMPERATURES)


def days(energy: np.ndarray, first: int = 0, temperature: np.ndarray | None = None) -> Series:
    """Predictions of consecutive days; without temperatures of their own, all are alike."""
    count = len(energy)
    dates = FIRST_DAY + first + np.arange(count)
    return Series(dates, dates, energy, np.full(count, 55.0) if temperature is None else temperature)


def statistics(n: int = 365, parameters: int = 5, rmse: float = 2.0, rho: float = 0.4) -> FitStatistics:
    """Of a model whose form is right."""
    effective = n * (1 - rho) / (1 + rho)
    noise = Noise(rmse**2 * n / effective * (1 + 2 / effective), 1e9, effective)
    fitted = days(np.full(n, 40.0))
    return FitStatistics(n, parameters, 0.9, rmse, 40.0, 0.0, parameters - 1, noise, fitted, np.zeros(n), second=None)


@pytest.mark.parametrize("months", [1, 3, 6, 12, 24, 36])
def test_metered_savings_have_the_width_of_caltrack(months: int) -> None:
    # CalTRACK 4.3.2.4: F times FSU, this fraction of the counterfactual; 1.645 is t of 90 %
    count, n_effective = round(months * 365 / 12), 365 * 0.6 / 1.4
    polynomial = -0.00024 * months**2 + 0.03535 * months + 1.00286
    fraction = 1.645 * polynomial * (2.0 / 40.0) * np.sqrt(365 / n_effective * (1 + 2 / n_effective) / count)
    distance = statistics().measured_sum(days(np.full(count, 40.0), LATER)).distances(0.9)[0]
    assert distance == pytest.approx(fraction * count * 40.0, rel=0.025)


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.6])
def test_intervals_cover_what_they_promise(rho: float) -> None:
    # the model of a building without weather is its mean; the truth is 10 a day
    rng, levels = np.random.default_rng(round(rho * 10)), (0.95, 0.8)
    measured, expected = [], []
    for _ in range(400):
        baseline, reporting = 10 + ar1(rng, 365, rho), 10 + ar1(rng, 365, rho)
        predicted = days(np.full(365, baseline.mean()))
        fit, total = of_cells(baseline, predicted, 1), predicted.energy.sum()
        against, truth = fit.measured_sum(days(predicted.energy, LATER)), fit.expected_sum(predicted)
        measured.append([abs(total - reporting.sum()) <= against.distances(level)[0] for level in levels])
        expected.append([abs(total - 3650) <= truth.distances(level)[0] for level in levels])
    # the larger of two estimates of the noise errs on the safe side
    for covered in (np.mean(measured, axis=0), np.mean(expected, axis=0)):
        assert np.all(np.subtract(levels, 0.03) < covered)
        assert np.all(covered < np.add(levels, (0.035, 0.07)))


def test_two_normalized_sums_have_a_calibrated_difference() -> None:
    rng = np.random.default_rng(8)
    covered = 0
    for _ in range(400):
        years = [level + ar1(rng, 365, 0.5) for level in (10, 8)]
        before, after = (days(np.full(365, year.mean())) for year in years)
        spread = (
            of_cells(years[0], before, 1).expected_sum(before).minus(of_cells(years[1], after, 1).expected_sum(after))
        )
        covered += abs((before.energy - after.energy).sum() - 730) <= spread.distances(0.95)[0]
    assert covered / 400 == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize("kind", ["hours", "bills"])
def test_a_model_that_is_too_mild_is_found_out(kind: str) -> None:
    # it makes half of what the building makes of weather, and is right over the year of the fit
    truth = expected_kwh(TEMPERATURE[:365])
    level = truth.mean()
    milder = days(level + (truth - level) / 2, temperature=TEMPERATURE[:365])
    measured = truth + np.random.default_rng(3).normal(0, 0.5, 365)
    cold = TEMPERATURE[:90] - 6
    answer = days(level + (expected_kwh(cold) - level) / 2, first=365, temperature=cold)
    error = answer.energy.sum() - expected_kwh(cold).sum()
    spread = statistics_by(kind, measured, milder).expected_sum(answer)
    assert error < -500
    # what may be noise of the same months is not counted
    assert 1.1 * error < spread.offset < 0.7 * error
    # the interval lies around what is left without it
    lower, upper = spread.distances(0.95)
    assert -upper <= error <= lower
    assert lower < upper


def statistics_by(kind: str, measured: np.ndarray, predicted: Series) -> FitStatistics:
    """Of the same model and building, read in another way."""
    if kind == "hours":
        dates = predicted.dates.repeat(24)
        hourly = Series(dates, dates, predicted.energy.repeat(24) / 24, predicted.temperature.repeat(24))
        return of_cells(measured.repeat(24) / 24, hourly, 72, 24)
    bill = predicted.dates.astype("datetime64[M]").astype(np.intp)
    share = (np.bincount(bill - bill[0], measured) / np.bincount(bill - bill[0]))[bill - bill[0]]
    return of_bills(share, bill, predicted, 3)


def test_what_was_missed_in_the_same_months_counts_again() -> None:
    # the building uses 4 a day less in July and August, whatever the weather, and the model does not know
    summer, year = days(np.full(62, 10.0), first=365 + 181), days(np.full(365, 10.0))
    residuals = np.where((year.month == 6) | (year.month == 7), -4.0, 4.0 * 62 / 303)
    for variance, offset in ((4.0, 247.2), (2000.0, 0.0)):  # little noise, and so much that it may be nothing else
        noise = Noise(variance, 100, 200)
        fit = FitStatistics(365, 1, 0.9, 1.0, 10.0, 0.0, 0, noise, year, residuals, second=None)
        assert fit.expected_sum(summer).offset == pytest.approx(offset, abs=1)
        assert fit.expected_sum(summer).distances(0.95)[0] > 4 * 62
        assert fit.expected_sum(year).offset == pytest.approx(0, abs=1e-9)


def test_what_was_measured_in_the_days_of_the_fit_is_known() -> None:
    rng = np.random.default_rng(5)
    measured, predicted = 40 + ar1(rng, 400, 0.5), days(np.full(400, 40.0))
    fit = of_cells(np.where(np.arange(400) < 365, measured, np.nan), predicted, 1)
    whole = fit.measured_sum(predicted.select(np.arange(400) < 365))
    assert whole.total == 0
    assert whole.offset == pytest.approx(365 * 40 - measured[:365].sum())
    # of the other days there are noise and what the fit does not know, as if they were alone
    others = fit.measured_sum(predicted.select(np.arange(400) >= 365))
    both = fit.measured_sum(predicted)
    assert both.total == pytest.approx(others.total)
    assert both.offset == pytest.approx(others.offset + whole.offset)


def test_statistics_of_days() -> None:
    measured = np.array([10.0, 12.0, np.nan, 14.0, 16.0, 18.0])
    predicted = days(np.array([11.0, 11.0, 13.0, 15.0, np.nan, 17.0]))
    fit = of_cells(measured, predicted, 2)
    assert fit.n == 4
    assert fit.mean == 13.5
    assert fit.rmse == pytest.approx(np.sqrt(4 / 3))  # the intercept is no explanatory variable (CalTRACK 4.3.2.2.5)
    assert fit.r2 == pytest.approx(1 - 4 / 35)
    assert fit.cvrmse == pytest.approx(np.sqrt(4 / 3) / 13.5)
    assert (fit.bias, fit.nmbe) == (0.0, 0.0)
    assert of_cells(measured + 1, predicted, 2).bias == 1.0
    assert of_cells(measured + 1, predicted, 2).nmbe == pytest.approx(4 / 3 / 14.5)
    assert fit.second is None
    assert 0 < fit.measured_sum(predicted).distances(0.9)[0] < np.inf


def test_statistics_of_bills_are_of_their_average_days() -> None:
    # bills of two, three and one day; the second day of the first has no temperature
    bill, share = np.array([7, 7, 8, 8, 8, 9]), np.array([10.0, 10.0, 20.0, 20.0, 20.0, 6.0])
    predicted = days(np.array([11.0, np.nan, 19.0, 19.0, 19.0, 8.0]))
    fit = of_bills(share, bill, predicted, 1)
    assert fit.n == 3
    assert fit.mean == pytest.approx((10 + 60 + 6) / 5)
    assert fit.rmse == pytest.approx(np.sqrt((1 * 1 + 3 * 1 + 1 * 4) / 5 * 3 / 3))
    assert fit.bias == pytest.approx((1 * -1 + 3 * 1 + 1 * -2) / 5)
    assert list(fit.residuals) == [-1, 1, 1, 1, -2]


def test_statistics_of_hours_are_of_hours_and_their_noise_of_cells() -> None:
    rng = np.random.default_rng(6)
    daily = ar1(rng, 365, 0.6)
    measured, energy = 5 + daily.repeat(24) / 24, np.full(365 * 24, 5.0)
    dates = (FIRST_DAY + np.arange(365)).repeat(24)
    predicted = Series(dates, dates, energy, np.full(365 * 24, 55.0))
    fit, by_day = of_cells(measured, predicted, 24, 24), of_cells(120 + daily, days(np.full(365, 120.0)), 1)
    assert fit.n == 365 * 24
    assert fit.mean == pytest.approx(5, abs=0.02)
    assert fit.rmse == pytest.approx(
        np.sqrt(((measured - 5) ** 2).sum() / (365 * 24 - 24))
    )  # no intercept among the 24
    assert fit.noise.variance == pytest.approx(by_day.noise.variance)
    assert fit.measured_sum(predicted).distances(0.9)[0] == pytest.approx(
        by_day.measured_sum(predicted).distances(0.9)[0]
    )


def test_a_net_meter_may_have_a_mean_below_or_at_zero() -> None:
    energies = np.array([-4.0, -3.0, -5.0, -4.0])
    assert of_cells(energies, days(energies + 1), 1).cvrmse == pytest.approx(1 / 4)
    assert of_cells(energies + 4, days(energies), 1).cvrmse is None


@given(
    n=st.integers(30, 2000),
    parameters=st.integers(1, 40),
    rho=st.floats(0, 0.99),
    count=st.integers(1, 4000),
    level=st.floats(0.5, 0.99),
)
def test_widths_are_finite_and_ordered(n: int, parameters: int, rho: float, count: int, level: float) -> None:
    fit = statistics(n, parameters, rho=rho)
    few, more = days(np.full(count, 40.0), LATER), days(np.full(count + 1, 40.0), LATER)
    measured, expected = fit.measured_sum(few).distances(level)[0], fit.expected_sum(few).distances(level)[0]
    assert 0 < expected < measured < fit.measured_sum(more).distances(level)[0] < np.inf
    assert measured < fit.measured_sum(few).distances(level + 0.005)[0]
    assert 0 < fit.point_distance(level) < np.inf


@given(n=st.integers(30, 500), count=st.integers(1, 900), first=st.integers(0, 400))
def test_the_same_months_are_as_many_days(n: int, count: int, first: int) -> None:
    fitted, predicted = days(np.zeros(n)), days(np.zeros(count), first=first)
    weights = same_months(fitted, predicted)
    assert weights.sum() == pytest.approx(count)
    assert weights.min() >= 0
    if n >= 365:
        same = np.bincount(fitted.month, weights, minlength=12)
        assert same == pytest.approx(np.bincount(predicted.month, minlength=12))
