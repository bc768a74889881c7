"""A worker takes no run from a database of another release: what it stored could be wrong without anybody noticing."""

import sys

from eeds.config.settings import Settings
from eeds.db.engine import PsycopgConnection, psycopg_connection
from eeds.db.migrate import migrations
from eeds.db.tables import Project
from eeds.errors import ConfigurationError
from eeds.jobs.queue_name import queue_of
from workers.database import worker_database
from workers.database_retry import until_database_answers


def require_own_schema(connection: PsycopgConnection) -> None:
    """Raises ConfigurationError unless the database has the migrations of this code, and no others."""
    missing = [migration.name for migration in migrations(connection) if not migration.applied]
    if missing:
        raise ConfigurationError(f"The database is older than this code: it lacks {', '.join(missing)}.")


def start_with_own_schema(settings: Settings) -> str:
    """The name of the queue of the database. Ends the process, saying why, if it would have to leave every run to
    others."""
    queue = ""
    try:
        with worker_database(settings) as database:
            for attempt in until_database_answers():
                with attempt, database.session() as session:
                    require_own_schema(psycopg_connection(session))
                    session.get(Project, 0)  # so that this statement, with which every run begins, is compiled
                    queue = queue_of(psycopg_connection(session))
    except ConfigurationError as error:
        sys.exit(f"Error: {error}")
    return queue
