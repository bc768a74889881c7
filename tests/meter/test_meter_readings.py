"""Readings that are not those of one day or bill each: combined, split, estimated, late, zero, or dated."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from meter_buildings import (
    DAYS,
    ELECTRICITY,
    FIRST,
    MONTHS,
    NORMAL,
    RETROFIT,
    TEMPERATURES,
    WEATHER,
    daily_means,
    daily_trace,
    expected_kwh,
    periods,
    trace,
    utc,
)

from eeds.meter.compute import compute
from eeds.meter.criteria import Criterion
from eeds.meter.dates import at_local_midnights
from eeds.meter.readings import usable
from eeds.meter.settings import MeterSettings
from eeds.meter.sufficiency import sufficiency_report
from eeds.meter.types import BASELINE, REPORTING, SUCCESS, MeterResult, NotModelled, Periods, Savings, Trace, Weather

MEASURED = ELECTRICITY.measured()
EDGES = [(first - FIRST).days for first in MONTHS]
YEAR = (RETROFIT - FIRST).days
CHICAGO = "America/Chicago"


def billed(edges: list[int], estimated: tuple[int, ...] = ()) -> Trace:
    """The use of ELECTRICITY between days since FIRST; the last of them only marks the end."""
    values = [MEASURED[begin:end].sum() for begin, end in pairwise(edges)]
    made = trace([utc(FIRST + timedelta(days=day)) for day in edges], np.append(values, np.nan))
    made.estimated[list(estimated)] = True
    return made


def run(made: Trace, within: Periods | None = None, weather: Weather = WEATHER, **settings: object) -> MeterResult:
    return compute([made], weather, within or periods(), MeterSettings(**settings))


def metered(found: MeterResult) -> Savings:
    saved = found.savings[0].metered
    assert saved is not None
    return saved


def told(made: Trace, words: str, period: str = REPORTING, **settings: object) -> Criterion:
    """The criterion whose name has some words."""
    criteria = sufficiency_report(made, WEATHER, periods(), MeterSettings(**settings)).periods[period]
    (found,) = [each for each in criteria if words in each.name]
    return found


# Bills off cycle -----------------------------------------------------------------------------------------------------


def test_a_reporting_bill_that_was_split_is_put_together() -> None:
    whole, split = run(billed(EDGES)), run(billed(sorted([*EDGES, YEAR + 14])))
    assert metered(split).n == metered(whole).n == 365
    assert metered(split).value == pytest.approx(metered(whole).value)
    criterion = told(billed(sorted([*EDGES, YEAR + 14])), "25 days, combined", REPORTING)
    assert (criterion.measured, criterion.passed, criterion.disqualifies, criterion.clause) == (
        *("1 (2014-01-01, 31 days)", False, False),
        "CalTRACK 3.5.5.3",
    )


def test_a_reporting_bill_that_was_read_late_is_kept_and_named() -> None:
    late = [day + 6 if day == EDGES[18] else day for day in EDGES]
    found = run(billed(late))
    assert metered(found).n == 365
    assert found.time_series[0].observed.sum() == pytest.approx(MEASURED.sum())
    criterion = told(billed(late), "more than 35 days")
    assert (criterion.measured, criterion.clause) == ("1 (2014-06-01, 36 days)", "CalTRACK 3.5.5.4")


def test_the_last_bill_is_kept_though_it_is_short_and_named() -> None:
    edges = [*EDGES[:-1], EDGES[-2] + 10]
    assert metered(run(billed(edges))).n == 334 + 10
    assert told(billed(edges), "could not be combined").measured == "1 (2014-12-01, 10 days)"


def test_a_short_bill_is_not_combined_over_the_end_of_the_reporting_period() -> None:
    edges, end = [*EDGES[:-1], EDGES[-2] + 10, EDGES[-1]], utc(FIRST + timedelta(days=EDGES[-2] + 10))
    assert metered(run(billed(edges), periods(reporting_end=end))).n == 334 + 10


def test_a_short_bill_is_not_combined_to_more_than_70_days() -> None:
    edges = [*EDGES[:-3], EDGES[-3] + 10, EDGES[-1]]
    assert told(billed(edges), "25 days, combined").passed
    assert metered(run(billed(edges))).n == 365


def test_baseline_bills_off_cycle_are_left_out() -> None:
    found = run(billed(sorted([*EDGES, 14])))
    assert found.traces[0].n == 11
    assert told(billed(sorted([*EDGES, 14])), "left out", BASELINE).measured == (
        "2 (2013-01-01, 14 days; 2013-01-15, 17 days)"
    )


def test_flags_disqualify_if_the_settings_say_so() -> None:
    split = billed(sorted([*EDGES, YEAR + 14]))
    found = run(split, disqualify=("3.5.5.3",))
    assert found.traces[0].status == SUCCESS
    assert found.traces[1].status.startswith(
        "INSUFFICIENT DATA: bills of less than 25 days, combined with the next (measured 1 (2014-01-01, 31 days), "
        "required none, CalTRACK 3.5.5.3)"
    )


def test_the_last_bill_without_an_end_is_named() -> None:
    made = billed(EDGES)
    made.value[-1] = 812.5
    criterion = told(made, "has no end")
    assert (criterion.measured, criterion.passed, criterion.disqualifies) == ("2015-01-01, 812.5 KWH", False, False)


# Estimated reads -----------------------------------------------------------------------------------------------------


def test_estimated_bills_are_combined_and_count_as_missing() -> None:
    with pytest.raises(NotModelled, match=r"days with a reading \(measured 49.6%, 181 of 365, required at least 90%"):
        run(billed(EDGES, estimated=tuple(range(0, 24, 2))))
    found = run(billed(EDGES, estimated=(3,)))
    assert found.traces[0].n == 11
    criterion = told(billed(EDGES, estimated=(3,)), "estimated", BASELINE)
    assert (criterion.measured, criterion.clause) == ("1 (2013-04-01, 30 days)", "CalTRACK 2.2.3.1")


def test_estimated_days_are_combined_with_the_next() -> None:
    values = MEASURED.copy()
    values[40:43] = values[40:43].sum() * np.array([0.7, 0.2, 0.1])
    made = daily_trace(values)
    made.estimated[40:42] = True
    found = run(made)
    observed = found.time_series[0].observed
    assert observed[40:43].tolist() == pytest.approx([MEASURED[40:43].mean()] * 3)
    assert observed.sum() == pytest.approx(MEASURED.sum())
    criterion = told(made, "estimated", BASELINE)
    assert (criterion.measured, criterion.disqualifies, criterion.clause) == (
        *("1 (2013-02-10, 3 days)", False),
        "CalTRACK 2.2.2.2",
    )


@pytest.mark.parametrize("count", [3, 80])
def test_estimated_days_that_no_actual_one_ends_in_time_are_missing(count: int) -> None:
    made = daily_trace(MEASURED)
    made.estimated[DAYS - count : DAYS] = True
    assert metered(run(made)).n == 365 - count
    again = daily_trace(MEASURED)
    again.estimated[400 : 400 + count] = True
    assert metered(run(again)).n == (365 if count == 3 else 365 - 81)


@given(estimated=st.sets(st.integers(0, 49)))
def test_estimates_lose_no_energy_that_an_actual_reading_ends(estimated: set[int]) -> None:
    made = daily_trace(np.arange(1.0, 51))
    made.estimated[sorted(estimated)] = True
    found = usable(made).trace
    last = max(set(range(50)) - estimated, default=-1)
    assert np.nansum(found.value) == made.value[: last + 1].sum()
    assert (found.start[0], found.start[-1]) == (made.start[0], made.start[-1])
    assert not (found.estimated & ~np.isnan(found.value)).any()


# Days off ------------------------------------------------------------------------------------------------------------


def working_days(values: np.ndarray, stamp: str) -> Trace:
    """Readings of working days; the weekend's energy is in Friday's or in Monday's, or in none."""
    days = [FIRST + timedelta(days=day) for day in range(len(values) + 1)]
    carried, starts, energy = 0.0, [], []
    for day, value in zip(days, np.append(values, 0.0), strict=True):
        if day.weekday() >= 5:
            carried += value
            if stamp == "Friday" and energy:
                energy[-1] += value
            continue
        energy.append(value + (carried if stamp == "Monday" else 0.0))
        starts.append(utc(day))
        carried = 0.0
    return trace(starts, np.array(energy))


@pytest.mark.parametrize("stamp", ["Friday", "Monday"])
def test_weekends_in_one_reading_are_spread(stamp: str) -> None:
    made = working_days(MEASURED, stamp)
    found = run(made)
    assert [each.status for each in found.traces] == [SUCCESS] * 2
    series = found.time_series[0]
    observed = dict(zip(series.start.astype("datetime64[D]").tolist(), series.observed.tolist(), strict=True))
    first = date(2013, 3, 8) if stamp == "Friday" else date(2013, 3, 9)
    energy = MEASURED[(first - FIRST).days :][:3].sum()
    assert [observed[first + timedelta(days=n)] for n in range(3)] == pytest.approx([energy / 3] * 3)
    truth = ELECTRICITY.savings * ELECTRICITY.expected()[YEAR:].sum()
    assert metered(found).value == pytest.approx(truth, abs=metered(found).upper)
    assert metered(found).n > 360
    criterion = told(made, "several days", BASELINE)
    assert (criterion.passed, criterion.disqualifies) == (False, False)
    assert criterion.measured.startswith(f"52 (2013-01-0{4 if stamp == 'Friday' else 5}, 3 days; ")
    assert criterion.measured.endswith("; and 40 more)")


def test_weekends_that_were_left_out_are_missing() -> None:
    with pytest.raises(NotModelled, match="days with a reading"):
        run(working_days(MEASURED, "none"))


# Local days ----------------------------------------------------------------------------------------------------------


def local_building(zone: str) -> tuple[np.ndarray, Weather]:
    """Daily use that follows the temperature of local days, and the weather."""
    shift = int(datetime.combine(FIRST, time(), ZoneInfo(zone)).astimezone(UTC).timestamp() - utc(FIRST).timestamp())
    hours = np.roll(TEMPERATURES, shift // 3600)
    weather = Weather("1", "upload", np.datetime64(FIRST, "h"), hours, NORMAL, "TMY3")
    return expected_kwh(daily_means(TEMPERATURES)) + np.random.default_rng(4).normal(0, 0.5, DAYS), weather


@pytest.mark.parametrize("zone", [CHICAGO, "Asia/Kolkata"])
def test_plain_dates_are_local_days(zone: str) -> None:
    values, weather = local_building(zone)
    ends = periods()  # plain dates too
    dated = run(daily_trace(values), ends, weather, timezone=zone)
    timed = run(daily_trace(values, zone=zone), ends, weather, timezone=zone)
    assert dated.time_series[0].observed.tolist() == timed.time_series[0].observed.tolist() == values.tolist()
    assert [each.n for each in dated.traces] == [each.n for each in timed.traces] == [365, 365]
    assert metered(dated).value == metered(timed).value
    assert metered(dated).n == 365


def test_bills_that_are_plain_dates_begin_on_local_days() -> None:
    found = run(billed(EDGES), timezone=CHICAGO)
    assert [each.n for each in found.traces] == [12, 12]
    assert found.time_series[0].start[0] == np.datetime64("2013-01-01T06:00:00")
    assert metered(found).n == 365
    criterion = told(billed(EDGES), "taken for dates", BASELINE, timezone=CHICAGO)
    assert (criterion.measured, criterion.passed) == ("25 of 25", True)


def test_hours_are_no_dates() -> None:
    hours = [utc(FIRST) + timedelta(hours=n) for n in range(DAYS * 24 + 1)]
    made = trace(hours, np.append(MEASURED.repeat(24) / 24, np.nan))
    found = run(made, timezone=CHICAGO).time_series[0]
    assert found.observed[1] == pytest.approx((18 * MEASURED[1] + 6 * MEASURED[2]) / 24)


def test_dates_before_hours_of_a_new_meter_stay_in_order() -> None:
    starts = [utc(FIRST + timedelta(days=day)) for day in range(YEAR)]
    starts += [utc(RETROFIT) + timedelta(hours=hour) for hour in range(24 * 365 + 1)]
    made = trace(starts, np.append(np.concatenate([MEASURED[:YEAR], MEASURED[YEAR:].repeat(24) / 24]), np.nan))
    for zone in (CHICAGO, "Asia/Kolkata"):
        found = run(made, timezone=zone)
        assert found.traces[0].n in (364, 365)
        assert found.time_series[0].observed[5] == MEASURED[5]
        assert told(made, "taken for dates", BASELINE, timezone=zone).passed is False


@given(
    hours=st.lists(st.sampled_from([1, 5, 24, 24, 24, 48, 720]), min_size=1, max_size=60),
    first=st.integers(0, 23),
    zone=st.sampled_from([CHICAGO, "Asia/Kolkata", "Pacific/Apia", "America/Havana", "Europe/London"]),
)
def test_readings_stay_in_order_and_move_by_less_than_a_day(hours: list[int], first: int, zone: str) -> None:
    starts = [utc(FIRST, first) + timedelta(hours=int(n)) for n in np.cumsum([0, *hours])]
    made = trace(starts, np.ones(len(starts)))
    found = at_local_midnights(made, zone)
    assert (np.diff(found.start).astype(int) > 0).all()
    moved = np.abs((found.start - made.start).astype(int))
    assert (moved < 86400).all()
    assert not moved[made.start != made.start.astype("datetime64[D]")].any()


def test_days_of_utc_are_told_of() -> None:
    criterion = told(daily_trace(MEASURED), "time zone", BASELINE)
    assert (criterion.measured, criterion.passed, criterion.clause) == ("UTC", False, "CalTRACK 3.3.3.5")
    assert told(daily_trace(MEASURED), "time zone", BASELINE, timezone=CHICAGO).passed


@pytest.mark.parametrize(("late", "least"), [(0, "Saturday and Sunday"), (1, "Sunday and Monday")])
def test_stamps_that_are_the_ends_of_days_are_noticed(late: int, least: str) -> None:
    weekday = (np.arange(DAYS) + FIRST.weekday()) % 7
    office = MEASURED * np.where(weekday >= 5, 0.6, 1.0)
    criterion = told(daily_trace(office, first=FIRST + timedelta(days=late)), "weekdays", BASELINE)
    assert (criterion.measured, criterion.passed, criterion.disqualifies) == (least, late == 0, False)


def test_a_building_without_a_weekend_has_no_low_weekdays() -> None:
    assert told(daily_trace(MEASURED), "weekdays", BASELINE).measured == "none in particular"


# Zeros ---------------------------------------------------------------------------------------------------------------


def test_a_shop_that_is_closed_at_weekends_uses_nothing_then() -> None:
    weekend = (np.arange(DAYS) + FIRST.weekday()) % 7 >= 5
    found = run(daily_trace(np.where(weekend, 0.0, MEASURED)))
    assert [(each.status, each.n) for each in found.traces] == [(SUCCESS, 365)] * 2
    assert metered(found).n == 365
    series = found.time_series[0]
    assert np.count_nonzero(series.observed == 0) == np.count_nonzero(weekend)
    # the library has seen them
    assert series.baseline[weekend].mean() < 0.1 * series.baseline[~weekend].mean()
    criterion = told(daily_trace(np.where(weekend, 0.0, MEASURED)), "zeros", BASELINE)
    assert (criterion.measured, criterion.passed) == ("0, and 104 that come back every week and are readings", True)


def test_a_shop_that_is_closed_at_night_uses_nothing_then() -> None:
    hour = np.arange(DAYS * 24) % 24
    night = (hour < 7) | (hour >= 20)
    hours = [utc(FIRST) + timedelta(hours=n) for n in range(DAYS * 24 + 1)]
    made = trace(hours, np.append(np.where(night, 0.0, MEASURED.repeat(24) / 13), np.nan))
    found = run(made, model="hourly")
    assert [(each.status, each.n) for each in found.traces] == [(SUCCESS, 8760)] * 2
    series = found.time_series[0]
    assert series.baseline[night].mean() < 0.1 * series.baseline[~night].mean()
    truth = ELECTRICITY.savings * ELECTRICITY.expected()[YEAR:].sum()
    assert metered(found).value == pytest.approx(truth, abs=metered(found).upper)


def test_a_few_zeros_are_readings_that_failed() -> None:
    values = MEASURED.copy()
    values[[20, 50, 111, 300]] = 0
    assert run(daily_trace(values)).traces[0].n == 361
    criterion = told(daily_trace(values), "zeros", BASELINE)
    assert (criterion.measured, criterion.passed, criterion.clause) == ("4", False, "CalTRACK 2.2.1.4")


def test_a_meter_that_stands_still_for_weeks_has_failed() -> None:
    values = MEASURED.copy()
    values[30:60] = 0
    assert run(daily_trace(values)).traces[0].n == 335


@pytest.mark.parametrize("code", ["E_C_S", "E_C_T"])
def test_bills_of_nothing_are_missing_electricity(code: str) -> None:
    bills = replace(billed(EDGES), interpretation=code)
    bills.value[[3, 7]] = 0
    lacking = (
        "INSUFFICIENT DATA: days with a reading (measured 83.3%, 304 of 365, required at least 90%, CalTRACK 2.2.1.2)"
    )
    assert run(bills, model="caltrack").traces[0].status.startswith(lacking)
    criterion = told(bills, "zeros", BASELINE)
    assert (criterion.measured, criterion.passed, criterion.clause) == ("2", False, "CalTRACK 2.2.1.4")
    bills.value[7] = 900
    assert run(bills, model="caltrack").traces[0].n == 11


@pytest.mark.parametrize(("code", "surplus"), [("NG_C_S", 0), ("E_OSG_T", 0), ("E_C_N", 0), ("E_C_S", -40)])
def test_bills_of_nothing_are_readings_of_gas_and_of_net_meters(code: str, surplus: float) -> None:
    bills = replace(billed(EDGES), interpretation=code)
    bills.value[[3, 7]], bills.value[4] = 0, surplus
    found = run(bills, model="caltrack", cvrmse_threshold=9)
    assert found.traces[0].n == 12
    if code.startswith("E_C_"):
        criterion = told(bills, "zeros", BASELINE)
        count = 2 + (surplus == 0)
        assert (criterion.measured, criterion.passed) == (f"0, and {count} of a net meter and are readings", True)


def test_a_net_meter_passes_through_zero_but_does_not_stand_still() -> None:
    values = MEASURED.copy()
    values[[20, 50, 111]] = 0
    values[200:210] = 0
    assert run(daily_trace(values, code="E_C_N")).traces[0].n == 355


def test_zeros_of_gas_are_readings() -> None:
    values = np.where(np.arange(DAYS) % 50 == 3, 0.0, MEASURED)
    assert run(daily_trace(values, code="NG_C_S")).traces[0].n == 365


# Changes -------------------------------------------------------------------------------------------------------------


def test_negative_values_in_one_period_only_are_told_of() -> None:
    values = MEASURED.copy()
    values[YEAR + 150 : YEAR + 200] -= 100
    criterion = told(daily_trace(values, code="E_C_N"), "negative")
    assert (criterion.measured, criterion.passed, criterion.clause) == ("0 and 50", False, "CalTRACK 2.2.6, 3.5.6")
    with pytest.raises(NotModelled, match=r"INSUFFICIENT DATA: negative values .*, CalTRACK 2.2.6, 3.5.6\)"):
        run(daily_trace(values, code="E_C_N"), disqualify=("2.2.6",))


@pytest.mark.parametrize(
    ("setting", "clause"), [("net_metering_changed", "2.2.6, 3.5.6"), ("ev_charging_installed", "2.2.7")]
)
@pytest.mark.parametrize(("day", "passed"), [(date(2013, 6, 1), False), (date(2012, 6, 1), True)])
def test_what_was_declared_is_told_of(setting: str, clause: str, day: date, passed: bool) -> None:
    criterion = told(daily_trace(MEASURED), "in what is compared", BASELINE, **{setting: day})
    assert (criterion.measured, criterion.passed, criterion.clause) == (str(day), passed, f"CalTRACK {clause}")


def test_hours_in_a_row_without_a_temperature_are_told_of_for_days_too() -> None:
    observed = TEMPERATURES.copy()
    observed[1000:1007] = np.nan
    gaps = replace(WEATHER, observed=observed)
    criteria = sufficiency_report(daily_trace(MEASURED), gaps, periods(), MeterSettings()).periods
    (found,) = [each for each in criteria[BASELINE] if each.clause == "CalTRACK 2.2.4.1"]
    assert (found.measured, found.passed, found.disqualifies) == ("7", False, False)
    (other,) = [each for each in criteria[REPORTING] if each.clause == "CalTRACK 2.2.4.1"]
    assert other.passed
