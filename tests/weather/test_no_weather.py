"""What is said when a project has no weather, and that nothing is kept of the attempt."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from eeds.db.engine import PsycopgConnection
from eeds.errors import EedsError, NotFound
from eeds.weather.errors import NoWeather
from tests.weather.conftest import (
    AMES,
    DES_MOINES,
    Choose,
    MakeProject,
    have,
    pinned,
    upload,
)

NAN = float("nan")

UPLOAD = (
    "pload hourly temperatures of station 725460 to /api/v1/weather_records/sync2/, or set weather_station to a "
    "station that has them."
)
REMEDY = f"Fetch them (eeds weather fetch --station 725460 --years 2012-2013), u{UPLOAD}"
NAME = "station 725460 (DES MOINES INTERNATIONAL AIRPORT)"
NEXT = "the next stations (725466, 725472, 725493, 720701)"


@pytest.mark.parametrize(
    ("zipcode", "attributes", "message"),
    [
        ("50306", {}, "ZIP code 50306 has no Census area; set weather_station or latitude and longitude."),
        (" ZIPCODE", {}, "ZIP code ZIPCODE has no Census area; set weather_station or latitude and longitude."),
        ("00000", {}, "ZIP code 00000 has no Census area; set weather_station or latitude and longitude."),
        (None, {}, "the project has no ZIP code; set zipcode, or set weather_station or latitude and longitude."),
        (" ", {}, "the project has no ZIP code; set zipcode, or set weather_station or latitude and longitude."),
        ("50321", {"latitude": 41.5}, "the project's longitude is not set; set latitude and longitude, or neither."),
        ("50321", {"longitude": 9}, "the project's latitude is not set; set latitude and longitude, or neither."),
        (
            "50321",
            {"latitude": "41.5N", "longitude": 9},
            "the project's latitude is 41.5N; it must be a number of degrees between -90 and 90.",
        ),
        (
            "50321",
            {"latitude": 41.5, "longitude": -180.5},
            "the project's longitude is -180.5; it must be a number of degrees between -180 and 180.",
        ),
        (
            "50321",
            {"latitude": 90.5, "longitude": 9},
            "the project's latitude is 90.5; it must be a number of degrees between -90 and 90.",
        ),
        (
            "50321",
            {"latitude": "nan", "longitude": 9},
            "the project's latitude is nan; it must be a number of degrees between -90 and 90.",
        ),
    ],
)
def test_no_place(
    connection: PsycopgConnection,
    project: MakeProject,
    choose: Choose,
    zipcode: str | None,
    attributes: dict[str, Any],
    message: str,
) -> None:
    id = project(zipcode, **attributes)
    with pytest.raises(NoWeather) as raised:
        choose(id)
    assert str(raised.value) == f"No weather station: {message}"
    assert isinstance(raised.value, EedsError)
    assert pinned(connection, id) is None


def test_no_station_near(project: MakeProject, choose: Choose) -> None:
    with pytest.raises(NoWeather) as raised:
        choose(project(latitude=35.0, longitude=-50.0))
    assert str(raised.value) == (
        "No weather station within 150 km of latitude 35.0000, longitude -50.0000; set weather_station."
    )


def test_nothing_stored(connection: PsycopgConnection, project: MakeProject, choose: Choose) -> None:
    id = project("50321")
    with pytest.raises(NoWeather) as raised:
        choose(id)
    assert str(raised.value) == (
        f"No hourly temperatures for {NAME} in 2012-01-01..2013-12-31, nor for {NEXT}. {REMEDY}"
    )
    assert pinned(connection, id) is None


def test_nothing_stored_of_a_station_of_ones_own(project: MakeProject, choose: Choose) -> None:
    """Which nobody can fetch."""
    with pytest.raises(NoWeather) as raised:
        choose(project("50321"), setting="roof")
    assert str(raised.value) == (
        f"No hourly temperatures for station roof in 2012-01-01..2013-12-31. U{UPLOAD.replace('725460', 'roof')}"
    )


@pytest.mark.parametrize(
    ("first_hour", "n", "found"),
    [
        ("2012-01-01T00", 5736, "5,736 of 17,544 hours of 2012-01-01..2013-12-31, nothing after 2012-08-26"),
        ("2012-11-01T00", 10224, "10,224 of 17,544 hours of 2012-01-01..2013-12-31, nothing before 2012-11-01"),
    ],
)
def test_too_little_stored(
    connection: PsycopgConnection, project: MakeProject, choose: Choose, first_hour: str, n: int, found: str
) -> None:
    upload(connection, DES_MOINES, first_hour, np.full(n, 50.0))
    id = project("50321")
    with pytest.raises(NoWeather) as raised:
        choose(id)
    assert str(raised.value) == f"S{NAME[1:]} covers {found}; {NEXT} are no better. {REMEDY}"
    assert pinned(connection, id) is None


def test_too_little_stored_with_a_gap_in_the_middle(
    connection: PsycopgConnection, project: MakeProject, choose: Choose
) -> None:
    have(connection, DES_MOINES)
    upload(connection, DES_MOINES, "2012-03-01T00", np.full(366 * 24, NAN))
    with pytest.raises(NoWeather) as raised:
        choose(project(weather_station=DES_MOINES))
    assert str(raised.value) == (
        f"S{NAME[1:]} covers 8,760 of 17,544 hours of 2012-01-01..2013-12-31, nothing from 2012-03-01 to 2013-03-01. "
        f"{REMEDY}"
    )


def test_the_best_of_the_stations_is_named(connection: PsycopgConnection, project: MakeProject, choose: Choose) -> None:
    upload(connection, AMES, "2012-01-01T00", np.full(5736, 50.0))
    with pytest.raises(NoWeather, match=r"^Station 725472 \(AMES MUNI\) covers 5,736 of .* \(725460, 725466, 725493, "):
        choose(project("50321"))


def test_no_such_project(choose: Choose) -> None:
    with pytest.raises(NotFound, match="There is no project 999"):
        choose(999)


def test_within_one_year(project: MakeProject, choose: Choose) -> None:
    """Up to its very last hour."""
    with pytest.raises(NoWeather, match=r" in 2013-05-01\.\.2013-12-31\. .* --years 2013\), "):
        choose(project(weather_station=DES_MOINES), first=datetime(2013, 5, 1, tzinfo=UTC))
