"""The engine, and the unit of work."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import psycopg
from psycopg.rows import TupleRow
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session

from eeds.db import pulse

PsycopgConnection = psycopg.Connection[TupleRow]

# A host that is gone without a word is noticed by TCP in a minute, not in two hours.
KEEPALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}
CONNECT_SECONDS = 5
# Compiling a statement over many partitions takes a hundred times as long as most of ours take.
SETTINGS = {"timezone": "UTC", "jit": "off"}


@dataclass(frozen=True)
class Patience:
    """How long the database is waited for, in seconds; 0 is for ever."""

    connect: int = CONNECT_SECONDS
    # a statement, and its wait for what another one has locked
    statement: int = 0
    lock: int = 0
    # Give up on a server that answers nobody any more, as one that is stopped.
    notices_silence: bool = False


class Database:
    """A pool of connections to one Postgres; every session and connection handed out is in UTC.

    Behind a pooler, where each transaction may have another connection of the server, settings are those of the
    transaction, and no statement is prepared for the next one.
    """

    def __init__(self, url: str, patience: Patience = Patience(), *, is_pooled: bool = False) -> None:
        timeouts = {"statement_timeout": f"{patience.statement}s", "lock_timeout": f"{patience.lock}s"}
        settings = {**SETTINGS, **timeouts}
        parameters = {**parameters_of(settings, is_pooled=is_pooled), "connect_timeout": patience.connect}
        pulses = pulse.pulses_of(url) if patience.notices_silence else []
        creator: Callable[[], Any] = (
            partial(pulse.connect, pulses, **parameters) if pulses else partial(psycopg.connect, url, **parameters)
        )
        self.engine: Engine = create_engine(
            "postgresql+psycopg://",
            creator=creator,
            pool_pre_ping=True,
            hide_parameters=True,  # in the messages of exceptions
            pool_size=5,
            max_overflow=-1,  # those who wait for one are no more than a process has threads
        )
        event.listen(self.engine, "engine_disposed", lambda _: pulse.hang_up(pulses))
        if is_pooled:
            event.listen(self.engine, "begin", partial(set_for_transaction, settings))

    @contextmanager
    def session(self) -> Iterator[Session]:
        """The unit of work: commits at the end of the block, rolls back when it raises."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def connection(self) -> Iterator[PsycopgConnection]:
        """A psycopg connection for COPY and bulk reads, as a unit of work like session()."""
        with self.session() as session:
            yield psycopg_connection(session)


def parameters_of(settings: Mapping[str, str], *, is_pooled: bool) -> dict[str, Any]:
    """What a connection is asked for with: its settings, where the server itself is asked. A pooler takes none, and a
    statement that is prepared on one connection of the server is not known on the next."""
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    own: dict[str, Any] = {"prepare_threshold": None} if is_pooled else {"options": options}
    return {"connect_timeout": CONNECT_SECONDS, "application_name": "eeds", **KEEPALIVE, **own}


def set_for_transaction(settings: Mapping[str, str], connection: Connection) -> None:
    """Give a transaction that begins its settings, in one statement; they end with it."""
    values = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in settings.items())
    connection.exec_driver_sql(f"SELECT {values}")


def connect(url: str, application_name: str, *, autocommit: bool = False, is_pooled: bool = False) -> PsycopgConnection:
    """A connection of one's own with SETTINGS, but behind a pooler without: there it is for statements that depend on
    none. With `autocommit` each is a transaction. Raises psycopg's OperationalError."""
    parameters = {**parameters_of(SETTINGS, is_pooled=is_pooled), "application_name": application_name}
    return psycopg.connect(url, autocommit=autocommit, **parameters)


def psycopg_connection(session: Session) -> PsycopgConnection:
    """The psycopg connection under a session, in the session's transaction."""
    return cast(PsycopgConnection, session.connection().connection.driver_connection)
