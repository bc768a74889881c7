"""How good a fit must be, and what ASHRAE Guideline 14 would ask of it."""

import numpy as np
import pytest
from meter_buildings import DAYS, ELECTRICITY, GAS, WEATHER, bills_trace, daily_trace, periods

from eeds.meter.compute import compute
from eeds.meter.settings import MeterSettings
from eeds.meter.types import SUCCESS, MeterResult, NotModelled, Trace

ELECTRIC = daily_trace(ELECTRICITY.measured())


def run(*traces: Trace, **settings: float) -> MeterResult:
    return compute(traces, WEATHER, periods(), MeterSettings(**settings))


def test_the_threshold_of_cvrmse_is_a_setting() -> None:
    found = run(ELECTRIC).traces[0]
    assert found.cvrmse is not None
    assert run(ELECTRIC, cvrmse_threshold=found.cvrmse).traces[0].status == SUCCESS
    below = np.nextafter(found.cvrmse, 0)
    with pytest.raises(
        NotModelled, match=rf"POOR FIT: CVRMSE \(measured {found.cvrmse:.2f}, required at most {below:g}\)"
    ):
        run(ELECTRIC, cvrmse_threshold=below)


def test_a_poor_fit_is_had_if_asked_for() -> None:
    asked = MeterSettings(cvrmse_threshold=0.001, ignore_disqualification=True)
    assert compute([ELECTRIC], WEATHER, periods(), asked).traces[0].status == SUCCESS


def test_where_a_meter_also_counts_backwards_the_mean_measures_nothing() -> None:
    """The mean is next to nothing, so that CVRMSE is large; the spread of the readings is what the error is held
    against, whatever threshold of CVRMSE is set."""
    net = ELECTRICITY.measured() - ELECTRICITY.measured()[:365].mean() + 0.1
    found = run(daily_trace(net), cvrmse_threshold=0.5).traces[0]
    assert found.status == SUCCESS
    assert found.cvrmse is not None
    assert found.cvrmse > 1
    noise = np.random.default_rng(3).normal(0, 1, DAYS)
    spikes = np.where(np.arange(DAYS) % 50 == 3, 300.0, noise)
    with pytest.raises(
        NotModelled, match=r"POOR FIT: RMSE over interquartile range, for readings that are also negative"
    ):
        run(daily_trace(spikes))


def test_bias_and_guideline_14() -> None:
    days, bills = run(ELECTRIC).traces[0], run(bills_trace()).traces[0]
    assert (days.nmbe_limit, days.cvrmse_limit) == (None, None)  # it has none for days
    assert (bills.nmbe_limit, bills.cvrmse_limit) == (0.05, 0.15)
    for found in (days, bills):
        assert found.mean_bias is not None
        assert found.nmbe is not None
        assert abs(found.nmbe) < 0.01
        assert np.sign(found.nmbe) == np.sign(found.mean_bias)


def test_the_bias_of_gas_is_in_its_unit() -> None:
    therms, kwh = (run(daily_trace(GAS.measured() / unit, code="NG_C_S")).traces[0] for unit in (29.3001, 1))
    assert therms.mean_bias == pytest.approx(kwh.mean_bias / 29.3001, rel=0.2, abs=0.01)
