"""The billing and the hourly model: the library's own predictions, what follows from them, and the rows to look at."""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from meter_buildings import (
    DAYS,
    ELECTRICITY,
    FIRST,
    MONTHS,
    RETROFIT,
    TEMPERATURES,
    WEATHER,
    bills_trace,
    contents,
    daily_means,
    daily_trace,
    hourly_trace,
    periods,
    utc,
)
from opendsm import eemeter

from eeds.meter.compute import compute
from eeds.meter.models.hourly import hour_frame
from eeds.meter.models.library import frame
from eeds.meter.settings import MeterSettings
from eeds.meter.spread import add_spreads
from eeds.meter.types import BASELINE, GROSS_PREDICTED, SUCCESS, MeterResult, Trace

ROOT = Path(__file__).parents[2]
YEAR = (RETROFIT - FIRST).days
BILLS, HOURS = bills_trace(), hourly_trace("E_C_N", 1)
HOURLY = MeterSettings(model="hourly", seed=7)
TRUTH = ELECTRICITY.savings * ELECTRICITY.expected()[YEAR:].sum()


@pytest.fixture(scope="module")
def billing() -> MeterResult:
    return compute([BILLS], WEATHER, periods(), MeterSettings(model="billing"))


@pytest.fixture(scope="module")
def hourly() -> MeterResult:
    return compute([HOURS], WEATHER, periods(), HOURLY)


def gross(result: MeterResult) -> float:
    """The counterfactual of the reporting period."""
    (found,) = [each for each in result.traces[0].derivatives if each.interpretation == GROSS_PREDICTED]
    return found.value


def test_bills_are_modelled_by_the_library(billing: MeterResult) -> None:
    assert [(each.status, each.n) for each in billing.traces] == [(SUCCESS, 12), (SUCCESS, 12)]
    dates = np.arange(np.datetime64(FIRST), np.datetime64(MONTHS[-1]))
    begin = [(first - FIRST).days for first in MONTHS[:12]]
    observed = np.full(YEAR, np.nan)
    observed[begin] = BILLS.value[:12]  # the library's own way: the sum on the first day of the bill
    rows = frame(dates[:YEAR], observed=observed, temperature=daily_means(TEMPERATURES)[:YEAR])
    direct = eemeter.BillingModel().fit(
        eemeter.BillingBaselineData(rows, is_electricity_data=True), ignore_disqualification=True
    )
    later = frame(dates[YEAR:], temperature=daily_means(TEMPERATURES)[YEAR:])
    data = eemeter.BillingReportingData(later, is_electricity_data=True)
    predicted = direct.predict(data, ignore_disqualification=True)["predicted"].to_numpy()
    assert gross(billing) == pytest.approx(predicted.sum(), rel=1e-12)  # added up in another order
    series = billing.time_series[0]
    months = np.add.reduceat(predicted, [(first - RETROFIT).days for first in MONTHS[12:-1]])
    assert series.baseline[12:].tolist() == pytest.approx(months.tolist(), rel=1e-12)


def test_hours_are_modelled_by_the_library(hourly: MeterResult) -> None:
    assert [each.status for each in hourly.traces] == [SUCCESS, SUCCESS]
    start = HOURS.start[:-1]
    rows = hour_frame(start, "UTC", observed=HOURS.value[:-1], temperature=TEMPERATURES)
    settings = eemeter.HourlyNonSolarSettings(seed=7)
    data = eemeter.HourlyBaselineData(rows.iloc[: YEAR * 24], is_electricity_data=True)
    direct = eemeter.HourlyModel(settings).fit(data, ignore_disqualification=True)
    later = eemeter.HourlyReportingData(rows[["temperature"]], is_electricity_data=True)
    predicted = direct.predict(later, ignore_disqualification=True)["predicted"].to_numpy()
    series = hourly.time_series[0]
    assert series.resolution == "hourly"
    assert np.array_equal(series.start, start)
    assert np.array_equal(series.baseline, predicted)
    stored = eemeter.HourlyModel.from_json(hourly.traces[0].model_json)
    assert np.array_equal(stored.predict(later, ignore_disqualification=True)["predicted"].to_numpy(), predicted)


def test_hours_that_nobody_asks_for_change_no_others(hourly: MeterResult) -> None:
    march = utc(date(RETROFIT.year, 3, 1))
    found = compute([HOURS], WEATHER, periods(reporting_start=march - timedelta(days=9), reporting_end=march), HOURLY)
    series, all_of_them = found.time_series[0], hourly.time_series[0]
    hours = len(series.start)
    assert series.start[-1] == np.datetime64("2014-02-28T23", "s")
    assert np.array_equal(series.baseline, all_of_them.baseline[:hours])


@pytest.mark.parametrize("model", ["billing", "daily"])
def test_savings_are_what_was_not_used(billing: MeterResult, result: MeterResult, model: str) -> None:
    (found,) = [each for each in (billing if model == "billing" else result).savings if each.trace_id == 1]
    assert found.metered is not None
    assert found.normalized is not None
    assert -found.metered.upper < found.metered.value - TRUTH < found.metered.lower
    assert found.metered.fraction == pytest.approx(found.metered.value / found.metered.baseline)
    half = (found.metered.lower + found.metered.upper) / 2
    assert found.metered.fsu == pytest.approx(half / found.metered.value)
    assert found.normalized.n == 365
    series = next(each for each in (billing if model == "billing" else result).time_series if each.trace_id == 1)
    later = series.start >= np.datetime64(RETROFIT)
    assert found.metered.value == pytest.approx(np.nansum((series.baseline - series.observed)[later]))


def test_savings_add_up_in_kwh(result: MeterResult) -> None:
    found = {each.trace_interpretation: each for each in result.savings_aggregations}
    own = {each.trace_id: each for each in result.savings}
    electricity, gas = own[1].metered, own[2].metered
    total = found["ALL_FUELS_CONSUMPTION_SUPPLIED"].metered
    assert electricity is not None
    assert gas is not None
    assert total is not None
    assert electricity.spread
    assert gas.spread
    assert total.spread
    assert total.value == pytest.approx(electricity.value + 29.3001 * gas.value)
    assert total.spread == add_spreads(
        [("daily", spread) for spread in (electricity.spread, gas.spread.times(29.3001))]
    )
    assert (total.lower, total.upper) == total.spread.distances(0.95)
    assert found["ELECTRICITY_CONSUMPTION_SUPPLIED"].metered == electricity
    assert [own[trace].metered for trace in (3, 4, 6, 7)] == [None] * 4


def test_a_time_series_is_what_was_measured_and_said(billing: MeterResult, result: MeterResult) -> None:
    series = billing.time_series[0]
    assert series.resolution == "billing"
    assert len(series.start) == 24
    assert series.observed.tolist() == pytest.approx(BILLS.value[:-1].tolist())
    assert np.all(series.lower < series.baseline)
    assert np.all(series.baseline < series.upper)
    days = result.time_series[0]
    assert (days.resolution, len(days.start)) == ("daily", DAYS)
    assert (
        np.nanmean(
            (days.observed > days.lower) & (days.observed < days.upper) | (days.start >= np.datetime64(RETROFIT))
        )
        > 0.9
    )


def test_a_bill_that_is_missing_is_left_out() -> None:
    values = BILLS.value.copy()
    values[4] = np.nan
    missing = Trace(1, "E_C_S", "KWH", BILLS.start, values, BILLS.estimated)
    found = compute([missing], WEATHER, periods(), MeterSettings(ignore_disqualification=True))
    assert found.traces[0].n == 11
    series = found.time_series[0]
    assert np.isnan(series.observed[4])
    assert not np.isnan(series.baseline[4])


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Kolkata"])
def test_hours_of_a_net_meter_where_clocks_change_or_count_half_hours(zone: str) -> None:
    found = compute([HOURS], WEATHER, periods(), MeterSettings(model="hourly", timezone=zone))
    assert [each.status for each in found.traces] == [SUCCESS, SUCCESS]
    assert found.traces[0].r2 > 0.8
    series = found.time_series[0]
    assert np.nanmin(series.observed) < 0
    assert np.nansum(series.observed) == pytest.approx(np.nansum(HOURS.value), rel=0.02)


def test_days_for_the_billing_model_and_bills_for_the_daily_are_refused() -> None:
    days, bills = daily_trace(ELECTRICITY.measured(), id=1), bills_trace(2)
    for trace, model, words in ((days, "billing", "required more than 1 day"), (bills, "hourly", "at most 1 hour")):
        with pytest.raises(Exception, match=words):
            compute([trace], WEATHER, periods(), MeterSettings(model=model))


CODE = """
import sys
sys.path[:0] = ["tests/meter"]
from meter_buildings import WEATHER, bills_trace, contents, hourly_trace, periods
from eeds.meter.compute import compute
from eeds.meter.settings import MeterSettings
print(contents(compute([bills_trace()], WEATHER, periods(), MeterSettings(model="billing"))))
print(contents(compute([hourly_trace("E_C_N", 1)], WEATHER, periods(), MeterSettings(model="hourly", seed=7))))
"""


def test_another_process_finds_the_same_to_the_last_bit(billing: MeterResult, hourly: MeterResult) -> None:
    found = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, cwd=ROOT, check=True)
    assert found.stdout.splitlines() == [contents(billing), contents(hourly)]
    assert billing.traces[0].period == BASELINE
