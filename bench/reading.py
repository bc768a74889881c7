"""`script/bench reading`: how fast readings come out, one client and one web process, beside a COPY of them as rows.

Machines differ, and so does one machine from hour to hour: compare the ratios. The targets were set where COPY ran at
3.3 M rows a second.
"""

import http.client
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import psycopg
import requests

from bench.api import HEADERS, Line, post, project, show
from bench.row_table import make_row_table
from eeds.config.data_dir import embedded_urls
from eeds.records.trace_arrays import load_traces
from eeds.server.demo.server import Datastore, datastore
from eeds.server.up import free_port

Timed = tuple[float, float]  # seconds to the end, and to the first byte
Times = list[Timed]

REPEATS = 15
YEAR, FOUR_YEARS = 35_040, 140_160  # quarters of an hour
FIRST = datetime(2015, 1, 1, tzinfo=UTC)
ROWS = """INSERT INTO reading_rows (metadata_id, start, value, estimated)
          SELECT metadata_id, start, value, estimated FROM consumption_records WHERE metadata_id = {}"""
COPY = """COPY (SELECT metadata_id, start, value, estimated FROM reading_rows
                WHERE metadata_id = {} ORDER BY metadata_id, start) TO STDOUT (FORMAT CSV)"""
COPY_TARGET = 3_300_000
JSON_TARGET = 1_000_000 / COPY_TARGET
LOAD_TARGETS = {YEAR: 0.006 / (YEAR / COPY_TARGET), FOUR_YEARS: 0.020 / (FOUR_YEARS / COPY_TARGET)}
FIRST_BYTE_MS, GROWTH_MB = 50, 8
FORMATS = ("json", "csv", "arrow", "parquet")


def main() -> None:
    """Measure everything and print the table."""
    os.environ |= {"WEB_CONCURRENCY": "1", "EEDS_RATE_LIMIT": "1000000"}
    with (
        tempfile.TemporaryDirectory() as place,
        datastore(free_port(), Path(place)) as running,
        psycopg.connect(embedded_urls(running.log.parent).database, autocommit=True) as connection,
    ):
        api = f"{running.url}/api/v1/"
        one, four = fill(api, "ONE", YEAR), fill(api, "FOUR", FOUR_YEARS)
        make_row_table(embedded_urls(running.log.parent).database)
        for trace in (one, four):
            connection.execute(ROWS.format(trace["id"]).encode())
        connection.execute("VACUUM ANALYZE consumption_blocks, reading_rows")
        lines = [
            *reads(running, connection, one, YEAR),
            *reads(running, connection, four, FOUR_YEARS),
            *loads(connection, one, YEAR),
            *loads(connection, four, FOUR_YEARS),
        ]
    show(lines)


def fill(api: str, name: str, n: int) -> dict[str, Any]:
    """A project's only trace, as `sync/` shows it, with n records; one value in fifty is missing."""
    post(api, "projects/sync/", [project(name)])
    trace = {"project_project_id": name, "interpretation": "E_C_S", "unit": "KWH", "label": "main"}
    made = requests.post(f"{api}consumption_metadatas/sync/", json=[trace], headers=HEADERS, timeout=60).json()[0]
    for first in range(0, n, YEAR):
        post(api, "consumption_records/sync2/", [record(made["id"], i) for i in range(first, first + YEAR)])
    return dict(made)


def record(trace: int, n: int) -> dict[str, Any]:
    """The nth record of a trace."""
    start = (FIRST + timedelta(minutes=15 * n)).isoformat()
    return {
        "metadata_id": trace,
        "start": start,
        "value": None if n % 50 == 0 else n % 997 / 8,
        "estimated": n % 9 == 0,
    }


def reads(running: Datastore, connection: psycopg.Connection[Any], trace: dict[str, Any], n: int) -> Iterator[Line]:
    """The records of a trace in every format, and nested in it."""
    paths = {name: f"consumption_records/?metadata={trace['id']}&format={name}" for name in FORMATS}
    paths["nested"] = f"consumption_metadatas/{trace['id']}/"
    with server(running) as (client, memory):
        for name, path in paths.items():
            answer = partial(get, client, path)
            alternately(answer)  # what it takes on first use is not what reading takes
            before = memory()
            copies, answers = alternately(partial(bare_copy, connection, trace["id"]), answer)
            yield from figures(f"{n:,} records, {name}", n, copies, answers, memory() - before)


def figures(what: str, n: int, copies: Times, answers: Times, growth: float) -> Iterator[Line]:
    """The lines about a format. JSON's targets are all formats', but a Parquet file comes by row groups, and nobody can
    begin with it before its end."""
    copied, taken = (statistics.median(seconds for seconds, _ in times) for times in (copies, answers))
    first_byte = statistics.median(first for _, first in answers) * 1000
    ratio = copied / taken
    yield Line(what, n / taken, "/s", "", True)
    yield Line("    of a bare COPY", ratio, "x", f">= {JSON_TARGET:.2f}", ratio >= JSON_TARGET)
    limit = "" if what.endswith("parquet") else f"< {FIRST_BYTE_MS}"
    yield Line("    first byte", first_byte, "ms", limit, first_byte < FIRST_BYTE_MS)
    yield Line("    growth of the web process", growth, "MB", f"< {GROWTH_MB}", growth < GROWTH_MB)


def alternately(*ways: Callable[[], Timed]) -> list[Times]:
    """The times of each way, taken in turns, so that they share the machine's good and bad moments."""
    rounds = [[way() for way in ways] for _ in range(REPEATS)]
    return [list(times) for times in zip(*rounds, strict=True)]


def bare_copy(connection: psycopg.Connection[Any], trace: int) -> Timed:
    """The rows straight from Postgres, thrown away."""
    started = time.perf_counter()
    with connection.cursor().copy(COPY.format(trace)) as rows:
        first = None
        for _ in rows:
            first = first or time.perf_counter() - started
    return time.perf_counter() - started, first or 0.0


def get(client: http.client.HTTPConnection, path: str) -> Timed:
    """An answer read to its end."""
    started = time.perf_counter()
    client.request("GET", f"/api/v1/{path}", headers=HEADERS)
    answer = client.getresponse()
    assert answer.status == 200, answer.read()
    answer.read(1)
    first = time.perf_counter() - started
    while answer.read(2**18):
        pass
    return time.perf_counter() - started, first


@contextmanager
def server(running: Datastore) -> Iterator[tuple[http.client.HTTPConnection, Callable[[], float]]]:
    """A connection to the web process, and what tells its memory in MB."""
    web = [
        p for p in psutil.Process(running.process.pid).children(recursive=True) if "gunicorn" in " ".join(p.cmdline())
    ]
    worker = next(p for p in web if p.parent() in web)
    client = http.client.HTTPConnection(running.url.removeprefix("http://"))
    try:
        yield client, lambda: worker.memory_info().rss / 2**20
    finally:
        client.close()


def loads(connection: psycopg.Connection[Any], trace: dict[str, Any], n: int) -> Iterator[Line]:
    """A trace of n records as the worker loads it for the meter."""

    def load() -> Timed:
        started = time.perf_counter()
        (loaded,) = load_traces(connection, trace["project"]["id"])
        assert loaded.start.size == n
        return time.perf_counter() - started, 0.0

    copies, found = alternately(lambda: bare_copy(connection, trace["id"]), load)
    copied, taken = (statistics.median(seconds for seconds, _ in times) for times in (copies, found))
    yield Line(f"{n:,} records, loaded by a worker", taken * 1000, "ms", "", True)
    ratio, target = taken / copied, LOAD_TARGETS[n]
    yield Line("    of the time of a bare COPY", ratio, "x", f"<= {target:.2f}", ratio <= target)
    yield Line("a bare COPY", n / copied, "/s", "", True)


if __name__ == "__main__":
    main()
