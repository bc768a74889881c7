"""What the health checks of containers say where nobody is at work."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from rq import Queue, Worker

ROOT = Path(__file__).parents[2]


def health(role: str, redis_url: str, database_url: str = "") -> tuple[int, str]:
    """The exit status, and what is complained of."""
    command = [sys.executable, "-m", "workers.health", role]
    env = {**os.environ, "REDIS_URL": redis_url, "DATABASE_URL": database_url}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize(("role", "complaint"), [("worker", "No worker on "), ("relay", "No relay is at work.")])
def test_nobody_is_at_work(queue: object, redis_url: str, database_url: str, role: str, complaint: str) -> None:
    status, said = health(role, redis_url, database_url)
    assert status == 1
    assert said.startswith(complaint)


def test_a_queue_that_does_not_answer(tmp_path: Path) -> None:
    status, said = health("worker", f"unix://{tmp_path}/none")
    assert status == 1
    assert said.startswith("The queue does not answer: ")


def test_a_relay_without_its_database_and_a_worker_that_waits_for_it(
    queue: "redis.Redis[bytes]", redis_url: str, tmp_path: Path
) -> None:
    worker = Worker([Queue("eeds-1-2", connection=queue)], connection=queue)
    worker.register_birth()  # type: ignore[no-untyped-call]
    away = f"postgresql:///x?host={tmp_path}"
    assert health("worker", redis_url, away) == (0, "")
    status, said = health("relay", redis_url, away)
    assert status == 1
    assert said.startswith("The database does not answer: ")


def test_workers_of_others_are_none_of_ours(queue: "redis.Redis[bytes]", redis_url: str) -> None:
    Worker([Queue("mails", connection=queue)], connection=queue).register_birth()  # type: ignore[no-untyped-call]
    assert health("worker", redis_url)[0] == 1


def test_a_role_that_does_not_exist() -> None:
    assert health("web", "") == (1, "usage: python -m workers.health worker|relay\n")
