"""Records one by one: bulk loads have tests of their own."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from eeds.db.engine import Database
from eeds.records.ids import FIRST_START, LAST_START, record_id, record_key
from eeds.web.responses import CHUNK_BYTES
from tests.api.conftest import Api
from tests.readings import store_readings

RECORD = {"start": "2016-01-01T00:00:00Z", "value": 1.5, "estimated": False}


@pytest.fixture
def trace(api: Api) -> int:
    api.post("projects/", {"project_id": "ABC", "project_owner": 1})
    return int(api.post("consumption_metadatas/", {"project": 1, "interpretation": "E_C_S", "unit": "KWH"}).json["id"])


def test_story(api: Api, trace: int) -> None:
    created = api.post("consumption_records/", {**RECORD, "metadata": trace})
    assert created.status_code == 201
    assert list(created.json) == ["id", "start", "value", "estimated", "metadata"]
    path = f"consumption_records/{created.json['id']}/"
    assert api.get(path).json == created.json == {"id": created.json["id"], **RECORD, "metadata": trace}

    again = api.post("consumption_records/", {**RECORD, "metadata": trace})
    assert again.status_code == 400
    assert again.json == {"non_field_errors": ["The fields metadata, start must make a unique set."]}

    assert api.patch(path, {"value": 77}).json["value"] == 77.0
    assert api.get(path).json == {**created.json, "value": 77.0}
    assert api.put(path, {**RECORD, "metadata": trace}).json == created.json
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == api.get("consumption_records/99999999/").status_code == 404


def test_a_change_keeps_what_was_stored_meanwhile(api: Api, database: Database, trace: int) -> None:
    """A load stores another value while a change of the flag waits for the trace."""
    created = api.post("consumption_records/", {**RECORD, "metadata": trace}).json or {}
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with ThreadPoolExecutor(1) as pool:
        with database.connection() as connection, database.connection() as other:
            connection.execute("SELECT FROM consumption_metadatas WHERE id = %s FOR NO KEY UPDATE", [trace])
            store_readings(connection, trace, ["2016-01-01"], [9.5])
            change = pool.submit(api.patch, f"consumption_records/{created['id']}/", {"estimated": True})
            deadline = time.monotonic() + 60
            while other.execute(waiting).fetchone() == (0,):
                assert time.monotonic() < deadline
                other.rollback()
        answer = change.result()
    assert answer.json == {**created, "value": 9.5, "estimated": True}
    assert api.get("consumption_records/").json == [answer.json]


def test_a_moved_record_has_another_id(api: Api, trace: int) -> None:
    first, second = (
        api.post("consumption_records/", {**RECORD, "metadata": trace, "start": f"2016-01-0{day}T00:00:00Z"}).json
        for day in (1, 2)
    )
    path = f"consumption_records/{first['id']}/"  # type: ignore[index]
    taken = api.patch(path, {"start": "2016-01-02T00:00:00Z"})
    assert (taken.status_code, list(taken.json or {})) == (400, ["non_field_errors"])
    moved = api.patch(path, {"start": "2016-02-01T00:00:00Z"}).json or {}
    assert moved["id"] == record_id(trace, datetime(2016, 2, 1, tzinfo=UTC))
    assert api.get("consumption_records/").json == [second, moved]


def test_list_of_records(api: Api, trace: int) -> None:
    days = [{**RECORD, "start": f"2016-01-0{day}T00:00:00Z", "metadata": trace} for day in (3, 1, 2)]
    created = api.post("consumption_records/", days)
    assert created.status_code == 201
    assert [record["start"] for record in created.json] == [day["start"] for day in days]
    assert api.get("consumption_records/").json == sorted(created.json, key=lambda record: record["id"])
    assert api.post("consumption_records/", []).json == []

    new = {**RECORD, "start": "2016-01-04T00:00:00Z", "metadata": trace}
    refused = api.post("consumption_records/", [new, {**new, "start": "bad"}])
    assert (refused.status_code, refused.json[0], list(refused.json[1])) == (400, {}, ["start"])
    for twice in ([new, new], [new, days[0]]):
        assert api.post("consumption_records/", twice).status_code == 400
    assert len(api.get("consumption_records/").json) == 3


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"value": "abc"}, {"value": ["A valid number is required."]}),
        ({"value": True}, {"value": ["A valid number is required."]}),
        ({"estimated": None}, {"estimated": ["This field may not be null."]}),
        ({"estimated": "maybe"}, {"estimated": ['"maybe" is not a valid boolean.']}),
        ({"metadata": 99999}, {"metadata": ['Invalid pk "99999" - object does not exist.']}),
        ({"start": "2016-01-01T00:00:00.5Z"}, {"start": ["Starts are whole seconds from 1900 to 2100."]}),
        ({"start": "2100-01-01T00:00:00Z"}, {"start": ["Starts are whole seconds from 1900 to 2100."]}),
    ],
)
def test_refusals(api: Api, trace: int, change: dict[str, Any], errors: dict[str, list[str]]) -> None:
    answer = api.post("consumption_records/", {**RECORD, "metadata": trace, **change})
    assert (answer.status_code, answer.json) == (400, errors)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 3),
        ("metadata=1", 3),
        ("metadata=99999", 0),
        ("metadata=abc", 0),
        ("start=2016-01-02T00:00:00Z", 1),
        ("start=2016-01-01T18:00:00-06:00", 1),
        ("start=2016-01-02T00:00:00%2B0000", 1),
        ("start=2016-01-02", 1),
        ("start=2016-01-02T00:00:00+0000", 0),
        ("start=garbage", 0),
        ("metadata=1&start=2016-01-05T00:00:00Z", 0),
    ],
)
def test_filters(api: Api, trace: int, query: str, found: int) -> None:
    days = [{**RECORD, "start": f"2016-01-0{day}T00:00:00Z", "metadata": trace} for day in (1, 2, 3)]
    api.post("consumption_records/", days)
    answer = api.get(f"consumption_records/?{query}")
    assert (answer.status_code, len(answer.json)) == (200, found)


def test_a_long_list_arrives_whole_and_gives_its_connection_back(api: Api, trace: int, app: Flask) -> None:
    first = datetime(2016, 1, 1, tzinfo=UTC)
    hours = [
        {"metadata_id": trace, "start": (first + timedelta(hours=n)).isoformat(), "value": n + 0.5} for n in range(5000)
    ]
    assert api.post("consumption_records/sync2/", hours).status_code == 200
    whole = api.get("consumption_records/")
    assert [record["value"] for record in whole.json] == [record["value"] for record in hours]
    assert len(whole.data) > 5 * CHUNK_BYTES
    assert len(api.get("consumption_metadatas/").json[0]["records"]) == 5000
    api.call("HEAD", "consumption_records/")
    with api.get("consumption_records/", buffered=False) as abandoned:
        next(abandoned.response)  # type: ignore[call-overload]
    assert app.extensions["eeds.database"].engine.pool.checkedout() == 0


def test_list_has_no_put_or_delete(api: Api) -> None:
    for method in ("PUT", "PATCH", "DELETE"):
        assert api.call(method, "consumption_records/", []).status_code == 405


starts = st.datetimes(FIRST_START.replace(tzinfo=None), (LAST_START - timedelta(seconds=1)).replace(tzinfo=None))


@given(st.integers(1, 2**30), starts)
def test_an_id_tells_its_key(metadata_id: int, start: datetime) -> None:
    exact = start.replace(microsecond=0, tzinfo=UTC)
    assert record_key(record_id(metadata_id, exact)) == (metadata_id, exact)


@given(st.integers(1, 999_999), starts)
def test_ids_are_exact_in_javascript(metadata_id: int, start: datetime) -> None:
    assert 0 < record_id(metadata_id, start.replace(microsecond=0, tzinfo=UTC)) < 2**53


@given(st.tuples(st.integers(1, 2**30), starts), st.tuples(st.integers(1, 2**30), starts))
def test_ids_are_in_order_of_trace_and_time(one: tuple[int, datetime], other: tuple[int, datetime]) -> None:
    first, second = sorted((id, start.replace(microsecond=0, tzinfo=UTC)) for id, start in (one, other))
    assert (record_id(*first) < record_id(*second)) == (first < second)
