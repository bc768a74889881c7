"""`eeds upload energy` of files as utilities and people make them: what it says of them, and its options."""

from datetime import datetime
from pathlib import Path

import pytest

from eeds.client import Client
from tests.cli.conftest import Eeds, Write
from tests.formats.workbook_files import xlsx

GREEN_BUTTON = """Name,ANN
Address,1 MAIN ST
Account Number,1776
Service,Electric 1

TYPE,DATE,START TIME,END TIME,USAGE (kWh),COST,NOTES
Electric usage,2022-11-06,00:00,00:59,1.5,$0.30,
Electric usage,2022-11-06,01:00,01:59,2,$0.30,
Electric usage,2022-11-06,01:00,01:59,3,$0.30,
Electric usage,2022-11-06,02:00,02:59,4,$0.30,
"""
WORDS = "Wann;Wo;Wieviel\n31.01.2022 00:00;Keller;1.234,5\n31.01.2022 01:00;Keller;2,5\n"
HOUSEHOLD = ("--project", "ABC", "--fuel", "electricity", "--unit", "kWh")


def readings(client: Client) -> list[tuple[str, float | None]]:
    """The readings of all traces."""
    return [(record["start"], record["value"]) for record in client.get("consumption_records/")]


def test_a_file_of_a_utility(eeds_here: Eeds, client: Client, projects: Path, write: Write) -> None:
    file = write("usage.csv", GREEN_BUTTON)
    outcome = eeds_here("upload", "energy", "--project", "ABC", file)
    assert outcome.status == 0
    lines = [line.removeprefix(f"{file}: ") for line in outcome.out.splitlines()]
    assert lines[0] == "records 5 created, 0 updated, 0 unchanged"
    assert lines[1].startswith(
        "taken for a table, Green Button CSV (PG&E, National Grid and others), header on line 6 ("
    )
    assert lines[2:] == [
        "dates are YYYY-MM-DD",
        "times without an offset are those of America/Chicago",
        "the ends of intervals are the last minute",
        "E_C_S of 1776 Electric 1 in ABC: 4 readings (10.5 kWh) received: 4 readings (10.5 kWh) stored",
    ]
    hours = [f"2022-11-06T{hour:02}:00:00Z" for hour in range(5, 10)]
    assert readings(client) == list(zip(hours, (1.5, 2, 3, 4, None), strict=True))


def test_a_workbook(eeds_here: Eeds, client: Client, projects: Path, tmp_path: Path) -> None:
    rows = [["Readings of the cellar"], [], ["Start", "Usage (MWh)"], [datetime(2022, 2, 1), 1.5]]
    file = tmp_path / "usage.xlsx"
    file.write_bytes(xlsx({"Readings": rows}))
    outcome = eeds_here("upload", "energy", *HOUSEHOLD[:4], "--trace", "cellar", file)
    assert outcome.err == ""
    assert readings(client) == [("2022-02-01T06:00:00Z", 1500)]


def test_a_mapping_is_saved_and_used_again(eeds_here: Eeds, client: Client, projects: Path, write: Write) -> None:
    file = write("words.csv", WORDS)
    outcome = eeds_here("upload", "energy", *HOUSEHOLD, file)
    assert outcome.err == (
        f"Error: {file} has no row that names a start and a value among its first 50; it has: Wann, Wo, Wieviel. "
        "Say which columns they are: --map start=...,value=...\n"
    )
    columns = "start=Wann,value=Wieviel,trace_id=Wo"
    for number in range(2):
        outcome = eeds_here("upload", "energy", *HOUSEHOLD, "--map", columns, "--save-map", "ours", file)
        assert outcome.err == "", number
    assert readings(client) == [("2022-01-31T06:00:00Z", 1234.5), ("2022-01-31T07:00:00Z", 2.5)]
    assert "2 unchanged" in eeds_here("upload", "energy", *HOUSEHOLD, "--map", "ours", file).out
    assert len(client.get("column_mappings/")) == 1
    outcome = eeds_here("upload", "energy", *HOUSEHOLD, "--map", "theirs", file)
    assert 'There is no mapping "theirs".' in outcome.err
    unnamed = eeds_here("upload", "energy", "--map", columns, file).err
    assert "Give --project if all rows have the same." in unnamed
    bad = write("bad.csv", WORDS + "31.01.2022 02:00;Keller;viel\n")
    assert eeds_here("upload", "energy", *HOUSEHOLD, "--map", columns, "--save-map", "other", bad).status == 1
    assert "2 unchanged" in eeds_here("upload", "energy", *HOUSEHOLD, "--map", "other", file).out
    assert "--save-map saves what" in eeds_here("upload", "energy", "--save-map", "x", file).err


@pytest.mark.parametrize(
    ("rows", "said", "options"),
    [
        ("03/04/2022,1\n04/05/2022,2\n", "--date-format", ("--date-format", "DD/MM/YYYY")),
        ('2022-02-01,"1,234"\n2022-02-02,"2,345"\n', "--decimal ,", ("--decimal", ".")),
    ],
)
def test_what_may_mean_two_things_has_to_be_said(
    eeds_here: Eeds, client: Client, projects: Path, write: Write, rows: str, said: str, options: tuple[str, str]
) -> None:
    file = write("usage.csv", f"date,kWh\n{rows}")
    household = (*HOUSEHOLD, "--trace", "cellar", file)
    outcome = eeds_here("upload", "energy", *household)
    assert outcome.status == 1
    assert said in outcome.err
    assert readings(client) == []
    assert eeds_here("upload", "energy", *options, *household).status == 0


def test_a_check_shows_what_would_change(eeds_here: Eeds, projects: Path, write: Write) -> None:
    file = write("usage.csv", "date,kWh\n2022-02-01,1\n2022-02-02,2\n")
    household = (*HOUSEHOLD, "--trace", "cellar", "--timezone", "UTC")
    eeds_here("upload", "energy", *household, file)
    changed = write("changed.csv", "date,kWh\n2022-02-01,1\n2022-02-02,2.5\n")
    outcome = eeds_here("upload", "energy", "--dry-run", *household, changed)
    assert outcome.out.splitlines()[-1] == f"{changed}: trace 1, 2022-02-02T00:00:00Z: 2 -> 2.5"
    assert "1 reading (2 kWh) overwritten that had been stored" in outcome.out
    assert "1 updated, 1 unchanged (checked only, nothing was stored)" in outcome.out


def test_a_large_table_that_is_not_plain_goes_whole(
    eeds_here: Eeds, client: Client, projects: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eeds.cli.record_files.PIECE_BYTES", 100)
    rows = "".join(f"{day:02}/02/2022,{day},k{day % 2}\n" for day in range(1, 29))
    file = write("usage.csv", f"date,kWh,trace_id\n{rows}")
    outcome = eeds_here("upload", "energy", "--project", "ABC", "--fuel", "electricity", file)
    assert outcome.err == ""
    assert len(readings(client)) == 28
    assert "all traces in kWh: 28 readings (406 kWh) received: 28 readings (406 kWh) stored" in outcome.out
