"""Workers and web processes that are asked to stop, and runs that are not wanted any more while they are computed."""

import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from eeds.server.up import STOP_SECONDS
from tests.workers.family import WORKERS, Family, eventually, readings

pytestmark = pytest.mark.faults

# A killed process may take its time to be gone on a busy machine.
GRACE_SECONDS = 30


def worker_with_a_job(ours: Family) -> str:
    """The worker that has a job."""
    found: str = eventually(
        lambda: next((name for name in WORKERS if ours.has_job(name)), ""), GRACE_SECONDS, ours.tail
    )
    return found


def test_a_worker_that_stops_gives_back_a_run_that_does_not_end(ours: Family) -> None:
    """Off: without the keeper's `stop` the worker is there after STOP_SECONDS; without release_job the run is lost."""
    with ours.locked("weather_years"):
        run = ours.order(ours.project(readings(1)))
        ours.await_status(run, "RUNNING")
        stopping = ours.members[worker_with_a_job(ours)]
        stopping.send_signal(signal.SIGTERM)
        assert stopping.wait(STOP_SECONDS + GRACE_SECONDS) == 0
        # at once, and so the other worker has it
        eventually(
            lambda: ours.rows(run, "status", "attempts", "lost") == [("RUNNING", 2, 0)], GRACE_SECONDS, ours.tail
        )
    assert ours.await_status(run, "SUCCESS", "FAILED") == ["SUCCESS"]


def test_a_worker_that_stops_ends_a_run_that_can_be_ended(ours: Family) -> None:
    """Off: with SIGTERM not ignored by the job, the run is lost with it."""
    with ours.locked("weather_years"):
        run = ours.order(ours.project(readings(1)))
        ours.await_status(run, "RUNNING")
        eventually(ours.waiting_for_lock, GRACE_SECONDS)
        stopping = ours.members[worker_with_a_job(ours)]
        stopping.send_signal(signal.SIGTERM)
        eventually(lambda: "asked to stop" in ours.tail(), GRACE_SECONDS)
    assert stopping.wait(STOP_SECONDS + GRACE_SECONDS) == 0
    assert ours.rows(run, "status", "attempts", "lost") == [("SUCCESS", 1, 0)]


def test_a_run_that_is_cancelled_leaves_its_worker(ours: Family) -> None:
    """Off: without the keeper the job goes on until the lock is gone."""
    project = ours.project(readings(1))
    with ours.locked("weather_years"):
        (run,) = ours.order(project)
        ours.await_status([run], "RUNNING")
        worker = worker_with_a_job(ours)
        assert ours.client.post(f"project_runs/{run}/cancel/", {})["status"] == "FAILED"
        eventually(lambda: not ours.has_job(worker), GRACE_SECONDS, ours.tail)
        assert ours.rows([run], "status", "traceback", "lost") == [("FAILED", "cancelled by admin", 0)]
    assert ours.members[worker].poll() is None
    assert ours.client.post(f"project_runs/{run}/retry/", {})["status"] == "PENDING"
    ours.await_status([run], "SUCCESS")
    assert ours.results_of([run]) == {run: 1}


def test_web_that_stops_ends_its_requests(ours: Family) -> None:
    """Off: with a graceful_timeout that is over before the request is, it has no answer."""
    with ThreadPoolExecutor(1) as pool:
        with ours.locked("projects"):
            asked = pool.submit(ours.get, "/api/v1/projects/")
            eventually(ours.waiting_for_lock, GRACE_SECONDS)
            ours.members["web"].send_signal(signal.SIGTERM)
            eventually(lambda: not answers(ours), GRACE_SECONDS)
        assert asked.result().status_code == 200
    assert ours.members["web"].wait(STOP_SECONDS + GRACE_SECONDS) == 0


def answers(ours: Family) -> bool:
    """Whether the web takes another request; one that it leaves waiting it does not take."""
    try:
        return requests.get(f"{ours.url}/health/live", timeout=1).ok
    except requests.RequestException:
        return False
