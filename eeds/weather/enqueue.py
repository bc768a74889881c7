"""The queue of station-years for the workers to fetch. Imports RQ, which takes a while: import this where it is used.

Redis may forget a job, and nothing is lost but the download: what is stored, or remembered as not available, is in the
database. Whoever requested the year finds it missing there, and requests it again.
"""

from redis import from_url
from rq import Queue, Retry
from rq.serializers import JSONSerializer

JOB = "workers.weather_jobs.fetch_weather"
JOB_SECONDS = 3600  # more than the slowest download may take, with all its tries
# A retry goes to the end of the queue; it needs no pause, since a download pauses between its own tries.
RETRIES = 2
FAILED_JOB_SECONDS = 3600


def enqueue(redis_url: str, queue: str, station: str, year: int) -> None:
    """Queue a station-year for a worker to fetch; twice is harmless. Raises redis.RedisError."""
    with from_url(redis_url, socket_timeout=5, socket_connect_timeout=5) as redis:
        Queue(queue, connection=redis, serializer=JSONSerializer).enqueue_call(
            JOB,
            args=(station, year),
            timeout=JOB_SECONDS,
            result_ttl=0,
            failure_ttl=FAILED_JOB_SECONDS,
            retry=Retry(max=RETRIES),
        )
