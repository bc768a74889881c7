"""Whether a Postgres that is long silent works or is stopped.

A stopped server keeps its connections: neither TCP nor a timeout of its own ends what waits for it. So whoever waits
longer than usual has it asked for an answer on another connection, where one that works answers at once, however long
the statement takes that is waited for.

A URL may name several servers, of which one can be written to. Each has a pulse of its own: the answer of a standby
says nothing of the server that is waited for, and one that is silent is passed over for the next.
"""

import threading
import time
from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import ConnectionTimeout
from psycopg.rows import TupleRow

# Together with what a request does besides, an answer in 5 seconds.
SILENT_SECONDS = 1.0
ANSWER_SECONDS = 2.0
# While the server is silent, nobody waits for it, and one request in so many seconds finds out whether it is back.
RETRY_SECONDS = 0.5


class DatabaseSilent(psycopg.OperationalError):
    """The server is there, and does not answer."""


class AskingConnection(psycopg.Connection[TupleRow]):
    """The connection on which a server is asked for an answer; nothing on it waits for longer than ANSWER_SECONDS."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = ANSWER_SECONDS) -> Any:
        """As psycopg's. Raises DatabaseSilent."""
        deadline = time.monotonic() + ANSWER_SECONDS

        def require_time() -> None:
            if time.monotonic() > deadline:
                raise DatabaseSilent("The server does not answer.")

        return watching(gen, require_time, partial(super().wait, interval=interval))


class Pulse:
    """What is known of one server, for all threads of a process."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asking = threading.Lock()
        self.connection: AskingConnection | None = None
        self.answered = self.asked = float("-inf")
        self.is_silent = False

    def require(self) -> None:
        """Before anything is sent: raises DatabaseSilent while the server is known not to answer."""
        if self.is_silent:
            if time.monotonic() < self.asked + RETRY_SECONDS or not self.asking.acquire(blocking=False):
                raise DatabaseSilent("The server did not answer a moment ago.")
            try:
                self.ask()
            finally:
                self.asking.release()

    def check(self) -> None:
        """While an answer is long awaited: raises DatabaseSilent if the server answers nobody."""
        since = time.monotonic()
        with self.asking:
            if max(self.answered, self.asked) < since - SILENT_SECONDS:
                self.ask()
            elif self.is_silent:
                raise DatabaseSilent("The server does not answer.")

    def ask(self) -> None:
        """Ask for an answer. A server that refuses has answered, and will refuse the one who waits for it, too."""
        try:
            if self.connection is None or self.connection.closed:
                timeout = round(ANSWER_SECONDS)
                self.connection = AskingConnection.connect(
                    self.url, autocommit=True, connect_timeout=timeout, application_name="eeds pulse"
                )
            self.connection.execute("SELECT 1")
        except (DatabaseSilent, ConnectionTimeout) as error:
            self.note_silence()
            self.hang_up()
            raise DatabaseSilent(str(error)) from error
        except psycopg.OperationalError:
            self.hang_up()
        self.is_silent, self.answered = False, time.monotonic()

    def note_silence(self) -> None:
        """It has not answered just now."""
        self.is_silent, self.asked = True, time.monotonic()

    def hang_up(self) -> None:
        """Close the connection; the next question makes another one."""
        if self.connection is not None:
            self.connection.close()


class WatchedConnection(psycopg.Connection[TupleRow]):
    """A connection whose waiting ends if the server has stopped."""

    pulse: Pulse

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg's. Raises DatabaseSilent; the connection is closed then, for nobody knows what it would say."""
        try:
            if self.pulse.is_silent:
                self.pulse.require()
            return watching(gen, self.pulse.check, partial(super().wait, interval=interval, timeout=timeout))
        except DatabaseSilent:
            self.close()
            raise


def watching(waiting: Any, when_silent: Callable[[], None], wait: Callable[[Any], Any]) -> Any:
    """What psycopg's `wait` returns, with a call of `when_silent` whenever the socket has been silent for
    SILENT_SECONDS."""
    try:
        state = next(waiting)
    except StopIteration as done:  # which is so for most rows of a COPY
        return done.value
    return wait(watched(waiting, state, when_silent))


def watched(waiting: Any, state: Any, when_silent: Callable[[], None]) -> Generator[Any, Any, Any]:
    """What psycopg waits for after `state`."""
    heard = time.monotonic()
    try:
        while True:
            ready = yield state
            if ready:
                heard = time.monotonic()
            elif time.monotonic() - heard > SILENT_SECONDS:
                when_silent()
                heard = time.monotonic()
            state = waiting.send(ready)
    except StopIteration as done:
        return done.value


def pulses_of(url: str) -> Sequence[Pulse]:
    """A pulse for each of the servers that a URL names, in their order."""
    given = conninfo_to_dict(url)
    several = {name: str(given[name]).split(",") for name in ("host", "hostaddr", "port") if given.get(name)}
    number = max(map(len, several.values()), default=1)
    own = [{name: values[place % len(values)] for name, values in several.items()} for place in range(number)]
    return [Pulse(make_conninfo(url, **server)) for server in own]


def hang_up(pulses: Sequence[Pulse]) -> None:
    """Close the connections on which the servers are asked."""
    for pulse in pulses:
        pulse.hang_up()


def connect(pulses: Sequence[Pulse], **parameters: Any) -> WatchedConnection:
    """Connect to the first of the servers that answers and is what the URL asks for. Raises what the first of all has
    said: psycopg's OperationalError, DatabaseSilent among them."""
    refusals = []
    for pulse in pulses:
        try:
            return connect_to(pulse, **parameters)
        except psycopg.OperationalError as error:
            refusals.append(error)
    raise refusals[0]


def connect_to(pulse: Pulse, **parameters: Any) -> WatchedConnection:
    """Connect to the server of the pulse. Raises psycopg's OperationalError."""
    pulse.require()
    try:
        connection = WatchedConnection.connect(pulse.url, **parameters)
    except ConnectionTimeout:
        pulse.note_silence()
        raise
    connection.pulse = pulse
    return connection
