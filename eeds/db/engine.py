"""The engine, and the unit of work."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import psycopg
from psycopg.rows import TupleRow
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

PsycopgConnection = psycopg.Connection[TupleRow]


class Database:
    """A pool of connections to one Postgres; every session and connection handed out is in UTC."""

    def __init__(self, url: str, *, statement_timeout_ms: int = 0) -> None:
        options = f"-c timezone=UTC -c jit=off -c statement_timeout={statement_timeout_ms}"
        self.engine: Engine = create_engine(
            "postgresql+psycopg://",
            creator=lambda: psycopg.connect(url, options=options, connect_timeout=5, application_name="eeds"),
            pool_pre_ping=True,
            hide_parameters=True,  # in the messages of exceptions
            pool_size=5,
            max_overflow=10,
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


def psycopg_connection(session: Session) -> PsycopgConnection:
    """The psycopg connection under a session, in the session's transaction."""
    return cast(PsycopgConnection, session.connection().connection.driver_connection)
