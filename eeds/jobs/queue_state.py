"""The length of the queue and its workers, read from Redis under the keys of RQ 3.

RQ itself takes a while to import, and the web process has no other use for it; a test compares with what RQ says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis

from eeds.formats.timestamps import parse_instant
from eeds.jobs.leases import QUEUE

TIMEOUT_SECONDS = 1
FALLBACKS = "eeds:meter_fallbacks"
RELAY = "eeds:relay"  # there while a relay is at work
# A pass of the relay begins every 5 seconds at least.
RELAY_SECONDS = 30


@dataclass(frozen=True)
class WorkerState:
    """A worker as it registers itself: `state` is idle, busy, suspended or started."""

    name: str
    host: str
    pid: int
    state: str
    started: datetime
    heartbeat: datetime


@dataclass(frozen=True)
class QueueState:
    """The number of jobs in the queue, the workers, the longest there first, and how many workers have started that the
    compiled engine of the meter was not proven for."""

    queued: int
    workers: Sequence[WorkerState]
    fallbacks: int


def queue_state(redis_url: str) -> QueueState:
    """The queue and its workers now; raises RedisError."""
    seconds: dict[str, Any] = {"socket_timeout": TIMEOUT_SECONDS, "socket_connect_timeout": TIMEOUT_SECONDS}
    with redis.from_url(redis_url, decode_responses=True, **seconds) as connection:
        names = sorted(connection.smembers(f"rq:workers:{QUEUE}"))
        with connection.pipeline(transaction=False) as commands:
            commands.llen(f"rq:queue:{QUEUE}")
            for name in names:
                commands.hgetall(name)
            commands.get(FALLBACKS)
            queued, *registered, fallbacks = commands.execute()
    # one that was killed is in the set until RQ tidies up, but its own key has expired
    alive = [worker_state(name, fields) for name, fields in zip(names, registered, strict=True) if "birth" in fields]
    return QueueState(queued, sorted(alive, key=lambda worker: worker.started), int(fallbacks or 0))


def report_relay(queue: redis.Redis) -> None:
    """Say that a relay is at work, for the next RELAY_SECONDS; raises RedisError."""
    queue.set(RELAY, "at work", ex=RELAY_SECONDS)


def relay_is_at_work(redis_url: str) -> bool:
    """Whether a relay has said so within RELAY_SECONDS; raises RedisError."""
    with redis.from_url(redis_url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS) as queue:
        return bool(queue.exists(RELAY))


def count_fallback(redis_url: str) -> None:
    """Count a worker that fits with the library alone, though nobody asked it to; raises RedisError."""
    with redis.from_url(redis_url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS) as queue:
        queue.incr(FALLBACKS)


def worker_state(key: str, fields: dict[str, str]) -> WorkerState:
    """A worker from the hash that it keeps under its key."""
    return WorkerState(
        name=key.removeprefix("rq:worker:"),
        host=fields.get("hostname", ""),
        pid=int(fields.get("pid") or 0),
        state=fields.get("state", "started"),
        started=parse_instant(fields["birth"]),
        heartbeat=parse_instant(fields["last_heartbeat"]),
    )
