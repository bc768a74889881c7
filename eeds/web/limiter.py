"""Requests of a token, counted by the minute in Redis, for all web processes together."""

import logging
import time

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

# A request hardly waits for Redis while that is down, and after one has, the next ones do not try for some seconds.
TIMEOUT_SECONDS = 0.25
AWAY_SECONDS = 5.0


class Limiter:
    """Counts by calendar minute. While Redis is down it lets everything pass."""

    def __init__(self, redis_url: str) -> None:
        self.away_until = 0.0
        self.redis = redis.from_url(
            redis_url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )

    def seconds_to_wait(self, who: str, per_minute: int) -> int:
        """Count a request; how long until the next may be made, 0 if this is one of the first `per_minute`."""
        if time.monotonic() < self.away_until:
            return 0
        minute, second = divmod(int(time.time()), 60)
        key = f"eeds:requests:{who}:{minute}"
        try:
            with self.redis.pipeline(transaction=False) as both:
                both.incr(key)
                both.expire(key, 60)
                made, _ = both.execute()
        except redis.RedisError as error:
            log.warning("queue: %s; requests are not counted for %g s", error, AWAY_SECONDS)
            self.away_until = time.monotonic() + AWAY_SECONDS
            return 0
        return 60 - second if made > per_minute else 0
