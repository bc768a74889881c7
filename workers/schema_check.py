"""A worker takes no run from a database of another release: what it stored could be wrong without anybody noticing."""

import sys

from eeds.config.settings import Settings
from eeds.db.engine import Database, PsycopgConnection
from eeds.db.migrate import migrations
from eeds.errors import ConfigurationError
from workers.database_retry import until_database_answers


def require_own_schema(connection: PsycopgConnection) -> None:
    """Raises ConfigurationError unless the database has the migrations of this code, and no others."""
    missing = [migration.name for migration in migrations(connection) if not migration.applied]
    if missing:
        raise ConfigurationError(f"The database is older than this code: it lacks {', '.join(missing)}.")


def start_with_own_schema(settings: Settings) -> None:
    """End the process, saying why, if it would have to leave every run to others."""
    database = Database(settings.database_url)
    try:
        for attempt in until_database_answers():
            with attempt, database.connection() as connection:
                require_own_schema(connection)
    except ConfigurationError as error:
        sys.exit(f"Error: {error}")
    finally:
        database.engine.dispose()
