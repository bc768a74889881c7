"""`eeds upload` to a real server: files in, counts out, errors by file, line and column."""

from pathlib import Path
from typing import Any

import pytest

from eeds.client import Client
from tests.cli.conftest import Eeds, Login

PROJECTS = """project_id,zipcode,retrofit_start_date,retrofit_end_date
ABC,50321,2013-06-01T00:00:00+0000,2013-07-01T00:00:00+0000
XYZ,02139,2013-06-01,2013-07-01 00:00
"""
ENERGY = """project_id,trace_id,date,value,unit,fuel,estimated
ABC,def,2011-01-01T00:00:00+0000,57.8,kWh,electricity,False
ABC,def,2011-01-02T00:00:00+0000,64.8,kWh,electricity,True
ABC,def,2011-01-03T00:00:00+0000,,kWh,electricity,False
XYZ,pipe,2011-01-01T00:00:00-0600,3.25,therm,natural_gas,False
"""
WEATHER = """station,date,temp_c
725460,2011-01-01T00:00,-5
725460,2011-01-01T01:00:00+01:00,-4.5
725460,2011-01-01T01:00:00Z,
"""


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Makes a file."""

    def make(name: str, text: str, encoding: str = "utf-8") -> Path:
        file = tmp_path / name
        file.write_text(text, encoding=encoding)
        return file

    return make


@pytest.fixture
def projects(eeds_here: Eeds, write: Any) -> Path:
    """The projects ABC and XYZ, uploaded."""
    file: Path = write("projects.csv", PROJECTS)
    assert eeds_here("upload", "projects", file).status == 0
    return file


def test_projects_by_the_dates_of_their_retrofit(eeds_here: Eeds, client: Client, write: Any) -> None:
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


def test_projects_by_the_names_of_the_api(eeds_here: Eeds, client: Client, write: Any) -> None:
    text = (
        "Project_ID,zipcode,baseline_period_start,baseline_period_end,reporting_period_start,reporting_period_end,city\n"
        "A,,2012-06-01,2013-06-01,2013-07-01,2014-07-01,Ames\n"
        "B,,,2013-06-01,,,Boone\n"
    )
    file = write("projects.csv", text)
    first = eeds_here("upload", "projects", file)
    assert first.err == f"{file}: ignoring the columns city\n"
    assert first.out == f"{file}: projects 2 created, 0 updated, 0 unchanged\n"
    a, b = client.get("projects/")
    assert (a["baseline_period_start"], a["reporting_period_end"]) == ("2012-06-01T00:00:00Z", "2014-07-01T00:00:00Z")
    assert (b["baseline_period_start"], b["reporting_period_start"], b["reporting_period_end"]) == (None, None, None)
    later = write("later.csv", text.replace("2014-07-01", "2015-07-01"))
    assert eeds_here("upload", "projects", later).out == f"{later}: projects 0 created, 1 updated, 1 unchanged\n"
    assert client.get("projects/1/")["reporting_period_end"] == "2015-07-01T00:00:00Z"


def test_one_refused_project_leaves_the_others(eeds_here: Eeds, client: Client, write: Any) -> None:
    file = write("projects.csv", PROJECTS + "LONG,12345678901,2013-06-01,2013-07-01\n")
    outcome = eeds_here("upload", "projects", file)
    assert outcome.status == 1
    assert outcome.out == f"{file}: projects 2 created, 0 updated, 0 unchanged\n"
    assert f"{file}: 1 error. The others were stored" in outcome.err
    assert "line 4: error - bad field value - create: zipcode: Ensure this field has no more than 10" in outcome.err
    assert len(client.get("projects/")) == 2


def test_whose_projects(eeds_here: Eeds, client: Client, login: Login, write: Any) -> None:
    login("other")
    file = write("projects.csv", PROJECTS)
    unclear = eeds_here("upload", "projects", file)
    assert unclear.status == 1
    assert "--owner; you can see the owners [1, 2]" in unclear.err
    assert eeds_here("upload", "projects", "--owner", "2", file).status == 0
    assert {project["project_owner"] for project in client.get("projects/")} == {2}


def test_energy_makes_traces_and_records(eeds_here: Eeds, client: Client, projects: Path, write: Any) -> None:
    file = write("energy.csv", ENERGY)
    first = eeds_here("upload", "energy", file)
    assert (first.status, first.out) == (0, f"{file}: records 4 created, 0 updated, 0 unchanged\n")
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
    assert eeds_here("upload", "energy", file, changed).out == (
        f"{file}: records 0 created, 0 updated, 4 unchanged\n{changed}: records 0 created, 1 updated, 3 unchanged\n"
    )


def test_energy_by_interpretation(eeds_here: Eeds, client: Client, projects: Path, write: Any) -> None:
    file = write(
        "energy.csv",
        "start,value,unit,interpretation,project_id,trace_id\n2011-01-01 00:00,1,KWH,E_OSG_U,ABC,7\n",
    )
    assert eeds_here("upload", "energy", file).status == 0
    (trace,) = client.get("consumption_metadatas/", summary="True")
    assert (trace["interpretation"], trace["label"]) == ("E_OSG_U", "7")


def test_energy_in_several_requests(eeds_here: Eeds, client: Client, projects: Path, write: Any) -> None:
    starts = (f"2011-01-01T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}Z" for n in range(50_001))
    rows = "".join(f"ABC,many,{start},{n},kWh,gas\n" for n, start in enumerate(starts))
    file = write("many.csv", f"project_id,trace_id,date,value,unit,fuel\n{rows}")
    assert eeds_here("upload", "energy", file).out == f"{file}: records 50,001 created, 0 updated, 0 unchanged\n"
    found = client.get("consumption_records/")
    assert [record["value"] for record in found] == list(range(50_001))


def test_bad_cells_are_told_by_line_and_column_and_nothing_is_stored(
    eeds_here: Eeds, client: Client, projects: Path, write: Any
) -> None:
    file = write(
        "energy.csv",
        "project_id,trace_id,date,value,unit,fuel,estimated\n"
        "ABC,def,2011-01-01,1,kWh,electricity,False\n"
        "ABC,def,2011-13-01,1,kWh,electricity,False\n"
        '"A\nBC",def,2011-01-02,x,kWh,electricity,maybe\n'
        "ABC,,2011-01-02,1,BTU,steam\n"
        "ABC,def,1850-01-01,inf,therm,electricity,False\n",
    )
    outcome = eeds_here("upload", "energy", file)
    assert outcome.status == 1
    assert f"{file}: 8 errors. Nothing of the file was stored; correct it and run this again." in outcome.err
    for expected in (
        "line 3, column date, '2011-13-01': Datetime has wrong format.",
        "line 5, column value, 'x': A valid number is required.",
        "line 5, column estimated, 'maybe': \"maybe\" is not a valid boolean.",
        "line 6, column trace_id, '': This field may not be blank.",
        "line 6, column unit, 'BTU': It must be one of kwh, therm",
        "line 6, column fuel, 'steam': It must be one of electricity, natural_gas",
        "line 7, column date, '1850-01-01': Starts are whole seconds from 1900 to 2100.",
        "line 7, column value, 'inf': A valid number is required.",
    ):
        assert expected in outcome.err
    assert client.get("consumption_metadatas/") == []


def test_a_trace_has_one_unit(eeds_here: Eeds, client: Client, projects: Path, write: Any) -> None:
    file = write("energy.csv", ENERGY + "ABC,def,2011-01-04T00:00:00+0000,1,therm,electricity,False\n")
    outcome = eeds_here("upload", "energy", file)
    assert outcome.status == 1
    assert "line 6, column unit, 'THM': Trace def has the unit KWH on line 2." in outcome.err
    assert client.get("consumption_records/") == []


def test_many_errors_are_counted_and_some_listed(eeds_here: Eeds, projects: Path, write: Any) -> None:
    rows = "ABC,def,2011-01-01,x,kWh,electricity\n" * 1000
    outcome = eeds_here("upload", "energy", write("bad.csv", f"project_id,trace_id,date,value,unit,fuel\n{rows}"))
    assert "1000 errors" in outcome.err
    assert "line 21, column value" in outcome.err
    assert "line 22" not in outcome.err
    assert "... and 980 more" in outcome.err


def test_energy_of_a_project_that_is_not_there(eeds_here: Eeds, client: Client, write: Any) -> None:
    outcome = eeds_here("upload", "energy", write("energy.csv", ENERGY))
    assert outcome.status == 1
    assert "line 2, column trace_id, 'def': There is no project ABC; load it first with: eeds upload" in outcome.err
    assert "line 5, column trace_id, 'pipe': There is no project XYZ" in outcome.err
    assert client.get("consumption_records/") == []


def test_weather_in_celsius(eeds_here: Eeds, write: Any) -> None:
    file = write("weather.csv", WEATHER)
    first = eeds_here("upload", "weather", file)
    # the second row is the hour of the first again, and wins; the third has no temperature, as before
    assert first.out == f"{file}: temperatures 1 created, 0 updated, 1 unchanged, 1 given more than once\n"
    warmer = write("warmer.csv", "station,start,temp_f\n725460,2011-01-01T00:00:00Z,25\n")
    assert eeds_here("upload", "weather", warmer).out == f"{warmer}: temperatures 0 created, 1 updated, 0 unchanged\n"


def test_what_the_server_refuses_is_told_by_line(eeds_here: Eeds, write: Any) -> None:
    file = write("weather.csv", WEATHER + "725460,2011-01-01T02:30:00Z,1\n725460,2011-01-01T03:00:00Z,200\n")
    outcome = eeds_here("upload", "weather", file)
    assert outcome.status == 1
    assert "2 errors. The part of the file with these lines was not stored" in outcome.err
    assert "2 of 5 records refused, none stored" in outcome.err
    assert "line 5, column date, '2011-01-01T02:30:00Z': Temperatures are hourly" in outcome.err
    assert "line 6, column temp_c, 200.0: Temperatures are between" in outcome.err


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("energy", "project_id,trace_id\n", "has no column interpretation or fuel; it has: project_id, trace_id."),
        ("projects", "", "has no column project_id; it has: nothing."),
        ("weather", "station,start\n", "must have one column of temperatures, temp_f or temp_c; it has 0."),
        (
            "weather",
            "station,start,temp_f,temp_c\n",
            "must have one column of temperatures, temp_f or temp_c; it has 2.",
        ),
    ],
)
def test_files_without_the_columns(eeds_here: Eeds, write: Any, kind: str, text: str, said: str) -> None:
    outcome = eeds_here("upload", kind, write("file.csv", text))
    assert outcome.status == 1
    assert said in outcome.err


def test_files_that_cannot_be_read(eeds_here: Eeds, write: Any, tmp_path: Path) -> None:
    assert "Cannot read" in eeds_here("upload", "energy", tmp_path / "nothing.csv").err
    latin = write("latin.csv", "project_id,zipcode,retrofit_start_date,retrofit_end_date\nMönch,1,,\n", "latin-1")
    assert "latin.csv is not text in UTF-8" in eeds_here("upload", "projects", latin).err


def test_weather_is_for_admins(server: str, eeds: Eeds, login: Login, write: Any) -> None:
    options = ("--url", server, "--token", login("owner"))
    outcome = eeds("upload", "weather", *options, write("weather.csv", WEATHER))
    assert outcome.status == 1
    assert "The token may not POST weather_records/sync2/: it lacks the scope, or its user is no admin." in outcome.err
