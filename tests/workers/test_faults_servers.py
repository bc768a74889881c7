"""Postgres or the queue's server goes away and comes back: nothing is lost, and nothing fails for it."""

import time

import pytest
import redis
import requests

from eeds.jobs.leases import LEASE_SECONDS, MAX_LOST
from tests.workers.family import RUN_SECONDS, TOKEN, Family, eventually, readings

pytestmark = pytest.mark.faults

START_SECONDS = 30  # until a run starts once the queue is back
OUTAGE_SECONDS = LEASE_SECONDS + 10


def test_runs_are_ordered_without_the_queue_and_start_when_it_is_back(ours: Family) -> None:
    """Off: with a relay that takes a run for enqueued before it is, and never looks again, it waits for ever."""
    project = ours.project(readings(1))
    ours.stop_server("valkey")
    try:
        run = ours.order(project)
        assert ours.statuses(run) == ["PENDING"]
        assert ours.get("/health/ready").json()["queue"] == "does not answer"
    finally:
        ours.start_server("valkey")
    ours.await_status(run, "RUNNING", "SUCCESS", seconds=START_SECONDS)
    ours.await_status(run, "SUCCESS")


def test_a_queue_that_forgets_everything(ours: Family) -> None:
    """Off: without Relay.offer_unqueued the runs that were queued wait for ever."""
    project = ours.project(readings(1))
    with redis.from_url(ours.urls.redis) as queue:
        with ours.locked("weather_years"):
            begun = ours.order(project, project)
            ours.await_status(begun, "RUNNING")
            queued = ours.order(project, project, project)
            eventually(lambda: queue.llen(ours.queue_key()) == len(queued), START_SECONDS, ours.tail)
            queue.flushall()
        ours.await_status([*begun, *queued], "SUCCESS")
    assert ours.results_of([*begun, *queued]) == dict.fromkeys([*begun, *queued], 1)


def test_a_run_that_is_computed_while_the_queue_is_away(ours: Family) -> None:
    """Off: without MeterWorker.maintain_heartbeats the worker ends, and takes its job with it."""
    with ours.locked("weather_years"):
        run = ours.order(ours.project(readings(1)))
        ours.await_status(run, "RUNNING")
        ours.stop_server("valkey")
        pass_time(ours, OUTAGE_SECONDS)
    try:
        assert ours.await_status(run, "SUCCESS") == ["SUCCESS"]
        assert ours.rows(run, "attempts", "lost") == [(1, 0)]
    finally:
        ours.start_server("valkey")


def test_the_database_goes_away_for_longer_than_a_lease(ours: Family) -> None:
    """Off: without giving back what it interrupts, or without the relay's grace, the runs lose a worker each: three
    outages would fail them."""
    projects = [ours.project(readings(n)) for n in range(2)]
    with ours.locked("weather_years"):
        runs = ours.order(*projects, *projects)
        ours.await_status(runs[:2], "RUNNING")
        eventually(lambda: ours.waiting_for_lock() == 2, START_SECONDS)
        ours.stop_server("postgres")
    try:
        status, retry_after = eventually(lambda: answered_at_once(ours), START_SECONDS)
        assert status == 503
        assert int(retry_after) > 0
        pass_time(ours, OUTAGE_SECONDS)
    finally:
        ours.start_server("postgres")
    assert ours.await_status(runs, "SUCCESS", "FAILED") == ["SUCCESS"] * 4
    assert ours.rows(runs, "lost") == [(0,)] * 4
    assert ours.results_of(runs) == dict.fromkeys(runs, 1)
    assert ours.get("/health/ready").ok


def answered_at_once(ours: Family) -> tuple[int, str] | None:
    """Status and Retry-After of an answer of the API's within a second."""
    try:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = requests.get(f"{ours.url}/api/v1/projects/", headers=headers, timeout=1)
        return answer.status_code, answer.headers.get("Retry-After", "0")
    except requests.Timeout:
        return None


def pass_time(ours: Family, seconds: float) -> None:
    """Let an outage last; the web lives on."""
    until = time.monotonic() + seconds
    eventually(lambda: ours.get("/health/live").ok and time.monotonic() > until, 2 * seconds)


def test_a_full_disk_burns_no_run(ours: Family) -> None:
    """Off: where a full disk is no outage, the run loses a worker with each attempt, and is FAILED with the third."""
    with ours.database.connection() as connection:
        raising = "BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END"
        connection.execute(f"CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $${raising}$$".encode())
        connection.execute("CREATE TRIGGER full_disk BEFORE INSERT ON project_results EXECUTE FUNCTION no_room()")
    try:
        run = ours.order(ours.project(readings(1)))
        eventually(lambda: ours.rows(run, "attempts")[0][0] > MAX_LOST, RUN_SECONDS, ours.tail)
        assert ours.rows(run, "lost") == [(0,)]
    finally:
        with ours.database.connection() as connection:
            connection.execute("DROP FUNCTION no_room CASCADE")
    assert ours.await_status(run, "SUCCESS", "FAILED") == ["SUCCESS"]
    assert ours.rows(run, "lost") == [(0,)]
