"""`python -m workers.health worker` or `relay`: exit status 0 while that of this host, or container, is at work."""

import socket
import sys

import redis

from eeds.config.settings import Settings
from eeds.jobs.queue_state import queue_state, relay_is_at_work


def complaint(role: str, redis_url: str) -> str:
    """What keeps the process from its work; an empty text if nothing does."""
    try:
        if role == "relay":
            return "" if relay_is_at_work(redis_url) else "No relay is at work."
        here = socket.gethostname()
        hosts = [worker.host for worker in queue_state(redis_url).workers]
        return "" if here in hosts else f"No worker on {here} listens to the queue."
    except redis.RedisError as error:
        return f"The queue does not answer: {error}"


if __name__ == "__main__":
    if sys.argv[1:] not in (["worker"], ["relay"]):
        sys.exit("usage: python -m workers.health worker|relay")
    sys.exit(complaint(sys.argv[1], Settings.from_env().redis_url) or 0)
