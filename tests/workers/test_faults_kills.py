"""Runs by the hundred: one that is poison, and workers that are killed again and again."""

import random
import signal
import time
from contextlib import suppress

import psutil
import pytest

from tests.workers.family import WORKERS, Family, readings

pytestmark = pytest.mark.faults

KILL_EVERY_SECONDS = 5
KILLED_SECONDS = 480
POISON = [7.0] * 500  # a meter that stands still


def test_one_poisonous_trace_in_a_hundred_runs(ours: Family) -> None:
    """Off: with a meter whose refusals are not told from its failures, the reason is a Python exception."""
    good, bad = ours.project(readings(1)), ours.project(POISON)
    runs = ours.order(*[good] * 40, bad, *[good] * 59)
    ours.await_status(runs, "SUCCESS", "FAILED")
    poisoned = runs[40]
    assert {run for run, status in zip(runs, ours.statuses(runs), strict=True) if status == "FAILED"} == {poisoned}
    ((reason,),) = ours.rows([poisoned], "traceback")
    assert "different values of days (measured 1," in reason
    healthy = [run for run in runs if run != poisoned]
    assert ours.results_of(runs) == dict.fromkeys(healthy, 1)
    assert ours.progress(runs)["failures"] == [
        {"run": poisoned, "project": bad, "message": "No trace could be modelled."}
    ]


def test_workers_killed_every_few_seconds(ours: Family) -> None:
    """Off: without Relay.sweep runs stay RUNNING."""
    chance = random.Random(1)
    projects = [ours.project(readings(n)) for n in range(4)]
    runs = ours.order(*projects * 48)
    runs += ours.order(*projects * 2, reuse=False)
    began = last = time.monotonic()
    kills = 0
    while "PENDING" in ours.statuses(runs):
        assert time.monotonic() - began < KILLED_SECONDS, f"{ours.progress(runs)}\n{ours.tail()}"
        ours.supervise()
        if time.monotonic() - last > KILL_EVERY_SECONDS and kill_one(ours, chance):
            kills += 1
            last = time.monotonic()
        time.sleep(0.05)
    assert kills
    ended = ours.await_status(runs, "SUCCESS", "FAILED", seconds=120)
    reasons = {reason for (reason,) in ours.rows(runs, "traceback")}
    assert reasons <= {None, "worker lost 3 times"}
    succeeded = [run for run, status in zip(runs, ended, strict=True) if status == "SUCCESS"]
    assert ours.results_of(runs) == dict.fromkeys(succeeded, 1)
    assert len(succeeded) > 190


def kill_one(ours: Family, chance: random.Random) -> bool:
    """Kill a worker that listens, or its job, or what keeps its lease; whether there was one."""
    with suppress(psutil.NoSuchProcess):
        listening = [name for name in WORKERS if ours.is_listening(name)]
        if listening:
            name = chance.choice(listening)
            chance.choice(ours.processes_of(name)).send_signal(signal.SIGKILL)
            return True
    return False
