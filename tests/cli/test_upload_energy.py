"""`eeds upload energy` to a real server: good rows stored, refused ones in a file of their own."""

import csv
import gzip
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from eeds.client import Client
from tests.cli.conftest import Eeds, Outcome, Write

HEADER = "project_id,trace_id,date,value,unit,fuel,estimated\n"
ENERGY = f"""{HEADER}ABC,def,2011-01-01T00:00:00+0000,57.8,kWh,electricity,False
ABC,def,2011-01-02T00:00:00+0000,64.8,kWh,electricity,True
ABC,def,2011-01-03T00:00:00+0000,,kWh,electricity,False
XYZ,pipe,2011-01-01T00:00:00-0600,3.25,therm,natural_gas,False
"""
BAD = (
    HEADER + "ABC,def,2011-01-01,1,kWh,electricity,False\n"
    "ABC,def,2011-13-01,1,kWh,electricity,False\n"
    "\n"
    '"A\nBC",def,2011-01-02,x,kWh,electricity,maybe\n'
    "ABC,,2011-01-02,1,bushel,coal,\n"
    "ABC,def,2011-01-02,1,5,kWh,electricity,False\n"
    "ABC,def,2011-01-03,2,kWh,electricity,False\n"
    'ABC,"d,e",2011-01-03,2,bushel,coal,\n'
    "ABC,def,1850-01-01,2,kWh,electricity,False\n"
)
REFUSED_FUEL = (
    'fuel: "coal" is not a valid choice. '
    "It is electricity, natural_gas, fuel_oil, propane, steam, chilled_water or one of "
    "E_C_S, E_C_T, E_C_N, E_OSG_T, E_OSG_C, E_OSG_U, NG_C_S, FO_C_S, P_C_S, S_C_S, CW_C_S."
)
REFUSED_UNIT = 'unit: "bushel" is no unit that is known, as kWh or therm.'
REFUSED = {
    3: "date: '2011-13-01' cannot be read as a date written YYYY-MM-DD, as the others are.",
    5: "value: 'x' is no number.; estimated: \"maybe\" is not a valid boolean.",
    7: f"{REFUSED_FUEL}; trace_id: This field may not be blank.; {REFUSED_UNIT}",
    8: "Expected 7 fields, but got 8.",
    10: f"{REFUSED_FUEL}; {REFUSED_UNIT}",
    11: "date: '1850-01-01' is in the year 1850; it has to be from 1900 to 2100.",
}


def values(client: Client) -> list[Any]:
    """The values of all records."""
    return [record["value"] for record in client.get("consumption_records/")]


def records(outcome: Outcome) -> str:
    """What a command says of the records of its files."""
    return "".join(line for line in outcome.out.splitlines(keepends=True) if ": records " in line)


def refused(file: Path) -> list[list[str]]:
    """The rows of FILE.refused.csv, its header first."""
    return list(csv.reader(io.StringIO(Path(f"{file}.refused.csv").read_text(), newline="")))


def test_traces_and_records(eeds_here: Eeds, client: Client, projects: Path, write: Write) -> None:
    file = write("energy.csv", ENERGY)
    first = eeds_here("upload", "energy", file)
    assert (first.status, records(first), first.err) == (0, f"{file}: records 4 created, 0 updated, 0 unchanged\n", "")
    electricity, gas = client.get("consumption_metadatas/")
    assert [(t["interpretation"], t["unit"], t["label"], t["project"]) for t in (electricity, gas)] == [
        ("E_C_S", "KWH", "def", 1),
        ("NG_C_S", "THM", "pipe", 2),
    ]
    assert [(r["start"], r["value"], r["estimated"]) for r in electricity["records"]] == [
        ("2011-01-01T00:00:00Z", 57.8, False),
        ("2011-01-02T00:00:00Z", 64.8, True),
        ("2011-01-03T00:00:00Z", None, False),
    ]
    assert [(r["start"], r["value"]) for r in gas["records"]] == [("2011-01-01T06:00:00Z", 3.25)]
    changed = write("changed.csv", ENERGY.replace("57.8", "58"))
    assert records(eeds_here("upload", "energy", file, changed)) == (
        f"{file}: records 0 created, 0 updated, 4 unchanged\n{changed}: records 0 created, 1 updated, 3 unchanged\n"
    )


def test_words_and_columns_as_people_write_them(eeds_here: Eeds, client: Client, projects: Path, write: Write) -> None:
    rows = (
        "2011-01-01 00:00,NaN,KWH,E_OSG_U,ABC,7,x\r\n"
        "2011-01-02,n/a, Kwh ,e_osg_u,ABC,7,x\r\n"
        '2011-01-03,"3",kwh,E_OSG_U,ABC,7,"x,y"\r\n'
        "2011-01-03,1,Therms,Natural Gas,ABC,8,\r\n"
    )
    file = write("energy.csv", f"Start,value,unit,interpretation,PROJECT_ID,trace_id,note\r\n{rows}", "utf-8-sig")
    outcome = eeds_here("upload", "energy", file)
    assert (outcome.status, outcome.err) == (0, f"{file}: ignoring the columns note\n")
    generation, gas = client.get("consumption_metadatas/")
    assert (generation["interpretation"], generation["label"]) == ("E_OSG_U", "7")
    assert [record["value"] for record in generation["records"]] == [None, None, 3]
    assert (gas["interpretation"], gas["unit"]) == ("NG_C_S", "THM")


def test_good_rows_are_stored_and_refused_ones_told(
    eeds_here: Eeds, client: Client, projects: Path, write: Write
) -> None:
    file = write("energy.csv", BAD)
    outcome = eeds_here("upload", "energy", file)
    assert (outcome.status, records(outcome)) == (1, f"{file}: records 2 created, 0 updated, 0 unchanged, 6 refused\n")
    assert outcome.err.startswith(
        f"Error: {file}: 6 errors. The refused rows are in {file}.refused.csv. Correct them there and upload that "
        "file. Until then they are missing from their traces, and a missing reading lengthens the one before it.\n"
    )
    for line, error in REFUSED.items():
        assert f"\n  line {line}: {error}\n" in outcome.err
    assert values(client) == [1, 2]
    assert refused(file) == [
        ["line", *HEADER.strip().split(","), "error"],
        ["3", "ABC", "def", "2011-13-01", "1", "kWh", "electricity", "False", REFUSED[3]],
        ["5", "A\nBC", "def", "2011-01-02", "x", "kWh", "electricity", "maybe", REFUSED[5]],
        ["7", "ABC", "", "2011-01-02", "1", "bushel", "coal", "", REFUSED[7]],
        ["8", "ABC", "def", "2011-01-02", "1", "5", "kWh", "electricity", "False", REFUSED[8]],
        ["10", "ABC", "d,e", "2011-01-03", "2", "bushel", "coal", "", REFUSED[10]],
        ["11", "ABC", "def", "1850-01-01", "2", "kWh", "electricity", "False", REFUSED[11]],
    ]


def test_rows_that_are_not_even_sent_are_told(eeds_here: Eeds, projects: Path, write: Write) -> None:
    file = write("energy.csv", ENERGY + "ABC,def,2011-01-04\n")
    outcome = eeds_here("upload", "energy", file)
    assert records(outcome) == f"{file}: records 4 created, 0 updated, 0 unchanged, 1 refused\n"
    assert refused(file)[1:] == [["6", "ABC", "def", "2011-01-04", "Expected 7 fields, but got 3."]]


def test_refused_rows_are_mended_in_their_file_and_sent_again(
    eeds_here: Eeds, client: Client, projects: Path, write: Write
) -> None:
    file = write("energy.csv", ENERGY.replace("57.8", "57,8").replace("3.25", "x"))
    eeds_here("upload", "energy", file)
    told = Path(f"{file}.refused.csv")
    told.write_text(told.read_text().replace("57,8", "57.8").replace(",x,", ",3.25,"))
    assert records(eeds_here("upload", "energy", told)) == f"{told}: records 2 created, 0 updated, 0 unchanged\n"
    assert values(client) == [57.8, 64.8, None, 3.25]
    assert not Path(f"{told}.refused.csv").exists()
    file.write_text(ENERGY)
    assert eeds_here("upload", "energy", file).status == 0
    assert not told.exists()


def test_many_errors_are_counted_and_some_listed(eeds_here: Eeds, projects: Path, write: Write) -> None:
    file = write("bad.csv", HEADER + "ABC,def,2011-01-01,x,kWh,electricity,\n" * 1000)
    outcome = eeds_here("upload", "energy", file)
    assert records(outcome) == f"{file}: records 0 created, 0 updated, 0 unchanged, 1,000 refused\n"
    assert "1000 errors" in outcome.err
    assert "line 21: value" in outcome.err
    assert "line 22" not in outcome.err
    assert "... and 980 more" in outcome.err
    assert [row[0] for row in refused(file)] == ["line", *map(str, range(2, 1002))]


def test_all_or_nothing(eeds_here: Eeds, client: Client, projects: Path, write: Write) -> None:
    bad, good = write("bad.csv", BAD), write("good.csv", ENERGY)
    outcome = eeds_here("upload", "energy", "--all-or-nothing", bad, good)
    assert (outcome.status, records(outcome)) == (1, f"{good}: records 4 created, 0 updated, 0 unchanged\n")
    assert f"{bad}: 6 errors. Nothing of the file was stored; correct it and run this again." in outcome.err
    assert values(client) == [57.8, 64.8, None, 3.25]
    assert len(refused(bad)) == 7


def test_a_dry_run_stores_nothing(eeds_here: Eeds, client: Client, projects: Path, write: Write) -> None:
    bad, good = write("bad.csv", BAD), write("good.csv", ENERGY)
    outcome = eeds_here("upload", "energy", "--dry-run", bad, good)
    assert (outcome.status, records(outcome)) == (
        1,
        f"{bad}: records 2 created, 0 updated, 0 unchanged, 6 refused (checked only, nothing was stored)\n"
        f"{good}: records 4 created, 0 updated, 0 unchanged (checked only, nothing was stored)\n",
    )
    assert client.get("consumption_metadatas/") == []
    assert len(refused(bad)) == 7


def test_a_trace_keeps_its_unit(eeds_here: Eeds, client: Client, projects: Path, write: Write) -> None:
    file = write("energy.csv", ENERGY + "ABC,def,2011-01-04T00:00:00+0000,1,therm,electricity,False\n")
    outcome = eeds_here("upload", "energy", file)
    assert "therm × 29.3001 = KWH" in outcome.out
    assert values(client) == [57.8, 64.8, None, 29.3001, 3.25]


def test_a_project_that_is_not_there(eeds_here: Eeds, client: Client, write: Write) -> None:
    outcome = eeds_here("upload", "energy", write("energy.csv", ENERGY))
    assert outcome.status == 1
    assert 'line 2: project_id: There is no project "ABC". Load it with: eeds upload projects' in outcome.err
    assert 'line 5: project_id: There is no project "XYZ".' in outcome.err
    assert values(client) == []


def test_files_in_the_words_of_the_api_are_sent_as_they_are(
    eeds_here: Eeds, client: Client, projects: Path, write: Write
) -> None:
    header = "project_id,interpretation,label,unit,start,value\n"
    named = write("named.csv", f'{header}ABC,E_C_S,"d,e",KWH,2011-01-01,1\nABC,E_C_S,,KWH,2011-01-01,2\n')
    assert records(eeds_here("upload", "energy", named)) == f"{named}: records 2 created, 0 updated, 0 unchanged\n"
    assert {trace["label"] for trace in client.get("consumption_metadatas/")} == {"d,e", None}
    by_id = write("by_id.csv", "Start,Metadata_ID,Value\n2011-01-02,1,3\n2011-01-02,99,4\n2011-01-03,1\n")
    outcome = eeds_here("upload", "energy", by_id)
    assert records(outcome) == f"{by_id}: records 1 created, 0 updated, 0 unchanged, 2 refused\n"
    assert refused(by_id) == [
        ["line", "Start", "Metadata_ID", "Value", "error"],
        ["3", "2011-01-02", "99", "4", 'Metadata_ID: Invalid pk "99" - object does not exist.'],
        ["4", "2011-01-03", "1", "Expected 3 fields, but got 2."],
    ]


def test_a_large_file_goes_in_several_requests(eeds_here: Eeds, client: Client, projects: Path, write: Write) -> None:
    trace = client.post("consumption_metadatas/", {"project": 1, "interpretation": "E_C_S", "unit": "KWH"})
    n = 150_000
    starts = (f"2011-01-{1 + s // 86400:02}T{s // 3600 % 24:02}:{s // 60 % 60:02}:{s % 60:02}Z" for s in range(n))
    rows = [f"{trace['id']},{start},{number}\n" for number, start in enumerate(starts)]
    for number in (n - 2, n - 1):
        rows[number] = rows[number].replace("T", "X")
    file = write("many.csv", "metadata_id,start,value\n" + "".join(rows))
    outcome = eeds_here("upload", "energy", file)
    assert records(outcome) == f"{file}: records {n - 2:,} created, 0 updated, 0 unchanged, 2 refused\n"
    assert f"line {n + 1}: start: Datetime has wrong format." in outcome.err
    assert [row[0] for row in refused(file)] == ["line", str(n), str(n + 1)]
    last = client.get("consumption_records/", metadata=str(trace["id"]), start="2011-01-02T17:39:57Z")
    assert [record["value"] for record in last] == [n - 3]


def test_packed_files(eeds_here: Eeds, client: Client, projects: Path, write: Write) -> None:
    file = write("energy.csv.gz", "")
    whole = gzip.compress(BAD.encode())
    file.write_bytes(whole)
    outcome = eeds_here("upload", "energy", file)
    assert records(outcome) == f"{file}: records 2 created, 0 updated, 0 unchanged, 6 refused\n"
    assert [row[0] for row in refused(file)] == ["line", *map(str, REFUSED)]
    for broken in (whole[:-10], whole[:10] + b"\xff" + whole[11:], b"\x1f\x8b and no more than that"):
        file.write_bytes(broken)
        outcome = eeds_here("upload", "energy", file)
        assert outcome.status == 1
        assert outcome.err.startswith(f"Error: {file}: The ")
        assert "gzip" in outcome.err


def test_parquet(eeds_here: Eeds, client: Client, projects: Path, write: Write) -> None:
    file = write("energy.parquet", "")
    table = pa.table(
        {
            "project_id": pa.array(["ABC"] * 4).dictionary_encode(),
            "trace_id": ["1", 'two, or "2"\n', "1", "1"],
            "date": pa.array([0, 0, 86_400_000_000, 500_000], pa.timestamp("us", tz="America/Chicago")),
            "value": [0.1, None, float("nan"), 1],
            "unit": ["kWh"] * 4,
            "fuel": ["electricity"] * 4,
            "estimated": [True, None, False, False],
            "tags": [["x"], [], None, []],
        }
    )
    pa.parquet.write_table(table, file)
    outcome = eeds_here("upload", "energy", file)
    assert records(outcome) == f"{file}: records 3 created, 0 updated, 0 unchanged, 1 refused\n"
    assert "line 4: date: Times are in whole seconds" in outcome.err
    assert [row[:3] for row in refused(file)] == [["line", "project_id", "trace_id"], ["4", "ABC", "1"]]
    one, two = sorted(client.get("consumption_metadatas/"), key=lambda trace: str(trace["label"]))
    assert (one["label"], two["label"]) == ("1", 'two, or "2"')
    assert [(r["start"], r["value"], r["estimated"]) for r in one["records"]] == [
        ("1970-01-01T00:00:00Z", 0.1, True),
        ("1970-01-02T00:00:00Z", None, False),
    ]
    file.write_bytes(file.read_bytes()[:-9])
    outcome = eeds_here("upload", "energy", file)
    assert f"{file}: The Parquet file cannot be read" in outcome.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "project_id,trace_id\n",
            "has no row that names a start and a value among its first 50; it has: project_id, t",
        ),
        ("project_id,trace_id,start,value\n", "has no column interpretation or fuel; it has: project_id, trace_id, "),
        ("", "has no row that names a start and a value among its first 50; it has: nothing."),
        (f"value,Value,{HEADER}", "has 3 columns value; leave the one that is meant."),
        (f'{HEADER}ABC,d,2011,1,,,\nABC,"{"x" * 200_000},2011,1,,,\n', "on line 3 does not close: it swallows"),
    ],
)
def test_files_that_are_no_use(eeds_here: Eeds, write: Write, text: str, said: str) -> None:
    file = write("file.csv", text, "latin-1")
    outcome = eeds_here("upload", "energy", file)
    assert outcome.status == 1
    assert outcome.err.startswith(f"Error: {file}")
    assert said in outcome.err


def test_files_are_looked_at_before_any_is_sent(
    eeds_here: Eeds, client: Client, projects: Path, write: Write, tmp_path: Path
) -> None:
    missing = tmp_path / "missing.csv"
    outcome = eeds_here("upload", "energy", write("energy.csv", ENERGY), missing)
    assert (outcome.status, outcome.err) == (1, f"Error: Cannot read {missing}: No such file or directory.\n")
    assert values(client) == []


def test_columns_of_all_files_are_looked_at_before_any_is_sent(
    eeds_here: Eeds, client: Client, projects: Path, write: Write
) -> None:
    bad = write("bad.csv", "project_id,value\n")
    outcome = eeds_here("upload", "energy", write("energy.csv", ENERGY), bad)
    assert (outcome.status, records(outcome)) == (1, "")
    assert outcome.err.startswith(f"Error: {bad} has no row that names a start and a value")
    assert values(client) == []


def test_a_file_without_rows(eeds_here: Eeds, projects: Path, write: Write) -> None:
    file = write("empty.csv", HEADER)
    assert records(eeds_here("upload", "energy", file)) == f"{file}: records 0 created, 0 updated, 0 unchanged\n"
    file = write("empty.parquet", "")
    pa.parquet.write_table(pa.table({"metadata_id": [1], "start": ["2011-01-01"], "value": [1.0]}).slice(0, 0), file)
    assert records(eeds_here("upload", "energy", file)) == f"{file}: records 0 created, 0 updated, 0 unchanged\n"


def test_refused_rows_of_every_piece_have_their_lines(
    eeds_here: Eeds, projects: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind texts of several lines and blank ones, in CSV and in Parquet."""
    monkeypatch.setattr("eeds.cli.record_files.PIECE_BYTES", 500)
    monkeypatch.setattr("eeds.cli.record_files.ROWS_A_PIECE", 7)
    rows = [f'"two\n""lines""",ABC,def,2011-01-{day:02},{day},kWh,electricity\n\n' for day in range(1, 29)]
    rows[2], rows[25] = rows[2].replace(",3,", ",x,"), rows[25].replace(",26,", ",y,")
    header = "note,project_id,trace_id,date,value,unit,fuel"
    file = write("energy.csv", f"\ufeff{header}\n{''.join(rows)}")
    outcome = eeds_here("upload", "energy", file)
    assert records(outcome) == f"{file}: records 26 created, 0 updated, 0 unchanged, 2 refused\n"
    assert [(row[0], row[1], row[5]) for row in refused(file)[1:]] == [
        ("8", 'two\n"lines"', "x"),
        ("77", 'two\n"lines"', "y"),
    ]
    table = list(csv.reader(io.StringIO("".join(rows).replace("\n\n", "\n"), newline="")))
    columns = {name: [row[place] for row in table] for place, name in enumerate(header.split(","))}
    file = write("energy.parquet", "")
    pa.parquet.write_table(pa.table(columns), file)
    assert eeds_here("upload", "energy", file).status == 1
    assert [(row[0], row[1], row[5]) for row in refused(file)[1:]] == [
        ("3", 'two\n"lines"', "x"),
        ("26", 'two\n"lines"', "y"),
    ]


def test_a_place_for_the_refused_rows(eeds_here: Eeds, projects: Path, write: Write) -> None:
    file = write("energy.csv", BAD)
    Path(f"{file}.refused.csv").mkdir()
    outcome = eeds_here("upload", "energy", file)
    assert outcome.err == f"Error: Cannot write the refused rows to {file}.refused.csv: Is a directory.\n"
