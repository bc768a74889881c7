"""eeds.db.tables equals what the migrations make; migrations are applied once, in order, by one at a time."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg import sql

from eeds.db.distribution import DISTRIBUTED
from eeds.db.engine import Database
from eeds.db.migrate import migrate, migration_status
from eeds.db.tables import Base
from eeds.errors import ConfigurationError
from tests import citus


def is_ours(object: Any, name: str | None, kind: str, *_: Any) -> bool:
    """Partitions and the list of migrations have no class; distributed tables have no keys of others."""
    if citus.COORDINATOR and kind == "foreign_key_constraint" and object.table.name in DISTRIBUTED:
        return False
    return not (kind == "table" and name is not None and name.startswith(("consumption_records_", "schema_migrations")))


def test_tables_equal_the_migrated_schema(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": False, "include_object": is_ours}
        )
        assert compare_metadata(context, Base.metadata) == []


@pytest.fixture
def empty_database(database_url: str) -> Any:
    """A database without a schema."""
    name = "eeds_empty"
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield psycopg.conninfo.make_conninfo(database_url, dbname=name)
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_several_releases_at_once(empty_database: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(migrate, [empty_database] * 4))
    assert sorted(map(bool, applied)) == [False, False, False, True]
    assert all(m.applied for m in migration_status(empty_database))


def test_a_changed_migration_is_refused(empty_database: str) -> None:
    migrate(empty_database)
    with psycopg.connect(empty_database) as connection:
        connection.execute("UPDATE schema_migrations SET checksum = 'x'")
    with pytest.raises(ConfigurationError, match="was changed after it had been applied"):
        migrate(empty_database)


def test_a_newer_database_is_refused(empty_database: str) -> None:
    migrate(empty_database)
    with psycopg.connect(empty_database) as connection:
        connection.execute("INSERT INTO schema_migrations (name, checksum) VALUES ('9999_future', 'x')")
    with pytest.raises(ConfigurationError, match="newer than this code: it has 9999_future"):
        migration_status(empty_database)


def test_models_that_a_provenance_names_are_named_in_the_results(empty_database: str) -> None:
    migrate(empty_database)
    before = """
        DROP SCHEMA bi CASCADE;
        ALTER TABLE energy_trace_model_results DROP COLUMN model, DROP COLUMN flags;
        DELETE FROM schema_migrations WHERE name = '0016_flags';
        INSERT INTO users (name) VALUES ('owner');
        INSERT INTO project_owners (user_id) SELECT id FROM users;
        INSERT INTO projects (project_owner_id, project_id) SELECT id, 'ABC' FROM project_owners;
        INSERT INTO project_results (project_id, provenance) SELECT id, NULL FROM projects;
        INSERT INTO project_results (project_id, provenance)
            SELECT id, '{"fits": [{"energy_trace": 7, "period": "BASELINE", "model": "caltrack daily"}]}' FROM projects;
        INSERT INTO modeling_periods (project_result_id, interpretation)
            SELECT id, period FROM project_results, unnest(ARRAY['BASELINE', 'REPORTING']) AS period;
        INSERT INTO energy_trace_model_results (project_result_id, energy_trace_id, modeling_period_id, status)
            SELECT project_result_id, trace, id, 'SUCCESS' FROM modeling_periods, unnest(ARRAY[7, 8]) AS trace;
    """
    with psycopg.connect(empty_database) as connection:
        connection.execute(before)
    assert migrate(empty_database) == ["0016_flags"]
    found = "SELECT project_result_id, energy_trace_id, model, flags FROM energy_trace_model_results WHERE model > ''"
    with psycopg.connect(empty_database) as connection:
        assert connection.execute(found).fetchall() == [(2, 7, "caltrack daily", None)]
