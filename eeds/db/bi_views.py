"""Views for BI tools: sql/views, in a schema of their own, and roles that can read these and nothing else."""

import secrets
from functools import cache

from psycopg import errors, sql

from eeds.db.engine import PsycopgConnection, connect
from eeds.db.statements import SQL_DIR
from eeds.errors import Conflict, EedsError

SCHEMA = "bi"
NO_RIGHT = "The database's user may not make roles: log in as one that may, or have it do what docs/operations.md says."
ROLE_IS_THERE = "There is a role {} already; choose another name, or drop it first."


@cache
def view_files() -> dict[str, str]:
    """Names and statements of the views of the code that runs."""
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted((SQL_DIR / "views").glob("*.sql"))}


def drop_views(connection: PsycopgConnection) -> None:
    """Drop the views, also those of other releases, so that no migration is in their way."""
    found = connection.execute("SELECT viewname FROM pg_views WHERE schemaname = %s", [SCHEMA]).fetchall()
    for (name,) in found:
        connection.execute(sql.SQL("DROP VIEW IF EXISTS {} CASCADE").format(sql.Identifier(SCHEMA, name)))


def make_views(connection: PsycopgConnection) -> None:
    """Make the views again; roles that could read them can."""
    drop_views(connection)
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SCHEMA)))
    for statement in view_files().values():
        connection.execute(statement.encode())


def make_bi_role(url: str, name: str) -> str:
    """Make a role that can log in, and read the views and nothing else, also when they are made again; its password,
    which is stored nowhere. Raises Conflict if there is such a role, EedsError without the right to make one."""
    password = secrets.token_urlsafe(24)
    role, schema = sql.Identifier(name), sql.Identifier(SCHEMA)
    statements = (
        sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password)),
        sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(role),
        sql.SQL("ALTER ROLE {} SET search_path = {}").format(role, schema),
        sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role),
        sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}").format(schema, role),
        # of views that are made again
        sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT SELECT ON TABLES TO {}").format(schema, role),
    )
    with connect(url, "eeds db bi-role") as connection:
        try:
            for statement in statements:
                connection.execute(statement)
        except errors.DuplicateObject as error:
            raise Conflict(ROLE_IS_THERE.format(name)) from error
        except errors.InsufficientPrivilege as error:
            raise EedsError(NO_RIGHT) from error
        except (errors.ReservedName, errors.SyntaxError) as error:
            raise EedsError(f"A role cannot be called {name!r}.") from error
    return password
