"""The worker: what it does before its first job, and how it ends."""

import gc
import logging
import os
import signal
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import redis
from rq import Worker
from rq.executions import Execution
from rq.job import Job
from sqlalchemy.orm import configure_mappers

from eeds.config.settings import Settings
from eeds.db.statements import read_all
from eeds.jobs.queue_state import count_fallback
from workers.lease_keeper import stop_jobs

log = logging.getLogger("eeds.worker")

QUEUE_PAUSE = 1.0


class MeterWorker(Worker):
    """RQ's worker, which passes SIGTERM on to its job, and does not let a job die because the queue is away."""

    # between two tries to reach the queue, instead of a minute: runs wait for it
    max_connection_wait_time = 5.0

    def handle_warm_shutdown_request(self) -> None:
        """The worker ends when its job does, so those must know who can end that: the job itself, if it has not begun,
        and else its lease keeper, which releases the run if need be."""
        log.info("asked to stop")
        if self.horse_pid:
            self.kill_horse(signal.SIGTERM)
            stop_jobs()

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        """Report to the queue that the job is alive, if it answers; the job needs it only when it has ended."""
        try:
            super().maintain_heartbeats(job, execution)
        except redis.RedisError as error:
            log.warning("queue: %s; the job goes on", error)


def warm_up(settings: Settings) -> None:
    """Import and read what a job needs and fit a toy model, so that jobs forked from this process start warm."""
    started = time.monotonic()
    gc.disable()  # a third of the start: nothing of what is imported is garbage
    # One process per core; a second thread for linear algebra would only fight the neighbours. Must precede numpy.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    choose_numba_cache(settings)
    import_module("workers.jobs")
    from eeds.meter import provenance
    from eeds.meter.models import engine
    from eeds.meter.models.warm_up import warm_up as fit_toy_models
    from eeds.meter.settings import timezones
    from eeds.weather.stations import STATIONS, ZCTAS

    configure_mappers()
    for table in (ZCTAS, STATIONS):
        table.read()
    timezones()
    read_all()
    provenance.versions()
    fit_toy_models(library=settings.meter == engine.LIBRARY)
    gc.freeze()  # nor is it in the jobs, which need not copy its memory to look through it
    gc.enable()
    log.info("meter ready after %.1f s: %s", time.monotonic() - started, engine.engine())


def choose_numba_cache(settings: Settings) -> None:
    """Keep compiled code beside the packages, where an image has it built in; where one of them is not writable, in the
    data directory."""
    specs = [find_spec(name) for name in ("opendsm", "eeds.meter.models.compiled")]
    packages = [Path(spec.origin).parent for spec in specs if spec and spec.origin]
    if "NUMBA_CACHE_DIR" not in os.environ and not all(os.access(package, os.W_OK) for package in packages):
        os.environ["NUMBA_CACHE_DIR"] = str(settings.data_dir / "numba")


def report_fallback(settings: Settings, queue: str) -> None:
    """Count this worker among those that had to fall back on the library; its log says why."""
    from eeds.meter.models import engine

    if engine.why():
        try:
            count_fallback(settings.redis_url, queue)
        except redis.RedisError as error:
            log.warning("queue: %s; this worker is not counted", error)


def await_queue(settings: Settings) -> None:
    """Wait until the queue answers."""
    with redis.from_url(settings.redis_url, socket_timeout=5, socket_connect_timeout=5) as queue:
        while True:
            try:
                queue.ping()
                return
            except redis.RedisError as error:
                log.warning("queue: %s", error)
                time.sleep(QUEUE_PAUSE)
