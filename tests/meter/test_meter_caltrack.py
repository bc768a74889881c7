"""CalTRACK's daily and billing methods: what the last library that had them found, to 1e-9, and clause by clause."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from caltrack_traces import CaltrackTrace, traces
from drawn_buildings import billed, daily
from hypothesis import given
from hypothesis import strategies as st
from meter_buildings import ELECTRICITY, GAS, WEATHER, bills_trace, daily_trace, hourly_trace, periods

from eeds.meter.compute import compute
from eeds.meter.models.caltrack.days_and_bills import CaltrackBillingModel, CaltrackDailyModel
from eeds.meter.models.caltrack.usage_per_day import (
    BALANCE_POINTS,
    Design,
    UsagePerDay,
    design_of_bills,
    design_of_days,
    fit_usage_per_day,
)
from eeds.meter.models.library import NotFitted
from eeds.meter.settings import MeterSettings
from eeds.meter.types import SUCCESS, NotModelled

EXPECTED = json.loads((Path(__file__).parent / "caltrack_expected.json").read_text())
TRACES = list(traces())
CLOSE = {"rel": 1e-9, "abs": 1e-9}


def design_of(trace: CaltrackTrace) -> Design:
    """What is fitted of a trace."""
    days = np.diff(trace.edges)
    if not trace.billing:
        there = ~np.isnan(trace.energy)
        return design_of_days(trace.energy[there], trace.day_temperatures[there])
    return design_of_bills(
        (trace.energy / days).repeat(days), trace.day_temperatures, np.arange(len(days)).repeat(days)
    )


def parameters_of(model: UsagePerDay) -> dict[str, float]:
    """As the library names them."""
    found = {"intercept": model.intercept}
    if model.heating_balance_point is not None:
        found |= {"beta_hdd": model.beta_hdd, "heating_balance_point": model.heating_balance_point}
    if model.cooling_balance_point is not None:
        found |= {"beta_cdd": model.beta_cdd, "cooling_balance_point": model.cooling_balance_point}
    return found


def test_every_trace_has_an_expectation() -> None:
    assert [trace.name for trace in TRACES] == list(EXPECTED)
    kinds = [expected["model_type"] for expected in EXPECTED.values()]
    assert all(kinds.count(kind) >= 4 for kind in ("cdd_hdd", "hdd_only", "cdd_only", "intercept_only"))


@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace.name)
def test_the_model_is_that_of_eemeter_3(trace: CaltrackTrace) -> None:
    model, expected = fit_usage_per_day(design_of(trace), cools=trace.cools), EXPECTED[trace.name]
    assert model is not None
    assert model.r_squared_adj == pytest.approx(expected["r_squared_adj"], **CLOSE)
    unnamed = ("status", "model_type", "r_squared_adj", "total")
    assert parameters_of(model) == pytest.approx(
        {name: value for name, value in expected.items() if name not in unnamed}, **CLOSE
    )
    asked = trace.asked.reshape(-1, 24).mean(axis=1)
    assert model.predict(asked).sum() == pytest.approx(expected["total"], **CLOSE)


def seasons(days: int = 365) -> np.ndarray:
    """Mean temperatures of days, from 25 to 85 degrees."""
    return 55 + 30 * np.sin(np.arange(days) * 2 * np.pi / 365)


def load(temperature: np.ndarray, heating: float, cooling: float, base: float = 20.0) -> np.ndarray:
    """Use of days with balance points of 57 and 66 degrees."""
    return base + heating * np.maximum(57 - temperature, 0) + cooling * np.maximum(temperature - 66, 0)


@pytest.mark.parametrize("billing", [False, True])
def test_a_true_degree_day_model_is_found(billing: bool) -> None:
    """3.1.1.1, 3.4.3.3."""
    temperature = seasons()
    energy, month = load(temperature, 1.2, 0.8), np.arange(365) * 12 // 365
    design = design_of_days(energy, temperature)
    if billing:
        share = (np.bincount(month, energy) / np.bincount(month))[month]
        design = design_of_bills(share, temperature, month)
    model = fit_usage_per_day(design, cools=True)
    assert model is not None
    assert (model.heating_balance_point, model.cooling_balance_point) == (57, 66)
    assert (model.intercept, model.beta_hdd, model.beta_cdd) == pytest.approx((20, 1.2, 0.8))


def test_a_fuel_that_is_burned_does_not_cool() -> None:
    """3.2.1.1."""
    model = fit_usage_per_day(design_of_days(load(seasons(), 0.5, 2), seasons()), cools=False)
    assert model is not None
    assert model.cooling_balance_point is None


@given(st.integers(0, 10_000), st.floats(-2, 2), st.floats(-2, 2))
def test_no_coefficient_is_negative(seed: int, heating: float, cooling: float) -> None:
    """3.4.3.2, of use that may as well fall with heat and with cold."""
    energy = load(seasons(), heating, cooling, 80.0) + np.random.default_rng(seed).normal(0, 3, 365)
    model = fit_usage_per_day(design_of_days(energy, seasons()), cools=True)
    assert model is not None
    assert min(model.intercept, model.beta_hdd, model.beta_cdd) >= 0
    assert model.r_squared_adj >= 0


def test_use_without_weather_is_the_base_load() -> None:
    """3.4.3.1.4: adjusted R2 is 0 by definition."""
    model = fit_usage_per_day(design_of_days(np.arange(365) % 2 + 20.0, seasons()), cools=True)
    assert model is not None
    assert (model.explanatory, model.r_squared_adj) == (0, 0)
    assert model.intercept == pytest.approx(20.5, abs=0.01)


@pytest.mark.parametrize(("cold_days", "billing", "heats"), [(9, False, False), (10, False, True), (9, True, True)])
def test_days_need_ten_with_degree_days(cold_days: int, billing: bool, heats: bool) -> None:
    """3.2.2.2.1, which does not apply to bills: 9 days of frost in a mild year are no heating."""
    temperature = np.full(365, 90.0) + np.arange(365) % 2
    temperature[:cold_days] = 35.0
    energy = np.where(temperature < 40, 60.0, 20.0)
    design = (
        design_of_bills(energy, temperature, np.arange(365) // cold_days)
        if billing
        else (design_of_days(energy, temperature))
    )
    model = fit_usage_per_day(design, cools=False)
    assert model is not None
    assert (model.heating_balance_point is not None) == heats


@pytest.mark.parametrize(("degrees", "heats"), [(1.9, False), (2.0, True)])
def test_twenty_degree_days_are_needed(degrees: float, heats: bool) -> None:
    """3.2.2.2.2: below the highest balance point."""
    temperature = np.full(365, 95.0)
    temperature[:10] = BALANCE_POINTS[-1] - degrees
    model = fit_usage_per_day(design_of_days(np.where(temperature < 91, 30.0, 20.0), temperature), cools=False)
    assert model is not None
    assert (model.heating_balance_point is not None) == heats


def test_of_candidates_that_are_the_same_the_lowest_balance_point_is_taken() -> None:
    """Where it is never warmer than 60 degrees, all balance points from there on are one model."""
    temperature = 45 + 15 * np.sin(np.arange(365) * 2 * np.pi / 365)
    model = fit_usage_per_day(design_of_days(200 - 2 * temperature, temperature), cools=True)
    assert model is not None
    assert model.heating_balance_point == 60


@given(st.integers(0, 10_000), st.booleans())
def test_rounding_moves_a_fit_by_no_more_than_rounding(seed: int, billing: bool) -> None:
    rng = np.random.default_rng(seed)
    temperature = seasons() + rng.normal(0, 5, 365)
    energy = load(temperature, rng.uniform(0, 2), rng.uniform(0, 2)) + rng.normal(0, 3, 365)
    year = []
    for noise in (0.0, 1e-13):
        moved = energy * (1 + noise * rng.normal(size=365))
        month = np.arange(365) // 30
        design = design_of_bills(moved, temperature, month) if billing else design_of_days(moved, temperature)
        model = fit_usage_per_day(design, cools=True)
        assert model is not None
        year.append(model.predict(temperature + 2).sum())
    assert year[0] == pytest.approx(year[1], rel=1e-9)


def test_a_net_meter_that_feeds_in_has_a_model_only_if_disqualification_is_ignored() -> None:
    """3.4.3.2.3."""
    series = daily(1, "typical")
    fed_in = type(series)(series.start, series.dates, series.energy - 1000, series.temperature)
    with pytest.raises(NotFitted, match=r"NOT FITTED: no model qualifies \(CalTRACK 3.4.3.2\)"):
        CaltrackDailyModel.fit(fed_in, MeterSettings(), is_electricity=True)
    model = CaltrackDailyModel.fit(fed_in, MeterSettings(ignore_disqualification=True), is_electricity=True)
    assert model.predict(fed_in).mean() == pytest.approx(fed_in.energy.mean())


def test_days_without_a_temperature_are_not_predicted() -> None:
    """3.5.3.1."""
    series = daily(1, "gaps")
    model = CaltrackDailyModel.fit(series, MeterSettings(), is_electricity=True)
    unknown = np.arange(365) % 7 == 3
    asked = type(series)(series.start, series.dates, series.energy, np.where(unknown, np.nan, series.temperature))
    assert np.array_equal(np.isnan(model.predict(asked)), unknown)


def written(model: CaltrackDailyModel | CaltrackBillingModel) -> dict[str, Any]:
    """Its JSON, read."""
    return dict(json.loads(model.to_json()))


def test_the_json_is_the_librarys() -> None:
    bills = billed(2)
    model = CaltrackBillingModel.fit(bills, MeterSettings(), is_electricity=True, bill=np.arange(365) // 30)
    found = written(model)
    assert (found["method_name"], found["interval"]) == ("caltrack_usage_per_day", "billing")
    assert found["model"]["model_params"] == parameters_of(model.fitted)
    assert found["settings"]["minimum_non_zero_hdd"] == 0
    assert model.parameters == 1 + 2 * model.fitted.explanatory


@pytest.mark.parametrize("robust", [False, True])
def test_one_run_has_bills_and_days(robust: bool) -> None:
    """Each result names its model and the clauses; a robust run has no copies to compare."""
    electricity, gas = bills_trace(1), daily_trace(GAS.measured() / 29.3001, id=2, code="NG_C_S")
    settings = MeterSettings(model="caltrack", robust=robust)
    result = compute([electricity, gas], WEATHER, periods(), settings)
    assert {each.status for each in result.traces} == {SUCCESS}
    fits = result.provenance["fits"]
    assert [fit["model"] for fit in fits] == ["caltrack billing"] * 2 + ["caltrack daily"] * 2
    assert fits[0]["clauses"] == "CalTRACK 2.0, 3.1-3.6 (billing)"
    assert not any("numerical_spread" in fit for fit in fits)
    assert [series.resolution for series in result.time_series] == ["billing", "daily"]
    saved = [each.metered.value / each.metered.baseline for each in result.savings if each.metered]
    assert saved == pytest.approx([ELECTRICITY.savings, GAS.savings], abs=0.02)


def test_a_poor_fit_is_refused() -> None:
    """4.3.2.1."""
    with pytest.raises(NotModelled, match="POOR FIT: CVRMSE"):
        compute([bills_trace(1)], WEATHER, periods(), MeterSettings(model="caltrack", cvrmse_threshold=1e-4))


def test_each_fuel_has_its_own_model() -> None:
    """Hourly electricity and monthly gas of one project in one run."""
    gas = bills_trace(2)
    monthly = type(gas)(gas.id, "NG_C_S", "THM", gas.start, gas.value / 29.3, gas.estimated)
    settings = MeterSettings(models={"electricity": "caltrack_hourly", "gas": "caltrack"})
    result = compute([hourly_trace("E_C_S", 1), monthly], WEATHER, periods(), settings)
    assert [fit["model"] for fit in result.provenance["fits"]] == ["caltrack hourly"] * 2 + ["caltrack billing"] * 2
    assert [series.resolution for series in result.time_series] == ["hourly", "billing"]
