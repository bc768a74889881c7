"""`script/bench ingest`: how close a load comes to the limit, COPY of encoded rows straight into the table."""

import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from bench.api import Line, show
from bench.loads import FIRST, PIECE, TRACES, Bench, Peak, as_csv, as_json, columns
from eeds.db import binary_copy
from eeds.db.binary_copy import Columns
from eeds.server.demo.server import datastore
from eeds.server.up import free_port

STORED, MUCH = 5_000_000, 50_000_000
BATCH, SMALL = 100_000, 3_000
ROUNDS = 7
RESULTS = Path(__file__).parent / "results.md"


def in_turn(*ways: Callable[[], float]) -> tuple[float, ...]:
    """Seconds of each way, medians of rounds in which they take turns, so that they share the machine's moods."""
    rounds = [[way() for way in ways] for _ in range(ROUNDS)]
    return tuple(float(np.median(times)) for times in zip(*rounds, strict=True))


def against(what: str, records: int, times: tuple[float, ...], target: float) -> list[Line]:
    """Ours and its ratio to the limit."""
    ours, limit = (records / seconds for seconds in times)
    return [
        Line(what, ours, "/s", "", True),
        Line(f"  limit {limit:,.0f}/s, ratio", ours / limit, "x", f">= {target:.2f}", ours / limit >= target),
    ]


def json_loads(bench: Bench) -> list[Line]:
    """JSON, 100,000 records a request, with much stored already."""
    again = as_json(body(bench))
    bench.send(again)
    fresh, same, limit = in_turn(
        lambda: bench.send(as_json(body(bench))),
        lambda: bench.send(again),
        lambda: bench.copy(binary_copy.records(body(bench))),
    )
    rerun, target = BATCH / same, 0.6 * BATCH / limit
    return [
        *against("JSON, new and in order, one client", BATCH, (fresh, limit), 0.6),
        *interleaved(bench),
        Line("JSON, identical re-run", rerun, "/s", f">= {target:,.0f}", rerun >= target),
        small_ones(bench),
    ]


def body(bench: Bench) -> Columns:
    """New records in order."""
    return columns(bench.traces(TRACES), BATCH)


def interleaved(bench: Bench) -> list[Line]:
    """New records between stored ones."""

    def between() -> Columns:
        traces = bench.traces(TRACES)
        bench.copy(binary_copy.records(columns(traces, BATCH)))
        return columns(traces, BATCH, FIRST + np.timedelta64(60, "s"))

    times = in_turn(lambda: bench.send(as_json(between())), lambda: bench.merge(binary_copy.records(between())))
    return against("JSON, new between stored ones", BATCH, times, 0.7)


def small_ones(bench: Bench) -> Line:
    """Requests of 3,000 records beside those of 100,000."""

    def small() -> float:
        return bench.send(as_json(columns(bench.traces(3), SMALL)))

    small()
    little, large = in_turn(
        lambda: float(np.median([small() for _ in range(5)])), lambda: bench.send(as_json(body(bench)))
    )
    rate, half = SMALL / little, BATCH / large / 2
    return Line("JSON, 3,000 a request", rate, "/s", f">= {half:,.0f}", rate >= half)


def four_clients(bench: Bench) -> list[Line]:
    """Four clients at once against four connections that COPY at once."""

    def together(load: Callable[[Any], float], make: Callable[[], Any]) -> float:
        bodies = [make() for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            started = time.perf_counter()
            list(pool.map(load, bodies))
            return time.perf_counter() - started

    times = in_turn(
        lambda: together(bench.send, lambda: as_json(body(bench))),
        lambda: together(bench.copy, lambda: binary_copy.records(body(bench))),
    )
    return against("JSON, new and in order, four clients", 4 * BATCH, times, 0.85)


def growth(bench: Bench, stored: int) -> tuple[float, Line]:
    """The rate with so many records stored, as a share of what the machine can do at the time."""
    ours, machine = in_turn(
        lambda: bench.send(as_json(body(bench))),
        lambda: bench.stage(binary_copy.records(body(bench))),
    )
    return machine / ours, Line(f"JSON, new, {stored / 1e6:.0f} M stored", BATCH / ours, "/s", "", True)


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
            while chunk := data.read(PIECE):
                target.write(chunk)
        connection.commit()
        limit = time.perf_counter() - started
    grown = (peak.rss - before) / 2**20
    return [
        *against("CSV, 5 M new and in order", records, (ours, limit), 0.75),
        Line("  web process grew by", grown, "MB", "<= 64", grown <= 64),
    ]


def measure(bench: Bench, place: Path) -> list[Line]:
    """Everything, with more and more stored."""
    bench.send(as_json(body(bench)))
    at_first, none = growth(bench, 0)
    bench.fill(STORED)
    with Peak(bench.web) as peak:
        lines = [*json_loads(bench), *four_clients(bench)]
    lines.append(Line("  web processes at most, each", peak.rss / 2**20, "MB", "", True))
    lines += csv_loads(bench, place)
    _, some = growth(bench, STORED)
    bench.fill(MUCH - STORED)
    at_last, many = growth(bench, MUCH)
    ratio = at_last / at_first
    steady = Line("  50 M / none, by the machine's speed", ratio, "x", ">= 0.70", ratio >= 0.7)
    return [*lines, none, some, many, steady]


def main() -> None:
    """Measure everything, print the table and keep it."""
    os.environ |= {"WEB_CONCURRENCY": "2", "EEDS_RATE_LIMIT": "1000000"}
    with tempfile.TemporaryDirectory() as name, datastore(free_port(), Path(name)) as running:
        bench = Bench(running)
        lines = measure(bench, Path(name))
        machine = bench.machine()
    print(machine)
    show(lines)
    table = "\n".join(f"| {line.what.strip()} | {line.figure:,.2f} {line.unit} | {line.target} |" for line in lines)
    RESULTS.write_text(
        f"# Loading, as measured\n\n{machine}. Compare the ratios: machines differ, and so does one from hour to"
        f" hour.\n\n| what | figure | target |\n|---|---|---|\n{table}\n"
    )


if __name__ == "__main__":
    main()
