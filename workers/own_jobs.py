"""What a worker takes from the queue: jobs of our own functions, with ids alone, and nothing that would run other code.

Whoever reaches Redis can write jobs, and RQ would import and call whatever they name.
"""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

import rq.serializers
from rq.exceptions import NoSuchJobError
from rq.job import Job

from eeds.weather.enqueue import JOB as FETCH_WEATHER
from eeds.weather.station_ids import STATION
from workers.job_tables import JOB_TABLES

log = logging.getLogger("eeds.worker")

# What else RQ would call for a job.
CALLED_BESIDES = (b"success_callback_name", b"failure_callback_name", b"stopped_callback_name", b"webhooks")


def take_own_jobs_only() -> None:
    """Have this process read no jobs but ours, and those as JSON.

    `rq worker` takes the classes of serializer and job from its command line alone; by default a job is a pickle, and
    names any function there is.
    """
    setattr(rq.serializers, "DefaultSerializer", rq.serializers.JSONSerializer)  # noqa: B010 - a class to mypy
    setattr(Job, "restore", restore_own)  # noqa: B010 - a method to mypy


def restore_own(job: Job, raw: Mapping[bytes, bytes], restore: Callable[..., None] = Job.restore) -> None:
    """Read a job from what the queue has of it; raises NoSuchJobError, upon which RQ goes on to the next one, for what
    is not ours."""
    try:
        restore(job, raw)
        ours = not any(raw.get(name) for name in CALLED_BESIDES) and is_own_call(job)
    except Exception as error:  # there is no end to what may be wrong with it
        log.warning("queue: %r is not taken, for it cannot be read: %r", job.id, error)
        raise NoSuchJobError(f"Job {job.id} cannot be read.") from error
    if not ours:
        log.warning("queue: %r is not taken, for it is no job of ours", job.id)
        raise NoSuchJobError(f"Job {job.id} is none of ours.")


def is_own_call(job: Job) -> bool:
    """Whether the job calls one of our functions with the arguments that it has."""
    if job.instance is not None or job.kwargs:
        return False
    if job.func_name == FETCH_WEATHER:
        return is_station_year(*job.args)
    return job.func_name in [table.function for table in JOB_TABLES] and is_id(*job.args)


def is_id(id: Any) -> bool:
    """Whether it is the id of a job."""
    return type(id) is int


def is_station_year(station: Any, year: Any) -> bool:
    """Whether they are the id of a station and a year."""
    return isinstance(station, str) and bool(re.match(STATION, station)) and type(year) is int
