"""Web, relay, worker and servers as `eeds up` runs them: real files in, results or reasons out, and no orphans."""

import csv
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import redis
import requests
from rq import Callback, Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from eeds.client import Client
from eeds.config.data_dir import embedded_urls
from eeds.jobs.queue_name import queue_of
from eeds.server.demo.project import PROJECT, STATION, readings, weather
from eeds.server.demo.server import Datastore, datastore
from eeds.server.embedded import remove
from eeds.server.seed import DEV_TOKEN
from eeds.server.up import free_port

ROOT = Path(__file__).parents[2]
RUN_SECONDS = 300


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datastore]:
    with datastore(free_port(), tmp_path_factory.mktemp("processes")) as running:
        yield running


@pytest.fixture
def client(running: Datastore) -> Iterator[Client]:
    with Client(running.url, DEV_TOKEN) as client:
        yield client


def eeds(running: Datastore, *arguments: str | Path) -> str:
    """Run a command against the datastore; its output."""
    command = [sys.executable, "-m", "eeds.cli", *map(str, arguments)]
    env = {**os.environ, "EEDS_URL": running.url, "EEDS_TOKEN": DEV_TOKEN}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def eventually(condition: Callable[[], Any], seconds: float) -> Any:
    """Poll until the condition is something."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    return found


def ended(client: Client, run: int) -> Any:
    """The run, when it has ended."""

    def look() -> Any:
        found = client.get(f"project_runs/{run}/")
        return found if found["status"] in ("SUCCESS", "FAILED") else None

    return eventually(look, RUN_SECONDS)


def write_table(file: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """Rows as a CSV file, with their keys as header."""
    first, *others = rows
    with file.open("w", newline="") as target:
        table = csv.DictWriter(target, first.keys())
        table.writeheader()
        table.writerows([first, *others])
    return file


def temperatures() -> Iterator[dict[str, Any]]:
    """Those of the sample project's station, hour by hour."""
    for hour, temp in zip(*weather(), strict=True):
        yield {"station": STATION, "start": f"{hour}:00:00Z", "temp_f": round(temp, 1)}


def test_the_sample_files_of_the_original(running: Datastore, client: Client, tmp_path: Path) -> None:
    """Their columns, with readings that were made up: `eeds.server.demo.project` says what is true of them."""
    client.delete("projects/1/")
    eeds(running, "upload", "projects", write_table(tmp_path / "sample-project-data.csv", [PROJECT]))
    told = eeds(running, "upload", "energy", write_table(tmp_path / "sample-energy-data.csv", readings()))
    assert "1,462" in told
    assert "35,064" in eeds(running, "upload", "weather", write_table(tmp_path / "weather.csv", temperatures()))
    (project,) = client.get("projects/", project_id="ABC")
    assert project["zipcode"] == "50321"
    eeds(running, "run-meters", "--projects", str(project["id"]), "--wait")
    (run,) = client.get("project_runs/", projects=project["id"])
    assert (run["status"], run["traceback"]) == ("SUCCESS", None)
    (result,) = client.get("project_results/")
    assert [trace["status"] for trace in result["energy_trace_model_results"]] == ["SUCCESS"] * 2
    assert {total["trace_interpretation"] for total in result["derivative_aggregations"]} == {
        "ELECTRICITY_CONSUMPTION_SUPPLIED",
        "ALL_FUELS_CONSUMPTION_SUPPLIED",
    }
    for total in result["derivative_aggregations"]:
        assert total["baseline_value"] > total["baseline_upper"] > 0
        assert total["baseline_n"] == {"annualized_weather_normal": 365}.get(total["interpretation"], 549)


TOUCH = "subprocess.call"


@pytest.mark.parametrize("role", ["worker", "relay"])
def test_the_health_of_processes_at_work(running: Datastore, role: str) -> None:
    env = {**os.environ, "EEDS_DATA_DIR": str(running.log.parent)}
    command = [sys.executable, "-m", "workers.health", role]

    def healthy() -> bool:
        return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode == 0

    assert eventually(healthy, RUN_SECONDS)


def put(queue: Queue, made: Path, call: str) -> None:
    """Put a job into the queue that makes a file, by one of the ways in which RQ would."""
    touch: dict[str, Any] = {"args": (["touch", str(made / call)],)}
    run: dict[str, Any] = {"args": (10**9,)}
    ours = "workers.jobs.execute_project_run"
    ways: dict[str, Callable[[], Job]] = {
        "function": lambda: queue.enqueue_call(TOUCH, **touch),
        "keyword": lambda: queue.enqueue_call(ours, kwargs={"run_id": 10**9}),
        "argument": lambda: queue.enqueue_call(ours, args=([str(made)],)),
        "callback": lambda: queue.enqueue_call(ours, **run, on_success=Callback("shutil.copyfile")),
        "station": lambda: queue.enqueue_call("workers.weather_jobs.fetch_weather", args=("../../etc", 2013)),
        "pickle": lambda: Queue(queue.name, connection=queue.connection).enqueue_call(TOUCH, **touch),
    }
    ways[call]()


def test_whoever_reaches_the_queue_runs_no_code(running: Datastore, client: Client, tmp_path: Path) -> None:
    calls = ("function", "keyword", "argument", "callback", "station", "pickle")
    urls = embedded_urls(running.log.parent)
    with psycopg.connect(urls.database) as database:
        name = queue_of(database)
    with redis.from_url(urls.redis) as connection:
        queue = Queue(name, connection=connection, serializer=JSONSerializer)
        before = refusals(running)
        for call in calls:
            put(queue, tmp_path, call)
        eventually(lambda: refusals(running) - before >= len(calls), RUN_SECONDS)
        assert queue.job_ids == []
    assert list(tmp_path.iterdir()) == []


def refusals(running: Datastore) -> int:
    """How many jobs the worker has not taken."""
    return running.log.read_text().count("is not taken, for it")


PERIODS = {"baseline_period_end": "2013-06-01T00:00:00Z", "reporting_period_start": "2013-07-01T00:00:00Z"}
LONG_AGO = {"baseline_period_end": "2003-01-01T00:00:00Z", "reporting_period_end": "2004-01-01T00:00:00Z"}
DAYS = [{"start": f"2013-0{month}-01T00:00:00Z", "value": 1.0} for month in (4, 5, 6, 7, 8)]


@pytest.mark.parametrize(
    ("project", "records", "reason"),
    [
        ({}, None, r"^Project 1 has no baseline_period_end; set it\.$"),
        (PERIODS, None, r"^The project has no traces with records; load some with consumption_records/sync2/\.$"),
        (PERIODS, [], r"^The project has no traces with records"),
        (PERIODS, DAYS, r"^No weather station: "),
        ({**PERIODS, "zipcode": "50306"}, DAYS, r"^No weather station: ZIP code 50306 has no Census area"),
        ({**PERIODS, "zipcode": "99501"}, DAYS, r"^No hourly temperatures for station 702735 \(.+\)"),
        (LONG_AGO, DAYS, r"^The project's periods have no readings: they look at 2013-04-01 to 2004-01-01\."),
    ],
)
def test_a_run_that_cannot_be_says_what_is_missing(
    client: Client, request: pytest.FixtureRequest, project: dict[str, Any], records: Any, reason: str
) -> None:
    name = request.node.callspec.id
    body = {"project_id": name, "project_owner": 1, **project}
    id = client.post("projects/", body)["id"]
    if records is not None:
        trace = {"project": id, "interpretation": "E_C_S", "unit": "KWH", "records": records}
        client.post("consumption_metadatas/", trace)
    run = ended(client, client.post("project_runs/", {"project": id})["id"])
    assert run["status"] == "FAILED"
    assert re.search(reason.replace("Project 1", f"Project {re.escape(name)}"), run["traceback"]), run["traceback"]
    assert "Traceback" not in run["traceback"]


def start_up(data_dir: Path, port: int) -> subprocess.Popen[bytes]:
    """`eeds up`, serving."""
    command = [sys.executable, "-m", "eeds.cli", "up", "--port", str(port), "--data-dir", str(data_dir)]
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    with (data_dir / "up.log").open("ab") as log:
        up = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)

    def ready() -> bool:
        assert up.poll() is None, (data_dir / "up.log").read_text()
        try:
            return requests.get(f"http://127.0.0.1:{port}/health/ready", timeout=5).ok
        except requests.RequestException:
            return False

    eventually(ready, 60)
    return up


def family(up: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """All that it has started: Postgres, Valkey, gunicorn, relay, worker and their children."""
    return psutil.Process(up.pid).children(recursive=True)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
def test_up_leaves_nothing_behind_and_starts_again(tmp_path: Path) -> None:
    port = free_port()
    try:
        for end in (signal.SIGKILL, signal.SIGTERM):
            up = start_up(tmp_path, port)
            members = family(up)
            names = " ".join(" ".join(member.cmdline()) for member in members)
            assert all(name in names for name in ("postgres", "valkey-server", "gunicorn", "rq", "workers.relay"))
            up.send_signal(end)
            assert up.wait(30) == (-signal.SIGKILL if end == signal.SIGKILL else 0)
            eventually(lambda: not any(member.is_running() for member in members), 10)  # noqa: B023 - called here
    finally:
        remove(tmp_path)


def test_up_wants_its_port_for_itself(tmp_path: Path, running: Datastore) -> None:
    port = running.url.rpartition(":")[2]
    command = [sys.executable, "-m", "eeds.cli", "up", "--port", port, "--data-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"Port {port} is taken" in done.stderr
