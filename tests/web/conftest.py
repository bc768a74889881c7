"""A gunicorn, and a Postgres of its own that a test may stop."""

from collections.abc import Iterator

import pytest

from attack.target import Target, target

MAX_UPLOAD_MB = 4


@pytest.fixture(scope="session")
def attacked() -> Iterator[Target]:
    """Both, seeded."""
    with target(EEDS_MAX_UPLOAD_MB=str(MAX_UPLOAD_MB)) as attacked:
        yield attacked
