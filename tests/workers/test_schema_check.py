"""A worker and a database of different releases have nothing to do with each other, and say so."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from eeds.accounts.operations import create_user
from eeds.accounts.principal import principal_of
from eeds.db.engine import Database
from eeds.db.tables import Project, ProjectRun
from eeds.runs.operations import request_run

ROOT = Path(__file__).parents[2]
NEWER = "INSERT INTO schema_migrations (name, checksum) VALUES ('9999_future', 'x')"
OLDER = "DELETE FROM schema_migrations WHERE name = '0004_runs'"
# A worker: a process that has its jobs in forks.
WORKER = """
import os, sys
from workers.jobs import execute_project_run

job = os.fork()
if job == 0:
    execute_project_run(int(sys.argv[1]))
    os._exit(0)
os.waitpid(job, 0)
"""


@pytest.fixture
def run(database: Database) -> int:
    with database.session() as session:
        user = create_user(session, "owner")
        session.add(Project(project_id="ABC", project_owner_id=1))
        session.flush()
        return request_run(session, principal_of(session, user.id), 1)


@contextmanager
def another_release(database_url: str, change: str) -> Iterator[None]:
    """The database as a release with other migrations would have left it."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        before = connection.execute("SELECT name, checksum, applied FROM schema_migrations").fetchall()
        connection.execute(change.encode())
        try:
            yield
        finally:
            connection.execute("TRUNCATE schema_migrations")
            with connection.cursor() as cursor:
                cursor.executemany("INSERT INTO schema_migrations VALUES (%s, %s, %s)", before)


def python(code: str, database_url: str, data_dir: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a program beside the database."""
    env = {**os.environ, "DATABASE_URL": database_url, "EEDS_DATA_DIR": str(data_dir)}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_a_worker_that_was_there_before_leaves_the_run_and_stops(
    database: Database, database_url: str, tmp_path: Path, run: int
) -> None:
    with another_release(database_url, NEWER):
        worker = python(WORKER, database_url, tmp_path, str(run))
    assert worker.returncode == -signal.SIGTERM, worker.stderr
    with database.session() as session:
        left = session.get_one(ProjectRun, run)
        assert (left.status, left.attempts) == ("PENDING", 0)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (NEWER, "Error: The database is newer than this code: it has 9999_future."),
        (OLDER, "Error: The database is older than this code: it lacks 0004_runs."),
    ],
)
def test_a_worker_does_not_start(database_url: str, tmp_path: Path, change: str, reason: str) -> None:
    with another_release(database_url, change):
        worker = python("import workers.settings", database_url, tmp_path)
    assert (worker.returncode, worker.stderr.splitlines()) == (1, [reason])
