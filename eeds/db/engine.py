"""The database: engine, the unit of work, statements kept in sql/, migrations."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg.rows import TupleRow
from sqlalchemy import BindParameter, ColumnElement, Engine, Subquery, any_, bindparam, create_engine, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from eeds.errors import ConfigurationError

SQL_DIR = Path(__file__).parents[2] / "sql"
# Any constant does, as long as every release of eeds takes the same.
MIGRATION_LOCK = 0x65656473

PsycopgConnection = psycopg.Connection[TupleRow]


class Database:
    """A pool of connections to one Postgres; every session and connection handed out is in UTC."""

    def __init__(self, url: str, *, statement_timeout_ms: int = 0) -> None:
        options = f"-c timezone=UTC -c jit=off -c statement_timeout={statement_timeout_ms}"
        self.engine: Engine = create_engine(
            "postgresql+psycopg://",
            creator=lambda: psycopg.connect(url, options=options, connect_timeout=5, application_name="eeds"),
            pool_pre_ping=True,
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


def among(column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """`column` is one of the values: one parameter, however many they are."""
    return cast(ColumnElement[bool], column == any_(array_of(column, values)))


def unnested(columns: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Subquery:
    """Rows as a table: a column for each name, of the type of the given column; one parameter a column."""
    parts = [func.unnest(array_of(column, [row[name] for row in rows])).label(name) for name, column in columns.items()]
    return select(*parts).subquery()


def array_of(column: Any, values: Iterable[Any]) -> BindParameter[Any]:
    """The values as one array parameter of the column's type."""
    return bindparam(None, list(values), ARRAY(column.type), unique=True)


@cache
def query(name: str) -> str:
    """The statement in sql/queries/NAME.sql."""
    return (SQL_DIR / "queries" / f"{name}.sql").read_text(encoding="utf-8")


# Migrations. yoyo and Alembic were considered: neither checks that an applied file is unchanged, and yoyo's lock is a
# table row that a killed release leaves behind. What remains to be done besides is this much.


@dataclass(frozen=True)
class Migration:
    """One file of sql/migrations; `applied` once it is in the database."""

    name: str
    sql: str
    applied: bool

    @property
    def checksum(self) -> str:
        """sha256 of the file's text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations(connection: psycopg.Connection[Any]) -> list[Migration]:
    """Every migration in order; raises ConfigurationError if an applied one is not the file that was applied."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, checksum text NOT NULL,"
        " applied timestamptz NOT NULL DEFAULT now())"
    )
    known = dict(connection.execute("SELECT name, checksum FROM schema_migrations").fetchall())
    files = sorted((SQL_DIR / "migrations").glob("*.sql"))
    result = [Migration(file.stem, file.read_text(encoding="utf-8"), file.stem in known) for file in files]
    for migration in result:
        if migration.applied and known[migration.name] != migration.checksum:
            raise ConfigurationError(
                f"Migration {migration.name} was changed after it had been applied; add a new one."
            )
    unknown = sorted(known.keys() - {m.name for m in result})
    if unknown:
        raise ConfigurationError(f"The database is newer than this code: it has {', '.join(unknown)}.")
    return result


def migrate(url: str) -> list[str]:
    """Apply what is missing, all or nothing, and return the names applied. Several may call it at once."""
    with psycopg.connect(url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [MIGRATION_LOCK])
        missing = [m for m in migrations(connection) if not m.applied]
        for migration in missing:
            connection.execute(migration.sql.encode())
            connection.execute(
                "INSERT INTO schema_migrations (name, checksum) VALUES (%s, %s)", [migration.name, migration.checksum]
            )
    return [m.name for m in missing]


def migration_status(url: str) -> list[Migration]:
    """Every migration, applied or not; changes nothing."""
    with psycopg.connect(url) as connection:
        status = migrations(connection)
        connection.rollback()
    return status
