"""consumption_records/sync2/: bulk loads, all or nothing, with a reason for every record refused."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.api.conftest import Api, MakeApi

PATH = "consumption_records/sync2/"


@pytest.fixture
def trace(api: Api) -> int:
    api.post("projects/", {"project_id": "ABC", "project_owner": 1})
    return int(api.post("consumption_metadatas/", {"project": 1, "interpretation": "E_C_S", "unit": "KWH"}).json["id"])


@pytest.fixture
def good(trace: int) -> dict[str, Any]:
    return {"metadata_id": trace, "start": "2015-01-01T00:00:00+00:00", "value": 10.25, "estimated": False}


def stored(api: Api) -> list[tuple[int, str, float | None, bool]]:
    return [(r["metadata"], r["start"], r["value"], r["estimated"]) for r in api.get("consumption_records/").json]


def success(created: int = 0, updated: int = 0, unchanged: int = 0, duplicates: int = 0) -> dict[str, Any]:
    counts = {"created": created, "updated": updated, "unchanged": unchanged, "duplicates": duplicates}
    return {"status": "success", **counts}


def test_story(api: Api, good: dict[str, Any]) -> None:
    days = [{**good, "start": f"2015-01-0{day}T00:00:00Z", "value": float(day)} for day in (3, 1, 2)]
    answer = api.post(PATH, days)
    assert (answer.status_code, answer.json) == (200, success(created=3))
    assert api.post(PATH, days).json == success(unchanged=3)

    days[1]["value"], days[2]["estimated"] = None, True
    new = {**good, "start": "2015-01-04T00:00:00Z", "value": 4.0}
    assert api.post(PATH, [*days, new, new]).json == success(created=1, updated=2, unchanged=1, duplicates=1)
    assert stored(api) == [
        (1, "2015-01-01T00:00:00Z", None, False),
        (1, "2015-01-02T00:00:00Z", 2.0, True),
        (1, "2015-01-03T00:00:00Z", 3.0, False),
        (1, "2015-01-04T00:00:00Z", 4.0, False),
    ]


def test_the_last_of_the_same_key_wins(api: Api, good: dict[str, Any]) -> None:
    sent = [{**good, "value": value} for value in (1.0, 2.0, 3.0)]
    assert api.post(PATH, sent).json == success(created=1, duplicates=2)
    assert [value for _, _, value, _ in stored(api)] == [3.0]
    assert api.post(PATH, sent).json == success(unchanged=1, duplicates=2)


def test_an_endless_number_is_refused(api: Api, good: dict[str, Any]) -> None:
    body = json.dumps([good]).replace("10.25", "1e400")
    answer = api.call("POST", PATH, data=body, content_type="application/json")
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "value")


def test_all_errors_are_counted_and_the_first_listed(api: Api, good: dict[str, Any]) -> None:
    answer = api.post(PATH, [good, *([{"start": "x"}] * 150)])
    assert answer.json["message"] == "150 of 151 records refused, none stored"
    assert len(answer.json["errors"]) == 100
    assert [error["field"] for error in answer.json["errors"][:3]] == ["metadata_id", "start", "value"]


@pytest.mark.parametrize("text", ["x" * 10_000, "\ud800", "\0"])
def test_what_is_echoed_is_short_and_can_be_sent(api: Api, good: dict[str, Any], text: str) -> None:
    answer = api.post(PATH, [{**good, "value": text}])
    assert answer.status_code == 400
    assert len(answer.data) < 500


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ("[]", 200, None),
        ("{}", 400, "1 of 1 records refused, none stored"),
        ("", 400, "1 of 1 records refused, none stored"),
        ("null", 400, "1 of 1 records refused, none stored"),
        ("5", 400, "1 of 1 records refused, none stored"),
        ("[1]", 400, "1 of 1 records refused, none stored"),
        ('[["start", "value"]]', 400, "1 of 1 records refused, none stored"),
    ],
)
def test_bodies_that_are_no_records(api: Api, trace: int, body: str, status: int, message: str | None) -> None:
    answer = api.call("POST", PATH, data=body, content_type="application/json")
    assert (answer.status_code, answer.json.get("message")) == (status, message)


@pytest.mark.parametrize("body", [b'[{"start":', b"[" * 100_000, b"\xff", b'[{"metadata_id": 1}'])
def test_malformed_json(api: Api, body: bytes) -> None:
    answer = api.call("POST", PATH, data=body, content_type="application/json")
    assert (answer.status_code, answer.json["detail"][:19]) == (400, "JSON parse error - ")


def test_one_object_and_a_form(api: Api, good: dict[str, Any]) -> None:
    assert api.post(PATH, good).json == success(created=1)
    form = {"start": "2015-04-01T00:00:00Z", "value": "1", "estimated": "false", "metadata_id": "1"}
    assert api.call("POST", PATH, data=form).json == success(created=1)
    assert api.call("POST", PATH, data="x", content_type="text/plain").status_code == 415


def test_only_own_traces(api: Api, login: MakeApi, good: dict[str, Any]) -> None:
    answer = login("ann").post(PATH, [good])
    assert answer.json["errors"][0]["message"] == 'Invalid pk "1" - object does not exist.'
    assert stored(api) == []


def test_scattered_and_dense_records_merge_alike(api: Api, trace: int) -> None:
    """A trace's stored records are looked up as a range or one by one; both must find them."""
    dense = [f"2015-01-{day:02d}T00:00:00Z" for day in range(1, 32)]
    scattered = ["1990-01-01T00:00:00Z", "2015-01-07T00:00:00Z", "2050-01-01T00:00:00Z"]
    assert api.post(PATH, records(trace, dense, 1.0)).json == success(created=31)
    assert api.post(PATH, records(trace, scattered, 1.0)).json == success(created=2, unchanged=1)
    assert api.post(PATH, records(trace, scattered, 2.0)).json == success(updated=3)
    assert api.post(PATH, records(trace, dense, 1.0)).json == success(updated=1, unchanged=30)


def records(trace: int, starts: Sequence[str], value: float) -> list[dict[str, Any]]:
    return [{"metadata_id": trace, "start": start, "value": value} for start in starts]
