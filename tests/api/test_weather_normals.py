"""/api/v1/weather_normals/: files of normal years in, for admins."""

import gzip
from typing import Any

import numpy as np
import pytest

from eeds.db.engine import Database
from eeds.weather.normals import STORED_KINDS, best_kind, load_normal
from tests.api.conftest import Api, CountStatements, MakeApi
from tests.weather.normal_files import EPW_HEADER, TMY2_HEADER, cz2010, epw, nsrdb, pvgis_tmy, tmy2, tmy3, tmy3_of_2008

PATH = "weather_normals/"
TMY3 = tmy3()


def send(api: Api, text: str | bytes, query: str = "", **options: Any) -> Any:
    return api.call("POST", f"{PATH}{query}", data=text, **{"content_type": "text/plain", **options})


def test_story(api: Api, database: Database) -> None:
    assert api.get(PATH).json == []
    stored = {"station": "722880", "kind": "TMY3", "utc_offset": -8.0}
    answer = send(api, TMY3)
    assert (answer.status_code, answer.json) == (200, {**stored, "status": "created"})
    assert send(api, TMY3).json["status"] == "unchanged"
    assert send(api, tmy3(lambda hour: "-40")).json["status"] == "updated"
    assert send(api, epw(header=EPW_HEADER.replace("-8.0", "5.75"))).json["status"] == "created"
    assert api.get(PATH).json == [{**stored, "kind": "EPW", "utc_offset": 5.75}, stored]
    with database.connection() as connection:
        assert best_kind(connection, "722880") == "TMY3"
        np.testing.assert_array_equal(load_normal(connection, "722880", "TMY3"), np.full(8760, -40.0))
    send(api, cz2010())
    with database.connection() as connection:
        assert best_kind(connection, "722880") == "CZ2010"


def test_for_a_station_that_the_file_does_not_name(api: Api) -> None:
    assert send(api, TMY3, "?station=roof").json["station"] == "roof"
    assert api.get(PATH).json == [{"station": "roof", "kind": "TMY3", "utc_offset": -8.0}]


def test_the_station_of_a_tmy2_file_is_that_of_its_wban_number(api: Api) -> None:
    assert send(api, tmy2()).json == {"station": "722880", "kind": "TMY2", "utc_offset": -8.0, "status": "created"}
    answer = send(api, tmy2(header=TMY2_HEADER.replace("23152", "99998")))
    assert answer.json == {
        "station": [
            "No known station has the WBAN number 99998: say by --station (in the API station=) which one to keep it "
            "for. The nearest to the file's position is 722880 (BURBANK-GLENDALE-PASA ARPT)."
        ]
    }
    assert send(api, tmy2(header=TMY2_HEADER.replace("23152", "99998")), "?station=roof").json["station"] == "roof"


def test_a_wban_number_of_two_stations_is_that_of_the_nearest(api: Api) -> None:
    """Two entries of San Juan's airport."""
    header = " 11641 SAN JUAN               PR  -4 N 18 26 W  66  1    19"
    assert send(api, tmy2(header=header)).json["station"] in ("785260", "785263")


PVGIS_NOTE = "8,760 temperatures of instants became 8,760 of hours, each the mean of the straight line between them."
NEAREST = " The nearest to the file's position is 722880 (BURBANK-GLENDALE-PASA ARPT)."


@pytest.mark.parametrize("text", [pvgis_tmy(), nsrdb(lambda *_: "10", minutes=(30,))])
def test_files_of_a_place_name_no_station(api: Api, text: str) -> None:
    assert send(api, text).json == {
        "station": [
            f"The file names no station: say by --station (in the API station=) which one to keep it for.{NEAREST}"
        ]
    }
    answer = send(api, text, "?station=722880").json
    assert (answer["station"], answer["status"], answer["notes"]) == ("722880", "created", [PVGIS_NOTE])
    assert send(api, text, "?station=722880").json["status"] == "unchanged"


@pytest.mark.parametrize("id", ["", " ", "0", "000000", "999999", "99999", "-", "unknown", "N/A"])
def test_an_epw_without_a_wmo_number(api: Api, id: str) -> None:
    answer = send(api, epw(header=EPW_HEADER.replace("722880", id)))
    written = f" ({id!r})" if id.strip() else ""
    said = f"The file names no station{written}: say by --station (in the API station=) which one to keep it for."
    assert (answer.status_code, answer.json) == (400, {"station": [said + NEAREST]})
    assert send(api, epw(header=EPW_HEADER.replace("722880", id)), "?station=722880").status_code == 200


def test_no_station_is_near(api: Api) -> None:
    for place in ("48.85,2.35", "here,there"):
        header = EPW_HEADER.replace("722880", "").replace("34.20,-118.35", place)
        assert send(api, epw(header=header)).json["station"][0].endswith("which one to keep it for.")


def test_every_kind_may_be_stored(api: Api, database: Database) -> None:
    """And the best one is used."""
    files = [tmy2(), pvgis_tmy(), nsrdb(lambda *_: "10"), epw(), tmy3_of_2008(), cz2010()]
    for text, kind in zip(files, reversed(STORED_KINDS), strict=True):
        assert send(api, text, "?station=roof").json["kind"] == kind
        with database.connection() as connection:
            assert best_kind(connection, "roof") == kind
            np.testing.assert_allclose(load_normal(connection, "roof", kind), np.full(8760, 50.0))


@pytest.mark.parametrize("media_type", [None, "application/octet-stream", "application/x-www-form-urlencoded"])
def test_whatever_the_client_calls_it(api: Api, media_type: str | None) -> None:
    assert send(api, TMY3, content_type=media_type).json["status"] == "created"


def test_packed(api: Api) -> None:
    packed = gzip.compress(TMY3.encode("latin-1"))
    assert send(api, packed, headers={"Content-Encoding": "gzip"}).json["status"] == "created"


def test_a_place_in_another_encoding(api: Api) -> None:
    text = epw(header=EPW_HEADER.replace("Burbank Glendale", "Köln")).encode("latin-1")
    assert send(api, text).json["status"] == "created"


@pytest.mark.parametrize(
    ("text", "query", "refusal"),
    [
        ("", "", {"non_field_errors": ["This is none of the files of normal years that are read. "]}),
        (
            TMY3.replace("01/01/1977,03:00", "01/01/1977,33:00"),
            "",
            {"non_field_errors": ["line 5: its hour is 33; hours are counted 1 to 24."]},
        ),
        (TMY3, "?station=", {"station": ["This field may not be blank."]}),
        (TMY3, "?station=a%20b", {"station": ["A station id has at most 32 letters, "]}),
        (epw(header=EPW_HEADER.replace("722880", "a b")), "", {"station": ["A station id has at most 32 letters, "]}),
    ],
)
def test_nothing_of_a_bad_file_is_stored(api: Api, text: str, query: str, refusal: dict[str, list[str]]) -> None:
    answer = send(api, text, query)
    assert answer.status_code == 400
    assert answer.json.keys() == refusal.keys()
    for field, messages in refusal.items():
        assert len(answer.json[field]) == len(messages)
        assert answer.json[field][0].startswith(messages[0])
    assert api.get(PATH).json == []


def test_too_large(api: Api) -> None:
    answer = send(api, b" " * (16 * 2**20 + 1))
    assert (answer.status_code, answer.json) == (413, {"detail": "The body has more than 16 MB; send it in parts."})


def test_for_admins_only(login: MakeApi) -> None:
    ann = login("ann")
    assert send(ann, TMY3).status_code == 403
    assert ann.get(PATH).status_code == 403


def test_statements(api: Api, statements_of: CountStatements) -> None:
    """A list: the token, and the normal years. What is sent is stored by psycopg itself."""
    send(api, TMY3)
    assert len(statements_of(lambda: send(api, TMY3))) == 1
    assert len(statements_of(lambda: api.get(PATH))) == 2
