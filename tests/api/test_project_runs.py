"""Project runs: ordered, listed and looked at, cancelled and tried again, never changed by a client."""

import re
from typing import Any

import pytest

from eeds.db.engine import Database
from eeds.jobs import leases
from eeds.runs import lifecycle as runs
from tests.api.conftest import Api, MakeApi

KEYS = ["id", "project", "meter_class", "meter_settings", "status", "traceback", "added", "updated"]
STATE = ["waiting_for", "cancelled", "cancelled_by"]
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@pytest.fixture
def project(api: Api) -> int:
    return int(api.post("projects/", {"project_id": "ABC", "project_owner": 1}).json["id"])


def test_story(api: Api, project: int, database: Database) -> None:
    assert api.get("project_runs/").json == []
    ordered = api.post("project_runs/", {"project": project})
    assert ordered.status_code == 201
    assert list(ordered.json) == KEYS
    assert STAMP.fullmatch(ordered.json["added"])
    assert STAMP.fullmatch(ordered.json["updated"])
    assert {key: ordered.json[key] for key in KEYS[1:6]} == {
        "project": project,
        "meter_class": "EnergyEfficiencyMeter",
        "meter_settings": None,
        "status": "PENDING",
        "traceback": None,
    }
    path = f"project_runs/{ordered.json['id']}/"
    assert api.get(path).json == ordered.json
    assert api.get("project_runs/").json == [ordered.json]

    with database.connection() as connection:
        held = leases.claim_job(connection, runs.RUNS, ordered.json["id"])
        assert held is not None
    assert api.get(path).json["status"] == "RUNNING"
    with database.connection() as connection:
        leases.fail_job(connection, held, "no weather")
    failed = api.get(path).json
    assert (failed["status"], failed["traceback"]) == ("FAILED", "no weather")
    assert failed["updated"] > ordered.json["updated"]

    for method in ("PUT", "PATCH", "DELETE"):
        answer = api.call(method, path, {"project": project})
        assert (answer.status_code, answer.json) == (405, {"detail": f'Method "{method}" not allowed.'})
    assert api.get("project_runs/9999/").status_code == 404


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"project": ["This field is required."]}),
        ({"project": 9999}, {"project": ['Invalid pk "9999" - object does not exist.']}),
        ({"project": "ABC"}, {"project": ["Incorrect type. Expected pk value, received str."]}),
        ({"project": 1, "meter_class": None}, {"meter_class": ["Invalid meter_class"]}),
        ({"project": 1, "meter_class": "BadMeter"}, {"meter_class": ["Invalid meter_class"]}),
        ({"project": 1, "meter_class": 5}, {"meter_class": ["Invalid meter_class"]}),
        ({"project": 1, "meter_settings": "daily"}, {"meter_settings": ["Not a valid mapping type."]}),
    ],
)
def test_refusals(api: Api, project: int, body: Any, errors: dict[str, list[str]]) -> None:
    answer = api.post("project_runs/", body)
    assert (answer.status_code, answer.json) == (400, errors)
    assert api.get("project_runs/").json == []


@pytest.mark.parametrize("bad", [{"a": 1}, {"confidence_level": 95}, {"timezone": "Mars/Olympus"}, {"model": "guess"}])
def test_unknown_or_impossible_settings_are_refused_by_name(api: Api, project: int, bad: dict[str, Any]) -> None:
    answer = api.post("project_runs/", {"project": project, "meter_settings": bad})
    assert answer.status_code == 400
    (message,) = answer.json["meter_settings"]
    assert next(iter(bad)) in message


def test_settings_are_kept_as_sent(api: Api, project: int) -> None:
    sent = {"model": "daily", "confidence_level": 0.9}
    ordered = api.post("project_runs/", {"project": project, "meter_settings": sent, "status": "SUCCESS"}).json
    assert (ordered["meter_settings"], ordered["status"]) == (sent, "PENDING")


def test_reporting_before_the_end_of_the_baseline_is_refused(api: Api, project: int) -> None:
    periods = {
        "baseline_period_end": "2013-06-01T00:00:00Z",
        "reporting_period_start": "2013-01-01T00:00:00Z",
    }
    api.patch(f"projects/{project}/", periods)
    answer = api.post("project_runs/", {"project": project})
    message = "reporting_period_start 2013-01-01 is before baseline_period_end 2013-06-01."
    assert (answer.status_code, answer.json) == (400, {"project": [message]})


def test_filter_by_projects(api: Api, project: int) -> None:
    other = api.post("projects/", {"project_id": "DEF", "project_owner": 1}).json["id"]
    ordered = [api.post("project_runs/", {"project": id}).json["project"] for id in (project, other, project)]
    assert [run["project"] for run in api.get("project_runs/").json] == ordered
    assert [run["project"] for run in api.get(f"project_runs/?projects={other}").json] == [other]
    assert api.get("project_runs/?projects=9999").json == []


def test_owners_do_not_see_each_others_runs(api: Api, login: MakeApi, project: int) -> None:
    run = api.post("project_runs/", {"project": project}).json["id"]
    ann = login("ann")
    assert ann.get("project_runs/").json == []
    assert ann.get(f"project_runs/{run}/").status_code == 404
    assert ann.post("project_runs/", {"project": project}).status_code == 400


def test_runs_go_with_their_project(api: Api, project: int) -> None:
    api.post("project_runs/", {"project": project})
    assert api.delete(f"projects/{project}/").status_code == 204
    assert api.get("project_runs/").json == []


def ordered(api: Api, project: int) -> int:
    return int(api.post("project_runs/", {"project": project, "meter_settings": {"model": "daily"}}).json["id"])


def claim(database: Database, run: int) -> runs.ClaimedRun:
    with database.connection() as connection:
        held = leases.claim_job(connection, runs.RUNS, run)
    assert held is not None
    return held


def fail(database: Database, held: runs.ClaimedRun) -> None:
    with database.connection() as connection:
        leases.fail_job(connection, held, "no weather")


def test_cancel_a_run_that_waits(api: Api, project: int, database: Database) -> None:
    run = ordered(api, project)
    answer = api.post(f"project_runs/{run}/cancel/")
    assert (answer.status_code, list(answer.json)) == (200, KEYS)
    assert (answer.json["status"], answer.json["traceback"]) == ("FAILED", "cancelled by admin")
    assert answer.json == api.get(f"project_runs/{run}/").json
    (shown,) = api.get("project_runs/?with_state=True").json
    assert shown == api.get(f"project_runs/{run}/?with_state=True").json
    assert list(shown) == KEYS + STATE
    assert shown["cancelled_by"] == "admin"
    assert STAMP.fullmatch(shown["cancelled"])
    with database.connection() as connection:
        assert leases.claim_job(connection, runs.RUNS, run) is None


def test_a_run_that_is_cancelled_while_it_runs_can_store_nothing(api: Api, project: int, database: Database) -> None:
    run = ordered(api, project)
    held = claim(database, run)
    assert api.post(f"project_runs/{run}/cancel/").json["traceback"] == "cancelled by admin"
    with database.connection() as connection:
        assert not leases.renew_lease(connection, held)
    with database.session() as session, pytest.raises(leases.LeaseLost):
        runs.succeed(session, held)
    with database.connection() as connection:
        assert leases.sweep_jobs(connection, runs.RUNS) == {}


def test_what_has_ended_is_not_cancelled(api: Api, project: int, database: Database) -> None:
    run = ordered(api, project)
    fail(database, claim(database, run))
    answer = api.post(f"project_runs/{run}/cancel/")
    detail = f"Run {run} has ended, as FAILED; there is nothing to cancel."
    assert (answer.status_code, answer.json) == (409, {"detail": detail})
    assert api.get(f"project_runs/{run}/").json["traceback"] == "no weather"


def test_retry_is_the_same_run_waiting_again(api: Api, project: int, database: Database) -> None:
    run = ordered(api, project)
    first = claim(database, run)
    fail(database, first)
    answer = api.post(f"project_runs/{run}/retry/")
    assert (answer.status_code, list(answer.json)) == (200, KEYS)
    assert (answer.json["id"], answer.json["status"], answer.json["traceback"]) == (run, "PENDING", None)
    assert answer.json["meter_settings"] == {"model": "daily"}
    with database.connection() as connection:
        assert [waiting.id for waiting in leases.waiting_jobs(connection, runs.RUNS, 10)] == [run]
    second = claim(database, run)
    with pytest.raises(leases.LeaseLost):
        fail(database, first)
    fail(database, second)


def test_a_cancelled_run_that_is_tried_again_is_not_its_first_workers(
    api: Api, project: int, database: Database
) -> None:
    run = ordered(api, project)
    first = claim(database, run)
    api.post(f"project_runs/{run}/cancel/")
    assert api.post(f"project_runs/{run}/retry/").status_code == 200
    tried = api.get(f"project_runs/{run}/?with_state=True").json
    assert (tried["cancelled"], tried["cancelled_by"]) == (None, None)
    claim(database, run)
    with database.session() as session, pytest.raises(leases.LeaseLost):
        runs.succeed(session, first)


def test_a_run_that_lost_its_workers_may_lose_as_many_again(api: Api, project: int, database: Database) -> None:
    run = ordered(api, project)

    def lose() -> None:
        held = claim(database, run)
        with database.connection() as connection:
            leases.expire_lease(connection, held)
            leases.sweep_jobs(connection, runs.RUNS)

    for _ in range(leases.MAX_LOST):
        lose()
    assert api.get(f"project_runs/{run}/").json["traceback"] == "worker lost 3 times"
    api.post(f"project_runs/{run}/retry/")
    lose()
    assert api.get(f"project_runs/{run}/").json["status"] == "PENDING"


@pytest.mark.parametrize("state", ["PENDING", "RUNNING", "SUCCESS"])
def test_only_what_failed_is_tried_again(api: Api, project: int, database: Database, state: str) -> None:
    run = ordered(api, project)
    if state != "PENDING":
        held = claim(database, run)
    if state == "SUCCESS":
        with database.session() as session:
            runs.succeed(session, held)
    answer = api.post(f"project_runs/{run}/retry/")
    detail = f"Run {run} is {state}; only a run that FAILED can be tried again."
    assert (answer.status_code, answer.json) == (409, {"detail": detail})
    assert api.get(f"project_runs/{run}/").json["status"] == state


@pytest.mark.parametrize("action", ["cancel", "retry"])
def test_only_ones_own_runs_are_cancelled_or_tried_again(
    api: Api, login: MakeApi, project: int, database: Database, action: str
) -> None:
    run = ordered(api, project)
    if action == "retry":
        fail(database, claim(database, run))
    before = api.get(f"project_runs/{run}/").json
    assert login("ann").post(f"project_runs/{run}/{action}/").status_code == 404
    assert api.post(f"project_runs/9999/{action}/").status_code == 404
    assert api.get(f"project_runs/{run}/").json == before
