"""Fuels beyond electricity and gas: chilled water, which stands still all winter, and deliveries of oil by month."""

from dataclasses import replace

import numpy as np
import pytest
from meter_buildings import DAYS, FIRST, RETROFIT, TEMPERATURES, WEATHER, bills_trace, daily_means, daily_trace, periods

from eeds.meter.compute import compute
from eeds.meter.names import FUELS, INTERPRETATIONS, fuel_of, may_cool
from eeds.meter.settings import MeterSettings
from eeds.meter.types import BASELINE, GROSS_PREDICTED, SUCCESS, Aggregation, MeterResult

BEFORE = (RETROFIT - FIRST).days
SAVED = 0.25


def chilled_water() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Daily kWh of cold, none below 62 degF, a quarter less from the retrofit on."""
    noise = np.random.default_rng(5).normal(0, 3, DAYS)
    cooling = 9 * np.maximum(daily_means(TEMPERATURES) - 62, 0)
    use = np.where(cooling > 0, np.maximum(cooling + noise, 0), 0)
    return np.where(np.arange(DAYS) < BEFORE, use, (1 - SAVED) * use)


@pytest.fixture(scope="module")
def result() -> MeterResult:
    """A run of a building with a meter of chilled water and bills of oil and electricity."""
    water = daily_trace(chilled_water(), id=1, code="CW_C_S")
    oil = replace(bills_trace(id=2), interpretation="FO_C_S")
    return compute([water, oil, bills_trace(id=3)], WEATHER, periods(), MeterSettings())


def test_they_are_modelled(result: MeterResult) -> None:
    assert {each.status for each in result.traces} == {SUCCESS}


def test_days_without_cooling_are_readings_of_chilled_water(result: MeterResult) -> None:
    before = chilled_water()[:BEFORE]
    assert np.count_nonzero(before == 0) > 100
    (model,) = [each for each in result.traces if (each.trace_id, each.period) == (1, BASELINE)]
    assert model.n == BEFORE
    assert model.r2 is not None
    assert model.r2 > 0.95


def test_savings_of_chilled_water_are_found(result: MeterResult) -> None:
    (savings,) = [each for each in result.savings if each.trace_id == 1]
    assert savings.metered is not None
    assert savings.metered.value / savings.metered.baseline == pytest.approx(SAVED, abs=0.02)


def test_all_fuels_that_are_supplied_are_added_up(result: MeterResult) -> None:
    gross = {each.trace_interpretation: each for each in result.aggregations if each.interpretation == GROSS_PREDICTED}
    parts = ["ELECTRICITY", "FUEL_OIL", "CHILLED_WATER"]
    assert list(gross) == [f"{fuel}_CONSUMPTION_SUPPLIED" for fuel in [*parts, "ALL_FUELS"]]
    *single, total = (value_of(each) for each in gross.values())
    assert total == pytest.approx(sum(single))


def value_of(aggregation: Aggregation) -> float:
    assert aggregation.baseline is not None
    return aggregation.baseline.value


def test_each_interpretation_is_of_a_fuel_that_settings_name() -> None:
    assert {fuel_of(code) for code in INTERPRETATIONS} == set(FUELS)
    assert {code for code in INTERPRETATIONS if not may_cool(code)} == {"NG_C_S", "FO_C_S", "P_C_S"}
