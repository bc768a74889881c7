"""Health: alive is not yet ready."""

from collections.abc import Iterator

import pytest
import redis
from flask import Flask

from eeds.app import create_app
from eeds.config.settings import Settings
from eeds.db.engine import Database
from eeds.jobs.queue_state import report_relay
from tests.api.conftest import Api


def test_live_and_ready(nobody: Api, queue: redis.Redis, queue_name: str) -> None:
    assert nobody.get("/health/live").json == {"status": "ok"}
    report_relay(queue, queue_name)
    ready = nobody.get("/health/ready")
    parts = dict.fromkeys(("database", "migrations", "queue", "relay"), "ok")
    assert (ready.status_code, ready.json) == (200, {"status": "ok", **parts, "oldest_pending_run_seconds": None})


@pytest.fixture
def full_disk(database: Database, app: Flask) -> Iterator[None]:
    """A database that has no room for another project, nor for the file that /health/ready has it write."""
    full = "RETURNS {} LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$"
    pool = app.extensions["eeds.database"].engine.pool
    with database.connection() as connection:
        (name,) = connection.execute("SELECT quote_ident(current_database())").fetchone() or ("",)
        connection.execute(f"CREATE FUNCTION no_room() {full.format('trigger')}".encode())
        connection.execute("CREATE TRIGGER full_disk BEFORE INSERT ON projects EXECUTE FUNCTION no_room()")
        connection.execute(f"CREATE FUNCTION pg_export_snapshot() {full.format('text')}".encode())
        connection.execute(f"ALTER DATABASE {name} SET search_path = public, pg_catalog".encode())
    pool.dispose()
    yield
    with database.connection() as connection:
        connection.execute(f"ALTER DATABASE {name} RESET search_path".encode())
        connection.execute("DROP FUNCTION no_room CASCADE")
        connection.execute("DROP FUNCTION public.pg_export_snapshot")
    pool.dispose()


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_is_said(api: Api, queue: redis.Redis, queue_name: str) -> None:
    report_relay(queue, queue_name)
    answer = api.post("projects/", {"project_id": "A", "project_owner": 1})
    assert (answer.status_code, answer.headers["Retry-After"]) == (507, "5")
    assert answer.json["detail"].startswith("The database's disk is full; nothing was stored.")
    assert api.get("projects/").status_code == 200
    ready = api.get("/health/ready")
    assert (ready.status_code, ready.json["database"]) == (503, "its disk is full")


def test_not_ready_without_a_relay(nobody: Api, queue: redis.Redis) -> None:
    ready = nobody.get("/health/ready")
    assert (ready.status_code, ready.json["relay"]) == (503, "is not at work; start: python -m workers.relay")


@pytest.mark.parametrize("gone", ["DATABASE_URL", "REDIS_URL"])
def test_not_ready_without_servers(settings: Settings, gone: str, tmp_path: str) -> None:
    urls = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    urls[gone] = {"DATABASE_URL": f"postgresql:///x?host={tmp_path}", "REDIS_URL": f"unix://{tmp_path}/none"}[gone]
    app = create_app(Settings.from_env({**urls, "SECRET_KEY": "x" * 32, "EEDS_DATA_DIR": str(tmp_path)}))
    client = app.test_client()
    assert client.get("/health/live").status_code == 200
    ready = client.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json is not None
    assert ready.json["queue" if gone == "REDIS_URL" else "database"] == "does not answer"
    projects = client.get("/api/v1/projects/", headers={"Authorization": "Bearer x"})
    if gone == "DATABASE_URL":
        assert (projects.status_code, projects.headers["Retry-After"]) == (503, "5")
    app.extensions["eeds.database"].engine.dispose()
