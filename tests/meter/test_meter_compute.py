"""Runs of the meter on buildings whose truth is known."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from meter_buildings import (
    DAYS,
    ELECTRICITY,
    FEW_PERIODS,
    FIRST,
    GAS,
    LAST,
    NORMAL,
    OTHER_CODES,
    RETROFIT,
    RUN_TRACES,
    SHORT_TRACES,
    TEMPERATURES,
    WEATHER,
    contents,
    daily_means,
    daily_trace,
    expected_kwh,
    periods,
    utc,
)
from opendsm import eemeter

from eeds.meter.compute import compute
from eeds.meter.models.library import frame
from eeds.meter.settings import MeterSettings
from eeds.meter.types import (
    ANNUALIZED_WEATHER_NORMAL,
    BASELINE,
    GROSS_PREDICTED,
    REPORTING,
    SUCCESS,
    Derivative,
    MeterResult,
    NotModelled,
    TraceModelResult,
)

BASELINE_DAYS = slice(0, (RETROFIT - FIRST).days)
REPORTING_DAYS = slice((RETROFIT - FIRST).days, DAYS)


def model(result: MeterResult, trace: int, period: str) -> TraceModelResult:
    (found,) = [each for each in result.traces if (each.trace_id, each.period) == (trace, period)]
    return found


def derivative(result: MeterResult, trace: int, period: str, interpretation: str) -> Derivative:
    (found,) = [each for each in model(result, trace, period).derivatives if each.interpretation == interpretation]
    return found


# What a run finds ----------------------------------------------------------------------------------------------------


def test_every_trace_has_a_result_for_either_period_in_order(result: MeterResult) -> None:
    found = [(each.trace_id, each.period) for each in result.traces]
    assert found == [(trace.id, period) for trace in RUN_TRACES for period in (BASELINE, REPORTING)]


def test_metered_savings_are_the_true_ones(result: MeterResult) -> None:
    counterfactual = derivative(result, 1, BASELINE, GROSS_PREDICTED)
    savings = counterfactual.value - ELECTRICITY.measured()[REPORTING_DAYS].sum()
    truth = ELECTRICITY.savings * ELECTRICITY.expected()[REPORTING_DAYS].sum()
    assert abs(savings - truth) <= counterfactual.upper
    assert savings == pytest.approx(truth, rel=0.15)
    assert counterfactual.upper == counterfactual.lower < 0.03 * counterfactual.value
    assert counterfactual.n == 365


@pytest.mark.parametrize(("trace", "building", "unit"), [(1, ELECTRICITY, 1), (2, GAS, 29.3001)])
def test_the_normal_year_is_as_expected(result: MeterResult, trace: int, building, unit: float) -> None:
    truth = expected_kwh(daily_means(NORMAL)).sum() / unit
    baseline = derivative(result, trace, BASELINE, ANNUALIZED_WEATHER_NORMAL)
    reporting = derivative(result, trace, REPORTING, ANNUALIZED_WEATHER_NORMAL)
    assert baseline.value == pytest.approx(truth, rel=0.02)
    assert reporting.value == pytest.approx(truth * (1 - building.savings), rel=0.02)
    assert baseline.n == reporting.n == 365
    assert 0 < baseline.upper < derivative(result, trace, BASELINE, GROSS_PREDICTED).upper


def test_the_fit_is_described(result: MeterResult) -> None:
    found = model(result, 1, BASELINE)
    present = [day for day in range(365) if day % 40 != 7]
    assert found.status == SUCCESS
    assert found.n == len(present)
    assert found.r2 is not None
    assert 0.95 < found.r2 < 1
    assert found.rmse == pytest.approx(ELECTRICITY.noise / np.sqrt(1 - 0.4**2), rel=0.15)
    assert found.cvrmse == pytest.approx(found.rmse / ELECTRICITY.measured()[present].mean())
    assert found.upper == found.lower == pytest.approx(1.97 * found.rmse, rel=0.02)


def test_predictions_are_the_librarys_own(few_result: MeterResult) -> None:
    dates = np.arange(np.datetime64(FIRST), np.datetime64(LAST))
    energy, temperature = ELECTRICITY.measured(), daily_means(TEMPERATURES)
    few = slice(90, 140)
    data = eemeter.DailyBaselineData(
        frame(dates[few], observed=energy[few], temperature=temperature[few]), is_electricity_data=True
    )
    direct = eemeter.DailyModel().fit(data, ignore_disqualification=True)
    normal = frame(np.arange(np.datetime64("2015-01-01"), np.datetime64("2016-01-01")), temperature=daily_means(NORMAL))
    rows = eemeter.DailyReportingData(normal, is_electricity_data=True)
    predicted = direct.predict(rows, ignore_disqualification=True)["predicted"].to_numpy()
    ours = model(few_result, 1, BASELINE)
    assert derivative(few_result, 1, BASELINE, ANNUALIZED_WEATHER_NORMAL).value == predicted.sum()
    assert ours.model_json is not None
    stored = eemeter.DailyModel.from_json(ours.model_json)
    assert np.array_equal(stored.predict(rows, ignore_disqualification=True)["predicted"].to_numpy(), predicted)


def test_aggregations_add_up_in_kwh(result: MeterResult) -> None:
    found = {(each.trace_interpretation, each.interpretation): each for each in result.aggregations}
    names = ["ELECTRICITY_CONSUMPTION_SUPPLIED", "NATURAL_GAS_CONSUMPTION_SUPPLIED", "ALL_FUELS_CONSUMPTION_SUPPLIED"]
    assert list(found) == [(name, each) for name in names for each in (ANNUALIZED_WEATHER_NORMAL, GROSS_PREDICTED)]
    electricity, gas, both = (found[name, GROSS_PREDICTED].baseline for name in names)
    assert electricity == derivative(result, 1, BASELINE, GROSS_PREDICTED)
    assert gas is not None
    assert gas.value == 29.3001 * derivative(result, 2, BASELINE, GROSS_PREDICTED).value
    assert both is not None
    assert both.value == electricity.value + gas.value
    assert both.upper == pytest.approx(np.hypot(electricity.upper, gas.upper))
    assert both.n == 730


# What cannot be modelled ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trace", "period", "expected"),
    [
        (
            3,
            BASELINE,
            "median spacing of the readings (measured 31 days, required at most 1 day). Set model to auto",
        ),
        (
            3,
            REPORTING,
            "median spacing of the readings (measured 31 days, required at most 1 day). Set model to auto",
        ),
        (4, BASELINE, "readings that are not zero (measured 0 of 365, required at least 1)"),
        (5, REPORTING, "readings that are not zero (measured 0 of 365, required at least 1)"),
        (6, BASELINE, "different values of days (measured 1, required more than 3)"),
        (7, BASELINE, "readings that are not missing (measured 0 of 365, required at least 1)"),
        (7, REPORTING, "readings in the period (measured 0, required at least 1)"),
        (8, BASELINE, "records of the trace, the last of which only marks the end of the one before it (measured 0, "),
        (9, REPORTING, "records of the trace, the last of which only marks the end of the one before it (measured 1, "),
        (10, BASELINE, "days with a negative value (measured 41, required none, CalTRACK 2.3.5)"),
        (11, BASELINE, "days from the first to the last with a reading and a temperature (measured 100, required at "),
        (11, REPORTING, "readings in the period (measured 0, required at least 1)"),
    ],
)
def test_a_trace_that_cannot_be_modelled_says_why(result: MeterResult, trace: int, period: str, expected: str) -> None:
    found = model(result, trace, period)
    assert found.status.startswith(f"INSUFFICIENT DATA: {expected}")
    named = None if trace in (8, 9) else "daily"
    assert found == TraceModelResult(trace, period, found.status, model=named, flags=found.flags)


def test_a_run_without_any_model_says_why_for_every_trace() -> None:
    with pytest.raises(NotModelled) as reason:
        compute(RUN_TRACES[2:4], WEATHER, periods(), MeterSettings())
    lines = str(reason.value).splitlines()
    assert lines[0] == "No trace could be modelled."
    assert [line.partition(": ")[0] for line in lines[1:]] == [
        f"Trace {trace} (ELECTRICITY_CONSUMPTION_SUPPLIED), {period} period"
        for trace in (3, 4)
        for period in (BASELINE, REPORTING)
    ]


def test_a_run_without_traces_says_so() -> None:
    with pytest.raises(NotModelled, match="no traces"):
        compute([], WEATHER, periods(), MeterSettings())


def test_weather_that_is_missing_is_named() -> None:
    gap = replace(WEATHER, observed=np.where(np.arange(DAYS * 24) < 6000, WEATHER.observed, np.nan))
    with pytest.raises(NotModelled, match=r"measured 250, required at least 329, CalTRACK 2.2.1.1\). Load the"):
        compute(RUN_TRACES[:1], gap, periods(), MeterSettings())
    short = replace(WEATHER, observed=WEATHER.observed[:24])
    with pytest.raises(NotModelled, match=r"a temperature \(measured 1, with 356 that have a reading.*weather_station"):
        compute(RUN_TRACES[:1], short, periods(), MeterSettings())


# Periods, time zones, interpretations --------------------------------------------------------------------------------


def test_every_interpretation_is_modelled(short_result: MeterResult) -> None:
    names = [each.trace_interpretation for each in short_result.aggregations]
    for trace, code in zip(SHORT_TRACES, OTHER_CODES, strict=True):
        assert model(short_result, trace.id, BASELINE).status == SUCCESS, code
    assert len(set(names)) == 5
    assert "ALL_FUELS_CONSUMPTION_SUPPLIED" not in names


def test_a_net_meter_may_run_backwards(short_result: MeterResult) -> None:
    net = SHORT_TRACES[OTHER_CODES.index("E_C_N")]
    daily = net.value[:-1].reshape(-1, 24).sum(axis=1)
    assert daily.min() < 0
    assert model(short_result, net.id, BASELINE).r2 > 0.8


def test_a_short_reporting_period_leaves_the_counterfactual(short_result: MeterResult) -> None:
    # from 6 January 00:00 to 6 April 13:00 in California are 90 whole days; in UTC there are 89
    for trace in SHORT_TRACES:
        assert "measured 90, required at least 329" in model(short_result, trace.id, REPORTING).status
        assert derivative(short_result, trace.id, BASELINE, GROSS_PREDICTED).n == 90
    assert {each.reporting for each in short_result.aggregations} == {None}


def test_only_whole_local_days_are_in_a_period(short_result: MeterResult) -> None:
    # from 1 January 00:00 to 1 January 07:00 a year later in California; in UTC there are 364
    assert {model(short_result, trace.id, BASELINE).n for trace in SHORT_TRACES} == {365}
    trace = SHORT_TRACES[0]
    local = trace.start[:-1] - np.where(is_summer(trace.start[:-1]), 7, 8).astype("timedelta64[h]")
    inside = (local >= np.datetime64("2014-01-06")) & (local < np.datetime64("2014-04-06"))
    measured = trace.value[:-1][inside].sum() / (1 - 0.15)
    counterfactual = derivative(short_result, trace.id, BASELINE, GROSS_PREDICTED)
    assert abs(counterfactual.value - measured) < counterfactual.upper


def is_summer(moments: np.ndarray) -> np.ndarray:
    return (moments >= np.datetime64("2014-03-09T10")) & (moments < np.datetime64("2014-11-02T09"))


def test_the_same_input_gives_the_same_result(few_result: MeterResult, few_settings: MeterSettings) -> None:
    again = compute([daily_trace(ELECTRICITY.measured())], replace(WEATHER), FEW_PERIODS, few_settings)
    assert contents(again) == contents(few_result)


# Settings ------------------------------------------------------------------------------------------------------------


def test_too_little_data_is_modelled_if_asked_for(few_result: MeterResult) -> None:
    found = model(few_result, 1, BASELINE)
    assert found.status == SUCCESS
    assert found.n == 50


def test_the_confidence_level_sets_the_width(few_result: MeterResult) -> None:
    found = model(few_result, 1, BASELINE)
    assert found.rmse is not None
    assert 1.28 < found.upper / found.rmse < 1.6  # t of 80 % is 1.28 and, of so few days, more


def test_what_the_library_fails_on_has_a_status_of_its_own() -> None:
    working_days = np.array([(FIRST + timedelta(days=day)).weekday() < 5 for day in range(DAYS)])
    trace = daily_trace(np.where(working_days, ELECTRICITY.measured(), np.nan))
    with pytest.raises(NotModelled, match="BASELINE period: NOT FITTED: the daily model could not be fitted"):
        compute([trace], WEATHER, periods(), MeterSettings(ignore_disqualification=True))


def test_a_poor_fit_is_refused() -> None:
    rng = np.random.default_rng(2)
    spikes = np.where(rng.random(DAYS) < 0.02, 1000.0, rng.normal(1, 0.1, DAYS))
    with pytest.raises(
        NotModelled, match=r"BASELINE period: POOR FIT: CVRMSE \(measured \d+\.\d\d, required at most 1"
    ):
        compute([daily_trace(spikes)], WEATHER, periods(reporting_start=utc(LAST)), MeterSettings())
