"""The engine, and the unit of work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import psycopg
from psycopg.rows import TupleRow
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from eeds.db import pulse

PsycopgConnection = psycopg.Connection[TupleRow]

# A host that is gone without a word is noticed by TCP in a minute, not in two hours.
KEEPALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}
CONNECT_SECONDS = 5
# Compiling a statement over many partitions takes a hundred times as long as most of ours take.
SETTINGS = "-c timezone=UTC -c jit=off"


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
    """A pool of connections to one Postgres; every session and connection handed out is in UTC."""

    def __init__(self, url: str, patience: Patience = Patience()) -> None:
        timeouts = f"-c statement_timeout={patience.statement}s -c lock_timeout={patience.lock}s"
        parameters: dict[str, Any] = {
            "options": f"{SETTINGS} {timeouts}",
            "connect_timeout": patience.connect,
            "application_name": "eeds",
            **KEEPALIVE,
        }
        if patience.notices_silence:
            creator: Callable[[], Any] = partial(pulse.connect, pulse.Pulse(url), **parameters)
        else:
            creator = partial(psycopg.connect, url, **parameters)
        self.engine: Engine = create_engine(
            "postgresql+psycopg://",
            creator=creator,
            pool_pre_ping=True,
            hide_parameters=True,  # in the messages of exceptions
            pool_size=5,
            max_overflow=-1,  # those who wait for one are no more than a process has threads
        )

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


def connect(url: str, application_name: str, *, autocommit: bool = False) -> PsycopgConnection:
    """A connection of one's own beside a pool, in UTC; with `autocommit` every statement is a transaction. Raises
    psycopg's OperationalError."""
    parameters: dict[str, Any] = {"application_name": application_name, "options": SETTINGS, **KEEPALIVE}
    return psycopg.connect(url, autocommit=autocommit, connect_timeout=CONNECT_SECONDS, **parameters)


def psycopg_connection(session: Session) -> PsycopgConnection:
    """The psycopg connection under a session, in the session's transaction."""
    return cast(PsycopgConnection, session.connection().connection.driver_connection)
