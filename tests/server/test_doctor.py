"""`eeds doctor` finds what is wrong, and says what to do."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from sqlalchemy import text

from eeds.accounts.operations import create_user
from eeds.accounts.tokens import store_token
from eeds.db.engine import Database
from eeds.db.tables import Project, ProjectRun
from eeds.jobs.queue_state import report_relay
from eeds.server.seed import DEV_TOKEN

SECRET = "a secret key for the tests, long enough"
Doctor = Callable[..., tuple[int, str]]


@pytest.fixture
def doctor(database: Database, database_url: str, redis_url: str, tmp_path: Path, queue: object) -> Doctor:
    """Runs it; its exit status and what it prints."""

    def run(**env: str) -> tuple[int, str]:
        given = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SECRET_KEY": SECRET,
            "EEDS_DATA_DIR": str(tmp_path),
            **env,
        }
        command = [sys.executable, "-m", "eeds.cli", "doctor"]
        done = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
        assert done.stderr == ""
        return done.returncode, done.stdout

    return run


def test_what_is_well_and_a_worker_that_is_not_there(doctor: Doctor, redis_url: str, queue_name: str) -> None:
    with redis.from_url(redis_url) as queue:
        report_relay(queue, queue_name)
    status, told = doctor()
    assert status == 1
    assert [line for line in told.splitlines() if line.startswith("problem")] == [
        "problem  No worker listens to the queue."
    ]
    assert "         Start one: rq worker -c workers.settings" in told
    waiting = f"0 jobs wait in the queue {queue_name}"
    for well in ("SECRET_KEY is set", "schema current", "The queue answers", waiting, "Every run is looked after"):
        assert f"ok       {well}" in told or well in told


def test_servers_that_do_not_answer(doctor: Doctor, tmp_path: Path) -> None:
    away = f"{tmp_path}/none"
    status, told = doctor(DATABASE_URL=f"postgresql:///x?host={away}", REDIS_URL=f"unix://{away}", SECRET_KEY="")
    assert status == 1
    for problem, remedy in (
        ("SECRET_KEY is not set", "Set SECRET_KEY."),
        ("The database does not answer: connection", "Start it, or correct DATABASE_URL."),
        ("The queue does not answer", "Start Redis, or correct REDIS_URL."),
    ):
        assert f"problem  {problem}" in told
        assert remedy in told


def test_a_schema_that_is_behind(doctor: Doctor, database: Database) -> None:
    with database.connection() as connection:
        last = connection.execute("DELETE FROM schema_migrations WHERE name LIKE '0005%' RETURNING *").fetchone()
    try:
        assert "problem  The schema lacks 0005_batched_deletion." in doctor()[1]
    finally:
        with database.connection() as connection:
            connection.execute("INSERT INTO schema_migrations VALUES (%s, %s, %s)", last)


def test_runs_that_nobody_looks_after_and_projects_without_weather(doctor: Doctor, database: Database) -> None:
    reason = "No weather station: the project has no ZIP code; set zipcode."
    with database.session() as session:
        create_user(session, "owner")
        session.add_all(Project(project_id=name, project_owner_id=1) for name in ("A", "B"))
        session.flush()
        session.add(ProjectRun(project_id=1, meter_class="M", status="FAILED", traceback=reason))
        session.add(ProjectRun(project_id=2, meter_class="M"))
        session.flush()
        session.execute(text("UPDATE project_runs SET updated = now() - interval '1 hour'"))
    status, told = doctor()
    assert status == 1
    assert "problem  No relay is at work.\n         Start it: python -m workers.relay" in told
    assert "problem  1 runs are not looked after.\n         Start the relay: python -m workers.relay" in told
    assert "problem  1 of 2 projects had no weather in their last run, as A." in told
    assert "Runs: 1 FAILED, 1 PENDING, 0 RUNNING, 0 SUCCESS" in told


def test_the_development_token_in_production(doctor: Doctor, database: Database) -> None:
    key = secrets.token_hex(32)
    with database.session() as session:
        store_token(session, key, create_user(session, "demo"), DEV_TOKEN, ["read"], None)
    _, told = doctor(EEDS_ENV="production", SECRET_KEY=key)
    assert f"problem  The token {DEV_TOKEN}, which everybody knows, is valid here." in told
    assert "ok       The development token is valid" in doctor(SECRET_KEY=key)[1]
