"""gunicorn's settings for `gunicorn wsgi:app`; PORT and WEB_CONCURRENCY are read by gunicorn itself."""

import os
import shutil
import sys
import tempfile
from itertools import count
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))  # which gunicorn itself does only when it has read this

from eeds.config.logs import CONFIGURATION

# Arrow's own allocator keeps what each thread has ever held; the system's gives it back after a load.
raw_env = ["ARROW_DEFAULT_MEMORY_POOL=system"]
# Threads: uploads and streams wait for the network and the database, and Postgres does the work.
worker_class = "gthread"
threads = 4
# Nobody manages it but its supervisor, and two of one user would take the same socket in the home directory.
control_socket_disable = True
# A large upload keeps its thread busy, not its worker: the timeout catches workers that hang.
timeout = 120
graceful_timeout = 20
# Keep each worker's memory in bounds whatever it has served.
max_requests = 10_000
max_requests_jitter = 1_000
# Python's default is ten times as long.
SWITCH_SECONDS = 0.0005
# gunicorn's own lines go where ours do; the line of each request is ours.
logconfig_dict = {
    **CONFIGURATION,
    "loggers": {"gunicorn.error": {"handlers": [], "propagate": True}, "gunicorn.access": {"handlers": []}},
}


def on_starting(server: Any) -> None:
    """Give the processes a directory in which each counts what it serves, for whichever is asked for /metrics."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="eeds-metrics-")


def on_exit(server: Any) -> None:
    """Remove it."""
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)


def pre_fork(server: Any, worker: Any) -> None:
    """Number the places of the processes: one that replaces another goes on counting in the other's file."""
    taken = {other.place for other in server.WORKERS.values()}
    worker.place = next(place for place in count() if place not in taken)


def post_fork(server: Any, worker: Any) -> None:
    """Tell the process its place."""
    os.environ["EEDS_WEB_PLACE"] = str(worker.place)
    # A read beside an upload waits for the interpreter after each of its statements.
    sys.setswitchinterval(SWITCH_SECONDS)
