"""A datastore for the demo alone: `eeds up` as a child process, on an empty data directory of its own."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from eeds.errors import ConfigurationError, EedsError
from eeds.jobs.processes import Command, spawn, stop
from eeds.server.demo.waiting import Waiting
from eeds.server.embedded import remove, tail
from eeds.server.up import STOP_SECONDS, free_port, require_free

READY_SECONDS = 180
USUAL_PORT = 8000
LOOPBACK = "127.0.0.1"
# A datastore that the environment names is not the demo's to fill.
NOT_OURS = frozenset({"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "EEDS_ENV", "EEDS_DATA_DIR", "PORT"})


@dataclass(frozen=True)
class Datastore:
    """A running datastore."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]


@contextmanager
def datastore(port: int, parent: Path | None) -> Iterator[Datastore]:
    """A freshly seeded datastore for the length of the block; nothing is left of it afterwards.

    Its data directory is a new one in `parent`, or where temporary files go. Raises EedsError with the end of its log
    if it does not start.
    """
    data_dir = Path(tempfile.mkdtemp(prefix="eeds-demo-", dir=parent))
    try:
        with started(port, data_dir, data_dir / "demo.log") as running:
            yield running
    finally:
        remove(data_dir)


@contextmanager
def started(port: int, data_dir: Path, log: Path) -> Iterator[Datastore]:
    """`eeds up`, ready when the block begins and ended after it; its output goes to the log."""
    options: Command = ["--seed", "dev", "--port", str(port), "--data-dir", data_dir]
    env = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    with log.open("wb") as output:
        process = spawn(
            [sys.executable, "-m", "eeds.cli", "up", *options], when_orphaned=signal.SIGTERM, output=output, env=env
        )
    try:
        running = Datastore(f"http://{LOOPBACK}:{port}", log, process)
        with Waiting("Starting the datastore", READY_SECONDS, f"See {log}") as waiting:
            while missing := what_is_missing(running):
                waiting.pause(missing)
        yield running
    finally:
        stop(process, signal.SIGTERM, 2 * STOP_SECONDS)


def what_is_missing(running: Datastore) -> str:
    """What it needs before it can do its work, "" if nothing; raises EedsError if it has ended."""
    if running.process.poll() is not None:
        raise EedsError(f"The datastore did not start. The end of its log:\n{tail(running.log)}")
    with requests.Session() as session:
        session.trust_env = False  # a proxy of the network does not know our own machine
        try:
            return "" if session.get(f"{running.url}/health/ready", timeout=5).ok else "its queue"
        except requests.RequestException:
            return "its servers"


def choose_port(requested: int | None) -> int:
    """The port that was requested, else the usual one, else any that is free."""
    if requested is not None:
        return requested
    try:
        require_free(USUAL_PORT)
    except ConfigurationError:
        return free_port()
    return USUAL_PORT
