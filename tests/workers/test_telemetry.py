"""What a datastore that runs tells of itself: logs of JSON lines, metrics, health."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from eeds.server.demo.server import Datastore, datastore
from eeds.server.seed import DEV_TOKEN
from eeds.server.up import free_port


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datastore]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEB_CONCURRENCY", "2")
        with datastore(free_port(), tmp_path_factory.mktemp("observed")) as running:
            yield running


def lines_with(running: Datastore, text: str) -> list[str]:
    """The lines of the log that have the text, as soon as there are some."""
    deadline = time.monotonic() + 60
    while not (found := [line for line in running.log.read_text().splitlines() if text in line]):
        assert time.monotonic() < deadline, running.log.read_text()
        time.sleep(0.1)
    return found


def ask(running: Datastore, path: str, method: str = "GET", **options: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {DEV_TOKEN}", **options.pop("headers", {})}
    return requests.request(method, f"{running.url}{path}", headers=headers, timeout=60, **options)


def test_a_request_and_its_run_bear_the_same_id_and_no_secret(running: Datastore) -> None:
    name = "a-name-of-the-request"
    project = ask(running, "/api/v1/projects/", "POST", json={"project_id": "no periods", "project_owner": 1}).json()
    run = {"project": project["id"]}
    answer = ask(running, "/api/v1/project_runs/", "POST", json=run, headers={"X-Request-ID": name})
    assert answer.headers["X-Request-ID"] == name
    (line,) = lines_with(running, f"request_id={name} method=POST")
    assert re.search(r"^web +\| INFO POST /api/v1/project_runs/ 201 \(.* status=201 user=1 ms=[\d.]+\)$", line), line
    reason = "FAILED: Project no periods has no baseline_period_end; set it."
    lines_with(running, f"{reason} (run={answer.json()['id']} request_id={name})")
    ask(running, f"/api/v1/projects/?access_token={DEV_TOKEN}", headers={"X-Request-ID": "second"})
    lines_with(running, "request_id=second")
    assert DEV_TOKEN not in running.log.read_text()


def test_the_processes_are_counted_together(running: Datastore) -> None:
    def counted() -> float:
        text = ask(running, "/metrics").text
        pattern = r'^eeds_http_requests_total\{endpoint="none",method="GET",status="404"\} (\S+)$'
        return sum(map(float, re.findall(pattern, text, re.M)))

    before = counted()
    for _ in range(20):  # of two processes, whichever is free answers
        assert ask(running, "/nowhere").status_code == 404
    deadline = time.monotonic() + 10
    while counted() < before + 20:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert counted() == before + 20


def test_records_are_counted_by_what_became_of_them(running: Datastore) -> None:
    body = [{"metadata_id": 1, "start": "2001-01-01T00:00:00Z", "value": value} for value in (1, 2)]
    body.append({"metadata_id": 999, "start": "2001-01-01T00:00:00Z", "value": 1})
    for _ in range(2):
        assert ask(running, "/api/v1/consumption_records/sync2/?mode=partial", "POST", json=body).status_code == 200
    assert ask(running, "/api/v1/consumption_records/sync2/?dry_run=true", "POST", json=body[:1]).status_code == 200
    text = ask(running, "/metrics").text
    found = re.findall(r'^eeds_records_total\{kind="consumption_records",outcome="(\w+)"\} (\S+)$', text, re.M)
    assert dict(found) == {
        "created": "1.0",
        "updated": "0.0",
        "unchanged": "1.0",
        "duplicates": "2.0",
        "refused": "2.0",
    }


def test_metrics_tell_the_state_of_the_runs(running: Datastore) -> None:
    answer = requests.get(f"{running.url}/metrics", timeout=60)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    found = dict(re.findall(r"^([^#\s]\S*) (\S+)$", answer.text, re.M))
    assert {name for name in found if name.startswith("eeds_runs")} == {
        f'eeds_runs{{status="{status}"}}' for status in ("PENDING", "RUNNING", "SUCCESS", "FAILED")
    }
    assert float(found["eeds_workers"]) == 1
    assert float(found["eeds_oldest_pending_run_seconds"]) >= 0
    assert "eeds_queued_jobs" in found
    assert float(found["eeds_meter_fallbacks_total"]) == 0
