"""The relay tells the queue of every run that waits, whatever the queue has forgotten."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
import redis
from rq import Queue, Worker
from rq.executions import Execution
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from sqlalchemy import func, select, update

from eeds.accounts.operations import create_user
from eeds.accounts.principal import principal_of
from eeds.config.settings import Settings
from eeds.db.engine import Database
from eeds.db.statements import query
from eeds.db.tables import Export, Project, ProjectOwner, ProjectRun, WeatherDownload
from eeds.exports.lifecycle import EXPORTS
from eeds.jobs import leases
from eeds.jobs.leases import JobTable
from eeds.jobs.queue_name import lanes_of
from eeds.jobs.queue_state import relay_is_at_work
from eeds.projects.selection import ALL_PROJECTS
from eeds.runs import lifecycle as runs
from eeds.runs.lifecycle import RUNS
from eeds.runs.operations import request_run, request_runs
from eeds.weather.downloads import DOWNLOADS
from tests.workers.family import eventually
from workers.relay import QUEUED_PER_WORKER, Relay

Redis = "redis.Redis[bytes]"
ENDED = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'eeds relay'"


@pytest.fixture
def relay(database_url: str, redis_url: str, queue_name: str, tmp_path: Any) -> Any:
    relay = Relay(
        Settings.from_env({"DATABASE_URL": database_url, "REDIS_URL": redis_url, "EEDS_DATA_DIR": str(tmp_path)})
    )
    relay.feed(queue_name)
    yield relay
    relay.redis.close()


@pytest.fixture
def run(database: Database) -> int:
    with database.session() as session:
        user = create_user(session, "owner")
        session.add(Project(project_id="ABC", project_owner_id=1))
        session.flush()
        return request_run(session, principal_of(session, user.id), 1, request_id="request-1")


def queue_id(relay: Relay, run: object) -> str:
    """The id of a run in the queue."""
    return f"{relay.queue.name}-project_run-{run}"


def offer(relay: Relay, database: Database) -> bool:
    with database.connection() as connection:
        return relay.fill(connection)


def offer_again(relay: Relay, database: Database) -> None:
    """A pass after the time has come to tell the queue again."""
    with database.session() as session:
        session.execute(update(ProjectRun).values(enqueued=func.make_timestamptz(2020, 1, 1, 0, 0, 0)))
    with database.connection() as connection:
        relay.offer_unqueued(connection)
    offer(relay, database)


def order(database: Database, owner: str, number: int) -> None:
    """Runs of a new owner's."""
    with database.session() as session:
        user = create_user(session, owner)
        mine = session.scalars(select(func.max(ProjectOwner.id))).one()
        session.add_all(Project(project_id=f"{owner}{n}", project_owner_id=mine) for n in range(number))
        session.flush()
        request_runs(session, principal_of(session, user.id), ALL_PROJECTS)


def take(relay: Relay, number: int) -> list[str]:
    """What workers do: the owners of the runs they take from the queue, in this order."""
    taken = []
    for _ in range(number):
        job_id = relay.queue.pop_job_id()
        assert job_id is not None
        taken.append(int(job_id.rpartition("-")[2]))
    with psycopg.connect(relay.settings.database_url) as connection:
        owners: dict[int, str] = dict(
            connection.execute(
                "SELECT run.id, trim(project.project_id, '0123456789') FROM project_runs AS run"
                " JOIN projects AS project ON project.id = run.project_id"
            ).fetchall()
        )
        connection.execute("UPDATE project_runs SET status = 'FAILED' WHERE id = ANY(%s)", [taken])
    return [owners[id] for id in taken]


def take_as_a_worker_does(relay: Relay) -> Job:
    """The next job, which is not in the queue any more but STARTED."""
    found = Queue.dequeue_any([relay.queue], None, connection=relay.redis, serializer=JSONSerializer)
    assert found is not None
    found[0].set_status(JobStatus.STARTED)
    return found[0]


def test_a_run_is_queued_once_with_nothing_but_its_id(relay: Relay, database: Database, queue: Any, run: int) -> None:
    offer(relay, database)
    offer(relay, database)
    offer_again(relay, database)
    assert relay.queue.job_ids == [queue_id(relay, run)]
    job = relay.queue.fetch_job(queue_id(relay, run))
    assert job is not None
    assert (job.func_name, job.args, job.kwargs) == ("workers.jobs.execute_project_run", [run], {})
    assert job.meta == {"request_id": "request-1"}


def test_a_run_that_was_queued_under_another_name_is_queued_again(
    relay: Relay, database: Database, queue: Any, run: int
) -> None:
    """As before an upgrade, or before the database was restored elsewhere. The row is the truth."""
    name = relay.queue.name
    relay.feed("eeds")
    offer(relay, database)
    relay.feed(name)
    offer_again(relay, database)
    assert relay.queue.job_ids == [queue_id(relay, run)]


def test_a_queue_that_forgot_everything_is_told_again(relay: Relay, database: Database, queue: Any, run: int) -> None:
    offer(relay, database)
    queue.flushall()
    offer_again(relay, database)
    assert relay.queue.job_ids == [queue_id(relay, run)]


@pytest.mark.parametrize("left_as", [JobStatus.STARTED, JobStatus.FAILED])
def test_the_job_of_a_lost_worker_is_replaced(
    relay: Relay, database: Database, queue: Any, run: int, left_as: JobStatus
) -> None:
    offer(relay, database)
    take_as_a_worker_does(relay).set_status(left_as)
    offer_again(relay, database)
    assert relay.queue.job_ids == [queue_id(relay, run)]


def test_the_job_of_a_lost_worker_is_replaced_though_its_execution_has_expired(
    relay: Relay, database: Database, queue: Any, run: int
) -> None:
    """RQ lists an execution for a minute longer than it keeps it, and cannot delete a job in that time."""
    offer(relay, database)
    job = take_as_a_worker_does(relay)
    with queue.pipeline() as pipeline:
        execution = Execution.create(job, ttl=60, pipeline=pipeline)
        pipeline.execute()
    queue.delete(execution.key)
    offer_again(relay, database)
    assert relay.queue.job_ids == [queue_id(relay, run)]
    assert queue.zrange(f"rq:wip:{relay.queue.name}", 0, -1) == []


def test_an_order_that_the_queue_does_not_take_stops_no_other(
    relay: Relay, database: Database, queue: Any, run: int
) -> None:
    order(database, "ann", 2)
    queue.set(f"rq:job:{queue_id(relay, run)}", "no job")  # on which every command of RQ's fails
    offer(relay, database)
    assert relay.queue.job_ids == [queue_id(relay, 2), queue_id(relay, 3)]
    queue.delete(f"rq:job:{queue_id(relay, run)}")
    offer_again(relay, database)
    assert queue_id(relay, run) in relay.queue.job_ids


@pytest.mark.parametrize("id", ["x", "", 10**30, "1 "])
def test_what_others_put_into_the_queue_is_no_job_of_ours(
    relay: Relay, database: Database, queue: Any, run: int, id: object
) -> None:
    queue.rpush(relay.queue.key, queue_id(relay, id))
    offer_again(relay, database)
    assert queue_id(relay, run) in relay.queue.job_ids


@pytest.fixture
def at_work(relay: Relay) -> Iterator[Relay]:
    """The relay, as its process runs it."""
    thread = threading.Thread(target=relay.run)
    thread.start()
    yield relay
    relay.stopped.set()
    with psycopg.connect(relay.settings.database_url) as connection:
        connection.execute(f"NOTIFY {leases.CHANNEL}")
    thread.join()


def test_a_step_that_fails_stops_no_other(database: Database, queue: Any, run: int, at_work: Relay) -> None:
    with database.connection() as connection:
        connection.execute("ALTER TABLE idempotency_keys RENAME TO away")
    try:
        eventually(lambda: at_work.queue.job_ids == [queue_id(at_work, run)], 60)
        assert relay_is_at_work(at_work.settings.redis_url, at_work.queue.name)
    finally:
        with database.connection() as connection:
            connection.execute("ALTER TABLE away RENAME TO idempotency_keys")


def test_a_relay_whose_connection_breaks_goes_on(database: Database, queue: Any, at_work: Relay) -> None:
    eventually(lambda: relay_is_at_work(at_work.settings.redis_url, at_work.queue.name), 60)
    with database.connection() as connection:
        assert connection.execute(ENDED).rowcount == 1
    queue.flushall()
    eventually(lambda: relay_is_at_work(at_work.settings.redis_url, at_work.queue.name), 60)


def test_a_relay_whose_server_becomes_a_replica_looks_for_another(
    database: Database, queue: Any, run: int, at_work: Relay, caplog: pytest.LogCaptureFixture
) -> None:
    """Here the same server, which takes writes again a while later."""
    eventually(lambda: at_work.queue.job_ids == [queue_id(at_work, run)], 60)
    with database.connection() as connection:
        (name,) = connection.execute("SELECT quote_ident(current_database())").fetchone() or ("",)
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
    try:
        with database.connection() as connection:
            connection.execute(ENDED)
        eventually(lambda: "read-only transaction; again in" in caplog.text, 60)
    finally:
        with database.connection() as connection:
            connection.execute("SET TRANSACTION READ WRITE")
            connection.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only".encode())
    queue.flushall()
    eventually(lambda: relay_is_at_work(at_work.settings.redis_url, at_work.queue.name), 60)


def test_while_the_queue_is_away_runs_stay_unqueued(relay: Relay, database: Database, run: int, tmp_path: Any) -> None:
    relay.queue = Queue(
        relay.queue.name, connection=redis.from_url(f"unix://{tmp_path}/nothing"), serializer=JSONSerializer
    )
    with database.connection() as connection, pytest.raises(redis.ConnectionError):
        relay.fill(connection)
    with database.connection() as connection:
        assert [waiting.id for waiting in leases.waiting_jobs(connection, runs.RUNS, 10)] == [run]


def test_runs_that_ended_or_run_are_not_offered(relay: Relay, database: Database, queue: Any, run: int) -> None:
    with database.connection() as connection:
        leases.claim_job(connection, runs.RUNS, run)
    offer(relay, database)
    assert relay.queue.job_ids == []


def test_the_queue_is_kept_short_and_topped_up(relay: Relay, database: Database, queue: Any) -> None:
    order(database, "ann", 3 * QUEUED_PER_WORKER)
    assert offer(relay, database)
    assert len(relay.queue) == QUEUED_PER_WORKER
    # while it is more than half full nothing is looked up
    take(relay, QUEUED_PER_WORKER // 2 - 1)
    assert offer(relay, database)
    assert len(relay.queue) == QUEUED_PER_WORKER // 2 + 1
    take(relay, 1)
    assert offer(relay, database)
    assert len(relay.queue) == QUEUED_PER_WORKER


def test_exports_and_downloads_are_taken_before_all_runs(relay: Relay, database: Database, queue: Any) -> None:
    """So an export waits for the run in progress, however many runs there are."""
    order(database, "ann", 3 * QUEUED_PER_WORKER)
    offer(relay, database)
    with database.session() as session:
        session.add(WeatherDownload(station="725460", years=[2014]))
        session.add(Export(user_id=1, kind="results", format="csv"))
    offer(relay, database)
    lanes = [Queue(name, connection=queue, serializer=JSONSerializer) for name in lanes_of(relay.queue.name)]
    taken = [Queue.dequeue_any(lanes, None, connection=queue, serializer=JSONSerializer) for _ in range(3)]
    assert [found[0].func_name if found else None for found in taken] == [
        "workers.export_jobs.build_export",
        "workers.weather_jobs.download_weather",
        "workers.jobs.execute_project_run",
    ]


@pytest.mark.parametrize("lane", [DOWNLOADS, EXPORTS, RUNS])
def test_a_lane_that_forgot_its_jobs_is_told_again(
    relay: Relay, database: Database, queue: Any, run: int, lane: JobTable[Any]
) -> None:
    with database.session() as session:
        session.add(WeatherDownload(station="725460", years=[2014]))
        session.add(Export(user_id=1, kind="results", format="csv"))
    offer(relay, database)
    queue.delete(relay.lane(lane).key, f"rq:job:{lane.queue_id(relay.queue.name, 1)}")
    with database.session() as session:
        for model in (WeatherDownload, Export):
            session.execute(update(model).values(enqueued=func.make_timestamptz(2020, 1, 1, 0, 0, 0)))
    offer_again(relay, database)
    for table in (DOWNLOADS, EXPORTS, RUNS):
        assert relay.lane(table).job_ids == [table.queue_id(relay.queue.name, 1)]


def test_more_workers_have_a_longer_queue(relay: Relay, database: Database, queue: Any) -> None:
    order(database, "ann", 3 * QUEUED_PER_WORKER)
    workers = [Worker([relay.queue], connection=queue, serializer=JSONSerializer) for _ in range(2)]
    for worker in workers:
        worker.register_birth()  # type: ignore[no-untyped-call]
    offer(relay, database)
    assert len(relay.queue) == 2 * QUEUED_PER_WORKER


def test_all_runs_are_taken_each_once_and_the_oldest_first(relay: Relay, database: Database, queue: Any) -> None:
    order(database, "ann", 20)
    taken: list[str] = []
    while offer(relay, database) or len(relay.queue):
        taken += relay.queue.job_ids
        take(relay, len(relay.queue))
    assert taken == [queue_id(relay, n) for n in range(1, 21)]


def test_owners_take_turns(relay: Relay, database: Database, queue: Any) -> None:
    for owner in ("ann", "bob", "cid"):
        order(database, owner, 100)
    offer(relay, database)
    order(database, "dee", 1)
    assert take(relay, QUEUED_PER_WORKER) == ["ann", "bob", "cid", "ann", "bob", "cid", "ann", "bob"]
    offer(relay, database)
    # whoever orders one run waits for what is in the queue, and no longer
    assert take(relay, QUEUED_PER_WORKER)[0] == "dee"


def test_of_many_owners_all_have_their_turn(relay: Relay, database: Database, queue: Any) -> None:
    """Also those whose runs are younger than others' many, and when there are more owners than room in the queue."""
    owners = [f"owner{letter}" for letter in "abcdefghijkl"]
    for owner in owners:
        order(database, owner, 20)
    taken = []
    for _ in range(3):
        offer(relay, database)
        taken += take(relay, QUEUED_PER_WORKER)
    assert sorted(taken) == sorted(owners * 2)


def test_a_pass_does_not_read_what_waits_behind(relay: Relay, database: Database, queue: Any) -> None:
    order(database, "ann", 2000)
    with database.connection() as connection:
        connection.execute("ANALYZE project_runs")  # those of the rows of another test say that there are none
        plan = connection.execute(
            "EXPLAIN (ANALYZE, FORMAT JSON) " + query("runs/waiting_runs"), {"limit": 8}
        ).fetchone()
    assert plan is not None
    scanned = [node for node in nodes(plan[0][0]["Plan"]) if node.get("Relation Name") == "project_runs"]
    assert [(node["Index Name"], node["Actual Rows"]) for node in scanned] == [("ix_project_runs_turn", 8)]


def nodes(plan: Any) -> Iterator[Any]:
    """All nodes of a plan."""
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


SUPERSEDED = """
    INSERT INTO series_sets (project_id, superseded) VALUES (1, now() - interval '2 days'), (1, NULL);
    INSERT INTO project_results (project_id, series_set_id, added) VALUES
        (1, 1, now() - interval '3 days'), (1, 2, now() - interval '2 days');
"""


@pytest.mark.parametrize(("days", "left"), [(None, 2), ("3", 2), ("1", 1)])
def test_series_are_kept_as_long_as_the_setting_says(
    relay: Relay, run: int, database: Database, caplog: pytest.LogCaptureFixture, days: str | None, left: int
) -> None:
    relay.settings = replace(relay.settings, keep_series_days=None if days is None else int(days))
    with database.connection() as connection, caplog.at_level("INFO"):
        connection.execute(SUPERSEDED)
        relay.drop_series(connection)
        assert connection.execute("SELECT FROM series_sets").rowcount == left
    assert ("1 results: their time series are deleted" in caplog.text) == (left == 1)
