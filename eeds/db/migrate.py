"""Migrations of sql/migrations: plain SQL, forward only, checksummed, all or nothing.

yoyo and Alembic were considered: neither checks that an applied file is unchanged, and yoyo's lock is a table row that
a killed release leaves behind. What remains to be done besides is this much.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import psycopg

from eeds.db.bi_views import drop_views, make_views
from eeds.db.engine import PsycopgConnection, connect
from eeds.db.statements import SQL_DIR, query
from eeds.errors import ConfigurationError

# Any constant does, as long as every release of eeds takes the same.
MIGRATION_LOCK = 0x65656473
# What is to be executed before a migration until it gives no row: it moves a part of some rows, and says how far it is.
MOVES = {"0023_rows_moved": "migrations/move_rows"}
TRACES_AT_ONCE = 20


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


@cache
def migration_files() -> list[tuple[str, str]]:
    """Names and texts in order, read once: these are the migrations of the code that runs."""
    files = sorted((SQL_DIR / "migrations").glob("*.sql"))
    return [(file.stem, file.read_text(encoding="utf-8")) for file in files]


def migrations(connection: psycopg.Connection[Any]) -> list[Migration]:
    """Every migration in order; raises ConfigurationError if an applied one is not the file that was applied."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, checksum text NOT NULL,"
        " applied timestamptz NOT NULL DEFAULT now())"
    )
    known = dict(connection.execute("SELECT name, checksum FROM schema_migrations").fetchall())
    result = [Migration(name, sql, name in known) for name, sql in migration_files()]
    for migration in result:
        if migration.applied and known[migration.name] != migration.checksum:
            raise ConfigurationError(
                f"Migration {migration.name} was changed after it had been applied; add a new one."
            )
    unknown = sorted(known.keys() - {m.name for m in result})
    if unknown:
        raise ConfigurationError(f"The database is newer than this code: it has {', '.join(unknown)}.")
    return result


def migrate(url: str, tell: Callable[[str], None] | None = None) -> list[str]:
    """Apply what is missing, all or nothing, and return the names applied. Several may call it at once.

    Rows that go from one table to another are moved a part at a time, each for good with all that was applied before
    it: an upgrade that was ended goes on from there. `tell` is told how far they are.
    """
    applied: list[str] = []
    with connect(url, "eeds db upgrade") as connection:
        while moved := apply_missing(connection, applied):
            connection.commit()
            if tell:
                tell(moved)
    return applied


def apply_missing(connection: PsycopgConnection, applied: list[str]) -> str:
    """Apply what is missing up to the end, or to a migration that waits for rows to be moved: then a part of them is,
    and how far they are is returned."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [MIGRATION_LOCK])
    for migration in migrations(connection):
        if migration.applied:
            continue
        statement = MOVES.get(migration.name)
        moved = connection.execute(query(statement), {"traces": TRACES_AT_ONCE}).fetchone() if statement else None
        if moved:
            return f"readings moved into blocks: those of the traces up to {moved[0]} of {moved[1]}"
        drop_views(connection)  # which may stand on what changes
        connection.execute(migration.sql.encode())
        row = [migration.name, migration.checksum]
        connection.execute("INSERT INTO schema_migrations (name, checksum) VALUES (%s, %s)", row)
        applied.append(migration.name)
    make_views(connection)
    return ""


def migration_status(url: str) -> list[Migration]:
    """Every migration, applied or not; changes nothing."""
    with psycopg.connect(url) as connection:
        status = migrations(connection)
        connection.rollback()
    return status
