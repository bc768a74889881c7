"""Which days belong to which period, and the normal year."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from meter_buildings import DAYS, ELECTRICITY, FIRST, LAST, WEATHER, daily_trace, periods, utc

from eeds.meter.series import normal_year
from eeds.meter.settings import MeterSettings
from eeds.meter.types import BASELINE, REPORTING, Periods, Weather
from eeds.meter.views import View, view_of

TRACE = daily_trace(ELECTRICITY.measured())
NOON = utc(FIRST + timedelta(days=400), 12)


def of(dates: Periods, settings: MeterSettings | None = None) -> View:
    return view_of(TRACE, WEATHER, dates, settings or MeterSettings())


def first_and_last(days: View, mask: np.ndarray) -> tuple[int, int]:
    """As days since FIRST."""
    dates = days.cells.dates[mask] - np.datetime64(FIRST)
    return int(dates[0].astype(int)), int(dates[-1].astype(int))


def test_the_day_that_contains_the_end_is_not_in_the_baseline() -> None:
    for end in (utc(FIRST + timedelta(days=400)), NOON):
        days = of(periods(end, end))
        assert first_and_last(days, days.targets[BASELINE].mask) == (35, 399)


def test_a_reporting_period_starts_with_its_first_whole_day() -> None:
    midnight = of(periods(NOON, utc(FIRST + timedelta(days=400))))
    assert first_and_last(midnight, midnight.reporting)[0] == 400
    noon = of(periods(NOON, NOON))
    assert first_and_last(noon, noon.reporting) == (401, DAYS - 1)


@pytest.mark.parametrize(("baseline_days", "first"), [(None, 0), (365, 35), (100, 300), (1, 399)])
def test_the_baseline_is_the_last_days_before_its_end(baseline_days: int | None, first: int) -> None:
    days = of(periods(NOON, NOON), MeterSettings(baseline_days=baseline_days))
    assert first_and_last(days, days.targets[BASELINE].mask) == (first, 399)


def test_the_reporting_model_fits_the_first_year() -> None:
    start = utc(FIRST + timedelta(days=50))
    days = of(periods(start, start))
    assert first_and_last(days, days.targets[REPORTING].mask) == (50, 414)
    assert first_and_last(days, days.reporting) == (50, DAYS - 1)


def test_the_reporting_period_ends_with_the_last_reading() -> None:
    values = ELECTRICITY.measured()
    values[600:] = np.nan
    days = view_of(daily_trace(values), WEATHER, periods(NOON, NOON), MeterSettings())
    assert first_and_last(days, days.reporting) == (401, 599)
    none = view_of(daily_trace(np.full(9, np.nan)), WEATHER, periods(utc(FIRST), utc(FIRST)), MeterSettings())
    assert not none.reporting.any()


@pytest.mark.parametrize(
    ("code", "expected"),
    [("E_C_S", np.nan), ("E_C_T", np.nan), ("E_C_N", 0), ("NG_C_S", 0), ("CW_C_S", 0), ("E_OSG_U", 0)],
)
def test_zero_is_missing_where_electricity_is_used(code: str, expected: float) -> None:
    days = view_of(daily_trace(np.array([5.0, 0, 5]), code=code), WEATHER, periods(), MeterSettings())
    assert days.cells.energy[:3].tolist() == pytest.approx([5, expected, 5], nan_ok=True)


moments = st.datetimes(datetime(2012, 12, 1), datetime(2015, 2, 1)).map(
    lambda moment: moment.astimezone(utc(LAST).tzinfo)
)


@given(start=moments, end=moments, zone=st.sampled_from(["UTC", "America/Los_Angeles", "Asia/Kolkata"]))
def test_no_day_is_in_both_periods(start: datetime, end: datetime, zone: str) -> None:
    days = of(Periods(None, min(start, end), max(start, end), None), MeterSettings(baseline_days=None, timezone=zone))
    assert not (days.targets[BASELINE].mask & days.reporting).any()
    assert not (days.targets[REPORTING].mask & ~days.reporting).any()


@pytest.mark.parametrize(("zone", "shift"), [("UTC", 0), ("America/Phoenix", 7), ("Asia/Tokyo", -9)])
def test_the_normal_year_has_365_local_days(zone: str, shift: int) -> None:
    hours = np.arange(8760.0)
    normal = normal_year(
        Weather("1", "upload", np.datetime64("2013", "h"), hours[:0], hours, "TMY3"), zone, hourly=False
    )
    assert len(normal.dates) == 365
    assert normal.temperature.tolist() == pytest.approx(np.roll(hours, -shift).reshape(365, 24).mean(axis=1).tolist())


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_the_normal_year_is_whole_where_clocks_change_or_count_half_hours(zone: str) -> None:
    hours = np.full(8760, 50.0)
    normal = normal_year(
        Weather("1", "upload", np.datetime64("2013", "h"), hours[:0], hours, "TMY3"), zone, hourly=False
    )
    assert normal.temperature.tolist() == [50.0] * 365
