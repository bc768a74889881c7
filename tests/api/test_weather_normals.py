"""/api/v1/weather_normals/: files of normal years in, for admins."""

import gzip
from typing import Any

import numpy as np
import pytest

from eeds.db.engine import Database
from eeds.weather.normals import best_kind, load_normal
from tests.api.conftest import Api, CountStatements, MakeApi
from tests.weather.normal_files import EPW_HEADER, cz2010, epw, tmy3

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
        ("", "", {"non_field_errors": ["This is no normal year. "]}),
        (
            TMY3.replace("01/01/1977,03:00", "01/01/1977,33:00"),
            "",
            {"non_field_errors": ["line 5: its hour is 33; hours are counted 1 to 24."]},
        ),
        (TMY3, "?station=", {"station": ["This field may not be blank."]}),
        (TMY3, "?station=a%20b", {"station": ["A station id has at most 32 letters, "]}),
        (epw(header=EPW_HEADER.replace("722880", "")), "", {"station": ["This field may not be blank."]}),
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
    assert (answer.status_code, answer.json) == (413, {"detail": "The body has more than 16 MB."})


def test_for_admins_only(login: MakeApi) -> None:
    ann = login("ann")
    assert send(ann, TMY3).status_code == 403
    assert ann.get(PATH).status_code == 403


def test_statements(api: Api, statements_of: CountStatements) -> None:
    """A list: the token, and the normal years. What is sent is stored by psycopg itself."""
    send(api, TMY3)
    assert len(statements_of(lambda: send(api, TMY3))) == 1
    assert len(statements_of(lambda: api.get(PATH))) == 2
