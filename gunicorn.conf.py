"""gunicorn's settings for `gunicorn wsgi:app`; PORT and WEB_CONCURRENCY are read by gunicorn itself."""

import ctypes
import gc
import logging
import os
import resource
import shutil
import sys
import tempfile
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))  # which gunicorn itself does only when it has read this

from eeds.config.logs import CONFIGURATION

# Arrow's own allocator keeps what each thread has ever held; the system's gives it back after a load.
raw_env = ["ARROW_DEFAULT_MEMORY_POOL=system"]
# glibc too keeps what is freed, unless each array is mapped by itself: from half a megabyte on, whatever came before.
MMAP_THRESHOLD = -3  # the name of that option of mallopt(3)
with suppress(AttributeError, OSError):  # of another C library
    ctypes.CDLL(None).mallopt(MMAP_THRESHOLD, 2**19)
# Threads: requests wait for the database, which does the work. None is taken by a client that is slow or silent.
worker_class = "eeds.web.serving.worker.PatientWorker"
threads = 16
# A connection costs a socket alone, and one that is slow makes room for others when they are too many.
worker_connections = 4000
# Longer than a load balancer keeps a connection for the next request (60 seconds as a rule): it would send one into a
# connection that is just being closed.
keepalive = 75
# Nobody manages it but its supervisor, and two of one user would take the same socket in the home directory.
control_socket_disable = True
# EEDS_TRUSTED_PROXIES says whose headers are believed; gunicorn would believe everybody on this machine.
forwarded_allow_ips = ""
# For a worker whose poller hangs, which no request can bring about.
timeout = 120
graceful_timeout = 20
# The file by which a worker shows that it lives; a disk that is full or slow must not look like a dead worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - no name in it is predictable
# Each file of counters has all of its room from the start: writing to a mapped file that finds none kills the process.
# Every endpoint with every method and status that it answers needs 3 MiB.
COUNTER_BYTES = 4 * 2**20
# A hundredth of Python's default.
SWITCH_SECONDS = 0.00005
# gunicorn's own lines go where ours do; the line of each request is ours.
logconfig_dict = {
    **CONFIGURATION,
    "loggers": {"gunicorn.error": {"handlers": [], "propagate": True}, "gunicorn.access": {"handlers": []}},
}


def on_starting(server: Any) -> None:
    """Allow as many connections as are served, and give the processes a directory in which each counts what it serves,
    for whichever is asked for /metrics."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 3 * worker_connections  # a socket, what has arrived on it, and what is left to send
    if resource.RLIM_INFINITY != allowed < wanted:
        wanted = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="eeds-metrics-")


def on_exit(server: Any) -> None:
    """Remove it."""
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)


def pre_fork(server: Any, worker: Any) -> None:
    """Number the places of the processes: one that replaces another goes on counting in the other's file."""
    taken = {other.place for other in server.WORKERS.values()}
    worker.place = next(place for place in count() if place not in taken)
    worker.counts_together = has_room_to_count(worker.place)


def has_room_to_count(place: int) -> bool:
    """Make the files of a process, or enlarge them; False where the disk has no room for them."""
    try:
        for kind in ("counter", "histogram"):
            with Path(os.environ["PROMETHEUS_MULTIPROC_DIR"], f"{kind}_{place}.db").open("ab") as file:
                if hasattr(os, "posix_fallocate"):  # macOS has it not
                    os.posix_fallocate(file.fileno(), 0, COUNTER_BYTES)
    except OSError as error:
        logging.getLogger("eeds.metrics").error("/metrics shows one process at a time, for there is no room: %s", error)
        return False
    return True


def post_fork(server: Any, worker: Any) -> None:
    """Tell the process its place."""
    os.environ["EEDS_WEB_PLACE"] = str(worker.place)
    if not worker.counts_together:
        del os.environ["PROMETHEUS_MULTIPROC_DIR"]
    # A read beside an upload waits for the interpreter after each of its statements.
    sys.setswitchinterval(SWITCH_SECONDS)


def post_worker_init(worker: Any) -> None:
    """Leave the application itself out when garbage is looked for, which stops all threads of the process: without, a
    hundredth of the reads beside large batches took 0.15 seconds, with 0.04."""
    gc.collect()
    gc.freeze()
