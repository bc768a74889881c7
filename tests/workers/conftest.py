"""The datastore of real processes that the tests of faults share."""

from collections.abc import Iterator

import pytest

from tests.weather.file_server import FileServer, serving
from tests.workers.family import Family, family


@pytest.fixture(scope="session")
def source() -> Iterator[FileServer]:
    """Where the processes fetch weather from."""
    with serving() as server:
        yield server


@pytest.fixture
def noaa(source: FileServer) -> FileServer:
    """The same, without files."""
    source.files, source.answers = {}, []
    return source


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory, source: FileServer) -> Iterator[Family]:
    """Started once, for it takes a while."""
    with family(tmp_path_factory.mktemp("family"), EEDS_GHCNH_URLS=source.url) as started:
        yield started


@pytest.fixture
def ours(started: Family) -> Family:
    """Every part of it at work, whatever the test before has done."""
    started.await_ready()
    return started
