"""The job that fetches a station-year.

The queue may forget it, and nothing is lost but the download: what is stored, or remembered as not available, is in the
database, and who ordered it sees there that it is missing, and orders it again.
"""

import logging
import signal

import psycopg
from redis import from_url
from rq import Queue, Retry
from rq.serializers import JSONSerializer

from eeds.config.settings import Settings
from eeds.jobs.leases import QUEUE
from eeds.server.processes import end_with_parent
from eeds.weather.fetch import Outcome, fetch_year, source_of
from eeds.weather.sources import SourceDown

log = logging.getLogger("eeds.weather")

JOB = "workers.weather_jobs.fetch_weather"
JOB_SECONDS = 3600  # more than the slowest download may take, with all its tries
# Behind what else is in the queue; pauses between them are those of a download's own tries.
RETRIES = 2
FAILED_JOB_SECONDS = 3600


def enqueue(settings: Settings, station: str, year: int) -> None:
    """Tell the workers of a station-year to fetch; twice is harmless. Raises redis.RedisError."""
    with from_url(settings.redis_url, socket_timeout=5, socket_connect_timeout=5) as redis:
        Queue(QUEUE, connection=redis, serializer=JSONSerializer).enqueue_call(
            JOB,
            args=(station, year),
            timeout=JOB_SECONDS,
            result_ttl=0,
            failure_ttl=FAILED_JOB_SECONDS,
            retry=Retry(max=RETRIES),
        )


def fetch_weather(station: str, year: int) -> None:
    """Fetch it unless it is there; raises SourceDown, and is run again, while the source does not answer."""
    # This is a fork of the worker: without it nobody would wait for the job, or end it.
    end_with_parent(signal.SIGKILL)
    settings = Settings.from_env()
    with psycopg.connect(
        settings.database_url, autocommit=True, connect_timeout=5, options="-c timezone=UTC"
    ) as connection:
        attempt = fetch_year(connection, source_of(settings), station, year)
    log.info("weather of station %s in %d: %s %s", station, year, attempt.outcome.value, attempt.message)
    if attempt.outcome is Outcome.DOWN:
        raise SourceDown(attempt.message)
