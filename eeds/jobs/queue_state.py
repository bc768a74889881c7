"""What the queue holds and who listens to it, read from Redis under the names that RQ 3 gives it there.

RQ itself takes a while to import, and the processes that only look have no other use for it; a test compares.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis

from eeds.formats.timestamps import parse_instant
from eeds.jobs.leases import QUEUE

TIMEOUT_SECONDS = 1


@dataclass(frozen=True)
class WorkerState:
    """A worker that listens, as it says of itself: `state` is idle, busy, suspended or started."""

    name: str
    host: str
    pid: int
    state: str
    started: datetime
    heartbeat: datetime


@dataclass(frozen=True)
class QueueState:
    """How many jobs wait, and the workers, the longest there first."""

    queued: int
    workers: Sequence[WorkerState]


def queue_state(redis_url: str) -> QueueState:
    """The state at this moment; raises RedisError."""
    seconds: dict[str, Any] = {"socket_timeout": TIMEOUT_SECONDS, "socket_connect_timeout": TIMEOUT_SECONDS}
    with redis.from_url(redis_url, decode_responses=True, **seconds) as connection:
        names = sorted(connection.smembers(f"rq:workers:{QUEUE}"))
        with connection.pipeline(transaction=False) as commands:
            commands.llen(f"rq:queue:{QUEUE}")
            for name in names:
                commands.hgetall(name)
            queued, *found = commands.execute()
    # one that was killed is in the set until RQ tidies up, but tells nothing of itself any more
    alive = [worker_of(name, told) for name, told in zip(names, found, strict=True) if "birth" in told]
    return QueueState(queued, sorted(alive, key=lambda worker: worker.started))


def worker_of(key: str, told: dict[str, str]) -> WorkerState:
    """A worker from what it has written."""
    return WorkerState(
        name=key.removeprefix("rq:worker:"),
        host=told.get("hostname", ""),
        pid=int(told.get("pid") or 0),
        state=told.get("state", "started"),
        started=parse_instant(told["birth"]),
        heartbeat=parse_instant(told["last_heartbeat"]),
    )
