"""The relay tells the queue of every run that waits, whatever the queue has forgotten."""

from typing import Any

import pytest
import redis
from rq import Queue
from rq.job import JobStatus
from rq.serializers import JSONSerializer
from sqlalchemy import null, update

from eeds import runs
from eeds.auth import create_user
from eeds.config import Settings
from eeds.db import Database
from eeds.tables import Project, ProjectRun
from workers.relay import Relay

Redis = "redis.Redis[bytes]"


@pytest.fixture
def relay(database_url: str, redis_url: str, tmp_path: Any) -> Any:
    relay = Relay(
        Settings.from_env({"DATABASE_URL": database_url, "REDIS_URL": redis_url, "EEDS_DATA_DIR": str(tmp_path)})
    )
    yield relay
    relay.redis.close()


@pytest.fixture
def run(database: Database) -> int:
    with database.session() as session:
        create_user(session, "owner")
        session.add(Project(project_id="ABC", project_owner_id=1))
        session.flush()
        return runs.create(session, 1, runs.METER_CLASS, None, "request-1")


def offer(relay: Relay, database: Database) -> None:
    with database.connection() as connection:
        relay.offer_all(connection)


def offer_again(relay: Relay, database: Database) -> None:
    """A pass after the time has come to tell the queue again."""
    with database.session() as session:
        session.execute(update(ProjectRun).values(enqueued=null()))
    offer(relay, database)


def test_a_run_is_queued_once_with_nothing_but_its_id(relay: Relay, database: Database, queue: Any, run: int) -> None:
    offer(relay, database)
    offer(relay, database)
    offer_again(relay, database)
    assert relay.queue.job_ids == [f"project_run-{run}"]
    job = relay.queue.fetch_job(f"project_run-{run}")
    assert job is not None
    assert (job.func_name, job.args, job.kwargs) == ("workers.jobs.execute_project_run", [run], {})
    assert job.meta == {"request_id": "request-1"}


def test_a_queue_that_forgot_everything_is_told_again(relay: Relay, database: Database, queue: Any, run: int) -> None:
    offer(relay, database)
    queue.flushall()
    offer_again(relay, database)
    assert relay.queue.job_ids == [f"project_run-{run}"]


@pytest.mark.parametrize("left_as", [JobStatus.STARTED, JobStatus.FAILED])
def test_the_job_of_a_lost_worker_is_replaced(
    relay: Relay, database: Database, queue: Any, run: int, left_as: JobStatus
) -> None:
    offer(relay, database)
    Queue(runs.QUEUE, connection=queue, serializer=JSONSerializer).dequeue_any(
        [relay.queue], None, connection=queue, serializer=JSONSerializer
    )
    job = relay.queue.fetch_job(f"project_run-{run}")
    assert job is not None
    job.set_status(left_as)
    offer_again(relay, database)
    assert relay.queue.job_ids == [f"project_run-{run}"]


def test_while_the_queue_is_away_runs_stay_unqueued(relay: Relay, database: Database, run: int, tmp_path: Any) -> None:
    relay.queue = Queue(runs.QUEUE, connection=redis.from_url(f"unix://{tmp_path}/nothing"), serializer=JSONSerializer)
    with database.connection() as connection, pytest.raises(redis.ConnectionError):
        relay.offer_all(connection)
    with database.connection() as connection:
        assert [waiting.id for waiting in runs.waiting(connection, 10)] == [run]


def test_runs_that_ended_or_run_are_not_offered(relay: Relay, database: Database, queue: Any, run: int) -> None:
    with database.connection() as connection:
        runs.claim(connection, run)
    offer(relay, database)
    assert relay.queue.job_ids == []
