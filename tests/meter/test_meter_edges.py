"""Runs on what utilities send besides a plain year of days: bills of every kind, new meters, long histories."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from meter_buildings import (
    ELECTRICITY,
    FIRST,
    MONTHS,
    NORMAL,
    RETROFIT,
    TEMPERATURES,
    WEATHER,
    bills_trace,
    expected_kwh,
    hourly_temperatures,
    periods,
    trace,
    utc,
)

from eeds.meter.compute import compute
from eeds.meter.days import HALF, WHOLE, energy_between
from eeds.meter.measured import temperature_of_bills
from eeds.meter.settings import MeterSettings
from eeds.meter.sufficiency import sufficiency_report
from eeds.meter.types import BASELINE, SUCCESS, MeterResult, NotModelled, Trace, Weather

YEAR = (RETROFIT - FIRST).days
MEASURED = ELECTRICITY.measured()


def summed(edges: list[int], estimated: tuple[int, ...] = ()) -> Trace:
    """The use of ELECTRICITY between days since FIRST; the last of them only marks the end."""
    values = [MEASURED[begin:end].sum() for begin, end in pairwise(edges)]
    made = trace([utc(FIRST + timedelta(days=day)) for day in edges], np.append(values, np.nan))
    made.estimated[list(estimated)] = True
    return made


EDGES = [(first - FIRST).days for first in MONTHS]


def run(made: Trace, weather: Weather = WEATHER) -> MeterResult:
    return compute([made], weather, periods(), MeterSettings())


def counts(found: MeterResult) -> list[tuple[str, int | None]]:
    """Status and rows fitted of both models."""
    return [(each.status.partition(" (")[0], each.n) for each in found.traces]


# Bills ---------------------------------------------------------------------------------------------------------------


def test_bimonthly_bills() -> None:
    found = run(summed(EDGES[::2]))
    assert counts(found) == [(SUCCESS, 6), (SUCCESS, 6)]
    assert found.savings[0].metered is not None
    assert found.savings[0].metered.n == 365
    assert found.time_series[0].observed.sum() == pytest.approx(MEASURED.sum())


NO_READINGS = "INSUFFICIENT DATA: readings in the period"


@pytest.mark.parametrize(("records", "bills", "days"), [(13, 12, 365), (12, 11, 334)])
def test_a_year_of_bills_and_nothing_else(records: int, bills: int, days: int) -> None:
    found = run(summed(EDGES[:records]))
    assert counts(found) == [(SUCCESS, bills), (NO_READINGS, None)]
    assert found.savings[0].metered is None
    series = found.time_series[0]
    assert series.observed.sum() == pytest.approx(MEASURED[:days].sum())
    assert np.isnan(series.reporting).all()


def test_estimated_reads_lose_no_energy() -> None:
    found = run(summed(EDGES, estimated=(3, 14)))
    assert counts(found) == [(SUCCESS, 11), (SUCCESS, 11)]
    series = found.time_series[0]
    assert series.observed[3] == pytest.approx(MEASURED[EDGES[3] : EDGES[5]].sum())
    assert series.observed.sum() == pytest.approx(MEASURED.sum())


def test_only_bills_that_lie_in_the_reporting_period_as_a_whole_are_compared() -> None:
    edges = np.cumsum([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 35, 27, 30, 31]).tolist()
    found = run(summed(edges))
    baseline = found.traces[0]
    assert (baseline.status, baseline.n) == (SUCCESS, 11)
    assert [each.n for each in baseline.derivatives] == [365, 4 + 27 + 30 + 31]
    metered, series = found.savings[0].metered, found.time_series[0]
    assert metered is not None
    assert metered.n == 27 + 30 + 31
    assert metered.baseline == pytest.approx(series.baseline[-3:].sum())
    assert metered.value == pytest.approx((series.baseline - series.observed)[-3:].sum())


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.nan, r"readings that are not missing \(measured 0 of 12, required at least 1\)"),
        (0.0, r"readings that are not zero \(measured 0 of 12, required at least 1\)"),
        (900.0, r"different values of bills \(measured \d, required more than 3\)"),
    ],
)
def test_bills_that_say_nothing(value: float, words: str) -> None:
    days = np.diff(EDGES)
    values = np.append(np.full(len(days), value) * days, np.nan)  # as constant as bills can be: day by day
    with pytest.raises(NotModelled, match=f"BASELINE period: INSUFFICIENT DATA: {words}"):
        run(replace(bills_trace(), value=values))


def test_negative_bills_of_gas_are_refused() -> None:
    gas = replace(bills_trace(), interpretation="NG_C_S", unit="THM", value=-bills_trace().value)
    with pytest.raises(NotModelled, match=r"days with a negative value \(measured 365, required none, CalTRACK"):
        run(gas)


def test_too_few_bills() -> None:
    with pytest.raises(NotModelled, match=r"bills with a reading and a temperature \(measured 3, required at least 4"):
        run(summed(EDGES[:4]))


# Bills and weather ---------------------------------------------------------------------------------------------------


def test_a_bill_has_a_temperature_if_nine_of_ten_days_have_one() -> None:
    temperature = np.array([50.0, np.nan, *[60.0] * 8, *[np.nan] * 2, *[70.0] * 8, np.nan, 40.0])
    row = np.repeat([0, 1, -1], [10, 10, 2])
    found = temperature_of_bills(temperature, row, 0.9)
    assert found[:10].tolist() == pytest.approx([50, (50 + 8 * 60) / 9, *[60] * 8])
    assert np.isnan(found[10:20]).all()
    assert found[20:].tolist() == pytest.approx([np.nan, 40], nan_ok=True)


def test_bills_without_weather_are_told_of_and_left_out() -> None:
    observed = TEMPERATURES.copy()
    observed[EDGES[2] * 24 : EDGES[2] * 24 + 4 * 24] = np.nan  # of 31 days, one too many
    observed[EDGES[5] * 24 : EDGES[5] * 24 + 3 * 24] = np.nan
    gaps = replace(WEATHER, observed=observed)
    failed = [
        each
        for each in sufficiency_report(bills_trace(), gaps, periods(), MeterSettings()).periods[BASELINE]
        if not each.passed
    ]
    left_out = next(each for each in failed if "2.2.3.2" in each.numbers)
    assert (left_out.measured, left_out.disqualifies) == ("1", False)
    with pytest.raises(NotModelled, match=r"days with a temperature in the month that has fewest \(measured 0.0%"):
        run(summed(EDGES[:13]), gaps)
    found = compute([bills_trace()], gaps, periods(), MeterSettings(ignore_disqualification=True))
    assert [each.n for each in found.traces] == [11, 12]
    assert np.isnan(found.time_series[0].baseline).tolist() == [number == 2 for number in range(24)]


# New meters and long histories ---------------------------------------------------------------------------------------


def test_bills_before_and_days_after_a_new_meter() -> None:
    days = summed([*EDGES[:12], *range(YEAR, YEAR + 301)])
    found = run(days)
    assert counts(found) == [
        (SUCCESS, 12),
        ("INSUFFICIENT DATA: days from the first to the last with a reading and a temperature", None),
    ]
    metered, series = found.savings[0].metered, found.time_series[0]
    assert metered is not None
    assert metered.n == 300
    assert series.resolution == "billing"
    assert series.observed.tolist() == pytest.approx([*bills_trace().value[:12], *MEASURED[YEAR : YEAR + 300]])
    assert metered.value == pytest.approx((series.baseline - series.observed)[12:].sum())
    truth = ELECTRICITY.savings * ELECTRICITY.expected()[YEAR : YEAR + 300].sum()
    assert abs(metered.value - truth) < metered.upper


def test_ten_years_of_quarters_of_an_hour() -> None:
    first, last, retrofit = date(2005, 1, 1), date(2015, 1, 1), date(2010, 7, 1)
    count = (last - first).days
    weather = Weather("1", "upload", np.datetime64(first, "h"), hourly_temperatures(first, count), NORMAL, "TMY3")
    start = np.arange(np.datetime64(first, "s"), np.datetime64(last, "s") + 1, np.timedelta64(900, "s"))
    hours = expected_kwh(weather.observed) / 24 + np.random.default_rng(1).normal(0, 0.1, count * 24)
    values = np.append(np.repeat(hours / 4, 4), np.nan)
    made = Trace(1, "E_C_S", "KWH", start, values, np.zeros(len(start), dtype=bool))
    few = MeterSettings(baseline_days=50, ignore_disqualification=True)
    found = compute([made], weather, periods(utc(retrofit), utc(date(2014, 12, 1))), few)
    assert counts(found) == [(SUCCESS, 50), (SUCCESS, 31)]
    series = found.time_series[0]
    assert len(series.start) == (last - retrofit).days + 50
    assert series.start[0] == np.datetime64(retrofit - timedelta(days=50), "s")
    assert not np.isnan(series.baseline).any()
    own = values[:-1].reshape(-1, 96).sum(axis=1)
    assert series.observed.tolist() == pytest.approx(own[-len(series.start) :].tolist())


@pytest.mark.parametrize(("least", "expected"), [(HALF, [4, 4, 4, np.nan]), (WHOLE, [4, np.nan, np.nan, np.nan])])
def test_an_hour_is_there_as_a_whole_or_not_at_all(least: float, expected: list[float]) -> None:
    values = np.ones(17)
    values[[4, 8, 9, 12, 13, 14]] = np.nan
    quarters = trace([utc(FIRST) + timedelta(minutes=15 * number) for number in range(17)], values)
    hours = np.arange(np.datetime64(FIRST, "s"), np.datetime64(FIRST, "s") + 4 * 3600 + 1, np.timedelta64(3600, "s"))
    assert energy_between(quarters, hours, least).tolist() == pytest.approx(expected, nan_ok=True)
