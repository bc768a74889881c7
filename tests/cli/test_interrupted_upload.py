"""Uploads that do not come to their end: what is said, and that the next one goes on."""

import signal
import threading
from collections.abc import Iterator

import pytest

from tests.cli.conftest import Eeds, Write
from tests.client.scripted import Answer, Scripted

ROWS = 200_000  # two requests
STORED: Answer = (200, {}, {"created": 7, "updated": 1, "unchanged": 0, "duplicates": 0, "refused": 0})
PLAIN: Answer = (200, {}, {"plan": {"kind": "plain table"}})  # to the question what the beginning of the file is
GO_ON = "What was sent before that is stored; run this again to go on, it changes nothing of that."


@pytest.fixture
def eeds_there(eeds: Eeds, scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> Eeds:
    """Runs `eeds ARGUMENTS` against the scripted server."""
    monkeypatch.setenv("EEDS_URL", scripted.url)
    monkeypatch.setenv("EEDS_TOKEN", "secret")
    return eeds


@pytest.fixture
def text() -> str:
    """A file whose rows go in two requests."""
    return "metadata_id,start,value\n" + "1,2011-01-01T00:00:00Z,1.5\n" * ROWS


@pytest.fixture
def listening() -> Iterator[None]:
    """Hear Ctrl-C: what a shell starts in the background does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt() -> Answer:
    """Press Ctrl-C while the server is at work."""
    ident = threading.main_thread().ident
    assert ident is not None
    signal.pthread_kill(ident, signal.SIGINT)
    return STORED


@pytest.mark.usefixtures("listening")
def test_interrupted_by_the_user(eeds_there: Eeds, scripted: Scripted, write: Write, text: str) -> None:
    file = write("energy.csv", text)
    scripted.answers = [PLAIN, STORED, interrupt]
    outcome = eeds_there("upload", "energy", file)
    assert (outcome.status, outcome.err) == (130, f"{file}: interrupted after 8 rows. {GO_ON}\n")
    scripted.answers = [PLAIN, interrupt]
    outcome = eeds_there("upload", "energy", "--all-or-nothing", file)
    assert (outcome.status, outcome.err) == (130, f"{file}: interrupted after 0 rows. Nothing was stored.\n")
    assert "dry_run=true" in scripted.asked[-1]


def test_the_server_fails_on_the_way(eeds_there: Eeds, scripted: Scripted, write: Write, text: str) -> None:
    file = write("energy.csv", text)
    failure: Answer = (500, {}, {"detail": "Full."})
    scripted.answers = [PLAIN, STORED, failure]
    outcome = eeds_there("upload", "energy", file)
    assert (outcome.status, outcome.err) == (
        1,
        "Error: The server failed at POST consumption_records/upload/ (HTTP 500), and its log says why: Full.\n"
        f"{file}: ended after 8 rows. {GO_ON}\n",
    )
    scripted.answers = [PLAIN, failure]
    assert "ended after" not in eeds_there("upload", "energy", file).err


def test_the_file_ends_on_the_way(
    eeds_there: Eeds, scripted: Scripted, write: Write, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write("energy.csv", text + "1,größer,1\n", "latin-1")
    monkeypatch.setattr("eeds.cli.record_files.PIECE_BYTES", 2 * 2**20)
    scripted.answers = [PLAIN, STORED, STORED]
    outcome = eeds_there("upload", "energy", file)
    assert f"{file} is not text in UTF-8: " in outcome.err
    assert f"{file}: ended after 16 rows. {GO_ON}" in outcome.err
    assert len(scripted.asked) == 3


def test_all_or_nothing_checks_all_before_it_sends_any(
    eeds_there: Eeds, scripted: Scripted, write: Write, text: str
) -> None:
    scripted.answers = [PLAIN, *[STORED] * 4]
    assert eeds_there("upload", "energy", "--all-or-nothing", write("energy.csv", text)).status == 0
    assert ["dry_run=true" in asked for asked in scripted.asked] == [True, True, True, False, False]
    first, second = scripted.bodies[1:3]
    header = b"metadata_id,start,value\n"
    assert first + second.removeprefix(header) == text.encode()
