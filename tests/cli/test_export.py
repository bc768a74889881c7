"""`eeds export`: ordered, awaited, downloaded; a file is there whole or not at all."""

import csv
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from eeds.client import Client
from eeds.db.engine import Database
from eeds.exports import lifecycle as exports
from eeds.jobs import leases
from tests.cli.conftest import Eeds, working
from tests.client.scripted import Scripted
from workers.export_jobs import build_and_store

READY = {"id": 7, "kind": "results", "status": "SUCCESS", "rows_done": 1, "rows_total": 1, "bytes": 10}
NAMED = {"Content-Type": "text/csv", "Content-Disposition": 'attachment; filename="eeds-results-7.csv"'}

SEVERAL = "Say which projects by one of --projects 1+3-5, --project NAME, --block ID, --group NAME or --filter JSON."


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of whoever gives the command."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def projects(client: Client) -> None:
    """P1 and P2, each with a record."""
    for number in (1, 2):
        project = client.post("projects/", {"project_id": f"P{number}", "project_owner": 1})["id"]
        record = {"start": "2014-01-01T00:00:00Z", "value": number}
        trace = {"project": project, "interpretation": "E_C_S", "unit": "KWH", "records": [record]}
        client.post("consumption_metadatas/", trace)


@pytest.fixture
def worker(database: Database) -> Iterator[None]:
    """Somebody who builds what is ordered."""
    with working(database, exports.EXPORTS, build_and_store):
        yield


def column(file: Path, name: str) -> list[str]:
    with file.open(encoding="utf-8", newline="") as text:
        return [row[name] for row in csv.DictReader(text)]


def test_a_file_has_the_name_that_the_server_gives_it(
    eeds_here: Eeds, projects: None, worker: None, here: Path
) -> None:
    outcome = eeds_here("export", "diagnostics")
    assert (outcome.status, outcome.err) == (0, "")
    (file,) = here.iterdir()
    assert file.name.startswith("eeds-diagnostics-20")
    assert outcome.out == f"2 rows, {file.stat().st_size} bytes: {file.name}\n"
    assert column(file, "project_id") == ["P1", "P2"]


def test_some_projects_in_a_file_of_that_name(
    eeds_here: Eeds, client: Client, projects: None, worker: None, here: Path
) -> None:
    block = client.post("project_blocks/", {"name": "b", "projects": [1]})["id"]
    other = '{"not": {"block": "b"}}'
    for file, options in {"a.csv": ("--filter", other), "b.csv": ("--block", str(block))}.items():
        assert eeds_here("export", "records", *options, "--output", file).status == 0
    assert (column(here / "a.csv", "value"), column(here / "b.csv", "value")) == (["2.0"], ["1.0"])
    parquet = eeds_here("export", "records", "--format", "parquet", "--output", here / "c.parquet")
    assert parquet.out.endswith(f" bytes: {here / 'c.parquet'}\n")
    assert pq.read_table(here / "c.parquet").column("value").to_pylist() == [1.0, 2.0]
    assert sorted(file.name for file in here.iterdir()) == ["a.csv", "b.csv", "c.parquet"]


def test_records_as_they_were(eeds_here: Eeds, client: Client, projects: None, worker: None, here: Path) -> None:
    time = max(load["ended"] for load in client.get("loads/"))
    assert eeds_here("export", "records", "--as-of", time, "--output", "then.csv").status == 0
    assert column(here / "then.csv", "value") == ["1.0", "2.0"]
    outcome = eeds_here("export", "records", "--as-of", "yesterday")
    assert (outcome.status, '"yesterday" is no time' in outcome.err) == (1, True)
    assert "No such option" in eeds_here("export", "results", "--as-of", time).err


def test_what_cannot_be_ordered(eeds_here: Eeds, client: Client, projects: None) -> None:
    for options, said in {
        ("--projects", "1", "--block", "1"): SEVERAL,
        ("--output", "no/where.csv"): "There is no directory no; make it, or give another --output.",
    }.items():
        outcome = eeds_here("export", "results", *options)
        assert outcome.status == 2
        assert said in outcome.err
    unknown = eeds_here("export", "results", "--projects", "99")
    assert (unknown.status, unknown.out) == (1, "")
    assert 'Invalid pk "99" - object does not exist.' in unknown.err
    assert client.get("exports/") == []


def test_an_export_that_fails(eeds_here: Eeds, database: Database, projects: None, here: Path) -> None:
    over = threading.Event()

    def lose_all() -> None:
        while not over.wait(0.05):
            with database.connection() as connection:
                for one in leases.waiting_jobs(connection, exports.EXPORTS):
                    held = leases.claim_job(connection, exports.EXPORTS, one.id)
                    assert held is not None
                    leases.fail_job(connection, held, "no luck")

    loser = threading.Thread(target=lose_all)
    loser.start()
    try:
        outcome = eeds_here("export", "results")
    finally:
        over.set()
        loser.join()
    assert (outcome.status, outcome.out, outcome.err) == (1, "", "Error: Export 1 failed: no luck\n")
    assert list(here.iterdir()) == []


def test_a_download_that_breaks_off_leaves_no_file(eeds: Eeds, scripted: Scripted, here: Path) -> None:
    scripted.answers = [(201, {}, READY), (200, {**NAMED, "Content-Length": "10", "Connection": "close"}, b"half")]
    (here / "eeds-results-7.csv").write_text("of yesterday")
    outcome = eeds("export", "results", "--url", scripted.url, "--token", "t")
    assert outcome.status == 1
    assert outcome.err == f"Error: The download from {scripted.url} broke off; try again.\n"
    assert [file.name for file in here.iterdir()] == ["eeds-results-7.csv"]
    assert (here / "eeds-results-7.csv").read_text() == "of yesterday"


def test_a_file_that_cannot_be_written(eeds: Eeds, scripted: Scripted, here: Path) -> None:
    (here / "eeds-results-7.csv.part").mkdir()
    scripted.answers = [(201, {}, READY), (200, NAMED, b"0123456789")]
    outcome = eeds("export", "results", "--url", scripted.url, "--token", "t")
    assert outcome.status == 1
    assert outcome.err == "Error: eeds-results-7.csv cannot be written: Is a directory\n"
