"""Which queue `rq worker` listens to: that of the database that its jobs are in, in all its lanes."""

from collections.abc import Iterable
from typing import Any

from rq import Queue, Worker

from eeds.jobs.queue_name import lanes_of

# What the queue of every database was called once; `rq worker ... eeds` is in the units and scripts of that time.
ONCE = "eeds"


def listen_to(queue: str) -> list[str]:
    """The lanes of this worker, where its command line names none. Where it names the queue, or has the name of once,
    that means the same lanes."""
    lanes = lanes_of(queue)
    begin = Worker.__init__

    def in_all_lanes(self: Worker, queues: Iterable[Queue], *arguments: Any, **options: Any) -> None:
        names = [lane for named in queues for lane in (lanes if named.name in (queue, ONCE) else [named.name])]
        options |= {"queues": list(dict.fromkeys(names))}
        begin(self, *arguments, **options)

    setattr(Worker, "__init__", in_all_lanes)  # noqa: B010 - a method to mypy
    return lanes
