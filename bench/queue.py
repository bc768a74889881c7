"""`script/bench queue`: what a run costs beside the meter: statements, a worker's CPU, and the relay's part."""

import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from bench.api import Line, show
from bench.meter import Bench, fill, wait
from eeds.config.data_dir import Urls, embedded_urls
from eeds.db.migrate import migrate
from eeds.jobs.processes import spawn, stop
from eeds.jobs.queue_name import queue_of
from eeds.server.demo.server import datastore
from eeds.server.embedded import Place, embedded_servers, remove
from eeds.server.up import free_port

EMPTY, COMPUTED = 100, 3
STATEMENTS, EMPTY_MS, RELAYED = 40, 60, 400
WORKERS, OWNERS, WAITING, ENDED = 100, 10, 20_000, 300_000
SECONDS = 300
PAUSE = 0.005  # of workers that find nothing
# Lines of Postgres' log that are statements of a worker or of the keeper of its lease.
PREFIX = "%a|"
LOGGED = ("eeds|LOG:  statement:", "eeds|LOG:  execute", "eeds lease|LOG:  statement:", "eeds lease|LOG:  execute")


def main() -> None:
    """Measure everything and print the table."""
    with tempfile.TemporaryDirectory() as place:
        lines = [*one_worker(Path(place)), *relayed(Path(place))]
    show(lines)


def one_worker(place: Path) -> Iterator[Line]:
    """What runs of one worker cost."""
    with (
        datastore(free_port(), place) as running,
        psycopg.connect(embedded_urls(running.log.parent).database, autocommit=True) as connection,
    ):
        bench = Bench(running, embedded_urls(running.log.parent), connection)
        wait(lambda: bench.workers() == 1, SECONDS, "the worker")
        (worker,) = (p for p in psutil.Process(running.process.pid).children() if "rq.cli" in p.cmdline())
        days, _ = fill(bench)
        log = Place.prepare(running.log.parent).log("postgres")
        yield from statements(connection, days, log)
        yield from empty(connection, worker)


def statements(connection: psycopg.Connection[Any], project: int, log: Path) -> Iterator[Line]:
    """The statements of a run that computes, with those that begin and end its transactions, and of one that has the
    result of the run before."""
    for what, settings in (("a run that computes", '{"reuse": false}'), ("a run again", "{}")):
        finish(connection, order(connection, project, settings))
        with logging_statements(connection):
            before = log.stat().st_size
            finish(connection, order(connection, project, settings, COMPUTED))
        with log.open(errors="replace") as text:
            text.seek(before)
            number = sum(line.startswith(LOGGED) for line in text) / COMPUTED
        yield Line(f"{what}, statements", number, "", f"<= {STATEMENTS}", number <= STATEMENTS)


@contextmanager
def logging_statements(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Postgres logs every statement of sessions that begin in the block."""
    for name, value in {"log_statement": "all", "log_line_prefix": PREFIX}.items():
        connection.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
    connection.execute("SELECT pg_reload_conf()")
    wait(lambda: connection.execute("SHOW log_statement").fetchone() == ("all",), SECONDS, "the setting")
    yield
    connection.execute("ALTER SYSTEM RESET ALL")
    connection.execute("SELECT pg_reload_conf()")


def empty(connection: psycopg.Connection[Any], worker: psutil.Process) -> Iterator[Line]:
    """The CPU of a worker and its jobs, of runs that end at once: their project has no periods."""
    statement = "INSERT INTO projects (project_id, project_owner_id) VALUES ('EMPTY', 1) RETURNING id"
    ((project,),) = connection.execute(statement).fetchall()
    finish(connection, order(connection, project), "FAILED")
    figures = []
    for _ in range(5):
        before = sum(worker.cpu_times()[:4])
        finish(connection, order(connection, project, number=EMPTY), "FAILED")
        figures.append((sum(worker.cpu_times()[:4]) - before) / EMPTY * 1000)
    spent = statistics.median(figures)
    yield Line("an empty run, CPU of its worker", spent, "ms", f"<= {EMPTY_MS}", spent <= EMPTY_MS)


def order(connection: psycopg.Connection[Any], project: int, settings: str = "{}", number: int = 1) -> list[int]:
    """The ids of new runs of a project, of which the relay is told."""
    ids = connection.execute(
        "INSERT INTO project_runs (project_id, meter_class, meter_settings)"
        " SELECT %s, 'EnergyEfficiencyMeter', %s::jsonb FROM generate_series(1, %s) RETURNING id",
        [project, settings, number],
    ).fetchall()
    connection.execute("NOTIFY project_runs")
    return [id for (id,) in ids]


def finish(connection: psycopg.Connection[Any], runs: list[int], status: str = "SUCCESS") -> None:
    """Wait until the runs have ended, all with this status."""
    counted = "SELECT count(*) FILTER (WHERE status = %s), count(*) FROM project_runs WHERE id = ANY(%s)"
    unfinished = "SELECT count(*) FROM project_runs WHERE id = ANY(%s) AND status IN ('PENDING', 'RUNNING')"
    wait(lambda: connection.execute(unfinished, [runs]).fetchone() == (0,), SECONDS, "the runs")
    assert connection.execute(counted, [status, runs]).fetchone() == (len(runs), len(runs))


def relayed(place: Path) -> Iterator[Line]:
    """How many runs the relay hands on to workers that have them done at once, where many have been made before."""
    data_dir = Path(tempfile.mkdtemp(dir=place))
    try:
        with embedded_servers(data_dir, postgres=True, valkey=True) as servers:
            yield from relayed_on(servers.urls, data_dir)
    finally:
        remove(data_dir)


def relayed_on(urls: Urls, data_dir: Path) -> Iterator[Line]:
    """The same, on servers of its own."""
    migrate(urls.database)
    env = {**os.environ, "DATABASE_URL": urls.database, "REDIS_URL": urls.redis, "EEDS_DATA_DIR": str(data_dir)}
    with (
        psycopg.connect(urls.database, autocommit=True) as connection,
        redis.from_url(urls.redis) as client,
        (data_dir / "relay.log").open("wb") as log,
    ):
        furnish(connection)
        queue = Queue(queue_of(connection), connection=client, serializer=JSONSerializer)
        for _ in range(WORKERS):
            Worker([queue], connection=client, serializer=JSONSerializer).register_birth()  # type: ignore[no-untyped-call]
        relay = spawn([sys.executable, "-m", "workers.relay"], when_orphaned=signal.SIGKILL, output=log, env=env)
        try:
            rate, spent = work_off(connection, queue, psutil.Process(relay.pid))
        finally:
            stop(relay, signal.SIGTERM, SECONDS)
    yield Line(f"runs relayed to {WORKERS} workers", rate, "/s", f">= {RELAYED}", rate >= RELAYED)
    yield Line("    CPU of the relay, a run", spent * 1000, "ms", "", True)


def furnish(connection: psycopg.Connection[Any]) -> None:
    """Owners with a project each, whose runs have ended or wait."""
    for statement in (
        "INSERT INTO users (name) SELECT 'owner ' || n FROM generate_series(1, %(owners)s) AS n",
        "INSERT INTO project_owners (user_id) SELECT id FROM users",
        "INSERT INTO projects (project_id, project_owner_id) SELECT 'project ' || id, id FROM project_owners",
        "INSERT INTO project_runs (project_id, meter_class, status, started, updated)"
        " SELECT 1 + n %% %(owners)s, 'EnergyEfficiencyMeter', 'SUCCESS', now(), now()"
        " FROM generate_series(1, %(ended)s) AS n",
        "INSERT INTO project_runs (project_id, meter_class) SELECT 1 + n %% %(owners)s, 'EnergyEfficiencyMeter'"
        " FROM generate_series(1, %(waiting)s) AS n",
    ):
        connection.execute(statement, {"owners": OWNERS, "ended": ENDED, "waiting": WAITING})
    connection.execute("VACUUM ANALYZE project_runs")


def work_off(connection: psycopg.Connection[Any], queue: Queue, relay: psutil.Process) -> tuple[float, float]:
    """Take runs from the queue as soon as they are there, as many workers do; runs a second, and CPU seconds a run."""
    wait(lambda: len(queue), SECONDS, "the relay")
    started, before, done = time.monotonic(), sum(relay.cpu_times()[:2]), 0
    while done < WAITING:
        assert time.monotonic() < started + SECONDS, f"{done} runs in {SECONDS} s"
        taken = queue.connection.lpop(queue.key, WORKERS) or []
        if taken:
            ids = [int(id.decode().rpartition("-")[2]) for id in taken]
            connection.execute("UPDATE project_runs SET status = 'SUCCESS' WHERE id = ANY(%s)", [ids])
            queue.connection.delete(*(f"rq:job:{id.decode()}" for id in taken))
            done += len(taken)
        else:
            time.sleep(PAUSE)
    seconds = time.monotonic() - started
    return done / seconds, (sum(relay.cpu_times()[:2]) - before) / done


if __name__ == "__main__":
    main()
