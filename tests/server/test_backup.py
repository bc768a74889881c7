"""`eeds backup` and `eeds restore`: the whole database as one file, taken while others write, and put back."""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg import sql

from eeds.accounts.operations import create_user
from eeds.cli import cli
from eeds.config.data_dir import Urls
from eeds.db.engine import Database
from eeds.db.migrate import migrate
from eeds.db.tables import ConsumptionMetadata, Project
from eeds.server.binaries import client_programs
from eeds.server.embedded import embedded_servers, remove
from tests.conftest import with_database
from tests.db.earlier import earlier_database
from tests.readings import store_series

Eeds = Callable[..., Result]
# What a database holds, one number: its rows and all that is in them.
CONTENTS = """
    SELECT sum(hashtextextended(rows::text, 0)), count(*)
    FROM (SELECT metadata_id, start, value, estimated FROM consumption_records) AS rows
"""
TRACE = 1


@pytest.fixture
def eeds(monkeypatch: pytest.MonkeyPatch) -> Eeds:
    """Runs a command on the database with that URL."""

    def run(url: str, *words: object) -> Result:
        monkeypatch.setenv("DATABASE_URL", url)
        return CliRunner().invoke(cli, [str(word) for word in words])

    return run


@pytest.fixture
def empty_url(database_url: str) -> Iterator[str]:
    """A database with nothing in it."""
    name = sql.Identifier("eeds_restored")
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
        yield with_database(database_url, "eeds_restored")
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def lets_in(url: str) -> bool:
    """Whether the server opens the database to that URL."""
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture
def guarded_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The database of a server that asks for a password, with our tables."""
    place = tmp_path_factory.mktemp("guarded")
    with embedded_servers(place, valkey=False) as servers:
        with psycopg.connect(servers.urls.database, autocommit=True) as admin:
            admin.execute("ALTER USER CURRENT_USER PASSWORD 'a secret of the database'")
            ((rules,),) = admin.execute("SHOW hba_file").fetchall()
            Path(rules).write_text("local all all scram-sha-256\n")
            admin.execute("SELECT pg_reload_conf()")
        deadline = time.monotonic() + 30
        while lets_in(servers.urls.database):
            assert time.monotonic() < deadline, "it asks for no password"
        url = psycopg.conninfo.make_conninfo(servers.urls.database, password="a secret of the database")
        migrate(url)
        yield url
    remove(place)


@pytest.fixture
def trace(database: Database) -> int:
    """A trace with a year of hours."""
    with database.session() as session:
        create_user(session, "owner")
        session.add(Project(project_id="ABC", project_owner_id=1))
        session.flush()
        session.add(ConsumptionMetadata(project_id=1, interpretation="E_C_S", unit="KWH", label="main"))
        session.flush()
    add_records(database, "2016-01-01", 8784)
    return TRACE


def add_records(database: Database, first: str, hours: int) -> None:
    """Hourly records of the trace, committed together."""
    with database.connection() as connection:
        store_series(connection, TRACE, first, np.timedelta64(1, "h"), [hour / 7 for hour in range(hours)])


def contents(url: str) -> tuple[object, ...]:
    """What the records of a database are, to compare."""
    with psycopg.connect(url) as connection:
        return connection.execute(CONTENTS).fetchone() or ()


def test_a_backup_comes_back_whole(
    eeds: Eeds, trace: int, database_url: str, empty_url: str, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "eeds.dump"
    written = eeds(database_url, "backup", file)
    assert written.output == f"Wrote {file}, {file.stat().st_size:,} bytes.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["eeds.dump"]
    assert file.stat().st_mode & 0o077 == 0, "others may read everybody's data"
    assert eeds(empty_url, "restore", file).output == f"Restored {file}.\n"
    assert contents(empty_url) == contents(database_url)
    # and it is a database to work with: keys count on, triggers act
    restored = Database(empty_url)
    with restored.session() as session:
        create_user(session, "another")
        session.delete(session.get_one(ConsumptionMetadata, trace))
    assert contents(empty_url) == (None, 0)
    restored.engine.dispose()


def test_a_backup_does_not_ask_for_a_compression_that_not_every_server_has(
    eeds: Eeds, database_url: str, database: Database, tmp_path: Path
) -> None:
    file, change = tmp_path / "eeds.dump", "ALTER TABLE time_series ALTER COLUMN observed SET COMPRESSION"
    with database.connection() as connection:
        connection.execute(f"{change} pglz")
    eeds(database_url, "backup", file)
    with database.connection() as connection:
        connection.execute(f"{change} default")
    programs = client_programs()[-1].directory
    text = subprocess.run(
        [programs / "pg_restore", "--file=-", file], capture_output=True, text=True, check=True
    ).stdout
    assert "CREATE TABLE public.time_series" in text
    assert "COMPRESSION" not in text


def test_what_is_written_meanwhile_is_in_it_wholly_or_not_at_all(
    eeds: Eeds, trace: int, database_url: str, empty_url: str, database: Database, tmp_path: Path
) -> None:
    done = threading.Event()
    loads = []

    def load() -> None:
        while not done.is_set():
            add_records(database, f"{1700 + len(loads)}-01-01", 500)
            loads.append(500)

    writer = threading.Thread(target=load)
    writer.start()
    try:
        assert eeds(database_url, "backup", tmp_path / "eeds.dump").exit_code == 0
    finally:
        done.set()
        writer.join()
    assert eeds(empty_url, "restore", tmp_path / "eeds.dump").exit_code == 0
    _, stored = contents(empty_url)
    assert isinstance(stored, int)
    assert len(loads) > 1
    assert 8784 <= stored <= 8784 + sum(loads)
    assert (stored - 8784) % 500 == 0


def test_a_database_with_data_is_replaced_only_when_told(
    eeds: Eeds, trace: int, database_url: str, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "eeds.dump"
    eeds(database_url, "backup", file)
    before = contents(database_url)
    add_records(database, "2018-01-01", 100)
    refused = eeds(database_url, "restore", file)
    assert "The database has data, in consumption_blocks, consumption_metadatas, project_owners, " in str(
        refused.exception
    )
    assert contents(database_url) != before
    assert eeds(database_url, "restore", "--replace", file).exit_code == 0
    assert contents(database_url) == before


def test_a_backup_of_an_earlier_release_is_brought_up_to_date(
    eeds: Eeds, servers: Urls, empty_url: str, tmp_path: Path
) -> None:
    with earlier_database(servers, "0003_results") as url:
        assert eeds(url, "backup", tmp_path / "eeds.dump").exit_code == 0
        before = contents(url)
    told = eeds(empty_url, "restore", tmp_path / "eeds.dump").output
    assert f"Restored {tmp_path}/eeds.dump.\nIt is of an earlier release, whose schema lacks 0004_runs, 0005_" in told
    assert told.endswith(" Run: eeds db upgrade\n")
    assert eeds(empty_url, "db", "upgrade").stdout.startswith("applied 0004_runs\n")
    assert contents(empty_url) == before


def test_a_backup_of_a_later_release_says_so(eeds: Eeds, database_url: str, empty_url: str, tmp_path: Path) -> None:
    migrate(empty_url)
    with psycopg.connect(empty_url) as connection:
        connection.execute("INSERT INTO schema_migrations (name, checksum) VALUES ('9999_future', 'x')")
    eeds(empty_url, "backup", tmp_path / "eeds.dump")
    told = eeds(empty_url, "restore", tmp_path / "eeds.dump")
    assert told.output == f"Restored {tmp_path}/eeds.dump.\n"
    assert str(told.exception) == "The database is newer than this code: it has 9999_future."


def test_a_schema_without_data_counts_as_empty(
    eeds: Eeds, trace: int, database_url: str, empty_url: str, tmp_path: Path
) -> None:
    eeds(database_url, "backup", tmp_path / "eeds.dump")
    migrate(empty_url)
    assert eeds(empty_url, "restore", tmp_path / "eeds.dump").exit_code == 0
    assert contents(empty_url) == contents(database_url)


def test_tables_of_somebody_else_are_not_deleted(eeds: Eeds, database_url: str, empty_url: str, tmp_path: Path) -> None:
    eeds(database_url, "backup", tmp_path / "eeds.dump")
    with psycopg.connect(empty_url) as connection:
        connection.execute("CREATE TABLE theirs ()")
    refused = eeds(empty_url, "restore", tmp_path / "eeds.dump")
    assert "The database has data, in theirs; nothing was changed." in str(refused.exception)


def test_a_backup_that_is_cut_off_changes_nothing(
    eeds: Eeds, trace: int, database_url: str, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "eeds.dump"
    eeds(database_url, "backup", file)
    before = contents(database_url)
    file.write_bytes(file.read_bytes()[:-1000])
    refused = eeds(database_url, "restore", "--replace", file)
    assert str(refused.exception).startswith("Nothing was changed: pg_restore: error: ")
    assert contents(database_url) == before


@pytest.mark.parametrize("body", [b"", b"no backup"])
def test_what_is_no_backup_is_refused(eeds: Eeds, empty_url: str, body: bytes, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(body)
    assert f"{tmp_path}/other is no backup that can be read: " in str(
        eeds(empty_url, "restore", tmp_path / "other").exception
    )


def test_a_backup_of_another_program_is_refused(eeds: Eeds, empty_url: str, tmp_path: Path) -> None:
    with psycopg.connect(empty_url) as connection:
        connection.execute("CREATE TABLE theirs ()")
    eeds(empty_url, "backup", tmp_path / "theirs.dump")
    refused = eeds(empty_url, "restore", "--replace", tmp_path / "theirs.dump")
    assert "is no backup of eeds: it has no table schema_migrations." in str(refused.exception)


def test_a_file_that_is_there_is_not_overwritten(eeds: Eeds, database_url: str, tmp_path: Path) -> None:
    (tmp_path / "eeds.dump").write_text("yesterday's")
    refused = eeds(database_url, "backup", tmp_path / "eeds.dump")
    assert str(refused.exception) == f"{tmp_path}/eeds.dump is there already; choose another name."
    assert (tmp_path / "eeds.dump").read_text() == "yesterday's"


def test_a_place_that_cannot_be_written_is_named(eeds: Eeds, database_url: str, tmp_path: Path) -> None:
    refused = eeds(database_url, "backup", tmp_path / "none" / "eeds.dump")
    assert str(refused.exception) == f"Cannot write {tmp_path}/none/eeds.dump: No such file or directory."


def test_programs_older_than_the_server_are_not_taken(
    eeds: Eeds, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pg_dump", "pg_restore", "psql"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.1'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("EEDS_PG_BINDIR", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    assert [programs.major for programs in client_programs()] == [9]
    refused = eeds(database_url, "backup", tmp_path / "eeds.dump")
    assert "or later are needed; found: 9. Install them (Debian, Ubuntu: apt install postgresql-client-" in str(
        refused.exception
    )
    assert not (tmp_path / "eeds.dump").exists()


def test_a_database_that_asks_for_a_password(eeds: Eeds, guarded_url: str, tmp_path: Path) -> None:
    assert eeds(guarded_url, "backup", tmp_path / "eeds.dump").exception is None
    assert eeds(guarded_url, "restore", "--replace", tmp_path / "eeds.dump").exception is None


def test_the_password_is_not_shown_to_everybody(
    eeds: Eeds, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    for name in ("pg_dump", "pg_restore", "psql"):
        said = 'if [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) 999"; else echo "$PGPASSWORD $@" '
        (tmp_path / name).write_text(f"#!/bin/sh\n{said}>{seen}; fi\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("EEDS_PG_BINDIR", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    url = psycopg.conninfo.make_conninfo(database_url, password="not to be seen")  # trust asks for none
    eeds(url, "backup", tmp_path / "eeds.dump")
    password, _, arguments = seen.read_text().partition(" --format")
    assert password == "not to be seen"
    assert "not to be seen" not in arguments
