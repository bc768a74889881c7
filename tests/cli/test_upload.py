"""`eeds upload projects` to a real server: files in, counts out, errors by file and line; and files that are no use."""

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from eeds.client import Client
from tests.cli.conftest import PROJECTS, Eeds, Login, Write
from tests.formats.workbook_files import xlsx


def test_projects_by_the_dates_of_their_retrofit(eeds_here: Eeds, client: Client, write: Write) -> None:
    file = write("projects.csv", PROJECTS, "utf-8-sig")
    first = eeds_here("upload", "projects", file)
    assert (first.status, first.out) == (0, f"{file}: projects 2 created, 0 updated, 0 unchanged\n")
    abc, xyz = client.get("projects/")
    assert abc == {
        "id": 1,
        "project_owner": 1,
        "project_id": "ABC",
        "baseline_period_start": None,
        "baseline_period_end": "2013-06-01T00:00:00Z",
        "reporting_period_start": "2013-07-01T00:00:00Z",
        "reporting_period_end": None,
        "zipcode": "50321",
    }
    assert (xyz["zipcode"], xyz["baseline_period_end"]) == ("02139", "2013-06-01T00:00:00Z")
    again = eeds_here("upload", "projects", file)
    assert again.out == f"{file}: projects 0 created, 0 updated, 2 unchanged\n"


def test_projects_by_the_names_of_the_api(eeds_here: Eeds, client: Client, write: Write) -> None:
    text = (
        "Project_ID,zipcode,baseline_period_start,baseline_period_end,reporting_period_start,reporting_period_end,id\n"
        "A,,2012-06-01,2013-06-01,2013-07-01,2014-07-01,7\n"
        "B,,,2013-06-01,,,8\n"
    )
    file = write("projects.csv", text)
    first = eeds_here("upload", "projects", file)
    assert first.err == f"{file}: ignoring the columns id\n"
    assert first.out == f"{file}: projects 2 created, 0 updated, 0 unchanged\n"
    a, b = client.get("projects/")
    assert (a["baseline_period_start"], a["reporting_period_end"]) == ("2012-06-01T00:00:00Z", "2014-07-01T00:00:00Z")
    assert (b["baseline_period_start"], b["reporting_period_start"], b["reporting_period_end"]) == (None, None, None)
    later = write("later.csv", text.replace("2014-07-01", "2015-07-01"))
    assert eeds_here("upload", "projects", later).out == f"{later}: projects 0 created, 1 updated, 1 unchanged\n"
    assert client.get("projects/1/")["reporting_period_end"] == "2015-07-01T00:00:00Z"


def test_one_refused_project_and_none_is_stored(eeds_here: Eeds, client: Client, write: Write) -> None:
    file = write("projects.csv", PROJECTS + "LONG,12345678901,2013-06-01,2013-07-01\n")
    outcome = eeds_here("upload", "projects", file)
    assert (outcome.status, outcome.out) == (1, "")
    assert f"{file}: 1 error. Nothing of the file was stored" in outcome.err
    assert "line 4, column zipcode, '12345678901': Ensure this field has no more than 10" in outcome.err
    assert client.get("projects/") == []


def test_a_file_that_is_stored_before_one_that_is_refused(eeds_here: Eeds, client: Client, write: Write) -> None:
    good, bad = write("good.csv", PROJECTS), write("bad.csv", PROJECTS.replace("ABC", "").replace("XYZ", "NEW"))
    outcome = eeds_here("upload", "projects", good, bad)
    assert (outcome.status, outcome.out) == (1, f"{good}: projects 2 created, 0 updated, 0 unchanged\n")
    assert f"{bad}: 1 error. Nothing of the file was stored" in outcome.err
    assert [project["project_id"] for project in client.get("projects/")] == ["ABC", "XYZ"]


def test_packed_files_and_parquet(eeds_here: Eeds, write: Write, tmp_path: Path) -> None:
    packed = tmp_path / "projects.csv.gz"
    packed.write_bytes(gzip.compress(PROJECTS.encode()))
    assert eeds_here("upload", "projects", packed).out == f"{packed}: projects 2 created, 0 updated, 0 unchanged\n"
    columns = zip(*(line.split(",") for line in PROJECTS.splitlines()), strict=True)
    parquet = tmp_path / "projects.parquet"
    pq.write_table(pa.table({name: cells for name, *cells in columns}), parquet)
    assert eeds_here("upload", "projects", parquet).out == f"{parquet}: projects 0 created, 0 updated, 2 unchanged\n"


def test_whose_projects(eeds_here: Eeds, client: Client, login: Login, write: Write) -> None:
    login("other")
    file = write("projects.csv", PROJECTS)
    unclear = eeds_here("upload", "projects", file)
    assert unclear.status == 1
    assert "with --owner or owner=; you can see the owners [1, 2]" in unclear.err
    assert eeds_here("upload", "projects", "--owner", "2", file).status == 0
    assert {project["project_owner"] for project in client.get("projects/")} == {2}


def test_bad_cells_are_told_by_line_and_column_and_nothing_is_stored(
    eeds_here: Eeds, client: Client, write: Write
) -> None:
    file = write("projects.csv", PROJECTS + '"A\nB",50321,2013-13-01,2013-07-01\n,50321,x,\n' + ",,,\n" * 20)
    outcome = eeds_here("upload", "projects", file)
    assert outcome.status == 1
    assert f"{file}: 23 errors. Nothing of the file was stored; correct it and run this again." in outcome.err
    assert "line 5, column retrofit_start_date, '2013-13-01': Datetime has wrong format." in outcome.err
    assert "line 6, column project_id, '': This field may not be blank." in outcome.err
    assert "line 6, column retrofit_start_date, 'x': Datetime has wrong format." in outcome.err
    assert "... and 3 more" in outcome.err
    assert client.get("projects/") == []


def test_files_that_cannot_be_read(eeds_here: Eeds, write: Write, tmp_path: Path) -> None:
    assert "Cannot read" in eeds_here("upload", "projects", tmp_path / "nothing.csv").err
    pdf = write("projects.pdf", "%PDF-1.7\nö", "latin-1")
    assert "projects.pdf: The file is no table but a PDF" in eeds_here("upload", "projects", pdf).err
    empty = eeds_here("upload", "projects", write("empty.csv", ""))
    assert (empty.status, "has no column project_id; it has: nothing." in empty.err) == (1, True)


FROM_A_SPREADSHEET = (
    "project_id,zipcode,baseline_period_end,reporting_period_start,weather_station,floor_area\n"
    'z1,1776,2022-01-01,2022-01-01,725460,"1,850"\n'
    "z2,94103.0,2022-01-01,2022-01-01,725460,1850\n"
    "z3,K1A 0B1,2022-01-01,2022-01-01,,\n"
)


def test_what_a_spreadsheet_did_is_repaired_and_said(eeds_here: Eeds, client: Client, write: Write) -> None:
    file = write("projects.csv", FROM_A_SPREADSHEET)
    checked = eeds_here("upload", "projects", "--dry-run", file)
    assert checked.status == 0
    assert checked.err.splitlines() == [
        f"{file}: line 2, column zipcode, '1776': read as '01776'.",
        f"{file}: line 3, column zipcode, '94103.0': read as '94103'.",
        f"{file}: line 2, column floor_area, '1,850': read as '1850'.",
        f"{file}: line 4, column zipcode, 'K1A 0B1': This is no ZIP code of a US Census area: unless the project has "
        "them already, it needs the attribute weather_station, or latitude and longitude, before it can be run.",
    ]
    assert checked.out.splitlines() == [
        f"{file}: new attributes weather_station CHAR, floor_area INTEGER",
        f"{file}: projects 3 created, 0 updated, 0 unchanged (checked only, nothing was stored)",
        f"{file}: values of attributes 4 created, 0 updated, 0 unchanged (checked only, nothing was stored)",
    ]
    assert client.get("projects/") == []
    assert eeds_here("upload", "projects", file).err == checked.err
    assert [project["zipcode"] for project in client.get("projects/")] == ["01776", "94103", "K1A 0B1"]

    changed = write("changed.csv", FROM_A_SPREADSHEET.replace("1776", "1775"))
    checked = eeds_here("upload", "projects", "--dry-run", changed)
    assert f"{changed}: z1: zipcode 01776 -> 01775\n" in checked.out
    assert client.get("projects/1/")["zipcode"] == "01776"


def test_the_first_repairs_are_printed(eeds_here: Eeds, write: Write) -> None:
    header, *_ = PROJECTS.splitlines()
    file = write("projects.csv", f"{header}\n" + "".join(f"P{n},2139,2013-06-01,2013-07-01\n" for n in range(25)))
    told = eeds_here("upload", "projects", file).err.splitlines()
    assert (len(told), told[-1]) == (21, f"{file}: ... and 5 more")


def test_periods_in_the_wrong_order(eeds_here: Eeds, client: Client, write: Write) -> None:
    file = write("projects.csv", PROJECTS.replace("2013-07-01 00:00", "2013-05-01"))
    outcome = eeds_here("upload", "projects", file)
    assert outcome.status == 1
    assert (
        "line 3, column retrofit_end_date, '2013-05-01': retrofit_end_date 2013-05-01 is before retrofit_start_date "
        "2013-06-01; correct one of the two." in outcome.err
    )
    assert client.get("projects/") == []


def test_a_workbook(eeds_here: Eeds, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "projects.xlsx"
    file.write_bytes(xlsx({"Projects": [line.split(",") for line in PROJECTS.splitlines()]}))
    assert eeds_here("upload", "projects", file).out == f"{file}: projects 2 created, 0 updated, 0 unchanged\n"
    assert [project["zipcode"] for project in client.get("projects/")] == ["50321", "02139"]
