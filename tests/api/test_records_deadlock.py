"""Single records and syncs that meet a bulk load which holds what they want, and wants what they hold."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from typing import Any

import psycopg
import pytest

from eeds.db.engine import Database
from tests.api.conftest import Api

PATH = "consumption_records/"
WAITING_SECONDS = 20
LOCK = "SELECT FROM consumption_metadatas WHERE id = %s FOR NO KEY UPDATE"
RECORD = {"start": "2016-01-01T00:00:00Z", "value": 1.5, "estimated": False}


@pytest.fixture
def traces(api: Api) -> list[int]:
    api.post("projects/", {"project_id": "ABC", "project_owner": 1})
    wanted = [{"project": 1, "interpretation": "E_C_S", "unit": "KWH", "label": label} for label in "abc"]
    return [int(api.post("consumption_metadatas/", trace).json["id"]) for trace in wanted]


def await_waiting(connection: psycopg.Connection[Any], count: int) -> None:
    """Until so many wait for the lock of a row."""
    deadline = time.monotonic() + WAITING_SECONDS
    statement = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    while connection.execute(statement).fetchone() != (count,):
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.01)


def test_what_was_stored_at_a_time_does_not_change(api: Api, database_url: str, traces: list[int]) -> None:
    """A load says when it was before it is committed: who asks for the readings of a time in between waits for it."""
    with (
        psycopg.connect(database_url) as other,
        psycopg.connect(database_url, autocommit=True) as watch,
        ThreadPoolExecutor(2) as pool,
    ):
        other.execute("SELECT FROM projects WHERE id = 1 FOR NO KEY UPDATE")
        load = pool.submit(api.post, f"{PATH}sync2/", [{**RECORD, "metadata_id": traces[0]}])
        await_waiting(watch, 1)
        (now,) = watch.execute("SELECT clock_timestamp()").fetchone() or ()
        as_of = f"{PATH}?as_of={now.astimezone(UTC).isoformat().replace('+00:00', 'Z')}"
        stored = pool.submit(api.get, as_of)
        await_waiting(watch, 2)
        other.rollback()
        assert load.result(WAITING_SECONDS).status_code == 200
        assert stored.result(WAITING_SECONDS).json == api.get(as_of).json != []


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_a_project_is_locked_behind_what_belongs_to_it(
    api: Api, database_url: str, traces: list[int], method: str
) -> None:
    """By loads behind their traces, by syncs of attributes behind the names of their owner: who deletes or changes a
    project neither keeps them waiting, nor is told to give way."""
    api.post("project_attribute_keys/", {"name": "size", "display_name": "Size", "data_type": "FLOAT"})
    with (
        psycopg.connect(database_url) as other,
        psycopg.connect(database_url, autocommit=True) as watch,
        ThreadPoolExecutor(2) as pool,
    ):
        other.execute("SET deadlock_timeout = '1h'")
        if method == "DELETE":
            other.execute(LOCK, [traces[1]])
            answer = pool.submit(api.delete, "projects/1/")
        else:
            other.execute("SELECT pg_advisory_xact_lock(hashtextextended('project_attributes', 1))")
            changes = {"zipcode": "50321", "attribute_values": {"size": 3}}
            answer = pool.submit(api.patch, "projects/1/", changes)
        await_waiting(watch, 1)
        wanted = pool.submit(other.execute, "SELECT FROM projects WHERE id = 1 FOR NO KEY UPDATE")
        wanted.result(WAITING_SECONDS)
        other.commit()
        assert answer.result(WAITING_SECONDS).status_code == (204 if method == "DELETE" else 200)


@pytest.mark.parametrize("path", [PATH, f"{PATH}sync/"])
def test_it_is_tried_again(api: Api, database_url: str, database: Database, traces: list[int], path: str) -> None:
    """The load wants the first trace last. It would wait for ever, so that it is the request which is told to give way:
    Postgres tells the one whose patience ends first."""
    named = {"project_id": "ABC", "interpretation": "E_C_S"}
    records: list[dict[str, Any]] = [
        {**RECORD, "metadata": id} if path == PATH else {**RECORD, **named, "label": label}
        for id, label in zip(traces, "abc", strict=True)
    ]
    first, second, third = traces
    with (
        psycopg.connect(database_url) as load,
        psycopg.connect(database_url) as other,
        psycopg.connect(database_url, autocommit=True) as watch,
        ThreadPoolExecutor(2) as pool,
    ):
        load.execute("SET deadlock_timeout = '1h'")
        other.execute(LOCK, [second])
        load.execute(LOCK, [third])
        answer = pool.submit(api.post, path, records)  # has the first, waits for the second
        await_waiting(watch, 1)
        wanted = pool.submit(load.execute, LOCK, [first])
        await_waiting(watch, 2)
        other.rollback()  # now it waits for the third
        wanted.result(WAITING_SECONDS)
        load.commit()
        assert answer.result(WAITING_SECONDS).status_code == (201 if path == PATH else 200)
    assert [record["metadata"] for record in api.get(PATH).json] == traces
