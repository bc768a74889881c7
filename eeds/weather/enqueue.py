"""Asking the workers for a station-year. Imports RQ, which takes a while: import this where it is used.

The queue may forget the job, and nothing is lost but the download: what is stored, or remembered as not available, is
in the database, and who asked sees there that it is missing, and asks again.
"""

from redis import from_url
from rq import Queue, Retry
from rq.serializers import JSONSerializer

from eeds.config.settings import Settings
from eeds.jobs.leases import QUEUE

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
