"""The demo from start to end in real processes, and what it finds held against the truth."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from eeds.errors import EedsError
from eeds.server.demo.waiting import Waiting

ROOT = Path(__file__).parents[3]
# A line of the table: derivative, baseline, reporting, savings, bounds, percent, truth and its percent.
NUMBER = r"(-?[\d,]+)"
LINE = re.compile(
    rf"(annualized_weather_normal|gross_predicted)\s+{NUMBER}\s+{NUMBER}\s+{NUMBER}\s+{NUMBER} to {NUMBER}"
    rf"\s+(-?[\d.]+)%\s+{NUMBER} \((-?[\d.]+)%\)"
)


def demo(*options: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the demo with an environment that speaks of somebody else's datastore, which it must not touch."""
    others = {"DATABASE_URL": "postgresql:///nobodys", "REDIS_URL": "redis://127.0.0.1:1/0", "EEDS_ENV": "production"}
    return subprocess.run(
        [sys.executable, "-m", "eeds.server.demo", "--exit", *options],
        cwd=ROOT,
        env={**os.environ, **others},
        capture_output=True,
        text=True,
        check=False,
    )


def number(text: str) -> float:
    return float(text.replace(",", ""))


def test_the_demo_finds_the_savings_that_there_are(tmp_path: Path) -> None:
    done = demo("--data-dir", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "SUCCESS" in done.stdout
    assert "1,462 daily readings stored" in done.stdout
    assert "{'project_id': ['project with this project id already exists.']}" in done.stdout
    lines = LINE.findall(done.stdout)
    assert [line[0] for line in lines] == ["annualized_weather_normal", "gross_predicted"] * 2
    for _, baseline, reporting, savings, lower, upper, percent, true, true_percent in lines:
        assert number(savings) == pytest.approx(number(baseline) - number(reporting), abs=1)
        assert float(percent) == pytest.approx(float(true_percent), abs=3)
        assert number(lower) < number(true) < number(upper)
        assert number(true) > 1000
    assert list(tmp_path.iterdir()) == [], "nothing is left"


def test_a_datastore_that_does_not_start_says_why(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = demo("--data-dir", tmp_path, "--port", str(port))
    assert done.returncode == 1
    assert "The datastore did not start. The end of its log:" in done.stderr
    assert f"Port {port} is taken" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_waiting_ends() -> None:
    with (
        pytest.raises(EedsError, match=r"The kettle: still cold after 0 s\. Is it on\?"),
        Waiting("The kettle", 0, "Is it on?") as waiting,
    ):
        waiting.pause("cold")


def test_waiting_remembers_the_states() -> None:
    with Waiting("The run", 60, "") as waiting:
        for state in ("PENDING", "PENDING", "RUNNING"):
            waiting.pause(state)
    assert waiting.states == ["PENDING", "RUNNING"]
