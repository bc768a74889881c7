"""`script/bench ingest`: how close a load comes to the limit, COPY of encoded rows straight into the table."""

import csv
import io
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import psycopg
import requests

from bench.api import HEADERS, Line, show
from eeds.db import query
from eeds.demo.server import Datastore, datastore
from eeds.embedded import embedded_urls
from eeds.ingest import pgcopy
from eeds.ingest.segment import Columns
from eeds.up import free_port

STORED = 5_000_000
BATCH = 100_000
ROUNDS = 5
TRACES = 20  # in a batch
FIRST = np.datetime64("2016-01-01T00:00:00", "s")
QUARTER_HOUR = np.timedelta64(900, "s")
RESULTS = Path(__file__).parent / "results.md"


class Bench:
    """A datastore with two web processes and many records, and traces to load more into."""

    def __init__(self, running: Datastore) -> None:
        self.api = f"{running.url}/api/v1/"
        self.database = embedded_urls(running.log.parent).database
        self.web = [p for p in psutil.Process(running.process.pid).children(recursive=True) if "gunicorn" in cmd(p)]
        self.next_trace = 0
        with psycopg.connect(self.database) as connection:
            made = connection.execute(
                "INSERT INTO consumption_metadatas (interpretation, unit)"
                " SELECT 'E_C_S', 'KWH' FROM generate_series(1, 60000) RETURNING id"
            )
            row = made.fetchone()
            assert row is not None
            self.next_trace = int(row[0])

    def traces(self, n: int) -> range:
        """The next n traces that nothing is stored for."""
        self.next_trace += n
        return range(self.next_trace - n, self.next_trace)

    def fill(self, records: int) -> None:
        """Store so many records."""
        for _ in range(records // 1_000_000):
            self.copy(pgcopy.records(columns(self.traces(TRACES), 1_000_000)))

    def copy(self, body: bytes) -> float:
        """The limit: seconds of COPY into the table itself, committed."""
        with psycopg.connect(self.database) as connection:
            started = time.perf_counter()
            with connection.cursor().copy(query("copy_consumption_records")) as target:
                for start in range(0, len(body), 256 * 1024):
                    target.write(body[start : start + 256 * 1024])
            connection.commit()
            return time.perf_counter() - started

    def merge(self, body: bytes) -> float:
        """The limit of what is merged: seconds of COPY into staging and the merge, committed."""
        with psycopg.connect(self.database, options="-c jit=off") as connection:
            started = time.perf_counter()
            connection.execute(query("stage_records"))
            with connection.cursor().copy(query("copy_staged_records")) as target:
                target.write(body)
            connection.execute(query("merge_records"))
            connection.commit()
            return time.perf_counter() - started

    def send(self, body: bytes | Path, media_type: str = "application/json") -> float:
        """Seconds of a request, which must be stored."""
        headers = {**HEADERS, "Content-Type": media_type}
        with body.open("rb") if isinstance(body, Path) else io.BytesIO(body) as data:
            started = time.perf_counter()
            answer = requests.post(f"{self.api}consumption_records/sync2/", data=data, headers=headers, timeout=600)
            answer.raise_for_status()
        return time.perf_counter() - started


def cmd(process: psutil.Process) -> str:
    """The command line of a process."""
    return " ".join(process.cmdline())


def columns(traces: Sequence[int], records: int, first: np.datetime64 = FIRST) -> Columns:
    """Records in order, trace by trace, every quarter of an hour."""
    each = records // len(traces)
    return {
        "metadata_id": np.repeat(np.array(traces), each),
        "start": np.tile(first + np.arange(each) * QUARTER_HOUR, len(traces)),
        "value": np.round(np.random.default_rng(1).random(records), 3),
        "estimated": np.zeros(records, bool),
    }


def as_json(some: Columns) -> bytes:
    """The records as a JSON body."""
    rows = zip(*(some[name].tolist() for name in ("metadata_id", "start", "value")), strict=True)
    return json.dumps(
        [{"metadata_id": i, "start": f"{s.isoformat()}Z", "value": v, "estimated": False} for i, s, v in rows]
    ).encode()


def as_csv(some: Columns, file: Path) -> Path:
    """The records as a CSV file."""
    with file.open("w", newline="") as target:
        lines = csv.writer(target)
        lines.writerow(["metadata_id", "start", "value", "estimated"])
        rows = zip(*(some[name].tolist() for name in ("metadata_id", "start", "value")), strict=True)
        lines.writerows((i, f"{s.isoformat()}Z", v, "false") for i, s, v in rows)
    return file


def in_turn(
    ours: Callable[[], float], limit: Callable[[], float], records: int, rounds: int = 5
) -> tuple[float, float]:
    """Rates of ours and of the limit, medians of rounds in which they take turns."""
    pairs = [(ours(), limit()) for _ in range(ROUNDS)]
    return tuple(records / float(np.median(times)) for times in zip(*pairs, strict=True))  # type: ignore[return-value]


def against(what: str, ours: float, limit: float, target: float) -> list[Line]:
    """Ours and its ratio to the limit."""
    ratio = ours / limit
    return [
        Line(what, ours, "/s", "", True),
        Line(f"  limit {limit:,.0f}/s, ratio", ratio, "x", f">= {target:.2f}", ratio >= target),
    ]


def json_loads(bench: Bench) -> list[Line]:
    """JSON, 100,000 records a request, with much stored already."""

    def limit() -> float:
        return bench.copy(pgcopy.records(columns(bench.traces(TRACES), BATCH)))

    def ours() -> float:
        return bench.send(as_json(columns(bench.traces(TRACES), BATCH)))

    new = against("JSON, new and in order, one client", *in_turn(ours, limit, BATCH), 0.6)
    again = as_json(columns(bench.traces(TRACES), BATCH))
    bench.send(again)
    same, copied = in_turn(lambda: bench.send(again), limit, BATCH)
    target = 600_000 / 1_000_000 * copied
    rerun = [Line("JSON, identical re-run", same, "/s", f">= {target:,.0f}", same >= target)]
    small = as_json(columns(bench.traces(3), 3000))

    def three_thousand() -> float:
        return bench.send(as_json(columns(bench.traces(3), 3000)))

    bench.send(small)
    rate = 3000 / float(np.median([three_thousand() for _ in range(9)]))
    half = BATCH / float(np.median([ours() for _ in range(3)])) / 2
    return [
        *new,
        *interleaved(bench),
        *rerun,
        Line("JSON, 3,000 a request", rate, "/s", f">= {half:,.0f}", rate >= half),
    ]


def interleaved(bench: Bench) -> list[Line]:
    """New records between stored ones."""

    def between() -> Columns:
        traces = bench.traces(TRACES)
        bench.copy(pgcopy.records(columns(traces, BATCH)))
        return columns(traces, BATCH, FIRST + np.timedelta64(60, "s"))

    ours, limit = in_turn(lambda: bench.send(as_json(between())), lambda: bench.merge(pgcopy.records(between())), BATCH)
    return against("JSON, new between stored ones", ours, limit, 0.7)


def four_clients(bench: Bench) -> list[Line]:
    """Four clients at once against four connections that COPY at once."""

    def together(load: Callable[[Any], float], make: Callable[[], Any]) -> float:
        bodies = [make() for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            started = time.perf_counter()
            list(pool.map(load, bodies))
            return time.perf_counter() - started

    def body() -> Columns:
        return columns(bench.traces(TRACES), BATCH)

    ours, limit = in_turn(
        lambda: together(bench.send, lambda: as_json(body())),
        lambda: together(bench.copy, lambda: pgcopy.records(body())),
        4 * BATCH,
    )
    return against("JSON, new and in order, four clients", ours, limit, 0.85)


def csv_loads(bench: Bench, place: Path) -> list[Line]:
    """A CSV file of 5 M records, against psql's own COPY of the same."""
    records = 5_000_000
    file = as_csv(columns(bench.traces(50), records), place / "records.csv")
    other = as_csv(columns(bench.traces(50), records), place / "other.csv")
    little = as_csv(columns(bench.traces(1), 1000), place / "little.csv")
    for _ in range(12):  # both processes have read a CSV before
        bench.send(little, "text/csv")
    before = max(process.memory_info().rss for process in bench.web)
    with Peak(bench.web) as peak:
        ours = bench.send(file, "text/csv")
    with psycopg.connect(bench.database) as connection, other.open("rb") as data:
        started = time.perf_counter()
        statement = "COPY consumption_records (metadata_id, start, value, estimated) FROM STDIN (FORMAT CSV, HEADER)"
        with connection.cursor().copy(statement) as target:
            while chunk := data.read(256 * 1024):
                target.write(chunk)
        connection.commit()
        limit = time.perf_counter() - started
    grown = (peak.rss - before) / 2**20
    return [
        *against("CSV, 5 M new and in order", records / ours, records / limit, 0.75),
        Line("  web process grew by", grown, "MB", "<= 64", grown <= 64),
    ]


class Peak:
    """The largest memory of some processes during a block."""

    def __init__(self, processes: Sequence[psutil.Process]) -> None:
        self.processes = processes
        self.rss = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def __enter__(self) -> "Peak":
        self.thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.over.set()
        self.thread.join()

    def watch(self) -> None:
        """Look every few milliseconds."""
        while not self.over.wait(0.01):
            self.rss = max(self.rss, *(process.memory_info().rss for process in self.processes))


def main() -> None:
    """Measure everything, print the table and keep it."""
    os.environ["WEB_CONCURRENCY"] = "2"
    with tempfile.TemporaryDirectory() as name, datastore(free_port(), Path(name)) as running:
        bench = Bench(running)
        bench.send(as_json(columns(bench.traces(TRACES), BATCH)))
        bench.fill(STORED)
        lines = [*json_loads(bench), *four_clients(bench), *csv_loads(bench, Path(name))]
    show(lines)
    table = "\n".join(f"| {line.what.strip()} | {line.figure:,.2f} {line.unit} | {line.target} |" for line in lines)
    RESULTS.write_text(f"# Loading, as measured\n\n| what | figure | target |\n|---|---|---|\n{table}\n")


if __name__ == "__main__":
    main()
