"""Health: alive is not yet ready."""

import pytest

from eeds.app import create_app
from eeds.config.settings import Settings
from tests.api.conftest import Api


def test_live_and_ready(nobody: Api) -> None:
    assert nobody.get("/health/live").json == {"status": "ok"}
    ready = nobody.get("/health/ready")
    assert (ready.status_code, ready.json) == (
        200,
        {"status": "ok", "database": "ok", "migrations": "ok", "queue": "ok", "oldest_pending_run_seconds": None},
    )


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
