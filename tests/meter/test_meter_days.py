"""Readings into local days: energy is kept, what is missing stays missing, and clocks may change."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from meter_buildings import daily_trace, trace, utc

from eeds.meter.days import days_of, energy_between, local_days, temperature_between
from eeds.meter.readings import usable
from eeds.meter.types import Trace

ZONES = ["UTC", "America/Los_Angeles", "Asia/Kolkata", "Australia/Lord_Howe", "America/Havana", "Asia/Beirut"]
DAY = date(2014, 5, 1)
DAWN = utc(DAY)


def hourly(values: np.ndarray | list[float], start: datetime = DAWN, minutes: int = 60) -> Trace:
    return trace([start + timedelta(minutes=minutes * i) for i in range(len(values) + 1)], np.append(values, np.nan))


def energy(readings: Trace, zone: str = "UTC") -> list[float]:
    return energy_between(usable(readings).trace, days_of(readings, zone).midnights).tolist()


def test_daily_readings_are_taken_as_they_are() -> None:
    values = np.random.default_rng(1).uniform(5, 50, 800)
    assert np.array_equal(energy(daily_trace(values))[:800], values)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_sub_daily_readings_sum_to_the_local_days_over_a_year_of_clock_changes(zone: str, minutes: int) -> None:
    daily = daily_trace(np.zeros(365), first=date(2014, 1, 1), zone=zone)
    count = int((daily.start[-1] - daily.start[0]).astype(int)) // (60 * minutes)
    values = np.random.default_rng(2).uniform(0, 3, count)
    readings = hourly(values, daily.start[0].item().replace(tzinfo=UTC), minutes)
    position = np.searchsorted(daily.start, readings.start[:-1], side="right") - 1
    expected = [values[position == day].sum() for day in range(365)]
    if not (minutes == 60 and zone == "Australia/Lord_Howe"):  # its clocks change by half an hour
        assert energy(readings, zone)[:365] == pytest.approx(expected)
    assert np.nansum(energy(readings, zone)[:365]) == pytest.approx(values.sum())


def test_days_have_23_and_25_hours_where_clocks_change() -> None:
    days = local_days(date(2014, 1, 1), date(2014, 12, 31), "America/Los_Angeles")
    hours = dict(
        zip(days.dates.astype(str).tolist(), (np.diff(days.midnights).astype(float) / 3600).tolist(), strict=True)
    )
    assert hours.pop("2014-03-09") == 23
    assert hours.pop("2014-11-02") == 25
    assert set(hours.values()) == {24}


def test_a_day_may_lack_midnight_or_be_skipped() -> None:
    # clocks in Lebanon jump from midnight to one; Samoa went from 29 to 31 December 2011
    beirut = local_days(date(2014, 3, 29), date(2014, 3, 31), "Asia/Beirut")
    assert (np.diff(beirut.midnights).astype(float) / 3600).tolist() == [24, 23, 24]
    apia = local_days(date(2011, 12, 29), date(2011, 12, 31), "Pacific/Apia")
    assert (np.diff(apia.midnights).astype(float) / 3600).tolist() == [24, 0, 24]
    readings = hourly(np.ones(48), apia.midnights[0].item().replace(tzinfo=UTC))
    assert energy_between(readings, apia.midnights).tolist() == pytest.approx([24, np.nan, 24], nan_ok=True)


def test_a_reading_lasts_until_the_next_one_starts() -> None:
    # 6 kWh from 18:00 to 06:00 belong half to either day
    readings = trace([utc(DAY), utc(DAY, 18), utc(DAY + timedelta(1), 6), utc(DAY + timedelta(2))], [18, 6, 18, np.nan])
    assert energy(readings)[:2] == [21, 21]


@pytest.mark.parametrize(("missing", "expected"), [(0, 24.0), (1, 24.0), (12, 24.0), (13, np.nan), (24, np.nan)])
def test_what_is_there_stands_for_the_day_unless_more_than_half_is_missing(missing: int, expected: float) -> None:
    values = np.ones(72)
    values[24 : 24 + missing] = np.nan
    assert energy(hourly(values))[:3] == pytest.approx([24, expected, 24], nan_ok=True)


@pytest.mark.parametrize("dropped", [2, 10, 12])
def test_records_left_out_are_missing_like_missing_values(dropped: int) -> None:
    readings = hourly(np.ones(72))
    keep = np.ones(73, dtype=bool)
    keep[30 : 30 + dropped] = False
    gap = trace([moment.item().replace(tzinfo=UTC) for moment in readings.start[keep]], readings.value[keep])
    expected = 24.0 if dropped < 12 else np.nan  # the reading before the gap is missing with it
    assert energy(gap)[:3] == pytest.approx([24, expected, 24], nan_ok=True)


def test_a_day_left_out_of_daily_readings_is_missing_with_the_day_before() -> None:
    starts = [utc(DAY + timedelta(day)) for day in (0, 1, 2, 3, 5, 6, 7, 8)]
    found = energy(trace(starts, np.array([5.0, 6, 7, 8, 9, 10, 11, np.nan])))
    assert found[:8] == pytest.approx([5, 6, 7, np.nan, np.nan, 9, 10, 11], nan_ok=True)


def test_a_meter_may_change_its_interval() -> None:
    starts = [utc(DAY + timedelta(day)) for day in range(4)]
    starts += [starts[-1] + timedelta(hours=hour) for hour in range(1, 73)]
    values = np.array([24.0] * 3 + [1.0] * 72 + [np.nan])
    assert energy(trace(starts, values))[:6] == pytest.approx([24] * 6)


def test_readings_may_alternate_between_day_and_night() -> None:
    starts = [DAWN + timedelta(hours=hour) for hour in (0, 8, 24, 32, 48, 56, 72)]
    assert energy(trace(starts, np.array([8.0, 16, 8, 16, 8, 16, np.nan])))[:3] == [24, 24, 24]


def test_the_rest_of_a_day_that_readings_only_touch_is_missing() -> None:
    found = energy(hourly(np.ones(40), utc(DAY, 20)))
    assert found == pytest.approx([np.nan, 24, 24], nan_ok=True)


def test_temperatures_are_means_of_the_hours_that_are_there() -> None:
    hourly_degrees = np.concatenate([np.full(24, 50.0), np.full(24, 60.0), np.full(24, 70.0)])
    hourly_degrees[24:36] = np.nan
    hourly_degrees[48:61] = np.nan
    days = local_days(DAY - timedelta(1), DAY + timedelta(3), "UTC")
    found = temperature_between(np.datetime64(DAY, "h"), hourly_degrees, days.midnights)
    assert found.tolist() == pytest.approx([np.nan, 50, 60, np.nan, np.nan], nan_ok=True)


def test_temperatures_belong_to_local_days() -> None:
    days = local_days(DAY, DAY, "America/Los_Angeles")  # seven hours behind
    degrees = np.where(np.arange(48) < 7, 0.0, np.where(np.arange(48) < 31, 55.0, 99.0))
    assert temperature_between(np.datetime64(DAY, "h"), degrees, days.midnights).tolist() == [55.0]


@given(
    lengths=st.lists(st.integers(1, 4 * 86400), min_size=1, max_size=60),
    offset=st.integers(0, 86400),
    zone=st.sampled_from(ZONES),
)
def test_energy_is_neither_made_nor_lost(lengths: list[int], offset: int, zone: str) -> None:
    start = datetime(2014, 3, 7, tzinfo=UTC) + timedelta(seconds=offset)
    starts = [start + timedelta(seconds=int(s)) for s in np.concatenate([[0], np.cumsum(lengths)])]
    # a constant load, so that scaling a day to its whole length must give the load times the length
    readings = trace(starts, np.append(np.array(lengths) / 3600.0, np.nan))
    days = days_of(readings, zone)
    found = energy_between(usable(readings).trace, days.midnights)
    there = ~np.isnan(found)
    assert found[there] == pytest.approx(np.diff(days.midnights)[there].astype(float) / 3600)
