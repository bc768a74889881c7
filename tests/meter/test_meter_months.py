"""Savings by month: parts of the metered savings, nothing lost and nothing counted twice."""

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from meter_buildings import FIRST
from test_meter_edges import run, summed

from eeds.meter.aggregation import aggregate_savings
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


def test_fuels_add_up_in_kwh_month_by_month() -> None:
    january, march = date(2014, 1, 1), date(2014, 3, 1)
    saved = Savings(1.0, 1.0, 1.0, 1, 1.0)
    savings = [
        TraceSavings(1, saved, None, (MonthSavings(january, 100.0, 31, 1000.0),)),
        TraceSavings(2, saved, None, (MonthSavings(january, 1.0, 10, 20.0), MonthSavings(march, -2.0, 31, 30.0))),
        TraceSavings(3, None, None),
    ]
    times = EMPTY.astype("datetime64[s]")
    codes = {1: ("E_C_S", "KWH"), 2: ("NG_C_S", "THM"), 3: ("NG_C_S", "THM")}
    traces = [Trace(id, code, unit, times, EMPTY, EMPTY.astype(bool)) for id, (code, unit) in codes.items()]
    electricity, gas, both = aggregate_savings(traces, savings)
    assert electricity.months == savings[0].months
    assert gas.months == (
        MonthSavings(january, THERM, 10, 20 * THERM),
        MonthSavings(march, -2 * THERM, 31, 30 * THERM),
    )
    assert both.months == (MonthSavings(january, 100 + THERM, 41, 1000 + 20 * THERM), gas.months[1])
