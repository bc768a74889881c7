"""What `eeds db distribute` needs and does: statements about readings say whose they are, plain Postgres is refused in
words, and on a Citus (EEDS_TEST_CITUS) the tables are where docs/scaling.md says."""

from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from eeds.db.distribution import DISTRIBUTED, EVERYWHERE, distribute
from eeds.db.engine import Database
from eeds.db.statements import SQL_DIR
from eeds.errors import ConfigurationError
from tests import citus, statements
from tests.cli.conftest import Eeds, eeds  # noqa: F401 - fixture

QUERIES = SQL_DIR / "queries"
BEFORE = ("migrations/move_rows",)  # of an upgrade, before anything is distributed
needs_citus = pytest.mark.skipif(not citus.COORDINATOR, reason="EEDS_TEST_CITUS names no Citus")


def name_of(file: Path) -> str:
    return file.relative_to(QUERIES).with_suffix("").as_posix()


@pytest.mark.parametrize("name", [name for name in map(name_of, sorted(QUERIES.rglob("*.sql"))) if name not in BEFORE])
def test_a_statement_about_readings_names_their_traces(name: str) -> None:
    assert statements.problems((QUERIES / f"{name}.sql").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("SELECT 1 FROM projects CROSS JOIN LATERAL (SELECT 1) AS one", []),
        ("SELECT value FROM consumption_blocks WHERE metadata_id = %(id)s", []),
        ("SELECT value FROM consumption_blocks WHERE metadata_id = ANY (%(ids)s)", []),
        ("COPY consumption_blocks (metadata_id, month) FROM STDIN", []),
        ("SELECT value FROM consumption_blocks", ["1 tables of readings, but 0 times their traces"]),
        (
            "SELECT value -- whose metadata_id = %(id)s\nFROM consumption_blocks",
            ["1 tables of readings, but 0 times their traces"],
        ),
        (
            "SELECT 1 FROM consumption_metadatas AS t LEFT JOIN trace_extents AS e ON e.metadata_id = t.id",
            ["1 tables of readings, but 0 times their traces"],
        ),
        (
            "DELETE FROM trace_extents WHERE metadata_id = ANY (%(ids)s)"
            " AND metadata_id NOT IN (SELECT metadata_id FROM consumption_blocks)",
            ["2 tables of readings, but 1 times their traces"],
        ),
        (
            "SELECT EXISTS (SELECT FROM consumption_blocks WHERE metadata_id = %(id)s AND xmin = '1')",
            ["xmin", "EXISTS without a column"],
        ),
        (
            "SELECT value FROM (SELECT * FROM consumption_blocks WHERE metadata_id = ANY (%(ids)s) ORDER BY 1) AS some",
            ["no order but inside, which parts of nodes do not keep"],
        ),
        ("MERGE INTO trace_extents USING x ON trace_extents.metadata_id = %(id)s WHEN MATCHED THEN DELETE", ["MERGE"]),
    ],
)
def test_what_does_not_work_over_nodes_is_found(statement: str, found: list[str]) -> None:
    assert statements.problems(statement) == found


@pytest.mark.skipif(bool(citus.COORDINATOR), reason="This is a Citus")
def test_plain_postgres_is_refused_in_words(
    eeds: Eeds,  # noqa: F811
    database_url: str,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    outcome = eeds("db", "distribute")
    assert outcome.status == 1
    assert "This database is plain Postgres" in outcome.err
    assert "CREATE EXTENSION citus" in outcome.err


@needs_citus
def test_the_tables_are_distributed_once(database_url: str, database: Database) -> None:
    assert distribute(database_url, print) == []
    with database.connection() as connection:
        tables = connection.execute("SELECT table_name::text, citus_table_type FROM citus_tables").fetchall()
        (groups,) = connection.execute(
            "SELECT count(DISTINCT colocation_id) FROM citus_tables WHERE citus_table_type = 'distributed'"
        ).fetchone() or (0,)
    kinds = {**dict.fromkeys(DISTRIBUTED, "distributed"), **dict.fromkeys(EVERYWHERE, "reference")}
    assert dict(tables) == kinds
    assert groups == 1


@needs_citus
def test_readings_of_no_trace_are_deleted(database_url: str, database: Database) -> None:
    with database.connection() as connection:
        connection.execute("INSERT INTO trace_extents VALUES (7, now(), now(), 1, 1, now())")
    told: list[str] = []
    assert distribute(database_url, told.append) == []
    assert told == ["deleted the readings of 1 traces that are no more"]
    with database.connection() as connection:
        assert connection.execute("SELECT metadata_id FROM trace_extents").fetchall() == []


@needs_citus
def test_a_citus_without_nodes_is_refused_in_words() -> None:
    with citus.database_on(citus.COORDINATOR, "eeds_without_nodes"):
        url = make_conninfo(citus.COORDINATOR, dbname="eeds_without_nodes")
        with pytest.raises(ConfigurationError, match="SELECT citus_set_coordinator_host"):
            distribute(url, print)
        with psycopg.connect(url) as connection:
            connection.execute("SELECT citus_set_coordinator_host('127.0.0.1', %s)", [connection.info.port])
        with pytest.raises(ConfigurationError, match="SELECT citus_add_node"):
            distribute(url, print)
