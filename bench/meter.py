"""`script/bench meter`: what a run costs, also against the library, a fresh worker, two workers, a run again."""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import psycopg
import redis
import requests
from numpy.typing import NDArray
from rq import Worker
from rq.worker import WorkerStatus

from bench.api import HEADERS, Line, post, show
from bench.engines import ratios
from eeds.config.data_dir import Urls, embedded_urls
from eeds.records.trace_arrays import load_traces
from eeds.server.demo import project as demo
from eeds.server.demo.building import daily
from eeds.server.demo.server import Datastore, datastore
from eeds.server.up import free_port, services

ROOT = Path(__file__).parents[1]
ROUNDS, AT_ONCE, LOADS = 5, 20, 9
POLL_SECONDS, RUN_SECONDS, WARM_SECONDS = 0.02, 600, 300
START, RUN, FIRST_RUN, TWO_WORKERS, LOAD_MS, AGAIN_MS, MANY, MANY_SECONDS = 3, 0.5, 1.3, 1.8, 150, 100, 1000, 240
LISTENING = (WorkerStatus.IDLE, WorkerStatus.BUSY)
PERIODS = {"baseline_period_end": "2013-06-01T00:00:00Z", "reporting_period_start": "2013-07-01T00:00:00Z"}
QUARTERS = np.arange("2011-01-01", "2015-01-01", dtype="datetime64[m]")[::15]
DAYS = np.arange("2011-01-01", "2015-01-02", dtype="datetime64[D]")
WHATS = (f"{DAYS.size:,} days", f"{QUARTERS.size:,} readings")


@dataclass(frozen=True)
class Bench:
    """A datastore with one worker."""

    running: Datastore
    urls: Urls
    connection: psycopg.Connection[Any]

    @property
    def api(self) -> str:
        """The URL that all others begin with."""
        return f"{self.running.url}/api/v1/"

    def order(self, project: int, settings: dict[str, Any]) -> int:
        """The id of a new run."""
        body = {"project": project, "meter_settings": settings}
        made = requests.post(f"{self.api}project_runs/", json=body, headers=HEADERS, timeout=60)
        made.raise_for_status()
        return int(made.json()["id"])

    def finish(self, runs: Sequence[int]) -> list[tuple[float, float, float]]:
        """When each run was ordered, claimed and ended, in seconds; all must be a SUCCESS."""
        wait(lambda: not self.unfinished(runs), RUN_SECONDS, "the runs")
        rows = self.connection.execute(
            "SELECT status, traceback, added, started, updated FROM project_runs WHERE id = ANY(%s) ORDER BY id", [runs]
        ).fetchall()
        for status, traceback, *_ in rows:
            assert status == "SUCCESS", traceback
        return [tuple(moment.timestamp() for moment in times) for _, _, *times in rows]

    def unfinished(self, runs: Sequence[int]) -> int:
        """How many have not ended."""
        count = "SELECT count(*) FROM project_runs WHERE id = ANY(%s) AND status IN ('PENDING', 'RUNNING')"
        return int(self.connection.execute(count, [runs]).fetchall()[0][0])

    def run(self, project: int, **settings: Any) -> tuple[float, float, float]:
        """One run from its order to its end."""
        return self.finish([self.order(project, settings)])[0]

    def workers(self) -> int:
        """How many are ready for jobs."""
        with redis.from_url(self.urls.redis) as queue:
            return sum(worker.get_state() in LISTENING for worker in Worker.all(connection=queue))


def main() -> None:
    """Measure everything and print the table."""
    os.environ["EEDS_RATE_LIMIT"] = "1000000"
    with (
        tempfile.TemporaryDirectory() as place,
        datastore(free_port(), Path(place)) as running,
        psycopg.connect(embedded_urls(running.log.parent).database, autocommit=True) as connection,
    ):
        bench = Bench(running, embedded_urls(running.log.parent), connection)
        wait(lambda: bench.workers() == 1, WARM_SECONDS, "the worker")
        days, quarters = fill(bench)
        connection.execute("VACUUM ANALYZE consumption_blocks")
        lines = [
            *start(bench),
            *fresh_worker(bench, days),
            *whole_runs(bench, days, quarters),
            *loading(bench, quarters),
            *again(bench, days, quarters),
            *two_workers(bench, days),
            *many(bench),
        ]
    lines += ratios()
    show(lines)


def wait(done: Callable[[], bool], seconds: float, what: str) -> None:
    """Poll until it is done."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(POLL_SECONDS)


def fill(bench: Bench) -> tuple[int, int]:
    """Two projects in the same weather, one with four years of daily readings and one of quarters of an hour."""
    hours, temperatures = demo.weather()
    records = [
        {"station": demo.STATION, "start": f"{hour}:00:00Z", "temp_f": temperature}
        for hour, temperature in zip(hours, temperatures.tolist(), strict=True)
    ]
    post(bench.api, "weather_records/sync2/", records)
    use = readings()
    return store(bench, "DAYS", DAYS, use), store(bench, "QUARTERS", QUARTERS, np.repeat(use[:-1] / 96, 96))


def readings() -> NDArray[np.float64]:
    """The use of each of DAYS; the last one only marks the end."""
    return np.append(demo.BUILDING.use(*daily(*demo.weather()), seed=12), np.nan)


def store(bench: Bench, name: str, starts: NDArray[np.datetime64], values: NDArray[np.float64]) -> int:
    """A project of one trace; its id."""
    project = {"project_id": name, "project_owner": 1, "zipcode": demo.PROJECT["zipcode"], **PERIODS}
    id = create(bench, "projects/", project)
    trace = create(bench, "consumption_metadatas/", {"project": id, "interpretation": "E_C_S", "unit": "KWH"})
    texts = np.datetime_as_string(starts, unit="s").tolist()
    numbers = [None if np.isnan(value) else value for value in values.tolist()]
    records = [
        {"metadata_id": trace, "start": f"{start}Z", "value": value}
        for start, value in zip(texts, numbers, strict=True)
    ]
    post(bench.api, "consumption_records/sync2/", records)
    return id


def create(bench: Bench, path: str, body: dict[str, Any]) -> int:
    """The id of a new object."""
    made = requests.post(bench.api + path, json=body, headers=HEADERS, timeout=60)
    made.raise_for_status()
    return int(made.json()["id"])


def start(bench: Bench) -> Iterator[Line]:
    """A worker from the start of its process until it is ready for jobs, with what it compiles kept by another one."""
    with second_worker(bench) as worker:
        spent = psutil.Process(worker.pid).cpu_times()
    seconds = spent.user + spent.system
    yield Line("a worker from its start until it is ready, CPU", seconds, "s", f"< {START}", seconds < START)


def fresh_worker(bench: Bench, project: int) -> Iterator[Line]:
    """The first two runs of a worker that has just become ready, from claim to end."""
    first, second = (ended - claimed for _, claimed, ended in (bench.run(project, reuse=False) for _ in range(2)))
    ratio = first / second
    yield Line("first run of a fresh worker", first, "s", "", True)
    yield Line("    of the second run", ratio, "x", f"<= {FIRST_RUN}", ratio <= FIRST_RUN)


def whole_runs(bench: Bench, *projects: int) -> Iterator[Line]:
    """Runs that compute, from claim to end."""
    for project, what in zip(projects, WHATS, strict=True):
        times = [ended - claimed for _, claimed, ended in (bench.run(project, reuse=False) for _ in range(ROUNDS))]
        median = statistics.median(times)
        yield Line(f"a run of {what}", median, "s", f"<= {RUN}", median <= RUN)


def loading(bench: Bench, project: int) -> Iterator[Line]:
    """Four years of quarters of an hour as the worker loads them."""
    times = []
    for _ in range(LOADS):
        started = time.perf_counter()
        (trace,) = load_traces(bench.connection, project)
        times.append((time.perf_counter() - started) * 1000)
        assert trace.start.size == QUARTERS.size
    median = statistics.median(times)
    yield Line(f"{QUARTERS.size:,} readings loaded", median, "ms", f"<= {LOAD_MS}", median <= LOAD_MS)


def again(bench: Bench, *projects: int) -> Iterator[Line]:
    """Runs whose input is unchanged, from claim to end."""
    for project, what in zip(projects, WHATS, strict=True):
        bench.run(project)
        times = [(ended - claimed) * 1000 for _, claimed, ended in (bench.run(project) for _ in range(LOADS))]
        median = statistics.median(times)
        yield Line(f"a run again, {what}", median, "ms", f"< {AGAIN_MS}", median < AGAIN_MS)


def two_workers(bench: Bench, project: int) -> Iterator[Line]:
    """Runs a minute of one worker, and of two."""
    one = rate(bench, project)
    with second_worker(bench):
        two = rate(bench, project)
    yield Line("one worker", one, "/min", "", True)
    ratio = two / one
    yield Line("    two workers", ratio, "x", f">= {TWO_WORKERS}", ratio >= TWO_WORKERS)


def rate(bench: Bench, project: int) -> float:
    """Runs a minute while there are more than workers."""
    times = bench.finish([bench.order(project, {"reuse": False}) for _ in range(AT_ONCE)])
    return 60 * AT_ONCE / (max(ended for *_, ended in times) - min(claimed for _, claimed, _ in times))


def many(bench: Bench) -> Iterator[Line]:
    """Projects of days by two workers, from the first order to the last end."""
    use = readings()
    with second_worker(bench):
        projects = [store(bench, f"MANY {number}", DAYS, use * (1 + number / MANY)) for number in range(MANY)]
        started = time.monotonic()
        bench.finish([bench.order(project, {}) for project in projects])
    took = time.monotonic() - started
    yield Line(f"{MANY:,} projects of days, two workers", took, "s", f"<= {MANY_SECONDS}", took <= MANY_SECONDS)


@contextmanager
def second_worker(bench: Bench) -> Iterator[subprocess.Popen[bytes]]:
    """Another worker beside the datastore's own."""
    *_, service = services(port=0, workers=1)
    urls = {"DATABASE_URL": bench.urls.database, "REDIS_URL": bench.urls.redis}
    env = {**os.environ, **urls, "EEDS_DATA_DIR": str(bench.running.log.parent)}
    with (bench.running.log.parent / "second_worker.log").open("wb") as log:
        worker = subprocess.Popen(service.command, cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        wait(lambda: bench.workers() == 2, WARM_SECONDS, "the second worker")
        yield worker
    finally:
        worker.terminate()
        worker.wait(60)


if __name__ == "__main__":
    main()
