"""Health: alive is not yet ready."""

import pytest
import redis

from eeds.app import create_app
from eeds.config.settings import Settings
from eeds.jobs.queue_state import report_relay
from tests.api.conftest import Api


def test_live_and_ready(nobody: Api, queue: redis.Redis) -> None:
    assert nobody.get("/health/live").json == {"status": "ok"}
    report_relay(queue)
    ready = nobody.get("/health/ready")
    parts = dict.fromkeys(("database", "migrations", "queue", "relay"), "ok")
    assert (ready.status_code, ready.json) == (200, {"status": "ok", **parts, "oldest_pending_run_seconds": None})


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
