"""Bulk loads to real processes: many clients at once, and what ends in the middle leaves nothing and is sent again."""

import hashlib
import json
import os
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import numpy as np
import pytest
import requests

from eeds.formats.media_types import CSV
from tests import citus
from tests.api.bulk.cells import NAME
from tests.api.bulk.conftest import TOKEN, TRACE, Bulk
from tests.api.bulk.formats import FORMATS, PACKINGS
from tests.api.conftest import SECRET
from tests.readings import forget_readings
from tests.web_server import ROOT, WebServer, web_server

PATH = "/api/v1/consumption_records/sync2/"
HEADER = b"metadata_id,start,value\n"
CLIENTS, HOURS = 8, 600
MINUTES = 200_000  # records in a load that ends in the middle: several times those in flight by then
MANY_MINUTES = 1_000_000
RECORD_BYTES = 2  # of the table's files, at least
DEADLINE_SECONDS = 60
# the rows of a load are in the table's files long before anybody sees them
SIZE = """
    SELECT pg_relation_size(oid) + pg_relation_size(reltoastrelid) FROM pg_class
    WHERE oid = 'consumption_blocks'::regclass
"""
if citus.COORDINATOR:
    SIZE = """
        SELECT sum(result::bigint) FROM run_command_on_shards('consumption_blocks', $$
            SELECT pg_relation_size(oid) + pg_relation_size(reltoastrelid) FROM pg_class WHERE oid = '%s'::regclass
        $$)
    """
LINE = r"""metadata_id || to_char(start AT TIME ZONE 'UTC', ',YYYY-MM-DD"T"HH24:MI:SS"Z",') || value || E'\n'"""
AT_WORK = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"


@dataclass(frozen=True)
class Served:
    """A server with two processes, whose database is that of `bulk`."""

    server: WebServer
    bulk: Bulk

    def send(self, body: bytes, media_type: str = CSV, encoding: str = "identity") -> requests.Response:
        """POST a body to sync2."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": media_type, "Content-Encoding": encoding}
        return requests.post(self.server.url + PATH, body, headers=headers, timeout=DEADLINE_SECONDS)

    def ask(self, statement: str) -> Any:
        """What the database says."""
        with self.bulk.database.connection() as connection:
            (answer,) = connection.execute(statement).fetchone() or (None,)
        return answer

    def wait_until(self, met: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not met():
            assert time.monotonic() < deadline

    @contextmanager
    def in_the_middle(self, load: Callable[[], Any], records: int = 0) -> Iterator["Future[Any]"]:
        """Begin a load, and go on as soon as about so many of its records are on their way into the table."""
        with ThreadPoolExecutor(1) as pool:
            begun = pool.submit(load)
            self.wait_until(lambda: self.ask(SIZE) > records * RECORD_BYTES)
            yield begun

    def empty(self) -> None:
        """Have no records, and none that were."""
        with self.bulk.database.connection() as connection:
            forget_readings(connection)

    def records(self) -> int:
        """How many are stored, once nothing is at work any more."""
        self.wait_until(lambda: self.ask(f"SELECT count(*) {AT_WORK}") == 0)
        return int(self.ask("SELECT count(*) FROM consumption_records"))

    def hash(self) -> str:
        """Of the stored records as lines of CSV, in order."""
        return str(self.ask(f"SELECT md5(string_agg({LINE}, '' ORDER BY metadata_id, start)) FROM consumption_records"))


@pytest.fixture(scope="module")
def server(
    started: Bulk, database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebServer]:
    """The server."""
    environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "SECRET_KEY": SECRET, "WEB_CONCURRENCY": "2"}
    with web_server(environment, tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def served(server: WebServer, bulk: Bulk) -> Served:
    """The server, and an empty table."""
    served = Served(server, bulk)
    served.empty()
    return served


def csv_of(records: int) -> bytes:
    """A record a minute, in order."""
    starts = np.datetime_as_string(np.datetime64("1990-01-01T00:00:00") + 60 * np.arange(records), timezone="UTC")
    values = (2 * (31 * np.arange(records) ** 2 % 99_991) + 1) / 16  # which do not compress to nothing
    lines = (f"1,{start},{value}\n" for start, value in zip(starts.tolist(), values.tolist(), strict=True))
    return HEADER + "".join(lines).encode()


@pytest.fixture(scope="module")
def long_csv() -> bytes:
    """MINUTES records."""
    return csv_of(MINUTES)


def test_many_clients_with_overlapping_batches(served: Served) -> None:
    """In all formats and packings, forwards and backwards: what one client would have stored, each record once."""
    other = served.bulk.api.post("consumption_metadatas/", {**TRACE, "label": "other"}).json or {}
    ids = {"main": 1, "other": int(other["id"])}
    hours = np.datetime_as_string(np.datetime64("2015-01-01T00:00:00") + 3600 * np.arange(HOURS), timezone="UTC")
    whole = [(label, start, len(label) + n / 2) for n, start in enumerate(hours.tolist()) for label in ids]

    def write(format: str, batch: list[tuple[str, str, float]]) -> bytes:
        names = [{**NAME, "label": label} if format == "named" else {"metadata_id": ids[label]} for label, *_ in batch]
        return FORMATS[format].write(
            [{**name, "start": start, "value": value} for name, (_, start, value) in zip(names, batch, strict=True)]
        )

    def load(client: int) -> list[requests.Response]:
        chance = random.Random(client)
        # a hundred beyond each start: together they cover all, and the ends of each overlap with others
        begins = chance.sample(range(0, len(whole), 200), len(whole) // 200)
        answers = []
        for begin in begins:
            format, packing = chance.choice(list(FORMATS)), chance.choice(list(PACKINGS))
            batch = whole[begin : begin + 300][:: chance.choice([1, -1])]
            body = PACKINGS[packing](write(format, batch))
            answers.append(served.send(body, FORMATS[format].media_type, packing))
        return answers

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [answer for client in pool.map(load, range(CLIENTS)) for answer in client]
    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.json()["created"] for answer in answers) == len(whole)
    assert sum(answer.json()["updated"] for answer in answers) == 0
    expected = sorted((ids[label], start, value, False) for label, start, value in whole)
    assert served.bulk.values() == expected


def test_the_process_is_killed_at_any_time(served: Served) -> None:
    """It leaves nothing; once the file has come through, the table holds what it holds."""
    csv, chance = csv_of(MANY_MINUTES), random.Random(3)
    for _ in range(3):
        with served.in_the_middle(lambda: served.send(csv), chance.randrange(MANY_MINUTES * 9 // 10)) as load:
            served.server.kill_workers()
            with pytest.raises(requests.ConnectionError):
                load.result()
        assert served.records() == 0
        served.empty()
    assert served.send(csv).json()["created"] == MANY_MINUTES
    assert served.hash() == hashlib.md5(csv.removeprefix(HEADER), usedforsecurity=False).hexdigest()


def test_the_same_load_of_many_clients_at_once(served: Served, long_csv: bytes) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(served.send, [long_csv] * 4))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert sorted(answer.json()["created"] for answer in answers) == [0, 0, 0, MINUTES]
    assert served.hash() == hashlib.md5(long_csv.removeprefix(HEADER), usedforsecurity=False).hexdigest()


def test_loads_that_meet_each_others_traces_in_another_order(served: Served) -> None:
    """Each holds the trace that the other needs next: the one that Postgres ends begins anew, and nobody hears of
    it."""
    other = served.bulk.api.post("consumption_metadatas/", {**TRACE, "label": "another"}).json or {}
    rows = csv_of(MINUTES).removeprefix(HEADER)
    others = re.sub(rb"^1,", b"%d," % other["id"], rows, flags=re.MULTILINE)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(served.send, [HEADER + rows + others, HEADER + others + rows]))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert sum(answer.json()["created"] for answer in answers) == served.records() == 2 * MINUTES


def test_the_process_is_killed_and_the_command_goes_on(served: Served, long_csv: bytes, tmp_path: Path) -> None:
    """The records of pieces that were stored stay, and the client sends the piece again that was not."""
    file = tmp_path / "long.csv"
    file.write_bytes(long_csv)
    environment = {**os.environ, "EEDS_URL": served.server.url, "EEDS_TOKEN": TOKEN}

    def upload() -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "eeds.cli", "upload", "energy", str(file)]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    with served.in_the_middle(upload) as load:
        served.server.kill_workers()
    assert load.result().returncode == 0, load.result().stderr
    assert served.records() == MINUTES
    assert upload().stdout.startswith(f"{file}: records 0 created, 0 updated, {MINUTES:,} unchanged\n")


def test_the_database_ends_the_connection(served: Served, long_csv: bytes) -> None:
    with served.in_the_middle(lambda: served.send(long_csv)) as load:
        assert served.ask(f"SELECT pg_terminate_backend(pid) {AT_WORK}") is True
    answer = load.result()
    detail = {"detail": "The database is not available right now; try again."}
    assert (answer.status_code, answer.headers["Retry-After"], answer.json()) == (503, "5", detail)
    assert served.records() == 0
    assert served.send(long_csv).json()["created"] == MINUTES


def test_requests_behind_each_other_on_one_connection(served: Served) -> None:
    """Each is read as far as it goes, though it is read where it was received: with its answer or before it."""
    csv = csv_of(20_000)
    url = urlsplit(served.server.url)
    head = f"POST {PATH} HTTP/1.1", f"Authorization: Bearer {TOKEN}", f"Content-Type: {CSV}", "Host: eeds"
    request = "\r\n".join([*head, f"Content-Length: {len(csv)}", "\r\n"]).encode() + csv
    address = url.hostname, url.port
    with socket.create_connection(address, DEADLINE_SECONDS) as connection, connection.makefile("rb") as stream:
        connection.sendall(request)
        answers = [answer_on(stream)]
        connection.sendall(request + request)
        answers += [answer_on(stream), answer_on(stream)]
    assert [(answer["created"], answer["unchanged"]) for answer in answers] == [(20_000, 0), (0, 20_000), (0, 20_000)]
    assert served.hash() == hashlib.md5(csv.removeprefix(HEADER), usedforsecurity=False).hexdigest()


def answer_on(stream: IO[bytes]) -> Any:
    """The JSON of the next answer."""
    head = b"".join(iter(stream.readline, b"\r\n"))
    (length,) = re.findall(rb"(?i)content-length: ([0-9]+)", head)
    return json.loads(stream.read(int(length)))


@pytest.mark.parametrize("packing", PACKINGS)
def test_the_client_goes_away(served: Served, packing: str) -> None:
    """Behind a whole record; in half of a CSV nobody could tell that from its end."""
    packed = PACKINGS[packing](b"metadata_id,start,value\n1,2015-01-01,1\n1,2015-01-02,2\n")
    part = packed.removesuffix(b"1,2015-01-02,2\n") if packing == "identity" else packed[:-1]
    head = f"POST {PATH} HTTP/1.1", f"Authorization: Bearer {TOKEN}", f"Content-Type: {CSV}"
    lines = *head, f"Content-Encoding: {packing}", f"Content-Length: {len(packed)}", "Host: eeds", "Connection: close"
    url = urlsplit(served.server.url)
    with socket.create_connection((url.hostname, url.port), DEADLINE_SECONDS) as connection:
        connection.sendall("\r\n".join([*lines, "\r\n"]).encode() + part)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as stream:
            answer = stream.read()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(b'{"detail":"The body ends before its end: the connection was cut."}')
    assert served.records() == 0
