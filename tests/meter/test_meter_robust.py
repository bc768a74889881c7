"""Fits that rounding moves less."""

from dataclasses import replace

import numpy as np
import pytest
from drawn_buildings import daily
from meter_buildings import GAS, RUN_TRACES, WEATHER, bills_trace, contents, daily_trace, periods

from eeds.meter.compute import compute
from eeds.meter.models.daily import DailyModel
from eeds.meter.robust import JITTER, fit_robustly, jittered, medoid, seed_of
from eeds.meter.series import FitFacts, Series
from eeds.meter.settings import MeterSettings
from eeds.meter.types import BASELINE, REPORTING

SETTINGS = MeterSettings(robust=True, ignore_disqualification=True)


def rounded(series: Series, rng: np.random.Generator) -> Series:
    """With other last bits."""
    return replace(series, energy=series.energy * (1 + rng.choice([-1e-15, 0, 1e-15], len(series.energy))))


def year_of(series: Series, asked: Series, *, robust: bool) -> float:
    """What a model says of a year."""
    if robust:
        model = fit_robustly(DailyModel, series, asked, asked, SETTINGS, FitFacts(is_electricity=False)).model
    else:
        model = DailyModel.fit(series, SETTINGS, FitFacts(is_electricity=False))
    return float(np.nansum(model.predict(asked)))


def test_rounding_moves_a_robust_fit_less() -> None:
    """Over two buildings and three roundings of each."""
    rng, spread = np.random.default_rng(1), {True: 0.0, False: 0.0}
    for seed in (500, 501):
        series, asked = daily(seed), daily(seed, days=700)
        copies = [rounded(series, rng) for _ in range(3)]
        for robust in spread:
            sums = [year_of(copy, asked, robust=robust) for copy in copies]
            spread[robust] += float(np.ptp(sums) / np.mean(sums))
    assert spread[True] < spread[False] / 2


def test_copies_differ_beyond_what_is_measured_and_are_the_same_each_time() -> None:
    series = daily(503)
    first, again = (jittered(series, np.random.default_rng(seed_of(series))) for _ in range(2))
    assert np.array_equal(first.energy, again.energy)
    assert 0 < np.max(np.abs(first.energy / series.energy - 1)) < 10 * JITTER
    assert 0 < np.max(np.abs(first.temperature / series.temperature - 1)) < 10 * JITTER
    assert seed_of(series) != seed_of(first)


def test_the_medoid_is_nearest_to_all_others() -> None:
    nan = np.nan
    assert medoid(np.array([[0.0, 0.0, nan], [1.0, 1.0, 5.0], [1.2, 1.0, nan], [9.0, 9.0, nan]])) == 1
    assert medoid(np.array([[1.0, 2.0], [1.0, 2.0]])) == 0


def test_a_run_tells_the_spread() -> None:
    trace = bills_trace(1)
    settings = MeterSettings(model="billing", robust=True)
    found = compute([trace, RUN_TRACES[3]], WEATHER, periods(), settings)
    fits = found.provenance["fits"]
    assert [(each["energy_trace"], each["period"]) for each in fits] == [(1, BASELINE), (1, REPORTING)]
    assert all(0 <= each["numerical_spread"] < 0.01 for each in fits)
    assert contents(compute([trace, RUN_TRACES[3]], WEATHER, periods(), settings)) == contents(found)
    usual = compute([trace], WEATHER, periods(), MeterSettings(model="billing"))
    assert all("numerical_spread" not in each for each in usual.provenance["fits"])
    assert found.savings[0].metered.value == pytest.approx(usual.savings[0].metered.value, rel=0.05)


def test_gas_by_days() -> None:
    trace = daily_trace(GAS.measured() / 29.3001, id=2, code="NG_C_S")
    found = compute([trace], WEATHER, periods(), MeterSettings(robust=True))
    assert found.savings[0].metered.fraction == pytest.approx(GAS.savings, abs=0.03)
