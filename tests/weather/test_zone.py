"""The time zone of a place."""

from zoneinfo import ZoneInfo, available_timezones

import pytest

from eeds.db.engine import PsycopgConnection
from eeds.weather.location import Whereabouts
from eeds.weather.stations import ZCTAS
from eeds.weather.zone import UnknownTimezone, Zone, timezone_of, timezones_of_projects, zones_of_projects
from tests.weather.conftest import MakeProject, set_attribute


@pytest.mark.parametrize(
    ("zipcode", "timezone"),
    [
        ("50321", "America/Chicago"),
        ("91104", "America/Los_Angeles"),
        ("00901", "America/Puerto_Rico"),
        ("00801", "America/St_Thomas"),
        ("99501", "America/Anchorage"),
        ("46201", "America/Indiana/Indianapolis"),
        ("96910", "Pacific/Guam"),
        ("96950", "Pacific/Saipan"),
        ("96799", "Pacific/Pago_Pago"),
        ("96813", "Pacific/Honolulu"),
        ("86503", "America/Denver"),  # the Navajo Nation puts the clock forward, the rest of Arizona does not
        (" 50321-1234 ", "America/Chicago"),
        ("55725", "America/Chicago"),  # on the border with Canada
        ("78565", "America/Chicago"),  # and with Mexico
    ],
)
def test_a_zipcode(zipcode: str, timezone: str) -> None:
    assert timezone_of(Whereabouts(zipcode)) == timezone


@pytest.mark.parametrize(("zipcode", "timezone"), [("85001", "America/Phoenix"), ("50306", "America/Chicago")])
def test_the_boxes_of_a_post_office_are_where_its_areas_are(zipcode: str, timezone: str) -> None:
    assert ZCTAS.find(zipcode) is None
    assert timezone_of(Whereabouts(zipcode)) == timezone


@pytest.mark.parametrize("zipcode", [None, "", "00000", "zipcode", "K1A 0B1"])
def test_no_such_zipcode(zipcode: str | None) -> None:
    assert timezone_of(Whereabouts(zipcode)) is None


def test_a_code_without_an_area_where_two_zones_meet() -> None:
    """Areas of 324 are in Eastern and in Central time."""
    assert {ZCTAS.fields(n)["timezone"] for id, n in ZCTAS.line_of.items() if id.startswith("324")} == {
        "America/Chicago",
        "America/New_York",
    }
    assert timezone_of(Whereabouts("32406")) is None


def test_every_zone_is_one_that_python_knows() -> None:
    zones = {ZCTAS.fields(number)["timezone"] for number in range(1, len(ZCTAS.lines))}
    assert zones <= available_timezones()
    assert {ZoneInfo(zone).key for zone in zones} == zones


def test_latitude_and_longitude_come_first() -> None:
    place = Whereabouts("50321", latitude="34.1478", longitude="-118.1445")
    assert timezone_of(place) == "America/Los_Angeles"


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [("34.1478", None), (None, "-118.1445"), ("north", "-118.1445"), ("91", "-118.1445"), ("nan", "0")],
)
def test_half_a_position_is_none(latitude: str | None, longitude: str | None) -> None:
    place = Whereabouts("50321", latitude=latitude, longitude=longitude)
    assert timezone_of(place) == "America/Chicago"


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [("48.8566", "2.3522"), ("41.5", "-40.0"), ("90", "0"), ("-90", "180")],
)
def test_a_place_abroad_is_not_known_whatever_its_zipcode_says(latitude: str, longitude: str) -> None:
    """75001 is in Paris, and near Dallas."""
    assert timezone_of(Whereabouts("75001", latitude=latitude, longitude=longitude)) is None


def test_zones_of_projects(connection: PsycopgConnection, project: MakeProject) -> None:
    by_zipcode, unknown, nowhere = project("50321"), project("00000"), project()
    by_position = project("50321", latitude="34.1478", longitude="-118.1445")
    as_text = project(latitude="18.4", longitude="-66.1")
    blank = project("99501", latitude="", longitude=" ")
    again = project(latitude="18.4", longitude="-66.1")
    set_attribute(connection, again, "latitude", "21.3")
    set_attribute(connection, again, "longitude", "-157.8")
    ids = [by_zipcode, unknown, nowhere, by_position, as_text, blank, again, 999_999]
    assert timezones_of_projects(connection, ids) == {
        by_zipcode: "America/Chicago",
        by_position: "America/Los_Angeles",
        as_text: "America/Puerto_Rico",
        blank: "America/Anchorage",
        again: "Pacific/Honolulu",
    }
    assert timezones_of_projects(connection, [by_zipcode]) == {by_zipcode: "America/Chicago"}
    assert timezones_of_projects(connection, []) == {}


def test_what_a_project_says_itself_comes_first(connection: PsycopgConnection, project: MakeProject) -> None:
    id = project("50321", timezone=" Europe/Paris ", latitude="34.1478", longitude="-118.1445")
    assert zones_of_projects(connection, [id]) == {id: Zone("Europe/Paris", "timezone attribute")}
    with pytest.raises(UnknownTimezone, match='timezone is "Paris"; set it to an IANA time zone'):
        zones_of_projects(connection, [project("50321", timezone="Paris")])


def test_a_position_in_numbers(connection: PsycopgConnection, project: MakeProject) -> None:
    id = project("50321", latitude=34.1478, longitude=-118)
    assert timezones_of_projects(connection, [id]) == {id: "America/Los_Angeles"}
