"""A reader who has a datastore, an empty home and an empty directory, and does what the pages say."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from eeds.config.data_dir import embedded_urls
from eeds.server.binaries import postgres_bindir
from eeds.server.demo.server import Datastore, datastore
from eeds.server.up import free_port
from tests.docs.pages import ROOT, Step, steps
from tests.weather.file_server import FileServer, serving
from tests.weather.ghcnh_files import DES_MOINES_ID, hourly, path_of, psv_1_1_0

TUTORIAL = ROOT / "docs" / "tutorial.md"
SHOWN_URL = "http://127.0.0.1:8000"
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
END_OF_BLOCK = "\x1e"
# What runs a script of blocks, and what prints the end of one.
INTERPRETERS = {
    "sh": (["sh", "-e", "-c"], "printf '\\036'"),
    "python": ([sys.executable, "-c"], "print('\\x1e', end='', flush=True)"),
}

Printed = list[tuple[Step, str]]


@dataclass
class Reader:
    """Reads each page once, from its first block to its last, in a directory of its own."""

    url: str
    env: Mapping[str, str]
    home: Path
    printed: dict[Path, Printed] = field(default_factory=dict)

    def read(self, page: Path) -> Printed:
        """What each shell block of a page has printed; the first time, they are run."""
        if page not in self.printed:
            directory = self.home.parent / page.stem
            directory.mkdir()
            self.printed[page] = self.run(list(steps(page)), directory)
        return self.printed[page]

    def run(self, todo: list[Step], directory: Path) -> Printed:
        """Run blocks in one process, which ends with the first command that fails."""
        (language,) = {step.run.language for step in todo} or {"sh"}
        command, end_block = INTERPRETERS[language]
        script = "".join(f"{step.run.text}{end_block}\n" for step in todo).replace(SHOWN_URL, self.url)
        done = subprocess.run(
            [*command, script],
            cwd=directory,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        *outputs, rest = done.stdout.replace(self.url, SHOWN_URL).split(END_OF_BLOCK)
        if len(outputs) < len(todo):
            pytest.fail(f"{todo[len(outputs)].run} failed with status {done.returncode}: {rest}")
        return list(zip(todo, outputs, strict=True))


def environment(running: Datastore, home: Path, noaa: FileServer) -> dict[str, str]:
    """What a reader's shell knows: the commands, the datastore that is running, a database to restore into, and a
    server in the place of NOAA's."""
    database_url = embedded_urls(running.log.parent).database
    return {
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}:{postgres_bindir()}:{SYSTEM_PATH}",
        "EEDS_URL": running.url,
        "EEDS_DATA_DIR": str(running.log.parent),
        "DATABASE_URL": database_url,
        "EEDS_GHCNH_URLS": noaa.url,
        "RESTORED_URL": database_url.replace("/eeds?", "/restored?"),
    }


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader who has been through the tutorial on a fresh datastore; the other pages go on from there."""
    place = tmp_path_factory.mktemp("docs")
    home = place / "home"
    home.mkdir()
    with serving() as noaa, pytest.MonkeyPatch.context() as environ:
        environ.setenv("EEDS_GHCNH_URLS", noaa.url)
        yield from started(place, home, noaa)


def started(place: Path, home: Path, noaa: FileServer) -> Iterator[Reader]:
    """The reader, when the datastore is there."""
    with datastore(free_port(), place) as running:
        noaa.files = {path_of(DES_MOINES_ID, year): psv_1_1_0(hourly(year)) for year in (2016, 2017)}
        reader = Reader(running.url, environment(running, home, noaa), home)
        reader.read(TUTORIAL)
        yield reader
