"""The test database on a Citus, where EEDS_TEST_CITUS names one: docs/scaling.md says how to run the tests there."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from eeds.db.distribution import distribute
from eeds.db.migrate import migrate

COORDINATOR = os.environ.get("EEDS_TEST_CITUS", "")
NODES = "SELECT nodename, nodeport FROM pg_dist_node WHERE groupid > 0 AND noderole = 'primary' AND isactive"


@contextmanager
def distributed_database(name: str) -> Iterator[str]:
    """The URL of a migrated and distributed database of that name on all nodes, which is dropped at the end."""
    with psycopg.connect(COORDINATOR) as connection:
        host, port = connection.info.host, connection.info.port
        nodes = connection.execute(NODES).fetchall()
    with ExitStack() as made:
        for node, node_port in [(host, port), *nodes]:
            made.enter_context(database_on(make_conninfo(COORDINATOR, host=node, port=node_port), name))
        url = make_conninfo(COORDINATOR, dbname=name)
        with psycopg.connect(url) as connection:
            connection.execute("SELECT citus_set_coordinator_host(%s, %s)", [host, port])
            for node in nodes:
                connection.execute("SELECT citus_add_node(%s, %s)", node)
        migrate(url)
        distribute(url, print)
        yield url


@contextmanager
def database_on(url: str, name: str) -> Iterator[None]:
    """A database of that name on one node."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            with psycopg.connect(make_conninfo(url, dbname=name), autocommit=True) as connection:
                connection.execute("CREATE EXTENSION citus")
            yield
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
