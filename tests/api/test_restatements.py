"""Restatements over the API: requested, computed as a worker does it, read as JSON and CSV."""

import csv
import io
from typing import Any

import pytest

from eeds.db.engine import Database
from eeds.jobs import leases
from eeds.runs.restatements.lifecycle import RESTATEMENTS
from tests.api.conftest import Api, MakeApi
from tests.api.test_project_results import finish
from tests.api.test_result_parts import with_savings
from workers.claimed_job import failing
from workers.restatement_jobs import compare_and_store

PERIODS = {"baseline_period_end": "2013-06-01T00:00:00Z", "reporting_period_start": "2013-07-01T00:00:00Z"}
KEYS = [
    "id",
    "user",
    "kind",
    "before",
    "after",
    "status",
    "message",
    "projects_done",
    "projects_total",
    "totals",
    "added",
    "updated",
]


@pytest.fixture
def results(api: Api, database: Database) -> list[int]:
    """Two results of a project."""
    project = api.post("projects/", {"project_id": "ABC", "project_owner": 1, **PERIODS}).json["id"]
    return [finish(api, database, project, with_savings()) for _ in range(2)]


def compute(database: Database, id: int) -> None:
    """What a worker does."""
    with database.connection() as connection:
        assert [job.id for job in leases.waiting_jobs(connection, RESTATEMENTS)] == [id]
        held = leases.claim_job(connection, RESTATEMENTS, id)
    assert held is not None
    with failing(database, held):
        compare_and_store(database, held)


def test_story(api: Api, database: Database, results: list[int]) -> None:
    before, after = results
    made = api.post("restatements/", {"before": before, "after": after})
    assert made.status_code == 201, made.text
    assert list(made.json) == KEYS
    assert (made.json["status"], made.json["totals"], made.json["kind"]) == ("PENDING", [], "results")
    id = made.json["id"]
    compute(database, id)
    shown = api.get(f"restatements/{id}/").json
    assert (shown["status"], shown["message"]) == ("SUCCESS", None)
    assert shown == api.get("restatements/?status=SUCCESS").json[0]
    assert shown["totals"]
    for total in shown["totals"]:
        assert (total["projects"], total["moved"]) == (1, 0)
        assert total["before"] == total["after"]
    projects = api.get(f"restatements/{id}/projects/").json
    assert {row["project_name"] for row in projects} == {"ABC"}
    assert "does not say what it was computed from" in projects[0]["notes"]
    table = list(csv.DictReader(io.StringIO(api.get(f"restatements/{id}/projects/?format=csv").text)))
    assert [row["method"] for row in table] == [row["method"] for row in projects]
    assert api.delete(f"restatements/{id}/").status_code == 204
    assert api.get(f"restatements/{id}/").status_code == 404


def test_aggregations(api: Api, database: Database, results: list[int]) -> None:
    """One project is in both, one came later."""
    request = {"projects": "all", "name": "first", **ANYTHING}
    first = api.post("aggregations/", request)
    assert first.status_code == 201, first.text
    other = api.post("projects/", {"project_id": "LATE", "project_owner": 1, **PERIODS}).json["id"]
    finish(api, database, other, with_savings())
    second = api.post("aggregations/", request).json
    made = api.post("restatements/", {"kind": "aggregations", "before": first.json["id"], "after": second["id"]})
    assert made.status_code == 201, made.text
    compute(database, made.json["id"])
    shown = api.get(f"restatements/{made.json['id']}/").json
    assert (shown["status"], shown["projects_done"], shown["projects_total"]) == ("SUCCESS", 2, 2)
    total = next(each for each in shown["totals"] if each["method"] == "metered")
    assert total["membership"] == pytest.approx(total["before"])
    assert total["after"] == pytest.approx(2 * total["before"])
    assert total["moved"] == pytest.approx(total["membership"])


def test_a_project_that_is_given_away_has_no_name(api: Api, database: Database, login: MakeApi) -> None:
    ann = login("ann")
    owner = ann.get("project_owners/").json[0]["id"]
    project = ann.post("projects/", {"project_id": "ABC", "project_owner": owner, **PERIODS}).json["id"]
    before, after = (finish(ann, database, project, with_savings()) for _ in range(2))
    made = ann.post("restatements/", {"before": before, "after": after}).json["id"]
    compute(database, made)
    path = f"restatements/{made}/projects/"
    assert {row["project_name"] for row in ann.get(path).json} == {"ABC"}
    other = next(each["id"] for each in api.get("project_owners/").json if each["id"] != owner)
    assert api.patch(f"projects/{project}/", {"project_owner": other, "project_id": "BOB"}).status_code == 200
    assert {row["project_name"] for row in ann.get(path).json} == {None}


def test_a_result_that_is_deleted_meanwhile(api: Api, database: Database, results: list[int]) -> None:
    """Two results cannot be compared then; of two aggregations what they had is known, and why there is no more."""
    before, after = results
    made = api.post("restatements/", {"before": before, "after": after}).json
    first = api.post("aggregations/", {"projects": "all", **ANYTHING}).json
    assert api.delete(f"project_results/{after}/").status_code == 204
    compute(database, made["id"])
    shown = api.get(f"restatements/{made['id']}/").json
    assert (shown["status"], shown["message"]) == ("FAILED", "One of the two results has been deleted since.")
    second = api.post("aggregations/", {"projects": "all", **ANYTHING}).json
    made = api.post("restatements/", {"kind": "aggregations", "before": first["id"], "after": second["id"]}).json
    compute(database, made["id"])
    shown = api.get(f"restatements/{made['id']}/").json
    assert (shown["status"], shown["message"]) == ("SUCCESS", None)
    assert shown["totals"]
    projects = api.get(f"restatements/{made['id']}/projects/").json
    assert {row["notes"] for row in projects} == {f"Result {after} has been deleted since."}


def test_an_aggregation_that_is_deleted_meanwhile_is_not_taken_for_an_empty_one(
    api: Api, database: Database, results: list[int]
) -> None:
    first, second = (api.post("aggregations/", {"projects": "all", **ANYTHING}).json["id"] for _ in range(2))
    id = api.post("restatements/", {"kind": "aggregations", "before": first, "after": second}).json["id"]
    assert api.delete(f"aggregations/{first}/").status_code == 204
    compute(database, id)
    shown = api.get(f"restatements/{id}/").json
    assert (shown["status"], shown["totals"]) == ("FAILED", [])
    assert shown["message"] == "One of the two aggregations has been deleted since."


# Results of tests do not fit well, nor for long.
ANYTHING = {"allow_disqualified": True, "allow_stale": True}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "before"),
        ({"before": "x", "after": 1}, "before"),
        ({"before": 1, "after": 2**70}, "after"),
        ({"before": 1, "after": 99}, "after"),
        ({"before": 1, "after": 1}, "after"),
        ({"before": 1, "after": 2, "kind": "projects"}, "kind"),
        ({"before": 1, "after": 2, "kind": "aggregations"}, "before"),
    ],
)
def test_what_cannot_be_compared(api: Api, results: list[int], body: dict[str, Any], field: str) -> None:
    refused = api.post("restatements/", body)
    assert refused.status_code == 400, refused.text
    assert field in refused.json


def test_results_of_others_are_not_there(api: Api, login: MakeApi, results: list[int]) -> None:
    bob = login("bob")
    before, after = results
    refused = bob.post("restatements/", {"before": before, "after": after})
    assert (refused.status_code, list(refused.json)) == (400, ["before"])
    id = api.post("restatements/", {"before": before, "after": after}).json["id"]
    assert bob.get("restatements/").json == []
    assert {bob.get(f"restatements/{id}/{part}").status_code for part in ("", "projects/")} == {404}
    assert bob.delete(f"restatements/{id}/").status_code == 404
