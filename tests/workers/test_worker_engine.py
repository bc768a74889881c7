"""What a worker says of the engine that it fits with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from eeds.config.settings import Settings
from eeds.jobs.queue_state import queue_state
from eeds.meter.models import engine
from workers.worker import report_fallback


@pytest.fixture
def settings(redis_url: str, queue: "Redis[bytes]", tmp_path: Path) -> Iterator[Settings]:
    with engine.using(engine.engine()):
        yield Settings.from_env({"REDIS_URL": redis_url, "EEDS_DATA_DIR": str(tmp_path)})


def test_only_a_worker_that_had_to_take_the_library_is_counted(settings: Settings) -> None:
    engine.choose(engine.LIBRARY)
    report_fallback(settings, "ours")
    assert queue_state(settings.redis_url, "ours").fallbacks == 0
    engine.choose(engine.LIBRARY, "not proven for scipy 9")
    report_fallback(settings, "ours")
    assert queue_state(settings.redis_url, "ours").fallbacks == 1
    assert queue_state(settings.redis_url, "another").fallbacks == 0


def test_a_worker_starts_without_the_queue(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    engine.choose(engine.LIBRARY, "not proven for scipy 9")
    nowhere = Settings.from_env({"REDIS_URL": "redis://127.0.0.1:1", "EEDS_DATA_DIR": str(settings.data_dir)})
    report_fallback(nowhere, "ours")
    assert "this worker is not counted" in caplog.text
    assert "the library fits: not proven for scipy 9" in caplog.text
