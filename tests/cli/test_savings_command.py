"""`eeds savings`: a table for people, and files for programs."""

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from eeds.client import Client
from eeds.db.engine import Database
from tests.cli.conftest import Eeds
from tests.client.scripted import Scripted

STORED = """
    INSERT INTO savings_aggregations (project_result_id, trace_interpretation, station, model,
        metered_value, metered_lower, metered_upper, metered_n, metered_baseline)
    VALUES (%s, 'ELECTRICITY_CONSUMPTION_SUPPLIED', '725460', 'daily', 1234.5, 234.5, 300, 365, 10000)
"""
TABLE = """\
project  fuel                              kind        saved kWh  lower  upper  percent
ABC      electricity consumption supplied  metered         1,234  1,000  1,534   12.3 %
ABC      electricity consumption supplied  normalized          –      –      –        –
XYZ      electricity consumption supplied  metered         1,234  1,000  1,534   12.3 %  stale: its input has changed
XYZ      electricity consumption supplied  normalized          –      –      –        –  stale: its input has changed
"""


@pytest.fixture
def saved(projects: Path, client: Client, database: Database) -> None:
    """A result of each of ABC and XYZ, of which the latter's is stale."""
    ids = [client.post("project_results/", {"project": each["id"]})["id"] for each in client.get("projects/")]
    with database.connection() as connection:
        for id in ids:
            connection.execute(STORED, [id])
        connection.execute("UPDATE project_results SET stale_since = now() WHERE id = %s", [ids[1]])


def test_a_table(eeds_here: Eeds, saved: None) -> None:
    outcome = eeds_here("savings")
    assert (outcome.status, outcome.out) == (0, TABLE)
    assert eeds_here("savings", "--all").out == TABLE
    assert [line.split()[0] for line in eeds_here("savings", "--projects", "2").out.splitlines()] == [
        *("project", "XYZ", "XYZ")
    ]


def test_rows_for_programs(eeds_here: Eeds, client: Client, saved: None) -> None:
    block = client.post("project_blocks/", {"name": "b", "projects": [1]})["id"]
    rows = json.loads(eeds_here("savings", "--json", "--block", str(block)).out)
    assert rows == client.get("savings/", projects="1")
    text = eeds_here("savings", "--format", "csv").out
    assert [row["lower"] for row in csv.DictReader(text.splitlines())] == ["1000.0", "", "1000.0", ""]


def test_files(eeds_here: Eeds, saved: None, tmp_path: Path) -> None:
    for name, options in {"a.csv": (), "b.parquet": (), "c.xlsx": (), "d": ("--format", "parquet")}.items():
        outcome = eeds_here("savings", "-o", tmp_path / name, *options)
        assert (outcome.status, outcome.out) == (0, f"Savings: {tmp_path / name}\n")
    assert (tmp_path / "a.csv").read_text().startswith("project,project_id,owner,fuel,kind,unit,value,lower,upper,")
    for name in ("b.parquet", "d"):
        assert pq.read_table(tmp_path / name).column("upper").to_pylist() == [1534.5, None, 1534.5, None]
    sheet = CalamineWorkbook.from_path(tmp_path / "c.xlsx").get_sheet_by_index(0).to_python()
    assert [row[1] for row in sheet] == ["project_id", "ABC", "ABC", "XYZ", "XYZ"]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.csv", "b.parquet", "c.xlsx", "d", "projects.csv"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--all", "--projects", "1"), "Say which projects: --all, or one of --projects 1+3-5, "),
        (("--json", "--format", "csv"), "--json writes to the terminal; for a file leave it out."),
        (("--format", "xlsx"), "xlsx is not for a terminal; say where to put it with --output FILE."),
        (("-o", "no/where.csv"), "There is no directory no; make it, or give another --output."),
    ],
)
def test_what_is_refused(eeds: Eeds, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], said: str) -> None:
    monkeypatch.setenv("EEDS_TOKEN", "unused")
    outcome = eeds("savings", *options)
    assert outcome.status == 2
    assert said in outcome.err


def test_nothing_yet(eeds_here: Eeds, projects: Path) -> None:
    assert eeds_here("savings").out.startswith("No savings: there are no such projects, or none of them has a result.")


def test_a_download_that_breaks_off_leaves_nothing(eeds: Eeds, scripted: Scripted, tmp_path: Path) -> None:
    scripted.answers = [(200, {"Content-Length": "99", "Connection": "close"}, b"short")]
    outcome = eeds("savings", "--url", scripted.url, "--token", "t", "-o", tmp_path / "a.csv")
    assert outcome.status == 1
    assert list(tmp_path.iterdir()) == []
