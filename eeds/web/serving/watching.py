"""gunicorn's worker with threads, whose poller watches every connection that no thread has, each with a deadline."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from eeds.web.serving.connection import Connection

LOOK_SECONDS = 0.5


class WatchingWorker(ThreadWorker):
    """What is watched is in `watched`, the longest there first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.watched: dict[Connection, None] = {}
        self.looked = 0.0

    def watch(
        self, connection: Connection, event: int, step: Any, seconds: float, late: Callable[[Connection], None]
    ) -> None:
        """Call `step` when the client has sent something or takes something, `late` after so many seconds."""
        self.postpone(connection, seconds, late)
        self.watched[connection] = None
        self.poller.register(connection.sock, event, partial(self.on_event, connection, step))

    def postpone(self, connection: Connection, seconds: float, late: Callable[[Connection], None]) -> None:
        """Set another deadline."""
        connection.deadline, connection.when_late = time.monotonic() + seconds, late

    def forget(self, connection: Connection) -> None:
        """Watch it no longer."""
        if connection in self.watched:
            del self.watched[connection]
            self.poller.unregister(connection.sock)

    def on_event(self, connection: Connection, step: Callable[[Connection], None], _: Any) -> None:
        """Do the step, unless it has been dropped by one before it."""
        if connection in self.watched:
            step(connection)

    def drop_slowest(self) -> None:
        """Make room: a client that is slow, or has nothing to ask, comes again."""
        now = time.monotonic()
        if self.watched:
            self.drop(min(self.watched, key=lambda connection: connection.bytes_a_second(now)))

    def drop(self, connection: Connection) -> None:
        """Close it."""
        self.forget(connection)
        self.nr_conns -= 1
        connection.close()

    def murder_pending(self) -> None:
        """Do what is due for connections on which nothing has happened for too long."""
        now = time.monotonic()
        if now - self.looked < LOOK_SECONDS:
            return
        self.looked = now
        for connection in [each for each in self.watched if each.deadline < now]:
            if connection in self.watched and connection.when_late:
                connection.when_late(connection)

    def _cap_keepalive(self, deadline: float) -> None:
        """The worker stops: connections on which nothing was asked end by then."""
        for connection in self.watched:
            if not connection.arrival.head:
                connection.deadline = min(connection.deadline, deadline)
