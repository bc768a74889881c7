"""The datastore of real processes that the tests of faults share."""

from collections.abc import Iterator

import pytest

from tests.workers.family import Family, family


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Family]:
    """Started once, for it takes a while."""
    with family(tmp_path_factory.mktemp("family")) as started:
        yield started


@pytest.fixture
def ours(started: Family) -> Family:
    """Every part of it at work, whatever the test before has done."""
    started.await_ready()
    return started
