"""Reading a station's hours: which source, which hours, which gaps are filled."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eeds.db.engine import PsycopgConnection
from eeds.weather.series import load_observed
from tests.weather.conftest import put_year, upload, upload_years

NAN = float("nan")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def test_hours_as_they_were_uploaded(connection: PsycopgConnection) -> None:
    upload(connection, "725460", "2013-03-01T00", [10, 20, 30, 40])
    observed = load_observed(connection, "725460", utc(2013, 3, 1, 1), utc(2013, 3, 1, 3))
    assert (observed.station, observed.source) == ("725460", "upload")
    assert observed.first_hour == np.datetime64("2013-03-01T01")
    np.testing.assert_array_equal(observed.temps, [20, 30])
    assert (observed.observed, observed.filled, observed.missing, observed.longest_gap) == (2, 0, 0, 0)
    assert observed.temps.dtype == np.float64


def test_every_hour_that_the_period_touches(connection: PsycopgConnection) -> None:
    """In whatever time zone its ends are given."""
    upload(connection, "A", "2013-03-01T00", np.arange(10))
    zone = timezone(timedelta(hours=5, minutes=30))
    observed = load_observed(connection, "A", utc(2013, 3, 1, 2, 59), datetime(2013, 3, 1, 11, 0, 1, tzinfo=zone))
    assert observed.first_hour == np.datetime64("2013-03-01T02")
    np.testing.assert_array_equal(observed.temps, [2, 3, 4, 5])  # 11:00:01 there is 05:30:01 here


def test_over_the_ends_of_years(connection: PsycopgConnection) -> None:
    """Three days around a 29 February, and two new years, one of them in a year that is not stored."""
    upload(connection, "A", "2011-12-31T00", np.arange(24 * 400))
    observed = load_observed(connection, "A", utc(2011, 12, 31), utc(2014, 1, 2))
    assert observed.first_hour == np.datetime64("2011-12-31T00")
    assert observed.temps.size == (datetime(2014, 1, 2) - datetime(2011, 12, 31)).days * 24
    np.testing.assert_array_equal(observed.temps[: 24 * 400], np.arange(24 * 400))
    assert np.isnan(observed.temps[24 * 400 :]).all()
    assert observed.longest_gap == observed.missing == observed.temps.size - 24 * 400


def test_nothing_stored(connection: PsycopgConnection) -> None:
    observed = load_observed(connection, "A", utc(2013, 1, 1), utc(2013, 1, 2))
    assert (observed.source, observed.observed, observed.missing, observed.longest_gap) == ("", 0, 24, 24)
    assert (observed.covered, observed.temps.size) == (0, 24)


@pytest.mark.parametrize(("gap", "filled"), [(1, True), (6, True), (7, False), (30, False)])
def test_gaps_of_up_to_six_hours_are_filled(connection: PsycopgConnection, gap: int, filled: bool) -> None:
    upload(connection, "A", "2013-03-01T00", [0, 0, *[NAN] * gap, gap + 1, gap + 2])
    observed = load_observed(connection, "A", utc(2013, 3, 1), utc(2013, 3, 1) + timedelta(hours=gap + 4))
    inside = observed.temps[2 : 2 + gap]
    if filled:
        np.testing.assert_allclose(inside, np.arange(1, gap + 1))
    else:
        assert np.isnan(inside).all()
    assert (observed.filled, observed.missing) == ((gap, 0) if filled else (0, gap))
    assert (observed.observed, observed.longest_gap) == (4, gap)


def test_a_gap_at_the_end_of_the_period_is_filled_from_beyond(connection: PsycopgConnection) -> None:
    """Here also from beyond the end of the year."""
    upload(connection, "A", "2012-12-31T18", [NAN, 0, *[NAN] * 6, 7, 8])
    for first, last, temps in [
        (utc(2012, 12, 31, 19), utc(2013, 1, 1), [0, 1, 2, 3, 4]),
        (utc(2013, 1, 1), utc(2013, 1, 1, 2), [5, 6]),
    ]:
        np.testing.assert_allclose(load_observed(connection, "A", first, last).temps, temps)


def test_a_station_that_reports_every_three_hours(connection: PsycopgConnection) -> None:
    upload(connection, "A", "2013-01-01T00", [i if i % 3 == 0 else NAN for i in range(24)])
    observed = load_observed(connection, "A", utc(2013, 1, 1), utc(2013, 1, 1, 22))
    np.testing.assert_allclose(observed.temps, np.arange(22))
    assert (observed.observed, observed.filled, observed.longest_gap) == (8, 14, 2)
    assert observed.covered == 22


def test_an_upload_wins_its_year_and_no_other(connection: PsycopgConnection) -> None:
    for year in (2013, 2014, 2015):
        put_year(connection, "A", "synthetic", year, np.full(8760, 1.0))
    for year in (2013, 2014):
        put_year(connection, "A", "ghcnh", year, np.full(8760, 2.0))
    upload(connection, "A", "2013-06-01T00", [3])
    observed = load_observed(connection, "A", utc(2013, 1, 1), utc(2016, 1, 1))
    years = np.split(observed.temps, [8760, 17520])
    np.testing.assert_array_equal(years[0][~np.isnan(years[0])], [3])
    np.testing.assert_array_equal(years[1], np.full(8760, 2))
    np.testing.assert_array_equal(years[2], np.full(8760, 1))
    assert observed.source == "upload,ghcnh,synthetic"
    assert load_observed(connection, "A", utc(2014, 1, 1), utc(2015, 1, 1)).source == "ghcnh"


def test_an_upload_without_an_observation_wins_nothing(connection: PsycopgConnection) -> None:
    put_year(connection, "A", "ghcnh", 2013, np.full(8760, 2.0))
    upload(connection, "A", "2013-06-01T00", [NAN])
    observed = load_observed(connection, "A", utc(2013, 1, 1), utc(2014, 1, 1))
    assert (observed.source, observed.observed) == ("ghcnh", 8760)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(0, 17543), n=st.integers(1, 2000))
def test_any_period_is_a_part_of_the_whole(connection: PsycopgConnection, first: int, n: int) -> None:
    """And its counts add up; with a gap of 5 hours and one of 50 in it, in a leap year and the year after."""
    if not connection.execute("SELECT 1 FROM weather_years").fetchone():
        upload_years(connection, "A", 2012, 2013, 50.0)
        upload(connection, "A", "2012-02-29T00", [NAN] * 5)
        upload(connection, "A", "2012-12-31T00", [NAN] * 50)
    begin = utc(2012, 1, 1) + timedelta(hours=first)
    observed = load_observed(connection, "A", begin, begin + timedelta(hours=n))
    gap = (np.arange(first, first + n) >= 365 * 24) & (np.arange(first, first + n) < 365 * 24 + 50)
    inside = np.arange(first, first + n) < 8784 + 8760
    np.testing.assert_array_equal(np.isnan(observed.temps), gap | ~inside)
    assert observed.observed + observed.filled + observed.missing == observed.temps.size == n
    assert observed.missing == np.count_nonzero(gap | ~inside)


@pytest.mark.parametrize(
    ("present", "days"),
    [
        ([12, 24, 24], 0),
        ([11, 24, 24], 1),
        ([24, 0, 11], 2),
        ([0, 0, 0], 3),
    ],
)
def test_days_with_less_than_half_of_their_hours(connection: PsycopgConnection, present: list[int], days: int) -> None:
    temps = np.concatenate([np.where(np.arange(24) < hours, 50.0, NAN) for hours in present])
    upload(connection, "A", "2013-03-01T00", temps)
    observed = load_observed(connection, "A", utc(2013, 3, 1), utc(2013, 3, 4))
    assert observed.days_under_half == days


def test_of_days_at_the_ends_the_hours_within_count(connection: PsycopgConnection) -> None:
    upload(connection, "A", "2013-03-01T20", [50.0, 50.0])
    observed = load_observed(connection, "A", utc(2013, 3, 1, 20), utc(2013, 3, 2, 1))
    assert observed.days_under_half == 1
