"""What the health checks of containers say where nobody is at work."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def health(role: str, redis_url: str) -> tuple[int, str]:
    """The exit status, and what is complained of."""
    command = [sys.executable, "-m", "workers.health", role]
    env = {**os.environ, "REDIS_URL": redis_url}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize(("role", "complaint"), [("worker", "No worker on "), ("relay", "No relay is at work.")])
def test_nobody_is_at_work(queue: object, redis_url: str, role: str, complaint: str) -> None:
    status, said = health(role, redis_url)
    assert status == 1
    assert said.startswith(complaint)


def test_a_queue_that_does_not_answer(tmp_path: Path) -> None:
    status, said = health("worker", f"unix://{tmp_path}/none")
    assert status == 1
    assert said.startswith("The queue does not answer: ")


def test_a_role_that_does_not_exist() -> None:
    assert health("web", "") == (1, "usage: python -m workers.health worker|relay\n")
