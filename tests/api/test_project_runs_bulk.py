"""Runs for many projects in one request: each project gets its run, or a reason why not."""

from typing import Any

import pytest
from sqlalchemy import select

from eeds.db.engine import Database
from eeds.db.tables import ProjectRun
from eeds.formats.id_ranges import format_id_ranges
from tests.api.conftest import Api, CountStatements, MakeApi

REVERSED = {"baseline_period_end": "2013-06-01T00:00:00Z", "reporting_period_start": "2013-01-01T00:00:00Z"}
IMPOSSIBLE = {
    "project": 3,
    "project_id": "P3",
    "message": "reporting_period_start 2013-01-01 is before baseline_period_end 2013-06-01.",
}
WHICH = (
    "Say which projects by one of these: projects, as 1+3-5, a list of ids or all; project_names; project_block; "
    "group; or filter."
)


def unknown(id: int) -> dict[str, Any]:
    return {"project": id, "project_id": None, "message": f'Invalid pk "{id}" - object does not exist.'}


@pytest.fixture
def projects(api: Api) -> Api:
    """P1 to P5 with the ids 1 to 5; the periods of P3 are impossible."""
    for n in range(1, 6):
        api.post("projects/", {"project_id": f"P{n}", "project_owner": 1, **(REVERSED if n == 3 else {})})
    return api


def ordered(api: Api) -> list[int]:
    """The projects of all runs, in order."""
    return [run["project"] for run in api.get("project_runs/").json]


@pytest.mark.parametrize(
    ("selection", "expected", "refused"),
    [
        ("all", [1, 2, 4, 5], [IMPOSSIBLE]),
        ("2", [2], []),
        (2, [2], []),
        ("5+1-2", [1, 2, 5], []),
        ("4-999999999", [4, 5], []),
        ([5, 4, 4, "1"], [1, 4, 5], []),
        ("1+3+77+9", [1], [unknown(9), unknown(77), IMPOSSIBLE]),
        ([3, 5, -1], [5], [unknown(-1), IMPOSSIBLE]),
    ],
)
def test_every_project_gets_its_run_or_a_reason(
    projects: Api, selection: Any, expected: list[int], refused: Any
) -> None:
    answer = projects.post("project_runs/bulk/", {"projects": selection, "meter_settings": {"model": "daily"}})
    assert answer.status_code == 201
    last = len(expected)
    assert answer.json == {"ordered": last, "runs": f"1-{last}" if last > 1 else "1", "refused": refused}
    assert ordered(projects) == expected
    for run in projects.get("project_runs/").json:
        assert (run["status"], run["meter_class"]) == ("PENDING", "EnergyEfficiencyMeter")
        assert run["meter_settings"] == {"model": "daily"}


def test_a_block(projects: Api) -> None:
    block = projects.post("project_blocks/", {"name": "b", "projects": [2, 3, 4]}).json["id"]
    answer = projects.post("project_runs/bulk/", {"project_block": block})
    assert (answer.status_code, answer.json) == (201, {"ordered": 2, "runs": "1-2", "refused": [IMPOSSIBLE]})
    assert ordered(projects) == [2, 4]


@pytest.mark.parametrize(
    ("selection", "reasons"),
    [
        ("3", [f"P3: {IMPOSSIBLE['message']}"]),
        ([3, 99], [unknown(99)["message"], f"P3: {IMPOSSIBLE['message']}"]),
        ("77", [unknown(77)["message"]]),
    ],
)
def test_nothing_to_order(projects: Api, selection: Any, reasons: list[str]) -> None:
    answer = projects.post("project_runs/bulk/", {"projects": selection})
    assert (answer.status_code, answer.json) == (400, {"projects": reasons})
    assert ordered(projects) == []


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"non_field_errors": [WHICH]}),
        ({"projects": None}, {"projects": ["This field may not be null."]}),
        ({"projects": ""}, {"projects": [WHICH]}),
        ({"projects": "a-b"}, {"projects": ['"a-b" is not a range of ids; give it as 3-5.']}),
        ({"projects": "some"}, {"projects": ["Incorrect type. Expected pk value, received str."]}),
        ({"projects": [1, {}]}, {"projects": ["Incorrect type. Expected pk value, received dict."]}),
        ({"projects": True}, {"projects": ["Incorrect type. Expected pk value, received bool."]}),
        ({"projects": "800-900"}, {"projects": ["There are no such projects."]}),
        ({"projects": ["P1", "P9", "P7"]}, {"projects": ['There is no project "P7".', 'There is no project "P9".']}),
        ({"projects": ["\0"]}, {"projects": ["Null characters and unpaired surrogates are not allowed."]}),
        ({"project_names": ["1"]}, {"project_names": ['There is no project "1".']}),
        ({"project_names": []}, {"project_names": ["There are no such projects."]}),
        ({"projects": []}, {"projects": ["There are no such projects."]}),
        ({"project_block": 9}, {"project_block": ['Invalid pk "9" - object does not exist.']}),
        ({"projects": "all", "meter_class": "x"}, {"meter_class": ["Invalid meter_class"]}),
        ({"projects": "all", "meter_settings": 5}, {"meter_settings": ["Not a valid mapping type."]}),
    ],
)
def test_refusals(projects: Api, body: Any, errors: Any) -> None:
    answer = projects.post("project_runs/bulk/", body)
    assert (answer.status_code, answer.json) == (400, errors)
    assert ordered(projects) == []


def test_projects_by_their_names(projects: Api, login: MakeApi) -> None:
    """Also one that is a number, which in `projects` is an id."""
    number = projects.post("projects/", {"project_id": "2", "project_owner": 1}).json["id"]
    answer = projects.post("project_runs/bulk/", {"projects": ["P1", 4, "5", "P1"]})
    assert (answer.status_code, answer.json["ordered"]) == (201, 3)
    projects.post("project_runs/bulk/", {"project_names": ["2", "P2"]})
    assert ordered(projects) == [1, 4, 5, 2, number]


def test_a_name_of_several_owners_is_asked_about(projects: Api, login: MakeApi) -> None:
    ann = login("ann")
    ann.post("projects/", {"project_id": "P1", "project_owner": ann.get("project_owners/").json[0]["id"]})
    answer = projects.post("project_runs/bulk/", {"projects": ["P1"]})
    assert (answer.status_code, answer.json) == (
        400,
        {"projects": ['Several project owners have a project "P1"; say which by an id, or use a token of its owner.']},
    )
    assert ann.post("project_runs/bulk/", {"projects": ["P1"]}).json["ordered"] == 1


def test_both_selections_are_one_too_many(projects: Api) -> None:
    block = projects.post("project_blocks/", {"name": "b", "projects": [2]}).json["id"]
    answer = projects.post("project_runs/bulk/", {"projects": "1", "project_block": block})
    assert (answer.status_code, answer.json) == (400, {"non_field_errors": [WHICH]})


def test_a_form_is_taken_like_json(projects: Api) -> None:
    answer = projects.call("POST", "project_runs/bulk/", data={"projects": "1+4-5"})
    assert (answer.status_code, answer.json["ordered"]) == (201, 3)


def test_owners_order_for_their_own_projects_alone(projects: Api, login: MakeApi) -> None:
    ann = login("ann")
    owner = ann.get("project_owners/").json[0]["id"]
    mine = ann.post("projects/", {"project_id": "ANN", "project_owner": owner}).json["id"]
    block = projects.post("project_blocks/", {"name": "b", "projects": [1]}).json["id"]
    assert ann.post("project_runs/bulk/", {"projects": "1-2"}).status_code == 400
    assert ann.post("project_runs/bulk/", {"project_block": block}).status_code == 400
    answer = ann.post("project_runs/bulk/", {"projects": [1, mine]})
    assert (answer.json["ordered"], answer.json["refused"]) == (1, [unknown(1)])
    assert ann.post("project_runs/bulk/", {"projects": "all"}).json["ordered"] == 1
    assert ordered(projects) == [mine, mine]


def test_runs_are_marked_with_the_request(projects: Api, database: Database) -> None:
    projects.post("project_runs/bulk/", {"projects": "1-2"}, headers={"X-Request-ID": "mine"})
    with database.session() as session:
        assert list(session.scalars(select(ProjectRun.request_id))) == ["mine", "mine"]


def test_statements_do_not_grow_with_the_number_of_projects(projects: Api, statements_of: CountStatements) -> None:
    # token, lock of bulk orders, insert, wake-up of the relay, unknown ids, impossible projects
    for selection in ([1, 3, 9], [1, 2, 3, 4, 5, 9, 10, 11]):
        body = {"projects": selection}
        assert len(statements_of(lambda: projects.post("project_runs/bulk/", body))) == 6  # noqa: B023 - called at once


@pytest.mark.parametrize(
    ("ids", "text"), [([], ""), ([7], "7"), ([1, 2], "1-2"), ([1, 3, 4, 5, 9], "1+3-5+9"), ([2, 4], "2+4")]
)
def test_ids_as_ranges(ids: list[int], text: str) -> None:
    assert format_id_ranges(ids) == text
