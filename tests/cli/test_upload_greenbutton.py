"""`eeds upload greenbutton` to a real server."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from eeds.client import Client
from tests.cli.conftest import Eeds, Login, Write
from tests.client.scripted import DROP, OK, Scripted
from tests.records.greenbutton.feeds import HOUR, feed, reading, usual
from tests.records.greenbutton.test_green_button import UTILITY

Upload = Callable[..., tuple[int, str, str]]
TRACE = "E_C_S of 7"
DELIVERED, RETURNED = "4.1099 kWh", "2.6407 kWh"


@pytest.fixture
def upload(eeds_here: Eeds, projects: Path) -> Upload:
    """Runs the command for the project ABC: its status and what it printed."""

    def run(*arguments: str | Path, project: str = "ABC") -> tuple[int, str, str]:
        outcome = eeds_here("upload", "greenbutton", *arguments, "--project", project)
        return outcome.status, outcome.out, outcome.err

    return run


def hours(first: int, *watt_hours: object) -> str:
    """A feed of hourly readings."""
    return usual([reading((first + n) * HOUR, value) for n, value in enumerate(watt_hours)]).decode()


def values(client: Client) -> dict[str, float | None]:
    return {record["start"]: record["value"] for record in client.get("consumption_records/", metadata="1")}


def test_the_file_of_a_utility(upload: Upload, client: Client) -> None:
    def told(delivered: str, received: str, note: str = "") -> tuple[int, str, str]:
        return (
            0,
            f"{UTILITY}: E_C_S of 1000000001: 10 readings ({DELIVERED}) received: 10 readings ({DELIVERED}) stored; "
            f"records {delivered}{note}\n"
            f"{UTILITY}: E_OSG_U of 1000000001: 5 readings ({RETURNED}) received: 5 readings ({RETURNED}) stored; "
            f"records {received}{note}\n",
            "",
        )

    new = ("12 created, 0 updated, 0 unchanged", "6 created, 0 updated, 0 unchanged")
    assert upload(UTILITY, "--dry-run") == told(*new, " (checked only, nothing was stored)")
    assert client.get("consumption_metadatas/") == []
    assert upload(UTILITY) == told(*new)
    assert len(client.get("consumption_metadatas/")) == 2
    assert upload(UTILITY) == told("0 created, 0 updated, 12 unchanged", "0 created, 0 updated, 6 unchanged")


def test_all_files_of_a_directory_in_the_order_of_their_names(upload: Upload, client: Client, tmp_path: Path) -> None:
    place = tmp_path / "feeds"
    (place / "2015").mkdir(parents=True)
    with zipfile.ZipFile(place / "b.ZIP", "w") as archive:
        archive.writestr("any.xml", hours(2, 3000))
    (place / "a.xml.gz").write_bytes(gzip.compress(hours(1, 2000).encode()))
    (place / "2015" / "z.xml").write_text(hours(0, 1000))
    for other in ("notes.txt", "._a.xml"):
        (place / other).write_text("no feed")
    status, out, err = upload(place, place / "b.ZIP")
    assert (status, err) == (0, "")
    assert [line.partition(":")[0] for line in out.splitlines()] == [
        str(place / name) for name in ("2015/z.xml", "a.xml.gz", "b.ZIP")
    ]
    assert list(values(client).values()) == [1.0, 2.0, 3.0, None]


def test_good_readings_are_stored_and_bad_ones_told(upload: Upload, client: Client, write: Write) -> None:
    bad, good = write("bad.xml", hours(0, 1000, "much", 3000)), write("good.xml", hours(5, 1000))
    assert upload(bad, good) == (
        1,
        f"{bad}: {TRACE}: 3 readings (4 kWh) received: 2 readings (4 kWh) stored, 1 reading (0 kWh) refused; "
        "records 4 created, 0 updated, 0 unchanged\n"
        f"{good}: {TRACE}: 1 reading (1 kWh) received: 1 reading (1 kWh) stored; "
        "records 2 created, 0 updated, 0 unchanged\n",
        f"Error: {bad}: 1 reading refused. The others were stored.\n"
        "  line 2, value, 'much': A valid number is required.\n",
    )
    assert [value for value in values(client).values() if value] == [1.0, 3.0, 1.0]


def test_all_or_nothing(upload: Upload, client: Client, write: Write) -> None:
    file = write("bad.xml", hours(0, 1000, "much"))
    assert upload(file, "--all-or-nothing") == (
        1,
        "",
        f"Error: {file}: nothing was stored.\n"
        "  1 of 2 readings refused, none stored\n"
        "  line 2, value, 'much': A valid number is required.\n",
    )
    assert client.get("consumption_metadatas/") == []
    assert "bad.xml: 1 reading refused. Nothing was stored.\n" in upload(file, "--dry-run")[2]


def test_where_in_a_zip(upload: Upload, tmp_path: Path) -> None:
    file = tmp_path / "two.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("1.xml", hours(0, 1000))
        archive.writestr("2.xml", hours(5, "much"))
        archive.writestr("water.xml", usual([reading(0, 1)], uom=38))
    status, _, err = upload(file)
    assert status == 1
    assert "\n  2.xml, line 1, value, 'much': A valid number is required.\n" in err
    water = "MeterReading Subscription/1/UsagePoint/7/MeterReading/m"
    assert err.startswith(f"{file}: water.xml, line 1: skipped {water} (1 reading): ")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "this is no XML: no element found."),
        ("date,value\n", "this is no XML: syntax error."),
        ("<html/>", "This is no Green Button file: its root element is html"),
        (feed().decode(), "Nothing was stored: the body has no interval readings of energy."),
    ],
)
def test_what_is_not_green_button_does_not_stop_the_others(
    upload: Upload, write: Write, text: str, reason: str
) -> None:
    bad, good = write("bad.xml", text), write("good.xml", hours(0, 1000))
    status, out, err = upload(bad, good)
    assert status == 1
    assert out.startswith(f"{good}: {TRACE}: 1 reading (1 kWh) received: 1 reading (1 kWh) stored; records 2 created")
    assert err.startswith(f"Error: {bad}: nothing was stored.\n  ")
    assert reason in err


def test_what_makes_no_sense(upload: Upload, eeds_here: Eeds, write: Write, tmp_path: Path) -> None:
    file, gone, empty = write("a.xml", hours(0, 1000)), tmp_path / "gone.xml", tmp_path / "empty"
    empty.mkdir()
    assert upload(file, gone) == (1, "", f"Error: {gone} cannot be read: No such file or directory\n")
    assert upload(empty)[2] == f"Error: {empty} has no file whose name ends in .xml, .xml.gz, .zip.\n"
    nobody = 'Error: There is no project "nobody". Make it first, or name another.\n'
    assert upload(file, file, project="nobody") == (1, "", nobody)
    assert "Missing option '--project'" in eeds_here("upload", "greenbutton", file).err


def test_the_project_of_another_owner(upload: Upload, write: Write, login: Login) -> None:
    status, out, err = upload(write("a.xml", hours(0, 1000)), "--token", login("ann"))
    assert (status, out) == (1, "")
    assert 'There is no project "ABC".' in err


def test_an_end_between_two_files(eeds: Eeds, scripted: Scripted, write: Write) -> None:
    bad, good, last = (write(f"{name}.xml", hours(0, 1000)) for name in ("bad", "good", "last"))
    stored = {"created": 2, "updated": 0, "unchanged": 0, "duplicates": 0, "traces": [], "skipped": []}
    scripted.answers = [(413, {}, {"detail": "Too large."}), (200, {}, stored), (403, {}, {"detail": "No."})]
    login = ("--url", scripted.url, "--token", "t")
    outcome = eeds("upload", "greenbutton", bad, good, last, "--project", "ABC", *login)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == (
        f"Error: {bad}: nothing was stored.\n"
        "  Too large.\n"
        "The token may not POST greenbutton/: it lacks the scope, or its user is no admin.\n"
        f"ended at {last}, after 2 files. What was sent before that is stored; run this again to go on, it changes "
        "nothing of that.\n"
    )


class Unreadable(io.BytesIO):
    """A file that must not be read at once."""

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None
        assert 0 < size < 2**20
        return super().read(size)


def test_a_file_as_a_body_is_read_piece_by_piece_and_again_for_another_try(scripted: Scripted) -> None:
    content = b"0123456789" * 200_000
    scripted.answers = [(DROP, {}, None), OK]
    with Client(scripted.url, "secret") as client:
        assert client.send("POST", "greenbutton/", Unreadable(content)) == {"answer": "yes"}
    assert scripted.bodies == [content, content]
    assert {headers["Content-Length"] for headers in scripted.headers} == {str(len(content))}
    assert len({headers["Idempotency-Key"] for headers in scripted.headers}) == 1
