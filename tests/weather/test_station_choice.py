"""Which station a project's runs use: what goes before what, and how much must be stored."""

from datetime import UTC, datetime

import numpy as np
import pytest

from eeds.db.engine import PsycopgConnection
from eeds.weather.choice import Choice
from eeds.weather.errors import NoWeather
from tests.weather.conftest import (
    AMES,
    ANKENY,
    DES_MOINES,
    FIRST,
    KNOXVILLE,
    NEWTON,
    OAKLAND,
    OSCEOLA,
    Choose,
    MakeProject,
    have,
    pinned,
    put_year,
    set_attribute,
    upload,
    upload_years,
)

NAN = float("nan")


def test_by_zipcode(connection: PsycopgConnection, project: MakeProject, choose: Choose) -> None:
    have(connection, DES_MOINES, ANKENY)
    id = project(" 50321 ")
    choice = choose(id)
    assert choice.km == pytest.approx(1.8, abs=0.06)
    assert choice == Choice(DES_MOINES, DES_MOINES, "derived", choice.km, True, "zipcode 50321")
    assert pinned(connection, id) == choice


def test_coordinates_go_before_the_zipcode(connection: PsycopgConnection, project: MakeProject, choose: Choose) -> None:
    have(connection, DES_MOINES, OAKLAND)
    choice = choose(project("50321", latitude=37.7214, longitude="-122.2208"))
    assert (choice.station, choice.method) == (OAKLAND, "latitude 37.7214, longitude -122.2208")
    assert choice.km == pytest.approx(1.1, abs=0.1)


@pytest.mark.parametrize("value", [OAKLAND, f" {OAKLAND} ", int(OAKLAND), float(OAKLAND)])
def test_a_named_station_goes_before_a_place(
    connection: PsycopgConnection, project: MakeProject, choose: Choose, value: str | float
) -> None:
    have(connection, DES_MOINES, OAKLAND)
    choice = choose(project("50321", weather_station=value, latitude=41.54, longitude=-93.67))
    assert (choice.station, choice.method, choice.climate_match) == (OAKLAND, "weather_station attribute", False)
    assert choice.km == pytest.approx(2490, rel=0.01)


def test_a_setting_goes_before_all(connection: PsycopgConnection, project: MakeProject, choose: Choose) -> None:
    have(connection, DES_MOINES, OAKLAND)
    choice = choose(project("50321", weather_station=DES_MOINES), setting=OAKLAND)
    assert (choice.station, choice.method) == (OAKLAND, "weather_station setting")


def test_a_station_of_ones_own(connection: PsycopgConnection, project: MakeProject, choose: Choose) -> None:
    """eeds knows nothing of it, nor where the project is."""
    have(connection, "roof-sensor")
    choice = choose(project(weather_station="roof-sensor"))
    assert choice == Choice("roof-sensor", "roof-sensor", "derived", None, None, "weather_station attribute")


def test_a_named_station_needs_no_valid_place(
    connection: PsycopgConnection, project: MakeProject, choose: Choose
) -> None:
    have(connection, DES_MOINES)
    choice = choose(project("ZIPCODE", weather_station=DES_MOINES))
    assert (choice.station, choice.km, choice.climate_match) == (DES_MOINES, None, None)


def test_an_attribute_given_twice_counts_as_given_last(
    connection: PsycopgConnection, project: MakeProject, choose: Choose
) -> None:
    have(connection, DES_MOINES, OAKLAND)
    id = project("50321", weather_station=DES_MOINES)
    set_attribute(connection, id, "weather_station", OAKLAND)
    assert choose(id).station == OAKLAND


def test_an_empty_attribute_is_none(connection: PsycopgConnection, project: MakeProject, choose: Choose) -> None:
    have(connection, DES_MOINES)
    assert choose(project("50321", weather_station=" ", latitude="")).method == "zipcode 50321"


def test_the_attributes_of_other_projects_do_not_count(
    connection: PsycopgConnection, project: MakeProject, choose: Choose
) -> None:
    have(connection, DES_MOINES, OAKLAND)
    project("50321", weather_station=OAKLAND)
    assert choose(project("50321")).station == DES_MOINES


def test_the_next_station_if_the_first_has_too_little(
    connection: PsycopgConnection, project: MakeProject, choose: Choose
) -> None:
    upload_years(connection, DES_MOINES, 2012, 2012, 50.0)
    have(connection, AMES)
    assert choose(project("50321")).station == AMES


@pytest.mark.parametrize(("missing", "station"), [(100, DES_MOINES), (101, ANKENY)])
def test_nine_tenths_of_the_hours_are_enough(
    connection: PsycopgConnection, project: MakeProject, choose: Choose, missing: int, station: str
) -> None:
    upload(connection, DES_MOINES, "2012-01-01T00", np.full(1000 - missing, 50.0))
    have(connection, ANKENY)
    last = datetime(2012, 2, 11, 16, tzinfo=UTC)
    assert (last - FIRST).total_seconds() == 1000 * 3600
    assert choose(project("50321"), last=last).station == station


def test_filled_hours_count(connection: PsycopgConnection, project: MakeProject, choose: Choose) -> None:
    """A station that reports every six hours is as good as any."""
    have(connection, ANKENY)
    for year, n in ((2012, 8784), (2013, 8760)):
        put_year(connection, DES_MOINES, "ghcnh", year, np.where(np.arange(n) % 6 == 0, 50.0, NAN))
    assert choose(project("50321")).station == DES_MOINES


def test_the_sixth_station_is_not_tried(connection: PsycopgConnection, project: MakeProject, choose: Choose) -> None:
    have(connection, NEWTON)
    with pytest.raises(NoWeather, match=rf"{ANKENY}, {AMES}, {KNOXVILLE}, {OSCEOLA}\)"):
        choose(project("50321"))
    have(connection, OSCEOLA)
    assert choose(project("50321")).station == OSCEOLA
