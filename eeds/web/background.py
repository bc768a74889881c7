"""Work that goes on when its request has been answered, in a thread of the web process.

A process that is asked to stop lets it end, for Python waits for the threads of an executor at its exit; gunicorn kills
the process when `graceful_timeout` is over.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import cast

from flask import current_app, g

from eeds.config import logs
from eeds.errors import Busy
from eeds.web.context import close_session, new_session, principal
from eeds.web.fairness import give_place_back

# As many as loads have in requests. The work of one owner takes EEDS_HEAVY_REQUESTS of them, the rest waits.
THREADS = 4
# That goes on or waits: each has a connection to the database, and a file on the disk.
MOST = 8
BUSY = "As many files are being loaded here as can be at a time, and others wait; send this one again in a minute."


class Background:
    """The threads of an app, none of which starts before it is needed, and what they have to do."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(THREADS, "background")
        self.unfinished: set[Future[None]] = set()

    def require_room(self) -> None:
        """Raises Busy where too much waits already."""
        if len(self.unfinished) >= MOST:
            raise Busy(BUSY)

    def submit(self, work: Callable[[], None]) -> Future[None]:
        """Have something done."""
        future = self.threads.submit(work)
        self.unfinished.add(future)
        future.add_done_callback(self.unfinished.discard)
        return future


def background() -> Background:
    """That of this app."""
    return cast(Background, current_app.extensions["eeds.web.background"])


def go_on(work: Callable[[], None]) -> Future[None]:
    """Have something done with what this request has at hand: settings, database, principal and its place among the
    heavy ones of the owner, which is given back when the work ends. Its unit of work is its own, and what it has not
    committed is undone."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    caller, place, about = principal(), g.pop("place"), logs.about.get()

    def do() -> None:
        logs.about.set(about)
        with app.app_context():
            g.principal, g.place, g.session = caller, place, new_session(is_load=True)
            try:
                work()
            finally:
                close_session(None)
                give_place_back()

    return background().submit(do)
