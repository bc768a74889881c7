"""consumption_records/sync2/: bulk loads, all or nothing, with a reason for every record refused."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eeds.records import START_RANGE
from tests.api.conftest import Api, MakeApi

PATH = "consumption_records/sync2/"
WRONG_TIME = (
    "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
)


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


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"start": "2015-01-01T00:00:00+0000"}, ("2015-01-01T00:00:00Z", 10.25, False)),
        ({"start": "2015-01-01T00:00:00"}, ("2015-01-01T00:00:00Z", 10.25, False)),
        ({"start": "2015-01-01T00:00"}, ("2015-01-01T00:00:00Z", 10.25, False)),
        ({"start": "2014-12-31T18:00:00-06:00"}, ("2015-01-01T00:00:00Z", 10.25, False)),
        ({"start": "1900-01-01T00:00:00Z"}, ("1900-01-01T00:00:00Z", 10.25, False)),
        ({"value": None}, ("2015-01-01T00:00:00Z", None, False)),
        ({"value": float("nan")}, ("2015-01-01T00:00:00Z", None, False)),
        ({"start": "2015-01-05"}, ("2015-01-05T00:00:00Z", 10.25, False)),
        ({"value": float("inf")}, ("2015-01-01T00:00:00Z", None, False)),
        ({"value": float("-inf")}, ("2015-01-01T00:00:00Z", None, False)),
        ({"value": "NaN"}, ("2015-01-01T00:00:00Z", None, False)),
        ({"value": "3.5"}, ("2015-01-01T00:00:00Z", 3.5, False)),
        ({"value": 0.30000000000000004}, ("2015-01-01T00:00:00Z", 0.30000000000000004, False)),
        ({"value": 7}, ("2015-01-01T00:00:00Z", 7.0, False)),
        ({"estimated": "true"}, ("2015-01-01T00:00:00Z", 10.25, True)),
        ({"estimated": 1}, ("2015-01-01T00:00:00Z", 10.25, True)),
        ({"estimated": ...}, ("2015-01-01T00:00:00Z", 10.25, False)),
        ({"metadata_id": "1"}, ("2015-01-01T00:00:00Z", 10.25, False)),
        ({"color": "red", "id": 5}, ("2015-01-01T00:00:00Z", 10.25, False)),
    ],
)
def test_what_is_accepted(api: Api, good: dict[str, Any], sent: dict[str, Any], kept: tuple[Any, ...]) -> None:
    record = {key: value for key, value in {**good, **sent}.items() if value is not ...}
    assert api.post(PATH, [record]).json == success(created=1)
    assert stored(api) == [(1, *kept)]


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"metadata_id": ...}, "metadata_id", "This field is required."),
        ({"metadata_id": None}, "metadata_id", "This field may not be null."),
        ({"metadata_id": "x"}, "metadata_id", "Incorrect type. Expected pk value, received str."),
        ({"metadata_id": True}, "metadata_id", "Incorrect type. Expected pk value, received bool."),
        ({"metadata_id": 999999}, "metadata_id", 'Invalid pk "999999" - object does not exist.'),
        ({"metadata_id": 10**30}, "metadata_id", "Incorrect type. Expected pk value, received int."),
        ({"start": ...}, "start", "This field is required."),
        ({"start": None}, "start", "This field may not be null."),
        ({"start": "garbage"}, "start", WRONG_TIME),
        ({"start": "Jan 6 2015 00:00 UTC"}, "start", WRONG_TIME),
        ({"start": 1420070400}, "start", WRONG_TIME),
        ({"start": "2015-01-01T00:00:00.5Z"}, "start", START_RANGE),
        ({"start": "1899-12-31T23:59:59Z"}, "start", START_RANGE),
        ({"start": "2100-01-01T00:00:00Z"}, "start", START_RANGE),
        ({"value": ...}, "value", "This field is required."),
        ({"value": "abc"}, "value", "A valid number is required."),
        ({"value": ""}, "value", "A valid number is required."),
        ({"value": True}, "value", "A valid number is required."),
        ({"value": [1]}, "value", "A valid number is required."),
        ({"value": "Infinity"}, "value", "A valid number is required."),
        ({"estimated": None}, "estimated", "This field may not be null."),
        ({"estimated": "maybe"}, "estimated", '"maybe" is not a valid boolean.'),
    ],
)
def test_a_refusal_says_where_and_why(
    api: Api, good: dict[str, Any], change: dict[str, Any], field: str, message: str
) -> None:
    bad = {key: value for key, value in {**good, **change}.items() if value is not ...}
    answer = api.post(PATH, [good, bad])
    assert answer.status_code == 400
    assert answer.json["status"] == "error"
    assert answer.json["message"] == "1 of 2 records refused, none stored"
    (error,) = answer.json["errors"]
    value = bad.get(field)
    shown = str(value) if isinstance(value, list) else value
    assert error == {"index": 1, "field": field, "value": shown, "message": message}
    assert stored(api) == []


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


HOUR = datetime(2015, 1, 1, tzinfo=UTC)
hours = st.integers(0, 40).map(lambda n: (HOUR + timedelta(hours=n)).isoformat())
values = st.none() | st.floats(allow_nan=False, allow_infinity=False)
rows = st.fixed_dictionaries(
    {"metadata_id": st.integers(1, 2), "start": hours, "value": values, "estimated": st.booleans()}
)


@given(batches=st.lists(st.lists(rows, max_size=30), max_size=4))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_batches_leave_what_a_dict_would(api: Api, batches: list[list[dict[str, Any]]]) -> None:
    """Whatever is sent, in any order and overlap: the table has the last value of each key, and the counts add up."""
    ids = [api.post("consumption_metadatas/", {"interpretation": "E_C_S", "unit": "KWH"}).json["id"] for _ in "12"]
    expected: dict[tuple[int, str], tuple[float | None, bool]] = {}
    for batch in batches:
        sent = [{**row, "metadata_id": ids[row["metadata_id"] - 1]} for row in batch]
        counts = api.post(PATH, sent).json
        before = dict(expected)
        for row in sent:
            expected[row["metadata_id"], row["start"].replace("+00:00", "Z")] = (row["value"], row["estimated"])
        assert counts.pop("status") == "success"
        assert sum(counts.values()) == len(sent)
        assert counts["created"] == len(expected) - len(before)
        assert counts["updated"] == sum(expected[key] != value for key, value in before.items())
    found = [row for id in ids for row in api.get(f"consumption_records/?metadata={id}").json]
    assert {(r["metadata"], r["start"]): (r["value"], r["estimated"]) for r in found} == expected
    for id in ids:
        api.delete(f"consumption_metadatas/{id}/")


def test_clients_with_overlapping_batches_do_not_block_each_other(api: Api, app: Flask, trace: int) -> None:
    other = api.post("consumption_metadatas/", {"project": 1, "interpretation": "NG_C_S", "unit": "THM"}).json["id"]
    starts = [(HOUR + timedelta(hours=n)).isoformat() for n in range(400)]
    whole = [row for pair in zip(records(trace, starts, 1.0), records(other, starts, 2.0), strict=True) for row in pair]

    def load(client: int) -> list[int]:
        own = Api(app.test_client(), api.token)
        batches = [whole[(client * 97 + n * 151) % 500 :][:300] for n in range(6)]
        return [own.post(PATH, batch[:: -1 if client % 2 else 1]).status_code for batch in batches]

    with ThreadPoolExecutor(8) as pool:
        statuses = [status for client in pool.map(load, range(8)) for status in client]
    assert set(statuses) == {200}
    assert {(metadata, value) for metadata, _, value, _ in stored(api)} == {(trace, 1.0), (other, 2.0)}
    created = {(metadata, start) for metadata, start, _, _ in stored(api)}
    assert len(created) == len(stored(api)) <= len(whole)
