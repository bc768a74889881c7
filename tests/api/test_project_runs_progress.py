"""How far many runs are: counts, the rate at which they end, why some failed."""

from typing import Any

import pytest
from sqlalchemy import func, update

from eeds.db.engine import Database
from eeds.db.tables import ProjectRun, WeatherDownload
from tests.api.conftest import Api, CountStatements, MakeApi

NOTHING = {"total": 0, "PENDING": 0, "RUNNING": 0, "SUCCESS": 0, "FAILED": 0, "cancelled": 0, "waiting": []}


@pytest.fixture
def projects(api: Api) -> Api:
    """P1 to P4 with the ids 1 to 4, each with a run of the same id."""
    for n in range(1, 5):
        api.post("projects/", {"project_id": f"P{n}", "project_owner": 1})
    api.post("project_runs/bulk/", {"projects": "all"})
    return api


def seconds_ago(seconds: float) -> Any:
    return func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, seconds)


def set_runs(database: Database, *ids: int, **values: Any) -> None:
    """What workers would have made of the runs."""
    with database.session() as session:
        session.execute(update(ProjectRun).where(ProjectRun.id.in_(ids)).values(**values))


def progress(api: Api, query: str = "") -> Any:
    answer = api.get(f"project_runs/progress/{query}")
    assert answer.status_code == 200
    return answer.json


def test_nothing_ordered(api: Api) -> None:
    assert progress(api) == {**NOTHING, "per_minute": None, "eta_seconds": 0.0, "failures": []}


def test_nothing_has_ended(projects: Api) -> None:
    expected = {**NOTHING, "total": 4, "PENDING": 4, "per_minute": None, "eta_seconds": None, "failures": []}
    assert progress(projects) == expected


def test_counts_rate_and_time_left(projects: Api, database: Database) -> None:
    set_runs(database, 1, status="SUCCESS", started=seconds_ago(30), updated=seconds_ago(15))
    set_runs(
        database, 2, status="FAILED", traceback="No weather.\n\nTrace", started=seconds_ago(14), updated=func.now()
    )
    set_runs(database, 3, status="RUNNING", started=func.now(), updated=func.now())
    found = progress(projects)
    counts = {"total": 4, "PENDING": 1, "RUNNING": 1, "SUCCESS": 1, "FAILED": 1}
    assert {name: found[name] for name in counts} == counts
    assert found["failures"] == [{"run": 2, "project": 2, "message": "No weather."}]
    # two in the 30 seconds since the first began, or a little more where the machine is slow
    assert 2 < found["per_minute"] <= 4
    assert found["eta_seconds"] == pytest.approx(2 / found["per_minute"] * 60)


def test_the_rate_is_that_of_the_last_minute(projects: Api, database: Database) -> None:
    set_runs(database, 1, status="SUCCESS", started=seconds_ago(500), updated=seconds_ago(400))
    set_runs(database, 2, status="SUCCESS", started=seconds_ago(300), updated=func.now())
    assert progress(projects)["per_minute"] == 1
    set_runs(database, 2, updated=seconds_ago(100))
    assert progress(projects)["per_minute"] is None


def test_a_run_that_never_began_is_no_measure_of_the_rate(projects: Api) -> None:
    projects.post("project_runs/1/cancel/")
    found = progress(projects)
    assert (found["FAILED"], found["per_minute"], found["eta_seconds"]) == (1, None, None)


def test_what_was_cancelled_is_counted_apart_and_no_failure(projects: Api, database: Database) -> None:
    set_runs(database, 2, status="FAILED", traceback="No weather.")
    projects.post("project_runs/1/cancel/")
    found = progress(projects)
    assert (found["total"], found["FAILED"], found["cancelled"]) == (4, 2, 1)
    assert [failure["run"] for failure in found["failures"]] == [2]


def test_what_runs_wait_for(projects: Api, database: Database) -> None:
    with database.session() as session:
        session.add_all(WeatherDownload(station=station, years=[2014]) for station in ("a", "b"))
        session.flush()
    set_runs(database, 1, weather_download_id=1, waiting_for="a")
    set_runs(database, 2, 3, weather_download_id=2, waiting_for="b")
    found = progress(projects)
    assert found["PENDING"] == 4
    assert found["waiting"] == [{"runs": 2, "waiting_for": "b"}, {"runs": 1, "waiting_for": "a"}]
    assert projects.get("project_runs/1/?with_state=True").json["waiting_for"] == "a"


def test_without_ids_of_runs_the_latest_of_each_project_counts(projects: Api, database: Database) -> None:
    set_runs(database, 1, 2, status="FAILED", traceback="x")
    projects.post("project_runs/bulk/", {"projects": "1"})
    set_runs(database, 5, status="SUCCESS")
    found = progress(projects)
    assert (found["total"], found["PENDING"], found["SUCCESS"], found["FAILED"]) == (4, 2, 1, 1)
    assert progress(projects, "?projects=1-2")["total"] == 2
    assert progress(projects, "?projects=1")["SUCCESS"] == 1
    assert progress(projects, "?runs=1%2B5")["total"] == 2
    assert progress(projects, "?runs=1-3&projects=3")["total"] == 1


def test_since(projects: Api, database: Database) -> None:
    set_runs(database, 1, 2, added="2020-01-01T00:00:00Z")
    assert progress(projects, "?since=2021-01-01T00:00:00Z")["total"] == 2
    assert progress(projects, "?since=2019-01-01")["total"] == 4
    assert progress(projects, "?since=yesterday")["total"] == 0


def test_a_range_that_is_none_is_refused_by_its_name(projects: Api) -> None:
    answer = projects.get("project_runs/progress/?runs=a-b")
    assert (answer.status_code, answer.json) == (400, {"runs": ['"a-b" is not a range of ids; give it as 3-5.']})


def test_failures_are_few_and_the_newest(projects: Api, database: Database) -> None:
    projects.post("projects/sync/", [project(n) for n in range(30)])
    projects.post("project_runs/bulk/", {"projects": "all"})
    set_runs(database, *range(1, 40), status="FAILED", traceback="why\nwhere")
    found = progress(projects)
    assert (found["FAILED"], len(found["failures"])) == (34, 20)
    assert [failure["run"] for failure in found["failures"]] == list(range(38, 18, -1))


def project(n: int) -> dict[str, Any]:
    empty = {"baseline_period_end": None, "reporting_period_start": None}
    return {"project_id": f"S{n}", "project_owner_id": 1, "zipcode": "1", **empty}


def test_one_statement(projects: Api, statements_of: CountStatements) -> None:
    assert len(statements_of(lambda: progress(projects, "?projects=1-3"))) == 2  # the token, and the counts


def test_owners_count_their_own(projects: Api, login: MakeApi) -> None:
    ann = login("ann")
    assert progress(ann)["total"] == 0
    assert progress(ann, "?runs=1-4")["total"] == 0
