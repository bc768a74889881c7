"""A datastore to load readings into, and the bodies that are loaded."""

import csv
import io
import json
import os
import platform
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import requests

from bench.api import HEADERS
from bench.row_table import make_row_table
from eeds.config.data_dir import embedded_urls
from eeds.db.binary_copy import Columns
from eeds.records.block_store import write_blocks
from eeds.server.demo.server import Datastore

TRACES = 20  # in a body
FIRST = np.datetime64("2016-01-01T00:00:00", "s")
QUARTER_HOUR = np.timedelta64(900, "s")
FILLED = 1_000_000  # at once
JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"


class Bench:
    """A datastore with two web processes, traces to load readings into, and the table of rows to compare it with."""

    def __init__(self, running: Datastore) -> None:
        self.api = f"{running.url}/api/v1/"
        self.database = embedded_urls(running.log.parent).database
        self.web = [p for p in psutil.Process(running.process.pid).children(recursive=True) if "gunicorn" in cmd(p)]
        with psycopg.connect(self.database) as connection:
            made = connection.execute(
                "INSERT INTO consumption_metadatas (interpretation, unit)"
                " SELECT 'E_C_S', 'KWH' FROM generate_series(1, 60000) RETURNING id"
            )
            row = made.fetchone()
            assert row is not None
            self.next_trace = int(row[0])
        make_row_table(self.database)

    def traces(self, n: int) -> range:
        """The next n traces that nothing is stored for."""
        self.next_trace += n
        return range(self.next_trace - n, self.next_trace)

    def fill(self, readings: int) -> None:
        """Store so many readings more, as fast as it goes."""
        with psycopg.connect(self.database) as connection:
            for _ in range(readings // FILLED):
                write_blocks(connection, columns(self.traces(TRACES), FILLED))
                connection.commit()
        self.execute("CHECKPOINT")

    def execute(self, statement: str) -> None:
        """Execute and commit."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(statement.encode())

    def ask(self, statement: str) -> float:
        """The number that the database answers."""
        with psycopg.connect(self.database) as connection:
            (number,) = connection.execute(statement.encode()).fetchone() or (0,)
        return float(number)

    def send(self, body: bytes | Path, media_type: str = JSON) -> float:
        """Seconds of a request, which must be stored."""
        headers = {**HEADERS, "Content-Type": media_type}
        with body.open("rb") if isinstance(body, Path) else io.BytesIO(body) as data:
            started = time.perf_counter()
            answer = requests.post(f"{self.api}consumption_records/sync2/", data=data, headers=headers, timeout=600)
            answer.raise_for_status()
        return time.perf_counter() - started

    def machine(self) -> str:
        """What was measured on."""
        with psycopg.connect(self.database) as connection:
            (postgres,) = connection.execute("SHOW server_version").fetchone() or ("?",)
        memory = psutil.virtual_memory().total / 2**30
        python = platform.python_version()
        return f"{os.cpu_count()} CPUs, {memory:.0f} GB, {platform.machine()}; Postgres {postgres}, Python {python}"


def cmd(process: psutil.Process) -> str:
    """The command line of a process."""
    return " ".join(process.cmdline())


def columns(traces: Sequence[int], readings: int, first: np.datetime64 = FIRST, seed: int = 1) -> Columns:
    """Readings in order, trace by trace, every quarter of an hour: the shape of a day and a week, with the noise of a
    household, to a watt-hour."""
    each = readings // len(traces)
    hours = np.arange(each) / 4
    shape = 0.25 + 0.1 * np.sin(hours * 2 * np.pi / 24) + 0.05 * np.sin(hours * 2 * np.pi / 168)
    noise = np.random.default_rng(seed).gamma(3, 1 / 3, readings)
    return {
        "metadata_id": np.repeat(np.array(traces), each),
        "start": np.tile(first + np.arange(each) * QUARTER_HOUR, len(traces)),
        "value": np.round(np.tile(shape, len(traces)) * noise, 3),
        "estimated": np.zeros(readings, bool),
    }


def as_json(some: Columns) -> bytes:
    """The readings as a JSON body."""
    rows = zip(*(some[name].tolist() for name in ("metadata_id", "start", "value")), strict=True)
    return json.dumps(
        [{"metadata_id": i, "start": f"{s.isoformat()}Z", "value": v, "estimated": False} for i, s, v in rows]
    ).encode()


def as_csv(some: Columns, file: Path) -> Path:
    """The readings as a CSV file."""
    with file.open("w", newline="") as target:
        lines = csv.writer(target)
        lines.writerow(["metadata_id", "start", "value", "estimated"])
        rows = zip(*(some[name].tolist() for name in ("metadata_id", "start", "value")), strict=True)
        lines.writerows((i, f"{s.isoformat()}Z", v, "false") for i, s, v in rows)
    return file


def as_parquet(some: Columns, file: Path) -> Path:
    """The readings as a Parquet file."""
    starts = pa.array(some["start"].astype("datetime64[ms]"), pa.timestamp("ms", "UTC"))
    table = pa.table({**{name: some[name] for name in ("metadata_id", "value", "estimated")}, "start": starts})
    pq.write_table(table, file, row_group_size=100_000)
    return file


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
