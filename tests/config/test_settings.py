"""Settings from the environment."""

from pathlib import Path

import pytest

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
