"""Cancelling and retrying many runs: those of projects, or by their ids, with what was refused."""

from typing import Any

import pytest
from sqlalchemy import update

from eeds.db.engine import Database
from eeds.db.tables import ProjectRun
from tests.api.conftest import Api, CountStatements, MakeApi


@pytest.fixture
def runs(api: Api, database: Database) -> Api:
    """P1 to P4 with the ids 1 to 4 and two runs each: 1 to 4 FAILED, 5 SUCCESS, 6 RUNNING, 7 and 8 PENDING."""
    for n in range(1, 5):
        api.post("projects/", {"project_id": f"P{n}", "project_owner": 1})
    for _ in range(2):
        api.post("project_runs/bulk/", {"projects": "all"})
    for status, ids in (("FAILED", (1, 2, 3, 4)), ("SUCCESS", (5,)), ("RUNNING", (6,))):
        set_runs(database, *ids, status=status)
    return api


def set_runs(database: Database, *ids: int, **values: Any) -> None:
    """What workers would have made of the runs."""
    with database.session() as session:
        session.execute(update(ProjectRun).where(ProjectRun.id.in_(ids)).values(**values))


def statuses(api: Api) -> list[str]:
    """By id, CANCELLED for those that were."""
    return ["CANCELLED" if run["cancelled"] else run["status"] for run in api.get("project_runs/?with_state=True").json]


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        ({"projects": "all"}, "6-8"),
        ({"projects": "all", "waiting_only": True}, "7-8"),
        ({"projects": [2, 3]}, "6-7"),
        ({"projects": ["P4"]}, "8"),
        ({"project_names": ["P3", "P4"]}, "7-8"),
        ({"runs": "1-7"}, "6-7"),
        ({"runs": [8]}, "8"),
        ({"runs": 8}, "8"),
        ({"projects": "900-999"}, ""),
    ],
)
def test_what_is_cancelled(runs: Api, body: Any, changed: str) -> None:
    before = statuses(runs)
    answer = runs.post("project_runs/bulk/cancel/", body)
    ids = [int(run["id"]) for run in runs.get("project_runs/?with_state=True").json if run["cancelled"]]
    assert (answer.status_code, answer.json) == (200, {"changed": len(ids), "runs": changed, "refused": []})
    assert [now for id, now in enumerate(statuses(runs), 1) if id not in ids] == [
        then for id, then in enumerate(before, 1) if id not in ids
    ]


def test_retry_takes_the_latest_run_of_each_project_but_cancelled_ones(runs: Api, database: Database) -> None:
    assert runs.post("project_runs/bulk/retry/", {"projects": "all"}).json["changed"] == 0
    set_runs(database, 5, 7, status="FAILED", traceback="why")
    runs.post("project_runs/bulk/cancel/", {"runs": [8]})
    answer = runs.post("project_runs/bulk/retry/", {"projects": "all"})
    assert answer.json == {"changed": 2, "runs": "5+7", "refused": []}
    # who names one means it
    assert runs.post("project_runs/bulk/retry/", {"runs": "8"}).json["runs"] == "8"
    assert statuses(runs) == ["FAILED"] * 4 + ["PENDING", "RUNNING", "PENDING", "PENDING"]


def test_runs_named_one_by_one_are_refused_one_by_one(runs: Api) -> None:
    answer = runs.post("project_runs/bulk/cancel/", {"runs": "5+6+8+99", "waiting_only": True})
    assert answer.json == {
        "changed": 1,
        "runs": "8",
        "refused": [
            {"run": 5, "message": "Run 5 has ended, as SUCCESS; there is nothing to cancel."},
            {"run": 6, "message": "Run 6 is RUNNING, and does not wait any more."},
            {"run": 99, "message": 'Invalid pk "99" - object does not exist.'},
        ],
    }
    answer = runs.post("project_runs/bulk/retry/", {"runs": [1, 6]})
    assert answer.json["refused"] == [
        {"run": 6, "message": "Run 6 is RUNNING; only a run that FAILED can be tried again."}
    ]


@pytest.mark.parametrize("action", ["cancel", "retry"])
@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"non_field_errors": ["Say which runs: runs, as 7-9+11 or a list of ids, or their projects."]}),
        (
            {"runs": "1", "projects": "all"},
            {"non_field_errors": ["Say which runs: runs, as 7-9+11 or a list of ids, or their projects."]},
        ),
        ({"runs": ""}, {"runs": ["Say which runs: runs, as 7-9+11 or a list of ids, or their projects."]}),
        ({"runs": "a-b"}, {"runs": ['"a-b" is not a range of ids; give it as 3-5.']}),
        ({"runs": [{}]}, {"runs": ["Incorrect type. Expected pk value, received dict."]}),
        ({"runs": ["a-b"]}, {"runs": ["Incorrect type. Expected pk value, received str."]}),
        ({"runs": True}, {"runs": ["Incorrect type. Expected pk value, received bool."]}),
        ({"projects": "1+900"}, {"projects": ['Invalid pk "900" - object does not exist.']}),
        ({"projects": ["P9"]}, {"projects": ['There is no project "P9".']}),
    ],
)
def test_refusals(runs: Api, action: str, body: Any, errors: Any) -> None:
    before = statuses(runs)
    answer = runs.post(f"project_runs/bulk/{action}/", body)
    assert (answer.status_code, answer.json) == (400, errors)
    assert statuses(runs) == before


def test_owners_change_their_own_runs_alone(runs: Api, login: MakeApi) -> None:
    ann, before = login("ann"), statuses(runs)
    for action in ("cancel", "retry"):
        for body in ({"projects": "all"}, {"runs": "1-8"}):
            assert ann.post(f"project_runs/bulk/{action}/", body).json["changed"] == 0
        refused = ann.post(f"project_runs/bulk/{action}/", {"runs": [8]}).json["refused"]
        assert refused == [{"run": 8, "message": 'Invalid pk "8" - object does not exist.'}]
    assert statuses(runs) == before


def test_statements_do_not_grow_with_the_number_of_runs(runs: Api, statements_of: CountStatements) -> None:
    # token, lock of the runs, name of the user; the change itself is no statement of SQLAlchemy
    for body in ({"runs": "8"}, {"projects": "all"}):
        assert len(statements_of(lambda: runs.post("project_runs/bulk/cancel/", body))) == 3  # noqa: B023 - at once
