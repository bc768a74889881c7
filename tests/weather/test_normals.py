"""The normal year: a stored one by UTC, or the mean of the stored history."""

import numpy as np
import pytest

from eeds.db.engine import PsycopgConnection
from eeds.weather.errors import NoWeather
from eeds.weather.gaps import Series
from eeds.weather.normals import best_kind, load_normal
from tests.weather.conftest import put_year, upload, upload_years

NAN = float("nan")
HOURS = 8760


def put_normal(connection: PsycopgConnection, kind: str, temps: Series, utc_offset: float) -> None:
    connection.execute(
        "INSERT INTO weather_normals (station, kind, utc_offset, temps) VALUES ('A', %s, %s, %s)",
        [kind, utc_offset, temps.tolist()],
    )


@pytest.mark.parametrize(
    ("stored", "best"),
    [
        ([], "derived"),
        (["EPW"], "EPW"),
        (["EPW", "TMY3"], "TMY3"),
        (["TMY3", "CZ2010", "EPW"], "CZ2010"),
    ],
)
def test_the_best_kind(connection: PsycopgConnection, stored: list[str], best: str) -> None:
    for kind in stored:
        put_normal(connection, kind, np.zeros(HOURS), -6)
    assert best_kind(connection, "A") == best
    assert best_kind(connection, "B") == "derived"


def test_a_stored_year_is_shifted_to_utc(connection: PsycopgConnection) -> None:
    """In Iowa the year begins when it is 06:00 UTC; before that it is the end of the (same) year."""
    put_normal(connection, "TMY3", np.arange(HOURS, dtype=float), -6)
    normal = load_normal(connection, "A", "TMY3")
    np.testing.assert_array_equal(normal, np.concatenate([np.arange(HOURS - 6, HOURS), np.arange(HOURS - 6)]))


def test_an_offset_of_half_an_hour(connection: PsycopgConnection) -> None:
    put_normal(connection, "EPW", np.arange(HOURS, dtype=float), 5.5)
    normal = load_normal(connection, "A", "EPW")
    np.testing.assert_allclose(normal[:3], [5.5, 6.5, 7.5])
    np.testing.assert_allclose(normal[-6:], [(HOURS - 1) / 2, 0.5, 1.5, 2.5, 3.5, 4.5])


def test_the_mean_of_the_years(connection: PsycopgConnection) -> None:
    """29 February has no place in it, and the days after it keep theirs."""
    leap = np.arange(8784, dtype=float)
    leap[59 * 24 : 60 * 24] = 1000
    put_year(connection, "A", "upload", 2012, leap)
    put_year(connection, "A", "upload", 2013, np.arange(HOURS) + 10.0)
    put_year(connection, "A", "ghcnh", 2015, np.arange(HOURS) + 20.0)
    normal = load_normal(connection, "A", "derived")
    expected = np.arange(HOURS) + 10.0
    expected[59 * 24 :] += 24 / 3  # a day further on in the leap year
    np.testing.assert_allclose(normal, expected, rtol=1e-6)


def test_an_hour_is_the_mean_of_the_years_that_have_it(connection: PsycopgConnection) -> None:
    upload_years(connection, "A", 2013, 2014, 50)
    upload(connection, "A", "2014-07-01T00", np.full(24 * 60, NAN))
    upload(connection, "A", "2013-07-10T12", [80])
    normal = load_normal(connection, "A", "derived")
    at = (181 + 9) * 24 + 12
    assert normal[at] == 80
    np.testing.assert_array_equal(np.delete(normal, at), np.full(HOURS - 1, 50))


def test_years_that_together_make_one(connection: PsycopgConnection) -> None:
    upload(connection, "A", "2012-07-01T00", np.full(HOURS, 50))
    np.testing.assert_array_equal(load_normal(connection, "A", "derived"), np.full(HOURS, 50))


def test_short_gaps_are_filled_before_the_mean(connection: PsycopgConnection) -> None:
    """So that a year that reports every three hours counts as much as one that reports every hour."""
    every_three = np.where(np.arange(HOURS) % 3 == 0, np.arange(HOURS), NAN)
    every_three[-1] = HOURS - 1
    put_year(connection, "A", "upload", 2013, every_three)
    put_year(connection, "A", "upload", 2014, np.arange(HOURS) + 10.0)
    np.testing.assert_allclose(load_normal(connection, "A", "derived"), np.arange(HOURS) + 5.0, rtol=1e-6)


def daily(amplitude: float) -> Series:
    """A year that is 50 degrees at 00:00 and swings by so much in the course of every day."""
    return 50 + amplitude * np.sin(np.arange(HOURS) * 2 * np.pi / 24)


@pytest.mark.parametrize(
    "missing",
    [slice(100 * 24, 114 * 24), slice(0, 14 * 24), slice(HOURS - 13 * 24, HOURS)],
    ids=["in spring", "at the beginning", "at the end"],
)
def test_two_weeks_are_filled_from_the_days_around_them(connection: PsycopgConnection, missing: slice) -> None:
    """Each hour of the day by itself, or the nights would be as warm as the days."""
    temps = daily(20)
    temps[missing] = NAN
    put_year(connection, "A", "upload", 2013, temps)
    np.testing.assert_allclose(load_normal(connection, "A", "derived"), daily(20), atol=1e-4)


def test_a_month_is_not_filled(connection: PsycopgConnection) -> None:
    temps = daily(20)
    temps[59 * 24 : 90 * 24] = NAN
    put_year(connection, "A", "upload", 2013, temps)
    with pytest.raises(NoWeather) as raised:
        load_normal(connection, "A", "derived")
    assert str(raised.value) == (
        "No normal year for station A: its stored temperatures cover 8,016 of the 8,760 hours of a year, with none "
        "from 1 March to 31 March. Fetch or upload hourly temperatures of at least one full year, or upload a TMY3, "
        "CZ2010 or EPW file."
    )


def test_many_short_gaps_are_no_full_year(connection: PsycopgConnection) -> None:
    temps = daily(20).reshape(365, 24)
    temps[np.arange(365) % 8 == 0] = NAN
    put_year(connection, "A", "upload", 2013, temps.ravel())
    with pytest.raises(NoWeather, match=r"cover 7,656 of the 8,760 hours of a year, with none from 1 January to 1 J"):
        load_normal(connection, "A", "derived")


def test_nothing_stored(connection: PsycopgConnection) -> None:
    with pytest.raises(
        NoWeather, match=r"^No normal year for station A: none of its temperatures are stored\. Fetch or "
    ):
        load_normal(connection, "A", "derived")
