"""What is attacked: a gunicorn as in production, on servers of its own that are gone afterwards."""

import os
import signal
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from urllib.parse import urlsplit

import psutil
import psycopg

from eeds.config.settings import Settings
from eeds.db.engine import Database
from eeds.db.migrate import migrate
from eeds.server.embedded import embedded_servers, remove
from eeds.server.seed import DEV_TOKEN, seed_dev
from tests.web_server import WebServer, web_server

SECRET_KEY = "a secret key for attacks alone, long enough"
LIVE, READ, UPLOAD = "/health/live", "/api/v1/projects/", "/api/v1/consumption_records/sync2/"
PATIENCE_SECONDS = 15
HEADERS = {"Authorization": f"Bearer {DEV_TOKEN}"}


@dataclass(frozen=True)
class Target:
    """A server, and its Postgres: the id of its process, and the variables by which others find it."""

    web: WebServer
    postgres: int
    environment: Mapping[str, str]

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        url = urlsplit(self.web.url)
        return url.hostname or "", url.port or 0

    @contextmanager
    def another(self, environment: Mapping[str, str], prefix: Sequence[str] = ()) -> Iterator["Target"]:
        """Another server of the same Postgres, with these variables; a command that runs another may stand before."""
        with TemporaryDirectory(prefix="eeds-attack-") as place, web_server(environment, Path(place), prefix) as web:
            yield Target(web, self.postgres, environment)

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Nobody else may even read the table."""
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
            yield

    @contextmanager
    def postgres_stopped(self) -> Iterator[None]:
        """Every process of its Postgres is there, and does nothing."""
        postmaster = psutil.Process(self.postgres)
        stopped = [postmaster, *postmaster.children()]
        for process in stopped:
            process.suspend()
        try:
            yield
        finally:
            for process in stopped:
                os.kill(process.pid, signal.SIGCONT)


@contextmanager
def target(prefix: Sequence[str] = (), **environment: str) -> Iterator[Target]:
    """Start one, seeded, for the length of the block. `prefix` goes before gunicorn's command."""
    place = Path(mkdtemp(prefix="eeds-attack-"))
    try:
        with embedded_servers(place) as servers:
            found = {"DATABASE_URL": servers.urls.database, "REDIS_URL": servers.urls.redis, "SECRET_KEY": SECRET_KEY}
            migrate(servers.urls.database)
            database = Database(servers.urls.database)
            seed_dev(database, Settings.from_env({**found, "EEDS_DATA_DIR": str(place)}))
            database.engine.dispose()
            found["EEDS_RATE_LIMIT"] = "1000000"
            with web_server({**found, **environment}, place, prefix) as web:
                yield Target(web, servers.processes["postgres"].pid, found)
    finally:
        remove(place)


@dataclass
class Answers:
    """Of requests made one after the other: the seconds that each took, and what was answered, 0 for nothing."""

    seconds: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def of(self, share: float) -> float:
        """Milliseconds within which this share of them was answered."""
        return sorted(self.seconds)[min(int(len(self.seconds) * share), len(self.seconds) - 1)] * 1000

    def line(self, what: str) -> str:
        """The figures as a line of a table."""
        counts = {status or "none": self.statuses.count(status) for status in sorted(set(self.statuses))}
        figures = f"{statistics.median(self.seconds) * 1000:9.1f} {self.of(0.99):9.1f} {max(self.seconds) * 1000:9.1f}"
        return f"{what:44s} {figures}   {' '.join(f'{number}x {status}' for status, number in counts.items())}"


TITLE = f"{'milliseconds until the answer':44s} {'median':>9s} {'p99':>9s} {'longest':>9s}   answers"


def ask(target: Target, path: str, number: int, pause: float = 0.0, until: Callable[[], bool] = bool) -> Answers:
    """Request a path some times, each over a connection of its own, until that is enough."""
    answers = Answers()
    for _ in range(number):
        started = time.perf_counter()
        answers.statuses.append(status_of(target, "GET", path))
        answers.seconds.append(time.perf_counter() - started)
        if until():
            break
        time.sleep(pause)
    return answers


def tired(seconds: float = 20.0) -> Callable[[], bool]:
    """Whether it has taken so long that more of the same would tell nothing new."""
    over = threading.Event()
    timer = threading.Timer(seconds, over.set)
    timer.daemon = True
    timer.start()
    return over.is_set


def status_of(target: Target, method: str, path: str, body: bytes | None = None) -> int:
    """The status of one request, 0 where none comes."""
    connection = HTTPConnection(*target.address, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, path, body, {**HEADERS, "Content-Type": "text/csv"} if body else HEADERS)
        answer = connection.getresponse()
        answer.read()
    except (OSError, HTTPException):
        return 0
    else:
        return answer.status
    finally:
        connection.close()


def answer_of(target: Target, path: str, body: bytes, media_type: str) -> str:
    """The status of one request with a body, and what was said."""
    connection = HTTPConnection(*target.address, timeout=4 * PATIENCE_SECONDS)
    try:
        connection.request("POST", path, body, {**HEADERS, "Content-Type": media_type})
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
    except (OSError, HTTPException) as error:
        return f"none: {error or type(error).__name__}"
    finally:
        connection.close()
    return f"{answer.status} {text[:100]}"
