"""`script/bench ingest`: how fast readings are loaded, beside COPY of the same into a table of rows, and their room."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import requests

from bench.api import HEADERS, Line, show
from bench.loads import (
    CSV,
    FIRST,
    PARQUET,
    QUARTER_HOUR,
    TRACES,
    Bench,
    Peak,
    as_csv,
    as_json,
    as_parquet,
    columns,
)
from bench.row_table import COPY, PIECE, copy_rows
from eeds.db.binary_copy import Columns
from eeds.records.block_format import encode
from eeds.records.block_store import write_blocks
from eeds.records.consumption import CONSUMPTION
from eeds.records.json_body import json_batches
from eeds.server.demo.server import datastore
from eeds.server.up import free_port

STORED, MUCH = 5_000_000, 500_000_000
BATCH, SMALL, FILE = 100_000, 3_000, 5_000_000
METERS, DAY = 2_000, 96  # of a day's readings of many meters
ROUNDS = 5
RESULTS = Path(__file__).parent / "results.md"


def in_turn(*ways: Callable[[], float]) -> tuple[float, ...]:
    """Seconds of each way, medians of rounds in which they take turns, so that they share the machine's moods."""
    rounds = [[way() for way in ways] for _ in range(ROUNDS)]
    return tuple(float(np.median(times)) for times in zip(*rounds, strict=True))


def ratio(what: str, figure: float, target: float) -> Line:
    """A figure that should be at least the target."""
    return Line(what, figure, "x", f">= {target:.2f}", figure >= target)


def rate(what: str, readings: int, seconds: float) -> Line:
    """Readings a second."""
    return Line(what, readings / seconds, "/s", "", True)


def body(bench: Bench) -> Columns:
    """New readings in order."""
    return columns(bench.traces(TRACES), BATCH)


def json_loads(bench: Bench) -> Iterator[Line]:
    """JSON, 100,000 readings a request."""
    again = as_json(body(bench))
    bench.send(again)
    fresh, same, rows, decoded = in_turn(
        lambda: bench.send(as_json(body(bench))),
        lambda: bench.send(again),
        lambda: copy_rows(bench.database, body(bench)),
        lambda: decoding(again),
    )
    yield rate("JSON, new and in order, one client", BATCH, fresh)
    yield rate("  COPY of rows", BATCH, rows)
    yield ratio("  JSON / COPY of rows", rows / fresh, 1.2)
    yield Line("  share of the time that decoding takes", decoded / fresh, "", "", True)
    yield rate("JSON, the same again", BATCH, same)
    yield ratio("  again / new", fresh / same, 1.0)
    corrected = in_turn(lambda: corrections(bench))[0]
    yield rate("JSON, all of it corrected, the old ones kept", BATCH, corrected)
    yield ratio("  corrected / new", fresh / corrected, 0.4)  # 0.6 without a history: at most 1.5 times of that
    between, small = in_turn(lambda: interleaved(bench), lambda: small_ones(bench))
    yield rate("JSON, new between stored ones", BATCH, between)
    yield rate("JSON, 3,000 a request", SMALL, small)


def decoding(json: bytes) -> float:
    """Seconds of reading a body of JSON into columns, and nothing else."""
    with tempfile.TemporaryFile() as file:
        file.write(json)
        file.seek(0)
        started = time.perf_counter()
        for _ in json_batches(CONSUMPTION, file):
            pass
        return time.perf_counter() - started


def corrections(bench: Bench) -> float:
    """Other values for readings that are stored, all of which go into the history."""
    traces = bench.traces(TRACES)
    bench.send(as_json(columns(traces, BATCH)))
    return bench.send(as_json(columns(traces, BATCH, seed=2)))


def interleaved(bench: Bench) -> float:
    """Readings between those that are stored."""
    traces = bench.traces(TRACES)
    bench.send(as_json(columns(traces, BATCH)))
    return bench.send(as_json(columns(traces, BATCH, FIRST + np.timedelta64(60, "s"))))


def small_ones(bench: Bench) -> float:
    """3,000 readings of three traces."""
    return bench.send(as_json(columns(bench.traces(3), SMALL)))


def four_clients(bench: Bench) -> Iterator[Line]:
    """Four clients at once against four connections that COPY at once."""

    def together(load: Callable[[Any], float], make: Callable[[], Any]) -> float:
        bodies = [make() for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            started = time.perf_counter()
            list(pool.map(load, bodies))
            return time.perf_counter() - started

    ours, rows = in_turn(
        lambda: together(bench.send, lambda: as_json(body(bench))),
        lambda: together(lambda some: copy_rows(bench.database, some), lambda: body(bench)),
    )
    yield rate("JSON, new and in order, four clients", 4 * BATCH, ours)
    yield ratio("  JSON / COPY of rows", rows / ours, 1.0)


def days(bench: Bench) -> Iterator[Line]:
    """A day of 2,000 meters in a body, behind three weeks that are stored; then the same corrected."""
    traces = bench.traces(METERS)
    weeks = columns(traces, METERS * DAY * 21)
    with psycopg.connect(bench.database) as connection:
        write_blocks(connection, weeks)
    times: dict[str, list[float]] = {"new": [], "day": [], "corrected": []}
    for number in range(ROUNDS):
        day = FIRST + (21 + number) * DAY * QUARTER_HOUR
        times["day"].append(bench.send(as_json(columns(traces, METERS * DAY, day))))
        times["corrected"].append(bench.send(as_json(columns(traces, METERS * DAY, day, seed=2))))
        times["new"].append(bench.send(as_json(columns(bench.traces(METERS), METERS * DAY))))
    new, day_, corrected = (float(np.median(times[name])) for name in ("new", "day", "corrected"))
    yield rate("JSON, a day of 2,000 new meters", METERS * DAY, new)
    yield rate("JSON, a day behind three weeks", METERS * DAY, day_)
    yield ratio("  / new", new / day_, 0.5)
    restated = METERS * DAY / corrected
    yield Line("JSON, a day corrected", restated, "/s", ">= 200,000", restated >= 200_000)


def single(bench: Bench) -> Line:
    """One record a request."""
    trace = bench.traces(1)[0]
    bench.send(as_json(columns([trace], 10_000)))
    times = []
    for number in range(240):
        start = f"2016-02-03T04:{number // 50:02}:{number % 50 + 1:02}Z"
        record = {"metadata": trace, "start": start, "value": 1.0}
        started = time.perf_counter()
        requests.post(f"{bench.api}consumption_records/", json=record, headers=HEADERS, timeout=60).raise_for_status()
        times.append(time.perf_counter() - started)
    figure = float(np.median(times[120:])) * 1000  # both processes have stored some before
    return Line("one record POST", figure, "ms", "<= 10", figure <= 10)


def files(bench: Bench, place: Path) -> Iterator[Line]:
    """Files of 5 M readings, against psql's own COPY of the same CSV into rows."""
    few = columns(bench.traces(1), 1000)
    for _ in range(12):  # both processes have read a file of each kind before
        bench.send(as_csv(few, place / "little.csv"), CSV)
        bench.send(as_parquet(few, place / "little.parquet"), PARQUET)
    before = max(process.memory_info().rss for process in bench.web)
    some = columns(bench.traces(50), FILE)
    csv, parquet = as_csv(some, place / "readings.csv"), as_parquet(some, place / "readings.parquet")
    rows = copy_csv(bench, csv)
    with Peak(bench.web) as peak:
        ours, again = bench.send(csv, CSV), bench.send(csv, CSV)
        some = {**some, "metadata_id": some["metadata_id"] + 50}
        bench.traces(50)
        columnar = bench.send(as_parquet(some, parquet), PARQUET)
    grown = (peak.rss - before) / 2**20
    yield rate("psql's COPY of a CSV of 5 M into rows", FILE, rows)
    yield rate("CSV, 5 M new and in order", FILE, ours)
    yield ratio("  / COPY of rows", rows / ours, 3)
    yield rate("CSV, the same again", FILE, again)
    yield ratio("  again / new", ours / again, 1)
    yield rate("Parquet, 5 M new and in order", FILE, columnar)
    yield ratio("  / COPY of rows", rows / columnar, 3)
    yield Line("  web process grew by", grown, "MB", "<= 64", grown <= 64)


def copy_csv(bench: Bench, file: Path) -> float:
    """Seconds of COPY of a CSV file into rows."""
    with psycopg.connect(bench.database) as connection, file.open("rb") as data:
        started = time.perf_counter()
        with connection.cursor().copy(COPY.format("CSV, HEADER").encode()) as target:
            while chunk := data.read(PIECE):
                target.write(chunk)
        connection.commit()
        return time.perf_counter() - started


def room(bench: Bench) -> Iterator[Line]:
    """What a reading takes, before compression and with it."""
    copy_rows(bench.database, body(bench))
    readings = bench.ask("SELECT sum(readings) FROM consumption_blocks")
    stored = bench.ask("SELECT pg_total_relation_size('consumption_blocks')") / readings
    some = columns([1], 2976 * 12)
    before = len(encode(some)) / len(some["start"]) * 8 / 12  # an element is sent behind its length, and stored without
    rows = bench.ask("SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('reading_rows')")
    number = bench.ask("SELECT count(*) FROM reading_rows")
    history = history_bytes(bench)
    yield Line("bytes of history of a new reading", history[0], "B", "", True)
    yield Line("bytes of history of a changed reading", history[1], "B", "<= 4", history[1] <= 4)
    yield Line("bytes a reading as a row", rows / number, "B", "", True)
    yield Line("bytes a reading in a block, before compression", before, "B", "<= 10", before <= 10)
    yield Line("bytes a reading in a block", stored, "B", "<= 4", stored <= 4)


def history_bytes(bench: Bench) -> tuple[float, float]:
    """What the history takes, a reading: of those that are new, a day of many meters in a body, and of those that are
    changed."""
    bench.execute("TRUNCATE record_additions, record_versions")
    traces = bench.traces(METERS)
    bench.send(as_json(columns(traces, METERS * DAY)))
    added = bench.ask("SELECT pg_total_relation_size('record_additions')")
    bench.send(as_json(columns(traces, METERS * DAY, seed=2)))
    changed = bench.ask("SELECT pg_total_relation_size('record_versions')")
    return added / (METERS * DAY), changed / (METERS * DAY)


def growth(bench: Bench, stored: int) -> tuple[float, Line]:
    """The rate with so much stored, as a share of what the machine can do at the time."""
    bench.execute("TRUNCATE reading_rows")
    ours, machine = in_turn(lambda: bench.send(as_json(body(bench))), lambda: copy_rows(bench.database, body(bench)))
    return machine / ours, rate(f"JSON, new, {stored / 1e6:.0f} M stored", BATCH, ours)


def measure(bench: Bench, place: Path, much: int) -> Iterator[Line]:
    """Everything, with more and more stored."""
    bench.send(as_json(body(bench)))
    at_first, line = growth(bench, 0)
    yield line
    bench.fill(STORED)
    yield from room(bench)
    with Peak(bench.web) as peak:
        yield from json_loads(bench)
        yield from four_clients(bench)
        yield from days(bench)
        yield single(bench)
    yield Line("  web processes at most, each", peak.rss / 2**20, "MB", "", True)
    yield from files(bench, place)
    bench.fill(much - STORED)
    at_last, line = growth(bench, much)
    yield line
    yield ratio(f"  {much / 1e6:.0f} M / none, by the machine's speed", at_last / at_first, 0.8)


def main() -> None:
    """Measure everything, print the table and keep it. BENCH_READINGS says how many are stored at last."""
    os.environ |= {"WEB_CONCURRENCY": "2", "EEDS_RATE_LIMIT": "1000000", "EEDS_HEAVY_REQUESTS": "4"}
    much = int(os.environ.get("BENCH_READINGS", MUCH))
    with tempfile.TemporaryDirectory() as name, datastore(free_port(), Path(name)) as running:
        bench = Bench(running)
        lines = list(measure(bench, Path(name), much))
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
