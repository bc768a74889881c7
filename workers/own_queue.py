"""Which queue `rq worker` listens to: that of the database that its jobs are in."""

from typing import Any

from rq import Queue

# What the queue of every database was called once; `rq worker ... eeds` is in the units and scripts of that time.
ONCE = "eeds"


def listen_to(queue: str) -> list[str]:
    """The queues of this worker, where its command line names none; where it has the name of once, that means the same
    queue."""
    begin = Queue.__init__

    def named(self: Queue, name: str = "default", *arguments: Any, **options: Any) -> None:
        begin(self, queue if name == ONCE else name, *arguments, **options)

    setattr(Queue, "__init__", named)  # noqa: B010 - a method to mypy
    return [queue]
