"""A real gunicorn with the configuration of production, for what only processes show."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests

ROOT = Path(__file__).parents[1]
START_SECONDS = 60


@dataclass(frozen=True)
class WebServer:
    """A server that answers at `url`; `pid` is of the process that starts the others again."""

    url: str
    pid: int

    def kill_workers(self) -> None:
        """End the processes that serve requests as a machine out of memory does: without a word."""
        for worker in psutil.Process(self.pid).children():
            worker.kill()


@contextmanager
def web_server(environment: Mapping[str, str], data_dir: Path, prefix: Sequence[str] = ()) -> Iterator[WebServer]:
    """Start one with these variables, besides those of the tests, and stop it in the end; a command that runs another
    one may stand before it."""
    env = {**os.environ, "EEDS_DATA_DIR": str(data_dir), **environment}
    log = data_dir / "gunicorn.log"
    # The socket is ours, so that no other process can take the port before gunicorn has it.
    with socket.create_server(("127.0.0.1", 0)) as listening, log.open("wb") as output:
        command = [*prefix, sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"fd://{listening.fileno()}"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=output, stderr=output, pass_fds=[listening.fileno()]
        )
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            wait_for(url, process, log)
            yield WebServer(url, process.pid)
        finally:
            process.send_signal(signal.SIGQUIT)  # at once, whatever connections are open
            process.wait()


def small_room(room: Path, size: str) -> list[str]:
    """What to put before a command, to let it see a file system of this size, in memory and its own, at `room`."""
    namespaces = ["--mount"] if os.geteuid() == 0 else ["--map-root-user", "--mount"]
    script = f'mount -t tmpfs -o size={size} none {room} && exec "$@"'
    return ["unshare", *namespaces, "sh", "-c", script, "-"]


def fill(file: Path) -> None:
    """Write until nothing more can be written there."""
    with file.open("wb", buffering=0) as filler:
        for size in (2**20, 4096, 1):
            with suppress(OSError):
                while filler.write(b"x" * size):
                    pass


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Poll until the server answers."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        try:
            if requests.get(f"{url}/health/live", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.05)
