"""Savings by month: parts of the metered savings, nothing lost and nothing counted twice."""

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from meter_buildings import FIRST
from test_meter_edges import run, summed

from eeds.meter.aggregation import aggregate_savings
from eeds.meter.spread import Spread
from eeds.meter.types import MeterResult, MonthSavings, Savings, Trace, TraceSavings

THERM = 29.3001
EMPTY = np.empty(0)


def assert_parts(months: tuple[MonthSavings, ...], whole: Savings | None) -> None:
    assert whole is not None
    for name in ("value", "n", "baseline"):
        assert sum(getattr(month, name) for month in months) == pytest.approx(getattr(whole, name)), name


def test_months_are_parts_of_the_metered_savings(result: MeterResult, short_result: MeterResult) -> None:
    modelled = [each for found in (result, short_result) for each in found.savings if each.metered]
    assert len(modelled) > 2
    for each in modelled:
        assert_parts(each.months, each.metered)
        assert [month.month.day for month in each.months] == [1] * len(each.months)
        assert list(each.months) == sorted(each.months, key=lambda month: month.month)
    assert all(each.months == () for found in (result, short_result) for each in found.savings if not each.metered)


def test_months_of_sums_are_parts_of_the_sums(result: MeterResult) -> None:
    assert [each.trace_interpretation for each in result.savings_aggregations][-1] == "ALL_FUELS_CONSUMPTION_SUPPLIED"
    for each in result.savings_aggregations:
        assert_parts(each.months, each.metered)


def test_a_bill_counts_in_every_month_with_the_days_that_it_has_there() -> None:
    found = run(summed(list(range(0, 731, 30))))
    (savings,) = found.savings
    assert_parts(savings.months, savings.metered)
    first, last = (FIRST + timedelta(days=days) for days in (390, 719))  # of the bills after the retrofit
    days = Counter((first + timedelta(days=i)).replace(day=1) for i in range((last - first).days + 1))
    assert {month.month: month.n for month in savings.months} == days


def saved(month: date, value: float, n: int, baseline: float, spread: Spread, until: Spread) -> MonthSavings:
    return MonthSavings.of(month, (value, n, baseline), spread, until, 0.95)


def test_fuels_add_up_in_kwh_month_by_month() -> None:
    january, march = date(2014, 1, 1), date(2014, 3, 1)
    first, second, until = Spread(1.0, 4.0, 3.0, 30.0), Spread(-2.0, 9.0, 4.0, 30.0), Spread(-1.0, 14.0, 6.0, 30.0)
    whole = Savings(1.0, 1.0, 1.0, 1, 1.0, first)
    savings = [
        TraceSavings(1, whole, None, (saved(january, 100.0, 31, 1000.0, first, first),), "daily"),
        TraceSavings(
            2,
            whole,
            None,
            (saved(january, 1.0, 10, 20.0, first, first), saved(march, -2.0, 31, 30.0, second, until)),
            "billing",
        ),
        TraceSavings(3, None, None),
    ]
    times = EMPTY.astype("datetime64[s]")
    codes = {1: ("E_C_S", "KWH"), 2: ("NG_C_S", "THM"), 3: ("NG_C_S", "THM")}
    traces = [Trace(id, code, unit, times, EMPTY, EMPTY.astype(bool)) for id, (code, unit) in codes.items()]
    electricity, gas, both = aggregate_savings(traces, savings, 0.95)
    assert (electricity.model, gas.model, both.model) == ("daily", "billing", "billing+daily")
    (only,) = electricity.months
    assert (only.value, only.n, only.baseline) == (100, 31, 1000)
    assert (only.lower, only.upper) == pytest.approx(first.distances(0.95))
    assert [(month.month, month.value, month.n, month.baseline) for month in gas.months] == [
        (january, THERM, 10, 20 * THERM),
        (march, -2 * THERM, 31, 30 * THERM),
    ]
    assert gas.months[1].lower == pytest.approx(THERM * second.distances(0.95)[0])
    assert gas.months[1].cumulative_upper == pytest.approx(THERM * until.distances(0.95)[1])
    found, later = both.months
    assert (found.value, found.n, found.baseline) == (100 + THERM, 41, 1000 + 20 * THERM)
    assert found.spread.offset == pytest.approx(1 + THERM)
    assert found.spread.shared == pytest.approx(np.hypot(3, 3 * THERM))  # of two models
    # electricity has no March: it has saved until then what it had saved by January
    assert (later.value, later.n) == (-2 * THERM, 31)
    assert (later.lower, later.upper) == pytest.approx((gas.months[1].lower, gas.months[1].upper))
    assert later.cumulative_spread.offset == pytest.approx(1 - THERM)
    assert later.cumulative_spread.variance == pytest.approx(4 + 14 * THERM**2)


def test_the_last_month_is_as_sure_of_the_sum_as_the_whole(result: MeterResult, short_result: MeterResult) -> None:
    every = [
        each
        for found in (result, short_result)
        for each in (*found.savings, *found.savings_aggregations)
        if each.metered
    ]
    for each in every:
        assert each.metered is not None
        last = each.months[-1]
        assert (last.cumulative_lower, last.cumulative_upper) == pytest.approx((each.metered.lower, each.metered.upper))
        for month in each.months:
            assert month.lower + month.upper > 0


def test_a_model_is_as_sure_of_its_own_days_as_their_sum_is_right(result: MeterResult) -> None:
    (electricity,) = [each for each in result.traces if each.trace_id == 1 and each.period == "REPORTING"]
    (gross,) = [each for each in electricity.derivatives if each.interpretation == "gross_predicted"]
    (before,) = [
        derivative
        for each in result.traces
        if each.trace_id == 1 and each.period == "BASELINE"
        for derivative in each.derivatives
        if derivative.interpretation == "gross_predicted"
    ]
    # a fortieth of the days has no reading: these alone are not known
    assert 0 < gross.lower + gross.upper < 0.3 * (before.lower + before.upper)
