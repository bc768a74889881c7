"""`python -m workers.health worker` or `relay`: exit status 0 while that of this host, or container, is at work."""

import socket
import sys

import psycopg
import redis

from eeds.config.settings import Settings
from eeds.db.engine import connect
from eeds.jobs.queue_name import queue_of
from eeds.jobs.queue_state import relay_is_at_work, worker_hosts


def complaint(role: str, settings: Settings) -> str:
    """What keeps the process from its work; an empty text if nothing does."""
    try:
        return complaint_of_relay(settings) if role == "relay" else complaint_of_worker(settings)
    except redis.RedisError as error:
        return f"The queue does not answer: {error}"


def complaint_of_worker(settings: Settings) -> str:
    """A worker waits for its database, which is not asked here."""
    here = socket.gethostname()
    return "" if here in worker_hosts(settings.redis_url) else f"No worker on {here} listens to the queue."


def complaint_of_relay(settings: Settings) -> str:
    """A relay without its database is none."""
    try:
        with connect(settings.direct_url, "eeds health") as connection:
            queue = queue_of(connection)
    except psycopg.Error as error:
        return f"The database does not answer: {error}"
    return "" if relay_is_at_work(settings.redis_url, queue) else "No relay is at work."


if __name__ == "__main__":
    if sys.argv[1:] not in (["worker"], ["relay"]):
        sys.exit("usage: python -m workers.health worker|relay")
    sys.exit(complaint(sys.argv[1], Settings.from_env()) or 0)
