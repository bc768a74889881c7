"""The length of a queue and its workers, read from Redis under the keys of RQ 3.

RQ itself takes a while to import, and the web process has no other use for it; a test compares with what RQ says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import redis

from eeds.formats.timestamps import parse_instant
from eeds.jobs.queue_name import LANES, PREFIX, lanes_of

TIMEOUT_SECONDS = 1
# Keys, after the name of the queue.
FALLBACKS = ":meter_fallbacks"
RELAY = ":relay"  # there while a relay is at work
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


def queue_state(redis_url: str, queue: str) -> QueueState:
    """The queue and its workers now; raises RedisError."""
    with connected(redis_url) as connection:
        names = sorted(connection.smembers(f"rq:workers:{queue}"))
        with connection.pipeline(transaction=False) as commands:
            for lane in lanes_of(queue):
                commands.llen(f"rq:queue:{lane}")
            for name in names:
                commands.hgetall(name)
            commands.get(queue + FALLBACKS)
            *answers, fallbacks = commands.execute()
    queued, registered = sum(answers[: len(LANES)]), answers[len(LANES) :]
    # one that was killed is in the set until RQ tidies up, but its own key has expired
    alive = [worker_state(name, fields) for name, fields in zip(names, registered, strict=True) if "birth" in fields]
    return QueueState(queued, sorted(alive, key=lambda worker: worker.started), int(fallbacks or 0))


def worker_hosts(redis_url: str) -> set[str]:
    """The hosts of all workers, whatever queue of eeds they listen to; raises RedisError."""
    with connected(redis_url) as connection:
        names = connection.smembers("rq:workers")
        with connection.pipeline(transaction=False) as commands:
            for name in names:
                commands.hmget(name, "hostname", "queues")
            return {host for host, queues in commands.execute() if (queues or "").startswith(PREFIX)}


def connected(redis_url: str) -> "redis.Redis":
    """A connection with texts for answers, which waits TIMEOUT_SECONDS for one."""
    return redis.from_url(
        redis_url, decode_responses=True, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    )


def require_answer(redis_url: str) -> None:
    """Raises RedisError if Redis does not answer."""
    with connected(redis_url) as connection:
        connection.ping()


def report_relay(connection: redis.Redis, queue: str) -> None:
    """Say that a relay is at work, for the next RELAY_SECONDS; raises RedisError."""
    connection.set(queue + RELAY, "at work", ex=RELAY_SECONDS)


def relay_is_at_work(redis_url: str, queue: str) -> bool:
    """Whether a relay has said so within RELAY_SECONDS; raises RedisError."""
    with connected(redis_url) as connection:
        return bool(connection.exists(queue + RELAY))


def count_fallback(redis_url: str, queue: str) -> None:
    """Count a worker that fits with the library alone, though nobody asked it to; raises RedisError."""
    with connected(redis_url) as connection:
        connection.incr(queue + FALLBACKS)


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
