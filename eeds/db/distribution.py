"""The tables of readings on several machines, by Citus: what `eeds db distribute` does to a datastore, once.

All else stays as it is: a statement about readings names their traces by `=` or `= ANY`, which Citus sends to the nodes
that have them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from psycopg import sql

from eeds.db.engine import PsycopgConnection, connect
from eeds.db.migrate import MIGRATION_LOCK, migration_status
from eeds.db.statements import query
from eeds.errors import ConfigurationError

# Rows go to the nodes by this column. Of columns of one type Citus has the same values on the same node.
DISTRIBUTED = dict.fromkeys(
    ("consumption_blocks", "trace_extents", "record_additions", "record_versions"), "metadata_id"
)
# On every node: what people's own SQL joins readings with. eeds itself never does.
EVERYWHERE = ("weather_years", "weather_normals")
NAME = "eeds db distribute"
REPORT_SECONDS = 5

NO_CITUS = (
    "This database is plain Postgres, which has its tables on one machine; nothing was changed. It needs the extension"
    " Citus, here and on the other nodes: install it, set shared_preload_libraries = 'citus', and then in this database"
    " on each node: CREATE EXTENSION citus. See docs/scaling.md."
)
NO_COORDINATOR = (
    "The nodes do not know under which address to reach this one. Say it, as SELECT"
    " citus_set_coordinator_host('coordinator.example.org', 5432), and then call this command again."
)
NO_NODES = (
    "No node takes readings. Add those that shall, as SELECT citus_add_node('node1.example.org', 5432), and then call"
    " this command again."
)
MISSING = "The schema is not current: it lacks {}. Run: eeds db upgrade"

Tell = Callable[[str], None]


def distribute(url: str, tell: Tell) -> list[str]:
    """Spread the readings over the nodes of a Citus, and give the names of the tables that were not yet.

    All or nothing; nobody can read or change traces meanwhile. Called again, it does what is left, as after an
    interruption, and deletes the readings of deleted traces. `tell` is told how far it is. Raises ConfigurationError
    with what is to be done first.
    """
    with connect(url, NAME) as connection:
        check(connection)
        missing = [migration.name for migration in migration_status(url) if not migration.applied]
        if missing:
            raise ConfigurationError(MISSING.format(", ".join(missing)))
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [MIGRATION_LOCK])
        # First, for Citus makes no function behind a distribution in the same transaction.
        connection.execute(query("distribution/delete_with_traces"))
        done = {name for (name,) in connection.execute("SELECT logicalrelid::text FROM pg_dist_partition").fetchall()}
        todo = [table for table in (*DISTRIBUTED, *EVERYWHERE) if table not in done]
        for table in todo:
            with progress(connection, url, table, tell):
                spread(connection, table)
    tidy(url, tell)
    return todo


def check(connection: PsycopgConnection) -> None:
    """Raises ConfigurationError unless there are nodes."""
    if not connection.execute("SELECT FROM pg_extension WHERE extname = 'citus'").rowcount:
        raise ConfigurationError(NO_CITUS)
    row = connection.execute(query("distribution/nodes")).fetchone()
    knows_coordinator, nodes = row or (False, 0)
    if not knows_coordinator:
        raise ConfigurationError(NO_COORDINATOR)
    if not nodes:
        raise ConfigurationError(NO_NODES)


def spread(connection: PsycopgConnection, table: str) -> None:
    """Make a table one of all nodes, with its rows."""
    if table in EVERYWHERE:
        connection.execute("SELECT create_reference_table(%s)", [table])
        return
    column = DISTRIBUTED[table]
    key = sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}")
    connection.execute(key.format(sql.Identifier(table), sql.Identifier(f"{table}_{column}_fkey")))
    connection.execute("SELECT create_distributed_table(%s, %s)", [table, column])


def tidy(url: str, tell: Tell) -> None:
    """Free the room of the rows that are elsewhere now, and delete the readings of traces that are no more."""
    with connect(url, NAME) as connection:
        for table in DISTRIBUTED:  # which does nothing where it has been done
            connection.execute("SELECT truncate_local_data_after_distributing_table(%s)", [table])
        # Who makes a trace and loads it has ended then: its readings may be there a moment before it is.
        connection.execute("LOCK TABLE consumption_metadatas IN SHARE MODE")
        orphans = [id for (id,) in connection.execute(query("distribution/orphans")).fetchall()]
        if orphans:
            for table in DISTRIBUTED:
                delete = sql.SQL("DELETE FROM {} WHERE metadata_id = ANY (%s)").format(sql.Identifier(table))
                connection.execute(delete, [orphans])
            tell(f"deleted the readings of {len(orphans)} traces that are no more")


@contextmanager
def progress(connection: PsycopgConnection, url: str, table: str, tell: Tell) -> Iterator[None]:
    """Say every few seconds how many rows of a table are on the nodes."""
    counted = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    rows = counted[0] if counted else 0
    tell(f"{table}: {rows:,} rows")
    over = Event()
    watcher = Thread(target=watch, args=(url, f"{table}: {{:,}} of {rows:,} rows are on the nodes", over, tell))
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def watch(url: str, text: str, over: Event, tell: Tell) -> None:
    """Tell the number of rows that the nodes have taken, until it is over."""
    with connect(url, NAME, autocommit=True) as connection:
        while not over.wait(REPORT_SECONDS):
            row = connection.execute(query("distribution/copied_rows")).fetchone()
            tell(text.format(row[0] if row else 0))
