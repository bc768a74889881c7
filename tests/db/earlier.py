"""Databases as earlier releases left them: their schema, with the rows that somebody has stored since the first."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from eeds.accounts.tokens import PREFIX_LENGTH, digest
from eeds.config.data_dir import Urls
from eeds.db.migrate import migration_files, migrations
from tests.conftest import with_database

# NAME.sql: what somebody stored after the migration of that name, before the next
ROWS = Path(__file__).parent / "rows"
NAMES = [name for name, _ in migration_files()]
SECRET, TOKEN = "a secret key for the tests, long enough", "token-of-ada-from-then"


def make_earlier(url: str, last: str) -> None:
    """The schema as that migration left it, with the rows of a datastore that has been there from the first release."""
    with psycopg.connect(url) as connection:
        for migration in migrations(connection):
            if migration.name <= last:
                connection.execute(migration.sql.encode())
                applied = "INSERT INTO schema_migrations (name, checksum) VALUES (%s, %s)"
                connection.execute(applied, [migration.name, migration.checksum])
                rows = ROWS / f"{migration.name}.sql"
                connection.execute(rows.read_bytes() if rows.exists() else b"")
        connection.execute(
            "INSERT INTO tokens (user_id, prefix, digest, scopes) VALUES (1, %s, %s, '{read,write}')",
            [TOKEN[:PREFIX_LENGTH], digest(SECRET, TOKEN)],
        )


@contextmanager
def earlier_database(servers: Urls, last: str) -> Iterator[str]:
    """The URL of a database with the schema as that migration left it, and rows."""
    name = sql.Identifier("eeds_earlier")
    url = with_database(servers.database, "eeds_earlier")
    with psycopg.connect(servers.database, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            make_earlier(url, last)
            yield url
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
