"""Exports as relay and workers handle them: one holds an export, a lost one is built again, the file is whole."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
import redis
from rq import Queue
from rq.serializers import JSONSerializer

from eeds.accounts.operations import create_user
from eeds.accounts.principal import Principal, principal_of
from eeds.config.settings import Settings
from eeds.db.engine import Database, PsycopgConnection, psycopg_connection
from eeds.db.tables import ConsumptionMetadata, Export, Project
from eeds.exports import lifecycle as exports
from eeds.exports.operations import request_export
from eeds.jobs import leases
from eeds.jobs.processes import spawn
from tests.readings import store_series
from tests.workers.family import eventually
from workers.claimed_job import failing
from workers.export_jobs import build_and_store
from workers.relay import Relay

ROOT = Path(__file__).parents[2]
JOB = "from workers.export_jobs import build_export; build_export({})"
RECORDS = 60_000  # more than a piece of the file
SECONDS = 60
LEFT_OVER = b"of an attempt before"


@pytest.fixture
def ann(database: Database) -> Principal:
    """A user, who has nothing yet."""
    with database.session() as session:
        return principal_of(session, create_user(session, "ann").id)


def order(database: Database, principal: Principal, kind: str = "records") -> int:
    with database.session() as session:
        return request_export(session, principal, kind, "csv", request_id="request-1")


def claimed(database: Database, id: int) -> exports.ClaimedExport:
    with database.connection() as connection:
        held = leases.claim_job(connection, exports.EXPORTS, id)
    assert held is not None
    return held


def row(database: Database, id: int) -> Export:
    with database.session() as session:
        return session.get_one(Export, id)


def content(database: Database, id: int) -> bytes:
    with database.session() as session:
        return b"".join(exports.content(session, id))


def lose(database: Database, held: exports.ClaimedExport) -> dict[int, str]:
    """What becomes of exports when the worker of this one is lost."""
    with database.connection() as connection:
        assert leases.expire_lease(connection, held)
        return leases.sweep_jobs(connection, exports.EXPORTS)


def test_a_late_worker_adds_nothing(database: Database, ann: Principal) -> None:
    id = order(database, ann)
    late = claimed(database, id)
    with database.connection() as connection:
        exports.begin(connection, late, 10)
        exports.add_chunk(connection, late, 0, LEFT_OVER, 5)
    assert (row(database, id).rows_done, row(database, id).rows_total) == (5, 10)
    assert lose(database, late) == {id: "PENDING"}
    held = claimed(database, id)
    refuse_all(database, late)
    with failing(database, held):
        build_and_store(database, held)
    ended = row(database, id)
    refuse_all(database, late)
    assert (ended.status, ended.bytes) == ("SUCCESS", len(content(database, id)))
    assert LEFT_OVER not in content(database, id)


def refuse_all(database: Database, late: exports.ClaimedExport) -> None:
    """Whatever a worker that is late tries is in vain."""
    steps: list[Callable[[PsycopgConnection], None]] = [
        lambda connection: exports.begin(connection, late, 10),
        lambda connection: exports.add_chunk(connection, late, 1, LEFT_OVER, 5),
        lambda connection: exports.succeed(connection, late, 5, len(LEFT_OVER)),
    ]
    for step in steps:
        with database.connection() as connection, pytest.raises(leases.LeaseLost):
            step(connection)


def test_an_export_that_kills_its_workers_fails(database: Database, ann: Principal) -> None:
    id = order(database, ann)
    ends = [lose(database, claimed(database, id)) for _ in range(leases.MAX_LOST)]
    assert ends == [{id: "PENDING"}, {id: "PENDING"}, {id: "FAILED"}]
    assert row(database, id).message == "worker lost 3 times"
    with database.connection() as connection:
        assert leases.claim_job(connection, exports.EXPORTS, id) is None
        assert leases.waiting_jobs(connection, exports.EXPORTS) == []


def test_an_export_of_a_user_that_is_gone(database: Database, ann: Principal) -> None:
    id = order(database, ann)
    held = claimed(database, id)
    with database.connection() as connection:
        connection.execute("DELETE FROM users WHERE id = %s", [ann.user_id])
    with pytest.raises(leases.LeaseLost), failing(database, held):
        build_and_store(database, held)


# The relay ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def relay(database_url: str, redis_url: str, queue_name: str, tmp_path: Path) -> Iterator[Relay]:
    settings = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "EEDS_DATA_DIR": str(tmp_path)}
    relay = Relay(Settings.from_env(settings))
    relay.feed(queue_name)
    yield relay
    relay.redis.close()


def queue_id(relay: Relay, export: int) -> str:
    """The id of an export in the queue."""
    return f"{relay.queue.name}-export-{export}"


def fill(relay: Relay, database: Database) -> list[str]:
    """The jobs in the queue after a pass."""
    with database.connection() as connection:
        relay.fill(connection)
    return relay.lane(exports.EXPORTS).job_ids


def test_users_have_one_export_each_on_its_way(relay: Relay, database: Database, queue: Any, ann: Principal) -> None:
    with database.session() as session:
        bob = principal_of(session, create_user(session, "bob").id)
    first, second = (order(database, ann, "diagnostics") for _ in range(2))
    other = order(database, bob)
    assert fill(relay, database) == fill(relay, database) == [queue_id(relay, first), queue_id(relay, other)]
    job = relay.lane(exports.EXPORTS).fetch_job(queue_id(relay, first))
    assert job is not None
    assert (job.func_name, job.args, job.meta) == (exports.EXPORTS.function, [first], {"request_id": "request-1"})
    held = claimed(database, first)
    assert queue_id(relay, second) not in fill(relay, database)
    with failing(database, held):
        build_and_store(database, held)
    assert queue_id(relay, second) in fill(relay, database)


def test_a_queue_that_forgot_an_export_is_told_again(
    relay: Relay, database: Database, queue: Any, ann: Principal
) -> None:
    id = order(database, ann)
    fill(relay, database)
    with database.connection() as connection:
        connection.execute("UPDATE exports SET enqueued = '2020-01-01'")
        relay.offer_unqueued(connection)
    assert fill(relay, database) == [queue_id(relay, id)]
    queue.flushall()
    with database.connection() as connection:
        connection.execute("UPDATE exports SET enqueued = '2020-01-01'")
        relay.offer_unqueued(connection)
    assert fill(relay, database) == [queue_id(relay, id)]


def test_while_the_queue_is_away_exports_wait(relay: Relay, database: Database, ann: Principal, tmp_path: Path) -> None:
    id = order(database, ann)
    nowhere = redis.from_url(f"unix://{tmp_path}/nothing")
    relay.queue = Queue(relay.queue.name, connection=nowhere, serializer=JSONSerializer)
    with database.connection() as connection, pytest.raises(redis.ConnectionError):
        relay.fill(connection)
    with database.connection() as connection:
        assert leases.waiting_jobs(connection, exports.EXPORTS) == [leases.PendingJob(id, "request-1")]


# The job -----------------------------------------------------------------------------------------------------------


def start(id: int, database_url: str, data_dir: Path) -> "subprocess.Popen[bytes]":
    """A process that builds the export."""
    env = {**os.environ, "DATABASE_URL": database_url, "EEDS_DATA_DIR": str(data_dir)}
    command = [sys.executable, "-c", JOB.format(id)]
    return spawn(command, when_orphaned=signal.SIGKILL, output=subprocess.DEVNULL, env=env, cwd=ROOT)


@pytest.fixture
def records(database: Database, ann: Principal) -> None:
    """A trace of hers with RECORDS records."""
    with database.session() as session:
        session.add(Project(project_id="ANN", project_owner_id=ann.owner_id))
        session.flush()
        session.add(ConsumptionMetadata(project_id=1, interpretation="E_C_S", unit="KWH"))
        session.flush()
        values = [n / 7 for n in range(RECORDS)]
        store_series(psycopg_connection(session), 1, "2014-01-01", np.timedelta64(1, "m"), values)


def test_the_file_of_a_job_that_was_killed_is_built_again(
    database: Database, database_url: str, tmp_path: Path, ann: Principal, records: None
) -> None:
    """Killed when it has stored the first piece of two; what is left of it must not be in the file."""
    id = order(database, ann)
    job = start(id, database_url, tmp_path)
    with psycopg.connect(database_url) as locking:
        # lets one piece pass: the second waits for the lock of its key
        locking.execute("INSERT INTO export_chunks (export_id, position, content) VALUES (%s, 1, '')", [id])
        eventually(lambda: row(database, id).rows_done, SECONDS)
        job.kill()
        job.wait(SECONDS)
        locking.rollback()
    assert row(database, id).status == "RUNNING"
    assert 0 < len(content(database, id)) == exports.CHUNK_BYTES

    def swept() -> dict[int, str]:
        with database.connection() as connection:
            return leases.sweep_jobs(connection, exports.EXPORTS)

    assert eventually(swept, leases.LEASE_SECONDS / 2) == {id: "PENDING"}
    assert start(id, database_url, tmp_path).wait(SECONDS) == 0
    ended, lines = row(database, id), content(database, id).decode().splitlines()
    assert (ended.status, ended.attempts, ended.rows_done, ended.rows_total) == ("SUCCESS", 2, RECORDS, RECORDS)
    assert ended.bytes == len(content(database, id)) > exports.CHUNK_BYTES
    assert [float(line.split(",")[5]) for line in lines[1:]] == [n / 7 for n in range(RECORDS)]
    assert lines[1] == "ANN,,E_C_S,KWH,2014-01-01T00:00:00Z,0.0,false"


def test_an_export_that_is_deleted_while_it_is_built(
    database: Database, database_url: str, tmp_path: Path, ann: Principal, records: None
) -> None:
    id = order(database, ann)
    with psycopg.connect(database_url) as locking:
        locking.execute("LOCK TABLE consumption_metadatas IN ACCESS EXCLUSIVE MODE")
        job = start(id, database_url, tmp_path)
        eventually(lambda: row(database, id).status == "RUNNING", SECONDS)
        with database.session() as session:
            session.delete(session.get_one(Export, id))
        assert job.wait(SECONDS) == -signal.SIGKILL
    with database.connection() as connection:
        assert connection.execute("SELECT count(*) FROM export_chunks").fetchone() == (0,)
