"""`eeds up`: servers, migrations and the Procfile's processes in the foreground, all ended together."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType

import click
import requests

from eeds.config.logs import humanise
from eeds.config.settings import SECRET_KEY_FILE, Settings
from eeds.db.engine import Database
from eeds.db.migrate import migrate
from eeds.errors import ConfigurationError
from eeds.jobs.processes import Command, await_end, spawn
from eeds.server.embedded import embedded_servers
from eeds.server.seed import seed_dev

ROOT = Path(__file__).parents[2]
WORKER = "workers.worker.MeterWorker"
STOP_SECONDS = 25
POLL_SECONDS = 0.1
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
# A process that has lived this long has started well: its next failure is a new one.
SETTLED_SECONDS = 60.0


@dataclass
class Service:
    """One of the processes, started again when it ends."""

    name: str
    command: Command
    when_orphaned: signal.Signals
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = field(default_factory=time.monotonic)

    def tend(self, env: Mapping[str, str]) -> None:
        """Start it when it is due; notice when it has ended."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.start(env)
        elif self.process.poll() is not None:
            self.pause = FIRST_PAUSE if now - self.started > SETTLED_SECONDS else min(self.pause * 2, LONGEST_PAUSE)
            print_line(self.name, f"ended with status {self.process.returncode}; again in {self.pause:.0f} s")
            self.process, self.due = None, now + self.pause

    def start(self, env: Mapping[str, str]) -> None:
        """Start it, its lines going to our output with its name in front."""
        process = spawn(self.command, when_orphaned=self.when_orphaned, output=subprocess.PIPE, env=env, cwd=ROOT)
        self.process, self.started = process, time.monotonic()
        threading.Thread(target=prefix_lines, args=(self.name, process), daemon=True).start()


def services(port: int, workers: int) -> list[Service]:
    """The processes of the Procfile; the signals are those on which each ends at once, leaving no child behind."""
    python = sys.executable
    gunicorn: Command = [python, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}"]
    worker: Command = [python, "-m", "rq.cli", "worker", "-w", WORKER, "-c", "workers.settings"]
    return [
        Service("web", gunicorn, signal.SIGQUIT),
        Service("relay", [python, "-m", "workers.relay"], signal.SIGKILL),
        *(Service(f"worker.{number}", worker, signal.SIGKILL) for number in range(1, workers + 1)),
    ]


def up(settings: Settings, *, port: int, workers: int, seed: bool, environ: Mapping[str, str]) -> None:
    """Run everything until SIGTERM or SIGINT; raises ConfigurationError if something is in the way."""
    with ExitStack() as running:
        stopped = running.enter_context(stop_signals())
        require_free(port)
        print_line("up", f"data directory {settings.data_dir}")
        postgres, valkey = (not environ.get(name) for name in ("DATABASE_URL", "REDIS_URL"))
        servers = running.enter_context(embedded_servers(settings.data_dir, postgres=postgres, valkey=valkey))
        prepare(settings, seed)
        env = {
            **environ,
            "PORT": str(port),
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "SECRET_KEY": settings.secret_key,
            "EEDS_DATA_DIR": str(settings.data_dir),
            "EEDS_ENV": settings.env,
            "PYTHONUNBUFFERED": "1",
        }
        family = services(port, workers)
        running.callback(stop_all, family)
        announced = False
        while not stopped.is_set():
            for service in family:
                service.tend(env)
            for name, process in servers.processes.items():
                if process.poll() is not None:
                    raise ConfigurationError(f"{name} has ended with status {process.returncode}; see its log.")
            if not announced and (announced := answers(port)):
                url = f"http://127.0.0.1:{port}"
                print_line("up", f"serving on {url}/portal/ (API docs: {url}/docs/)")
            stopped.wait(POLL_SECONDS)
        print_line("up", "stopping")


def prepare(settings: Settings, seed: bool) -> None:
    """Bring the schema up to date and, when asked to, put the demo user and the sample project in."""
    for name in migrate(settings.direct_url, partial(print_line, "up")):
        print_line("up", f"applied migration {name}")
    if seed:
        database = Database(settings.direct_url)
        seed_dev(database, settings)
        database.engine.dispose()


def ensure_secret_key(data_dir: Path) -> None:
    """A random key for this data directory, kept where Settings finds it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    file = data_dir / SECRET_KEY_FILE
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as new:
            new.write(secrets.token_hex(32))


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set."""
    stopped = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        stopped.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def require_free(port: int) -> None:
    """Raises ConfigurationError if something listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ConfigurationError(f"Port {port} is taken ({error.strerror}); choose another with --port.") from error


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether the web process serves."""
    try:
        return requests.get(f"http://127.0.0.1:{port}/health/live", timeout=2).ok
    except requests.RequestException:
        return False


def stop_all(family: list[Service]) -> None:
    """Ask every process to end, then see that each has."""
    alive = [service.process for service in family if service.process and service.process.poll() is None]
    for process in alive:
        process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for process in alive:
        # not a second signal, on which RQ would drop the job that it is doing
        await_end(process, max(0.0, deadline - time.monotonic()))


def prefix_lines(name: str, process: subprocess.Popen[bytes]) -> None:
    """Copy a process's lines to our output."""
    assert process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            print_line(name, humanise(line.decode(errors="replace").rstrip()))


def print_line(name: str, text: str) -> None:
    """Print a line of output after the name of the process that it is from."""
    click.echo(f"{name:9s} | {text}")
