"""A datastore of real processes, each of which a test may stop, kill and start again."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import psycopg
import requests

from eeds.accounts.operations import create_user
from eeds.accounts.tokens import store_token
from eeds.client import Client
from eeds.config.data_dir import embedded_urls
from eeds.db.engine import Database, psycopg_connection
from eeds.db.migrate import migrate
from eeds.db.tables import ConsumptionMetadata, Project
from eeds.formats.id_ranges import format_id_ranges
from eeds.jobs.processes import await_end, spawn
from eeds.jobs.queue_name import queue_of
from eeds.server.embedded import Place, remove, run_postgres, run_valkey
from eeds.server.up import STOP_SECONDS, free_port, services
from eeds.weather.store import store
from tests.readings import store_series
from tests.workers.pooler import pooler

ROOT = Path(__file__).parents[2]
SECRET = "a secret key for the tests, long enough"
TOKEN = "token-of-admin"
READY_SECONDS = 240
RUN_SECONDS = 240
WORKERS = ("worker.1", "worker.2")

ROOF = "roof"
FIRST = np.datetime64("2013-01-01T00", "s")
DAYS, HOURS = 500, 24 * 730
# A month before and a month after: enough to be fitted, and no more than that.
PERIODS = {
    "baseline_period_end": datetime(2014, 1, 1, tzinfo=UTC),
    "reporting_period_start": datetime(2014, 2, 1, tzinfo=UTC),
    "reporting_period_end": datetime(2014, 3, 5, tzinfo=UTC),
}
SETTINGS = {"weather_station": ROOF, "ignore_disqualification": True, "baseline_days": 30}


def eventually(condition: Callable[[], Any], seconds: float, why: Callable[[], object] = str) -> Any:
    """Poll until the condition is something."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited in vain\n{why()}"
        time.sleep(0.1)
    return found


def temperatures(n: int) -> Any:
    """Degrees Fahrenheit of so many hours."""
    return 50 - 30 * np.cos(np.arange(n) * 2 * np.pi / 8766)


def readings(seed: int) -> list[float]:
    """Daily readings of a house that is heated."""
    cold = np.maximum(60 - temperatures(DAYS * 24)[::24], 0)
    values: list[float] = (20 + 0.5 * cold + np.random.default_rng(seed).normal(0, 2, DAYS)).tolist()
    return values


@dataclass
class Family:
    """Postgres, Valkey, web, relay and two workers."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    members: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.place = Place.prepare(self.data_dir)
        self.urls = embedded_urls(self.data_dir)
        self.servers = {"postgres": ExitStack(), "valkey": ExitStack()}
        self.services = {service.name: service for service in services(self.port, len(WORKERS))}
        self.log = self.data_dir / "family.log"
        self.env = {
            **os.environ,
            "DATABASE_URL": self.urls.database,
            "REDIS_URL": self.urls.redis,
            "SECRET_KEY": SECRET,
            "EEDS_DATA_DIR": str(self.data_dir),
            "EEDS_RATE_LIMIT": "1000000",
        }
        self.database = Database(self.urls.database)
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = Client(self.url, TOKEN)

    def start_server(self, name: str) -> None:
        """Start Postgres or Valkey; Postgres as it was left."""
        starts = {"postgres": (run_postgres, self.urls.database), "valkey": (run_valkey, self.urls.redis)}
        run, url = starts[name]
        self.servers[name].enter_context(run(self.place, url))

    def stop_server(self, name: str) -> None:
        """Stop Postgres or Valkey."""
        self.servers[name].close()

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start one of the other processes."""
        service = self.services[name]
        with self.log.open("ab") as log:
            process = spawn(service.command, when_orphaned=service.when_orphaned, output=log, env=self.env, cwd=ROOT)
        self.members[name] = process
        return process

    def supervise(self) -> None:
        """Start again what has ended, as a supervisor does."""
        for name in self.services:
            if name not in self.members or self.members[name].poll() is not None:
                self.start(name)

    def await_ready(self) -> None:
        """Wait until every part does its work, whatever a test has done to it: a worker whose job ended while the queue
        was away ends too, a moment later."""

        def ready() -> bool:
            self.supervise()
            return all(map(self.is_listening, WORKERS)) and self.get("/health/ready").ok

        eventually(ready, READY_SECONDS, self.tail)

    def is_listening(self, worker: str) -> bool:
        """Whether the worker has warmed up and listens to the queue."""
        return f"started with PID {self.members[worker].pid}," in self.log.read_text(errors="replace")

    def get(self, path: str) -> requests.Response:
        """The web's answer; one of status 599 for none."""
        try:
            return requests.get(self.url + path, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60)
        except requests.RequestException:
            nothing = requests.Response()
            nothing.status_code = 599
            return nothing

    def tail(self) -> str:
        """The end of what the processes said."""
        return "\n".join(line[:500] for line in self.log.read_text(errors="replace").splitlines()[-60:])

    def queue_key(self) -> str:
        """Where Redis has the queue."""
        with psycopg.connect(self.urls.database) as connection:
            return f"rq:queue:{queue_of(connection)}"

    def project(self, values: Sequence[float | None]) -> int:
        """A project with a trace of these daily readings; its id."""
        with self.database.session() as session:
            project = Project(project_id=os.urandom(8).hex(), project_owner_id=1, **PERIODS)
            session.add(project)
            session.flush()
            trace = ConsumptionMetadata(project_id=project.id, interpretation="E_C_S", unit="KWH")
            session.add(trace)
            session.flush()
            store_series(psycopg_connection(session), trace.id, str(FIRST), np.timedelta64(1, "D"), values)
            return project.id

    def order(self, *projects: int, **settings: Any) -> list[int]:
        """A run for each of the projects, in this order; the ids of the runs."""
        body = {"meter_settings": {**SETTINGS, **settings}}
        return [self.client.post("project_runs/", {"project": project, **body})["id"] for project in projects]

    def rows(self, ids: Sequence[int], *columns: str) -> list[Any]:
        """Columns of runs, by id, as the database has them."""
        with psycopg.connect(self.urls.database) as connection:
            statement = f"SELECT {', '.join(columns)} FROM project_runs WHERE id = ANY(%s) ORDER BY id"
            return connection.execute(statement.encode(), [list(ids)]).fetchall()

    def statuses(self, ids: Sequence[int]) -> list[str]:
        """The statuses of runs, by id."""
        return [status for (status,) in self.rows(ids, "status")]

    def await_status(self, ids: Sequence[int], *wanted: str, seconds: float = RUN_SECONDS) -> list[str]:
        """Wait until every run is in one of the states; what they are then."""

        def state() -> list[str] | None:
            self.supervise()
            found = self.statuses(ids)
            return found if set(found) <= set(wanted) else None

        found: list[str] = eventually(state, seconds, lambda: f"{self.statuses(ids)}\n{self.tail()}")
        return found

    def progress(self, ids: Sequence[int]) -> Any:
        """How far the runs are, as the API says it."""
        return self.client.get("project_runs/progress/", runs=format_id_ranges(sorted(ids)))

    def results_of(self, ids: Sequence[int]) -> dict[int, int]:
        """How many results each of the runs has; those that have one."""
        counted = "SELECT project_run_id, count(*) FROM project_results WHERE project_run_id = ANY(%s) GROUP BY 1"
        with psycopg.connect(self.urls.database) as connection:
            return dict(connection.execute(counted, [list(ids)]).fetchall())

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Let whoever reads the table wait for the end of the block; `weather_years`: every run, when it has begun."""
        with closing(psycopg.connect(self.urls.database)) as connection:
            connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
            yield

    def waiting_for_lock(self) -> int:
        """How many statements wait for a lock."""
        with psycopg.connect(self.urls.database) as connection:
            found = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            ).fetchone()
        return int(found[0]) if found else 0

    def processes_of(self, worker: str) -> list[psutil.Process]:
        """A worker, the keeper of its leases, as long as it lives, and its job, if it has one."""
        process = psutil.Process(self.members[worker].pid)
        return [process, *(child for child in process.children(recursive=True) if is_running(child))]

    def has_job(self, worker: str) -> bool:
        """Whether the worker has a job, which RQ starts in a process group of its own."""
        own = os.getpgid(self.members[worker].pid)
        with suppress(ProcessLookupError):
            return any(os.getpgid(process.pid) != own for process in self.processes_of(worker))
        return False


def is_running(process: psutil.Process) -> bool:
    """Whether the process is there, and has not died unnoticed by its parent."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


@contextmanager
def family(data_dir: Path, *, pooled: int = 0, **env: str) -> Iterator[Family]:
    """All of it, with a user, a token and a weather station; nothing is left of it afterwards. With `pooled` it has a
    pooler of so many connections before Postgres."""
    ours = Family(data_dir)
    ours.env |= env
    try:
        for name in ours.servers:
            ours.start_server(name)
        if pooled:
            url = ours.servers["postgres"].enter_context(pooler(ours.place, pooled))
            ours.env |= {"DATABASE_URL": url, "DATABASE_DIRECT_URL": ours.urls.database}
        migrate(ours.urls.database)
        furnish(ours.database)
        ours.await_ready()
        yield ours
    finally:
        end(ours)


def furnish(database: Database) -> None:
    """An admin with a token, and two years of weather."""
    with database.session() as session:
        store_token(session, SECRET, create_user(session, "admin", is_admin=True), TOKEN, ("read", "write"), None)
    with database.connection() as connection:
        hours = FIRST + np.arange(HOURS) * np.timedelta64(3600, "s")
        store(connection, [ROOF] * HOURS, hours, temperatures(HOURS))


def end(ours: Family) -> None:
    """Stop what runs."""
    for process in ours.members.values():
        process.send_signal(signal.SIGTERM)
    for process in ours.members.values():
        await_end(process, STOP_SECONDS)
    ours.database.engine.dispose()
    for name in ours.servers:
        ours.stop_server(name)
    remove(ours.data_dir)
