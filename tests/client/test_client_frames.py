"""The client of analysts against a real server: frames up, frames down, and what is said when something is wrong."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import update

from eeds.client import Client, Group, Missing, Refused, RowsRefused, RunFailed, StillRunning
from eeds.client.results import Result
from eeds.db.engine import Database
from eeds.db.tables import ProjectResult, ProjectRun
from eeds.errors import EedsError
from tests.cli.conftest import Login

ENERGY: dict[str, Any] = {"project_id": "ABC", "trace_id": "DEF", "fuel": "electricity", "unit": "kWh"}


def two_projects() -> pd.DataFrame:
    """ABC and XYZ, as pandas reads them from a file: a ZIP code is a number there."""
    return pd.DataFrame(
        {
            "Project_ID": ["ABC", "XYZ"],
            "zipcode": [50321, 2139],
            "baseline_period_end": pd.to_datetime(["2013-06-01T00:00", "2013-06-01T06:00"]),
            "reporting_period_start": pd.to_datetime(["2013-07-01", None]),
            "floors": [2, 3],
            "cost": [1250.5, np.nan],
            "city": pd.Categorical(["Ames", None]),
            "rebate": [True, False],
            "done": pd.to_datetime(["2013-06-20", None]),
        }
    )


@pytest.fixture
def projects(client: Client) -> pd.DataFrame:
    """They are there."""
    client.upload_projects(two_projects())
    return client.projects.list()


def readings(*values: Any) -> pd.DataFrame:
    """Daily readings."""
    starts = pd.date_range("2013-01-01", periods=len(values), freq="D", tz="America/Chicago")
    return pd.DataFrame({"start": starts, "value": values})


def test_projects_of_a_frame(client: Client) -> None:
    counts = client.upload_projects(two_projects())
    assert counts == {"projects": {"created": 2}, "attributes": {"created": 7}}
    assert client.upload_projects(two_projects()) == {
        "projects": {"unchanged": 2},
        "attributes": {"unchanged": 7},
    }
    found = client.projects.list(attributes=True)
    assert found["zipcode"].tolist() == ["50321", "02139"]
    assert found["baseline_period_end"].tolist() == [
        datetime(2013, 6, 1, tzinfo=UTC),
        datetime(2013, 6, 1, 6, tzinfo=UTC),
    ]
    assert found["reporting_period_start"].isna().tolist() == [False, True]
    assert list(found)[-5:] == ["city", "cost", "done", "floors", "rebate"]
    assert found.loc[0, ["city", "cost", "done", "floors", "rebate"]].tolist() == [
        "Ames",
        1250.5,
        "2013-06-20",
        2,
        True,
    ]
    types = {key["name"]: key["data_type"] for key in client.get("project_attribute_keys/")}
    assert types == {"floors": "INTEGER", "cost": "FLOAT", "city": "CHAR", "rebate": "BOOLEAN", "done": "DATE"}


def test_what_was_listed_can_be_uploaded(client: Client, projects: pd.DataFrame) -> None:
    listed = client.projects.list(attributes=True)
    assert client.upload_projects(listed)["projects"] == {"unchanged": 2}


def test_no_projects(client: Client) -> None:
    found = client.projects.list(attributes=True)
    assert found.empty
    assert found.dtypes.map(str)[["id", "baseline_period_end"]].tolist() == ["int64", "datetime64[ns, UTC]"]
    assert client.traces.list().dtypes.map(str)[["id", "project"]].tolist() == ["int64", "Int64"]
    assert client.results.list().dtypes.map(str)[["id", "added"]].tolist() == ["int64", "datetime64[ns, UTC]"]
    assert client.upload_projects(two_projects().head(0)) == {"projects": {}, "attributes": {}}


def test_one_project(client: Client) -> None:
    made = client.projects.create(
        "ABC", zipcode="50321", baseline_period_end="2013-06-01", reporting_period_start=pd.Timestamp("2013-07-01")
    )
    assert client.projects.get("ABC").equals(made)
    assert client.projects.get(made["id"])["reporting_period_start"] == datetime(2013, 7, 1, tzinfo=UTC)
    with pytest.raises(Refused, match="project with this project id already exists"):
        client.projects.create("ABC")
    with pytest.raises(Missing, match="There is no project nobody's that you can see"):
        client.projects.get("nobody's")
    with pytest.raises(Missing, match="projects/999/ was refused"):
        client.projects.get(999)


def test_projects_are_synced_and_reported_row_by_row(client: Client) -> None:
    frame = two_projects().set_index(pd.Index([10, 20]))
    client.upload_projects(frame.head(1), attributes=False)
    synced = client.projects.sync(frame.assign(zipcode=[50322, 2139]))
    assert synced.index.tolist() == [10, 20]
    assert synced["project_id"].tolist() == ["ABC", "XYZ"]
    assert synced["status"].tolist() == ["updated", "created"]
    assert client.get("project_attribute_keys/") == []


def test_rows_that_cannot_be_read_are_told_before_anything_is_stored(client: Client) -> None:
    frame = two_projects().astype({"baseline_period_end": object}).set_index(pd.Index(["first", "second"]))
    frame.loc["second", "baseline_period_end"] = "soon"
    for store in (client.projects.sync, client.upload_projects):
        with pytest.raises(RowsRefused) as caught:
            store(frame)
        error = caught.value
        assert "1 of 2 rows were refused. Nothing of the frame was stored" in str(error)
        assert "row 'second': baseline_period_end: Datetime has wrong format." in str(error)
        assert error.rows.index.tolist() == ["second"]
        assert error.rows["error"].iloc[0].endswith("('soon')")
    assert client.projects.list().empty


def test_a_value_that_is_not_of_the_type_of_its_attribute(client: Client) -> None:
    client.upload_projects(two_projects())
    with pytest.raises(RowsRefused, match="Nothing of the frame was stored") as caught:
        client.upload_projects(two_projects().assign(floors=["two", "2.0"], zipcode="50309"))
    (error,) = caught.value.rows["error"]
    assert error.startswith("floors: A valid integer is required. The attribute floors is INTEGER in this datastore")
    assert client.projects.list(zipcode="50309").empty


def test_a_refused_project_keeps_the_others_out(client: Client) -> None:
    for store in (client.projects.sync, client.upload_projects):
        with pytest.raises(RowsRefused, match="Nothing of the frame was stored") as caught:
            store(two_projects().assign(zipcode=["50321", "12345678901"]))
        assert caught.value.rows["Project_ID"].tolist() == ["XYZ"]
        assert caught.value.counts == {}
        assert caught.value.rows["error"].iloc[0].startswith("zipcode: Ensure this field has no more")
    assert client.projects.list().empty


def test_columns_of_every_kind(client: Client) -> None:
    frame = two_projects().assign(
        zipcode=["50321", 2139],  # mixed
        year=pd.period_range("2012", periods=2, freq="Y"),
        area=pd.array([185, None], dtype="Int64"),
        note=pd.array(["a", None], dtype="string"),
        seen=pd.to_datetime(["2013-06-20T09:30", None]).tz_localize("America/Chicago"),
        when=[datetime(2013, 6, 20, 9, 30), "2013-06-21 10:00"],
        big=[2**70, 1],
    )
    client.upload_projects(frame)
    stored = client.projects.list(attributes=True)
    assert stored.loc[0, ["area", "note", "seen", "when", "big"]].tolist() == [
        185,
        "a",
        "2013-06-20T14:30:00Z",
        "2013-06-20T09:30:00Z",
        2.0**70,
    ]
    assert stored["year"].tolist() == [2012, 2013]
    assert client.upload_projects(frame)["attributes"] == {"unchanged": 16}


def test_whose_the_projects_of_a_frame_are(client: Client, login: Login) -> None:
    login("other")
    with pytest.raises(EedsError, match=r"^Say whose projects these are, with --owner or owner=; .* \[1, 2\]\.$"):
        client.upload_projects(two_projects())
    client.upload_projects(two_projects(), owner=2)
    assert client.projects.list()["project_owner"].tolist() == [2, 2]


def test_frames_without_a_column_that_they_must_have(client: Client) -> None:
    with pytest.raises(EedsError, match="The frame has no column zipcode; it has: project_id"):
        client.upload_projects(pd.DataFrame({"project_id": ["ABC"]}))
    with pytest.raises(EedsError, match="The frame has no column trace_id or label; it has: start, value, project_id"):
        client.upload_energy(readings(1), project_id="ABC", fuel="electricity", unit="kWh")
    with pytest.raises(EedsError, match="The frame must have one column of temperatures, temp_f or temp_c; it has 0"):
        client.weather.upload(readings(1), station="725460")
    with pytest.raises(EedsError, match="value: given as a keyword, and a column of the frame too"):
        client.upload_energy(readings(1), metadata_id=1, value=3)
    with pytest.raises(EedsError, match="lable: no column of records; these are: metadata_id, start or date, value"):
        client.upload_energy(readings(1), metadata_id=1, lable="main")
    with pytest.raises(EedsError, match="The frame has 2 columns value; leave the one that is meant"):
        client.upload_energy(readings(1).assign(VALUE=2), metadata_id=1)
    with pytest.raises(EedsError, match="The frame has no column id or project_id; it has: start, value"):
        client.run(readings(1))


def test_readings_by_names_and_back(client: Client, projects: pd.DataFrame) -> None:
    counts = client.upload_energy(readings(1.5, np.nan, 3), **ENERGY)
    assert counts == {"created": 3, "updated": 0, "unchanged": 0, "duplicates": 0, "refused": 0}
    traces = client.traces.list("ABC", unit="KWH")
    assert traces.to_dict("records") == [
        {"id": 1, "project": 1, "project_id": "ABC", "interpretation": "E_C_S", "unit": "KWH", "label": "DEF"}
    ]
    assert client.traces.list("XYZ").empty
    assert client.traces.list(projects).equals(traces)

    found = client.records(1, timezone="America/Chicago")
    assert found.index.tolist() == readings(0, 0, 0)["start"].tolist()
    assert str(found.index.tz) == "America/Chicago"
    assert found["value"].tolist()[::2] == [1.5, 3]
    assert found["value"].isna().tolist() == [False, True, False]
    assert client.upload_energy(found, metadata_id=1)["unchanged"] == 3

    assert len(client.records(1, start="2013-01-02")) == 2
    assert len(client.records(1, start=found.index[1], end=found.index[2])) == 1
    assert len(client.records(1, end=date(2013, 1, 1))) == 1
    with pytest.raises(Missing):
        client.records(99)


def test_names_and_starts_in_the_index(client: Client, projects: pd.DataFrame) -> None:
    frame = readings(1, 2).assign(**ENERGY).set_index(["project_id", "trace_id", "start"])
    assert client.upload_energy(frame)["created"] == 2


@pytest.mark.parametrize(
    "starts",
    [
        ["2013-01-01", "2013-01-02T00:00:00Z"],
        [datetime(2013, 1, 1), datetime(2013, 1, 2)],
        [date(2013, 1, 1), date(2013, 1, 2)],
        pd.to_datetime(["2013-01-01", "2013-01-02"]),
    ],
)
def test_starts_of_every_kind(client: Client, projects: pd.DataFrame, starts: Any) -> None:
    client.upload_energy(pd.DataFrame({"date": starts, "value": [1, 2]}), **ENERGY)
    assert client.records(1).index.tolist() == [datetime(2013, 1, 1, tzinfo=UTC), datetime(2013, 1, 2, tzinfo=UTC)]


def test_refused_readings_come_back(client: Client, projects: pd.DataFrame) -> None:
    frame = readings(1, "many", 3, "n/a", 5).assign(
        project_id=["ABC", "ABC", "Q", "ABC", "ABC"],
        trace_id=["DEF", "DEF", "DEF", "DEF", None],
        fuel="gas",
        unit="therm",
    )
    with pytest.raises(RowsRefused) as caught:
        client.upload_energy(frame)
    error = caught.value
    assert error.rows.index.tolist() == [1, 2, 4]
    assert error.rows["error"].tolist() == [
        "value: A valid number is required.",
        'project_id: There is no project "Q". Load it with: eeds upload projects',
        "trace_id: This field may not be blank.",
    ]
    assert error.counts == {"created": 2, "updated": 0, "unchanged": 0, "duplicates": 0, "refused": 3}
    assert str(error).startswith("3 of 5 rows were refused. The others were stored. Until then they are missing from")
    assert "  row 1: value: A valid number is required." in str(error)
    assert client.records(1)["value"].isna().tolist() == [False, True]
    mended = error.rows.drop(columns="error").assign(value=2, project_id="ABC", trace_id="DEF")
    assert client.upload_energy(mended)["created"] == 3


def test_a_dry_run_stores_nothing(client: Client, projects: pd.DataFrame) -> None:
    assert client.upload_energy(readings(1, 2), **ENERGY, dry_run=True)["created"] == 2
    with pytest.raises(RowsRefused, match="Nothing was stored, this was a dry run"):
        client.upload_energy(readings(1, "x"), **ENERGY, dry_run=True)
    assert client.traces.list().empty


def test_a_frame_is_sent_in_pieces(client: Client, projects: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eeds.client.record_frames.ROWS_A_PIECE", 2)
    frame = readings(1, "x", 3, 4, "y").assign(trace_id=["DEF", "DEF", None, "DEF", "DEF"])
    names: dict[str, Any] = {name: value for name, value in ENERGY.items() if name != "trace_id"}
    with pytest.raises(RowsRefused) as caught:
        client.upload_energy(frame, **names)
    assert caught.value.rows["error"].index.tolist() == [1, 2, 4]
    assert client.records(1)["value"].tolist() == [1, 4]


def test_temperatures(client: Client, login: Login) -> None:
    hours = pd.DataFrame(
        {"temp_c": [20.0, np.nan]}, index=pd.date_range("2013-01-01T06:00", periods=2, freq="h", tz="UTC")
    )
    assert client.weather.upload(hours, station="725460") == {
        "created": 1,
        "updated": 0,
        "unchanged": 1,
        "duplicates": 0,
        "refused": 0,
    }
    with pytest.raises(RowsRefused, match="start: "):
        client.weather.upload(hours.shift(freq="30min"), station="725460")


def test_where_progress_is_shown(
    client: Client, projects: pd.DataFrame, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client.upload_energy(readings(1), **ENERGY)
    assert capsys.readouterr().err == ""
    client.upload_energy(readings(1), **ENERGY, progress=True)
    assert "uploading" in capsys.readouterr().err
    monkeypatch.setattr("builtins.__IPYTHON__", True, raising=False)
    client.upload_projects(two_projects())
    assert "uploading" in capsys.readouterr().err


def end_runs(database: Database, **values: Any) -> None:
    """What a worker would have made of the runs that wait."""
    with database.session() as session:
        session.execute(update(ProjectRun).where(ProjectRun.status == "PENDING").values(**values))


def test_runs_of_projects(client: Client, database: Database, projects: pd.DataFrame) -> None:
    run = client.run(projects, model="daily")
    assert (run.count, run.ids, run.status) == (2, "1-2", "PENDING")
    assert client.get("project_runs/")[0]["meter_settings"] == {"model": "daily"}
    with pytest.raises(StillRunning, match=r"After 0 s 0 are being computed and 2 wait, of 2 runs\."):
        run.wait(timeout=0)
    with pytest.raises(EedsError, match=r"These are 2 runs: take results\(\)"):
        run.result()
    end_runs(database, status="FAILED", traceback="no weather\nat line 5")
    assert run.wait().status == "FAILED"
    assert run.failures.to_dict("records") == [
        {"project": 2, "run": 2, "message": "no weather"},
        {"project": 1, "run": 1, "message": "no weather"},
    ]
    assert run.savings().empty


def test_a_run_of_one_project(client: Client, database: Database, projects: pd.DataFrame) -> None:
    failed = client.run("ABC")
    end_runs(database, status="FAILED", traceback="no weather")
    with pytest.raises(RunFailed, match="Run 1 of project 1 failed: no weather"):
        failed.result()
    with pytest.raises(Missing, match=r"Project ABC has no result yet. Order a run: client.run\('ABC'\)"):
        client.results.latest("ABC")

    run = client.run(client.projects.get("ABC"))
    end_runs(database, status="SUCCESS")
    assert (run.status, repr(run)) == ("SUCCESS", "<Run 2: SUCCESS>")
    with database.session() as session:
        session.add_all(
            ProjectResult(project_id=project, project_run_id=id) for project, id in ((1, 1), (1, 2), (2, None))
        )
    assert run.result().id == 2
    assert [each.id for each in run.results()] == [2]
    latest = client.results.latest("ABC")
    assert (latest.id, latest.project, repr(latest)) == (2, 1, "<Result 2 of project 1>")
    assert latest.savings().empty
    assert latest.provenance() == {}
    assert client.results.list("ABC")["id"].tolist() == [1, 2]
    assert client.results.list()["id"].tolist() == [1, 2, 3]
    assert client.results.get(3).project == 2


def test_projects_for_which_nothing_can_be_ordered(client: Client, projects: pd.DataFrame) -> None:
    client.projects.create("BAD", baseline_period_end="2013-06-01", reporting_period_start="2013-01-01")
    with pytest.raises(Refused, match="BAD: reporting_period_start 2013-01-01 is before baseline_period_end"):
        client.run("BAD")
    run = client.run(["BAD", 1])
    assert run.failures["project"].tolist() == [3]
    assert run.failures["message"].str.contains("is before").all()
    with pytest.raises(Refused, match="meter_settings"):
        client.run("ABC", modle="daily")


def test_many_projects_are_asked_for_in_turns(
    client: Client, projects: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.upload_energy(readings(1), **ENERGY)
    client.upload_energy(readings(1), **{**ENERGY, "project_id": "XYZ"})
    monkeypatch.setattr("eeds.client.project_selection.IDS_A_REQUEST", 1)
    assert client.traces.list(["ABC", "XYZ"])["project_id"].tolist() == ["ABC", "XYZ"]


def test_models_are_named_with_what_was_done_to_the_readings(client: Client) -> None:
    named = {"energy_trace": 7, "modeling_period": 1, "status": "SUCCESS", "n": 12, "model": "caltrack billing"}
    models = [{**named, "flags": ["a", "b"]}, {**named, "modeling_period": 2, "model": None, "flags": None}]
    periods = [{"id": id, "interpretation": name} for id, name in ((1, "BASELINE"), (2, "REPORTING"))]
    data = {"id": 1, "project": 2, "stale": False, "modeling_periods": periods, "energy_trace_model_results": models}
    found = Result(client.results.http, data).models()
    assert found[["trace", "period", "model"]].values.tolist() == [
        [7, "BASELINE", "caltrack billing"],
        [7, "REPORTING", None],
    ]
    assert found["flags"].tolist() == [["a", "b"], None]


def test_an_admin_says_by_id_which_project_of_a_name_is_meant(client: Client, server: str, login: Login) -> None:
    client.upload_projects(two_projects())
    with Client(server, login("ann")) as ann:
        ann.upload_projects(two_projects())
        theirs = int(ann.projects.get("ABC")["id"])
    for name in ("ABC", "XYZ"):
        with pytest.raises(
            EedsError, match=rf"^Several owners have a project {name}: say which by its id, \d+ or \d+\.$"
        ):
            client.projects.get(name)
    assert client.projects.get(theirs)["project_id"] == "ABC"


def test_projects_by_a_filter_or_a_group(client: Client, projects: pd.DataFrame) -> None:
    client.post("groups/", {"name": "tall", "filter": {"attribute.floors": {">": 2}}})
    client.post("consumption_metadatas/", {"project": 2, "interpretation": "E_C_S", "unit": "KWH"})
    small = {"attribute.floors": {"<=": 2}}
    assert client.projects.list(filter=small)["project_id"].tolist() == ["ABC"]
    assert client.projects.list(group="tall")["project_id"].tolist() == ["XYZ"]
    assert len(client.traces.list(Group("tall"))) == len(client.traces.list({"unit": "KWH"})) == 1
    assert client.traces.list(small).empty
    assert [client.run(which).count for which in (small, Group("tall"), Group(1))] == [1, 1, 1]
    assert client.results.list(small).empty
    with pytest.raises(Refused, match="There is no field"):
        client.run({"zip": "50321"})
