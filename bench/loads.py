"""A datastore to load records into, the bodies that are loaded, and what limits a load: COPY of encoded rows."""

import csv
import io
import json
import os
import platform
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import psycopg
import requests

from bench.api import HEADERS
from eeds.config.data_dir import embedded_urls
from eeds.db import binary_copy
from eeds.db.binary_copy import Columns
from eeds.db.statements import query
from eeds.server.demo.server import Datastore

TRACES = 20  # in a body
FIRST = np.datetime64("2016-01-01T00:00:00", "s")
QUARTER_HOUR = np.timedelta64(900, "s")
PIECE = 256 * 1024
FILLED = 1_000_000  # at once


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
        """Store so many records more, as fast as it goes: the index is built again when they are there."""
        self.execute("ALTER TABLE consumption_records DROP CONSTRAINT consumption_records_pkey")
        parts = [self.traces(TRACES) for _ in range(records // FILLED)]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda traces: self.copy(binary_copy.records(columns(traces, FILLED))), parts))
        self.execute(
            "SET maintenance_work_mem = '1GB'; ALTER TABLE consumption_records ADD PRIMARY KEY (metadata_id, start)"
        )
        self.execute("CHECKPOINT")

    def execute(self, statement: str) -> None:
        """Execute and commit."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(statement.encode())

    def copy(self, body: bytes) -> float:
        """The limit: seconds of COPY into the table itself, committed."""
        with psycopg.connect(self.database) as connection:
            started = time.perf_counter()
            with connection.cursor().copy(query("records/copy_consumption_records")) as target:
                for start in range(0, len(body), PIECE):
                    target.write(body[start : start + PIECE])
            connection.commit()
            return time.perf_counter() - started

    def stage(self, body: bytes) -> float:
        """The machine's speed now, whatever is stored: seconds of COPY into an empty table."""
        with psycopg.connect(self.database) as connection:
            started = time.perf_counter()
            connection.execute(query("records/stage_records"))
            with connection.cursor().copy(query("records/copy_staged_records")) as target:
                target.write(body)
            return time.perf_counter() - started

    def merge(self, body: bytes) -> float:
        """The limit of what is merged: seconds of COPY into staging and the merge, committed."""
        with psycopg.connect(self.database, options="-c jit=off") as connection:
            started = time.perf_counter()
            connection.execute(query("records/stage_records"))
            with connection.cursor().copy(query("records/copy_staged_records")) as target:
                target.write(body)
            connection.execute(query("records/merge_records"))
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
