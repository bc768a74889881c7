"""`script/bench api`: how fast the API answers with two gunicorn workers: batches, lists, one project under load."""

import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from eeds.server.demo.server import datastore
from eeds.server.seed import DEV_TOKEN
from eeds.server.up import free_port

REPEATS = 5
RUNS = 10_000
CLIENTS, REQUESTS = 8, 250
HEADERS = {"Authorization": f"Bearer {DEV_TOKEN}"}
YEAR_START = datetime(2016, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    """One line of the table: what was measured, and what it should be."""

    what: str
    figure: float
    unit: str
    target: str
    met: bool
    digits: int = 2


def main() -> None:
    """Measure everything and print the table."""
    os.environ |= {"WEB_CONCURRENCY": "2", "EEDS_RATE_LIMIT": "1000000"}
    with tempfile.TemporaryDirectory() as place, datastore(free_port(), Path(place)) as running:
        api = f"{running.url}/api/v1/"
        show([*syncs(api), *lists(api), *under_load(running.url), *orders(api)])


def post(api: str, path: str, body: Any) -> float:
    """Seconds that a batch takes; it must be stored."""
    data, headers = json.dumps(body).encode(), {**HEADERS, "Content-Type": "application/json"}
    started = time.perf_counter()
    answer = requests.post(api + path, data=data, headers=headers, timeout=300)
    answer.raise_for_status()
    return time.perf_counter() - started


def rate(api: str, path: str, batches: Sequence[list[Any]]) -> float:
    """Objects a second, the median of the batches."""
    return statistics.median(len(batch) / post(api, path, batch) for batch in batches)


def at_least(what: str, figure: float, target: float) -> Line:
    """A rate with its target."""
    return Line(what, figure, "/s", f">= {target:,.0f}", figure >= target)


def syncs(api: str) -> list[Line]:
    """Objects synced a second, 1,000 a request; records 20,000 a request."""
    projects = [[project(f"B{n}-{i}") for i in range(1000)] for n in range(REPEATS)]
    traces = [[trace(f"B{n}-{i}") for i in range(1000)] for n in range(REPEATS)]
    post(api, "project_attribute_keys/sync/", [{"name": "cost", "display_name": "Cost", "data_type": "FLOAT"}])
    attributes = [[attribute(f"B{n}-{i}") for i in range(1000)] for n in range(REPEATS)]
    records = [[record(f"B{n}-0", i) for i in range(20_000)] for n in range(REPEATS)]
    return [
        at_least("projects/sync/, new", rate(api, "projects/sync/", projects), 5_000),
        at_least("projects/sync/, unchanged", rate(api, "projects/sync/", projects), 5_000),
        at_least("consumption_metadatas/sync/, new", rate(api, "consumption_metadatas/sync/", traces), 5_000),
        at_least("project_attributes/sync/, new", rate(api, "project_attributes/sync/", attributes), 5_000),
        at_least("consumption_records/sync/, new", rate(api, "consumption_records/sync/", records), 20_000),
        at_least("consumption_records/sync/, unchanged", rate(api, "consumption_records/sync/", records), 20_000),
    ]


def project(name: str) -> dict[str, Any]:
    """A project to sync."""
    periods = {"baseline_period_end": "2015-01-01T00:00:00Z", "reporting_period_start": "2015-02-01T00:00:00Z"}
    return {"project_id": name, "project_owner_id": 1, "zipcode": "50321", **periods}


def trace(name: str) -> dict[str, Any]:
    """A trace to sync."""
    return {"project_project_id": name, "interpretation": "E_C_S", "unit": "KWH", "label": "main"}


def attribute(name: str) -> dict[str, Any]:
    """An attribute to sync."""
    return {"project_project_id": name, "project_attribute_key_name": "cost", "value": 100.0}


def record(name: str, hour: int) -> dict[str, Any]:
    """A record to sync."""
    start = (YEAR_START + timedelta(hours=hour)).isoformat()
    return {"project_id": name, "interpretation": "E_C_S", "start": start, "value": hour / 8, "estimated": False}


def lists(api: str) -> list[Line]:
    """Milliseconds for a list of 1,000 projects."""

    def read() -> float:
        started = time.perf_counter()
        found = requests.get(f"{api}projects/?limit=1000", headers=HEADERS, timeout=60)
        seconds = time.perf_counter() - started
        assert len(found.json()) == 1000
        return seconds * 1000

    median = statistics.median(read() for _ in range(20))
    return [Line("list of 1,000 projects, median", median, "ms", "< 50", median < 50)]


def orders(api: str) -> list[Line]:
    """Seconds until more than RUNS runs are accepted. To be measured last: the worker begins at once."""
    for first in range(0, RUNS, 1000):
        post(api, "projects/sync/", [project(f"R{number}") for number in range(first, first + 1000)])
    seconds = post(api, "project_runs/bulk/", {"projects": "all"})
    return [Line(f"more than {RUNS:,} runs ordered", seconds, "s", "< 2", seconds < 2)]


def under_load(url: str) -> list[Line]:
    """Latency of one project at concurrency 8, and of a view that does nothing beside it."""
    percentiles = {}
    for name, path in (("one project", "/api/v1/projects/2/"), ("nothing", "/health/live")):
        times = sorted(asyncio.run(load(url, path)))
        percentiles[name] = (times[len(times) // 2], times[int(len(times) * 0.99)])
    p50, p99 = percentiles["one project"]
    nothing50, nothing99 = percentiles["nothing"]
    return [
        Line("one project, 8 clients, p50", p50, "ms", "", True),
        Line("one project, 8 clients, p99", p99, "ms", "< 50", p99 < 50),
        Line("a view that does nothing, p50", nothing50, "ms", "", True),
        Line("a view that does nothing, p99", nothing99, "ms", "", True),
        Line("one project / nothing, p50", p50 / nothing50, "x", "", True),
    ]


async def load(url: str, path: str) -> list[float]:
    """Milliseconds of each request of CLIENTS clients that ask one after the other, over connections they keep."""
    host, port = url.removeprefix("http://").split(":")
    head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {DEV_TOKEN}\r\n\r\n".encode()

    async def client() -> list[float]:
        reader, writer = await asyncio.open_connection(host, int(port))
        times = []
        for _ in range(REQUESTS):
            started = time.perf_counter()
            writer.write(head)
            await read_answer(reader)
            times.append((time.perf_counter() - started) * 1000)
        writer.close()
        return times

    return [seconds for times in await asyncio.gather(*(client() for _ in range(CLIENTS))) for seconds in times]


async def read_answer(reader: asyncio.StreamReader) -> None:
    """One answer with a Content-Length, which must be a good one."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    assert head.startswith("HTTP/1.1 200"), head
    fields = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if ": " in line)
    await reader.readexactly(int(fields["content-length"]))


def show(lines: Sequence[Line]) -> None:
    """The table."""
    for line in lines:
        verdict = "" if not line.target else "ok" if line.met else "MISSED"
        print(f"{line.what:40s} {line.figure:12,.{line.digits}f} {line.unit:3s} {line.target:>10s}  {verdict}")


if __name__ == "__main__":
    main()
