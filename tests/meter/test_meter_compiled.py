"""What is compiled of the models, against numpy, scipy and the library: equal to the last bit."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from opendsm.common.stats import adaptive_loss
from opendsm.common.stats.adaptive_loss_Z import ln_Z
from opendsm.eemeter.models.daily.utilities.base_model import get_slope, get_smooth_coeffs
from opendsm.eemeter.models.hourly.model import _fit_exp_growth_decay
from opendsm.eemeter.models.hourly.settings import CAlgoChoice
from scipy.optimize import minimize_scalar

from eeds.meter.models.compiled.energy import smoothed
from eeds.meter.models.compiled.hour_table import by_day, days_from
from eeds.meter.models.compiled.hourly import adaptive_weights, fit_growth
from eeds.meter.models.compiled.jit import CACHE, HERE, state_of_sources
from eeds.meter.models.compiled.shape import best_scaled, ln_z
from eeds.meter.models.compiled.slopes import best_slope
from eeds.meter.models.compiled.sums import MOST, median, spread, total

NUMBERS = st.floats(-1e6, 1e6)


def drawn(seed: int, count: int) -> np.ndarray:
    """Numbers of many sizes."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=count) * 10.0 ** rng.integers(-6, 7, count)


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 127, 128, 129, 255, 256, 365, 1000, 2047, MOST])
def test_sums_add_in_numpys_order(count: int) -> None:
    for seed in range(20):
        values = drawn(seed, count + 3)
        assert total(values, 3, count) == np.sum(values[3:])
        if count:
            assert spread(values, 3, count, np.empty(count)) == np.std(values[3:])
            assert median(values[3:]) == np.median(values[3:])


@given(arrays(np.float64, st.integers(1, 300), elements=st.floats(allow_nan=False, allow_infinity=False, width=32)))
def test_sums_of_anything(values: np.ndarray) -> None:
    assert total(values, 0, len(values)) == np.sum(values)
    assert median(values) == np.median(values)


@given(st.floats(-120, 2))
def test_the_normalizing_constant_is_the_librarys(alpha: float) -> None:
    assert ln_z(alpha) == ln_Z(alpha, adaptive_loss.LOSS_ALPHA_MIN)


@given(st.integers(0, 2**32 - 1), st.integers(3, 200), st.floats(1, 9))
@settings(max_examples=50)
def test_the_shape_of_the_loss_is_what_scipy_finds(seed: int, count: int, tail: float) -> None:
    residuals = np.random.default_rng(seed).standard_t(tail, count) / 3
    found = minimize_scalar(
        lambda s: adaptive_loss.penalized_loss_fcn(residuals, adaptive_loss.alpha_scaled(s)).sum(),
        bounds=[-1e-5, 1 + 1e-5],
        method="Bounded",
        options={"xatol": 1e-5},
    )
    assert best_scaled(residuals, np.empty(count)) == found.x


@given(st.integers(0, 2**32 - 1), st.integers(3, 300), st.sampled_from([1.2, 3.0, 30.0]), st.sampled_from(CAlgoChoice))
@settings(max_examples=60)
def test_adaptive_weights_are_the_librarys(seed: int, count: int, tail: float, algorithm: CAlgoChoice) -> None:
    residuals = np.random.default_rng(seed).standard_t(tail, count).round(2)
    keywords = {"alpha": "adaptive", "sigma": 2.698, "quantile": 0.25, "min_weight": 0.0, "C_algo": algorithm}
    try:
        weights, scale, alpha = adaptive_loss.adaptive_weights(residuals, **keywords)
    except Exception as error:  # noqa: BLE001 - what the library raises is an Exception
        with pytest.raises(type(error)):
            adaptive_weights(residuals, **keywords)
        return
    found = adaptive_weights(residuals, **keywords)
    assert found[0].tobytes() == weights.tobytes()
    assert found[1:] == (scale, alpha)


@given(
    st.integers(0, 2**32 - 1), st.integers(0, 120), st.floats(-3, 3), st.sampled_from([0.0, 1e-9, 1.0, 40.0]), NUMBERS
)
def test_a_slope_is_what_scipy_finds(seed: int, count: int, slope: float, noise: float, intercept: float) -> None:
    rng = np.random.default_rng(seed)
    temperature = rng.uniform(-20, 110, count).round(2)
    energy = slope * (temperature - 60) + rng.normal(size=count) * noise
    found, bracketed = best_slope(temperature - 60, energy, intercept, np.empty(count))
    assert bracketed
    assert found == get_slope(temperature, energy, 60.0, intercept)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(30, 60), st.floats(30, 90))
def test_smoothing_is_the_librarys(heating: float, cooling: float, cold: float, warm: float) -> None:
    found = smoothed(np.array([cold, 1.0, heating, warm, 1.0, cooling, 20.0]))
    assert found[[0, 2, 3, 5]].tolist() == get_smooth_coeffs(cold, heating, warm, cooling).tolist()


@given(st.integers(0, 2**32 - 1), st.integers(3, 400))
def test_growth_is_the_librarys(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = np.sort(rng.uniform(-1, 1, count)), rng.normal(size=count)
    assert fit_growth(x, y, is_x_sorted=True)[2] == _fit_exp_growth_decay(x, y, is_x_sorted=True)[2]


def test_hours_are_cut_into_days_where_clocks_change_as_in_the_library() -> None:
    """Three days of which the second lacks an hour and the third has one twice."""
    hours = np.random.default_rng(1).normal(size=(72, 2))
    for hour in (0, 2, 22):
        lists = [hours[:24].T.tolist(), hours[24:47].T.tolist(), hours[47:72].T.tolist()]
        interpolated = [(lists[1][f][hour - 1] if hour else lists[0][f][-1]) + lists[1][f][hour] for f in range(2)]
        for feature, value in zip(lists[1], interpolated, strict=True):
            feature.insert(hour, value / 2)
        for feature in lists[2]:
            both = (feature[hour + 1] + feature.pop(hour)) / 2
            feature[hour] = both
        days = days_from(np.array([0, 24, 47]), 72, [(1, hour)], [(2, hour)])
        assert days.are_usual
        assert by_day(hours, days).tolist() == np.array(lists).reshape(3, -1).tolist()


def test_what_was_compiled_of_other_sources_is_not_taken(tmp_path: Path) -> None:
    """numba itself would take what it has kept of a function whose file has not changed, whatever that calls."""
    for file in HERE.glob("*.py"):
        shutil.copy(file, tmp_path)
    assert state_of_sources(tmp_path) == state_of_sources(HERE)
    with (tmp_path / "sums.py").open("a") as file:
        file.write("\n")
    assert state_of_sources(tmp_path) != state_of_sources(HERE)
    if CACHE is not None:
        assert CACHE.name == state_of_sources(HERE)
        assert list(CACHE.rglob("*objective.mean_loss*.nbi"))
