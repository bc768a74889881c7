"""Settings from the environment."""

import os
from pathlib import Path

import pytest

from eeds.app import create_app
from eeds.config.limits import usual_heavy_requests
from eeds.config.settings import Settings
from eeds.errors import ConfigurationError


def test_the_meters_engine_is_one_of_those_there_are(tmp_path: Path) -> None:
    own = {"EEDS_DATA_DIR": str(tmp_path)}
    assert [Settings.from_env({**own, "EEDS_METER": word}).meter for word in ("", "auto", "library")] == [
        "auto",
        "auto",
        "library",
    ]
    with pytest.raises(ConfigurationError, match="EEDS_METER is 'compiled'; it must be auto or library"):
        Settings.from_env({**own, "EEDS_METER": "compiled"})


def test_series_are_kept_for_ever_or_so_many_days(tmp_path: Path) -> None:
    own = {"EEDS_DATA_DIR": str(tmp_path)}
    kept = [Settings.from_env({**own, "EEDS_KEEP_SERIES_DAYS": days}).keep_series_days for days in ("", "0", "365")]
    assert kept == [None, 0, 365]
    assert Settings.from_env(own).keep_series_days is None
    for wrong in ("-1", "a year", "40000", "9" * 30):
        with pytest.raises(ConfigurationError, match=r"^EEDS_KEEP_SERIES_DAYS is "):
            Settings.from_env({**own, "EEDS_KEEP_SERIES_DAYS": wrong})


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("", "must have at least 32 characters"),
        ("x" * 31, "must have at least 32 characters"),
        ("x" * 32, "must be random"),
        ("changeme" * 4, "must be random"),
        ("0123456789abcdef" * 2, "must be random"),
        ("for development only: set SECRET_KEY", "must be another"),
        ("a secret key for the tests, long enough", "must be another"),
    ],
)
def test_production_takes_no_key_that_others_know_or_guess(tmp_path: Path, key: str, reason: str) -> None:
    own = {"EEDS_DATA_DIR": str(tmp_path), "EEDS_ENV": "production"}
    with pytest.raises(ConfigurationError, match=f"^SECRET_KEY .*{reason} when EEDS_ENV=production"):
        Settings.from_env({**own, "SECRET_KEY": key})
    assert Settings.from_env({**own, "SECRET_KEY": "9f86d081884c7d659a2feaa0c55ad015"}).env == "production"


def test_a_web_process_without_eeds_env_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("EEDS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("EEDS_ENV", "development")
    create_app()
    assert caplog.messages == []
    monkeypatch.delenv("EEDS_ENV")
    create_app()
    assert [message.partition(":")[0] for message in caplog.messages] == ["EEDS_ENV IS NOT SET"]


def test_one_owner_leaves_others_a_processor(tmp_path: Path) -> None:
    assert [usual_heavy_requests(processors) for processors in (1, 2, 3, 64)] == [1, 1, 2, 2]
    limits = Settings.from_env({"EEDS_DATA_DIR": str(tmp_path)}).limits
    assert limits.heavy_requests == usual_heavy_requests(os.cpu_count() or 1)
