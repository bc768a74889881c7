"""Registry connections, and the anonymous summaries that a registry reads."""

from typing import Any
from uuid import UUID

import pytest

from eeds import __version__
from eeds.db.engine import Database
from tests.api.conftest import Api, MakeApi
from tests.api.test_project_results import finish

TOKEN = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def project(api: Api) -> int:
    body = {"project_id": "ABC", "project_owner": 1, "baseline_period_end": "2013-06-01T00:00:00Z"}
    return int(api.post("projects/", body).json["id"])


def read(nobody: Api, authorization: str | None) -> Any:
    return nobody.get("/registry/summary/", headers={"Authorization": authorization} if authorization else {})


def test_story_of_a_connection(api: Api, project: int) -> None:
    made = api.post("registry/connections/", {})
    assert made.status_code == 201
    assert list(made.json) == ["id", "projects", "token"]
    assert made.json["projects"] == []
    assert UUID(made.json["token"])
    given = api.post("registry/connections/", {"projects": [project], "token": TOKEN}).json
    assert (given["projects"], given["token"]) == ([project], TOKEN)
    path = f"registry/connections/{given['id']}/"
    hidden = {"token": None}  # it is shown only to who gives it
    assert api.get("registry/connections/").json == [{**made.json, **hidden}, {**given, **hidden}]
    assert api.patch(path, {"token": TOKEN[:-1] + "6"}).json == {**given, "token": TOKEN[:-1] + "6"}
    assert api.patch(path, {"projects": []}).json == {**given, **hidden, "projects": []}
    assert api.delete(path).status_code == 204

    bad = api.post("registry/connections/", {"token": "xx"})
    assert (bad.status_code, bad.json) == (400, {"token": ['"xx" is not a valid UUID.']})
    api.post("registry/connections/", {"token": TOKEN})
    assert api.post("registry/connections/", {"token": TOKEN}).json == {"token": ["This field must be unique."]}
    unknown = api.post("registry/connections/", {"projects": [9999]})
    assert unknown.json == {"projects": ['Invalid pk "9999" - object does not exist.']}


def test_summary_of_the_latest_result_without_names(
    api: Api, nobody: Api, login: MakeApi, database: Database, project: int
) -> None:
    empty = api.post("projects/", {"project_id": "DEF", "project_owner": 1}).json["id"]
    connection = api.post("registry/connections/", {"projects": [project, empty]}).json
    finish(api, database, project)
    latest = finish(api, database, project)
    answer = read(nobody, f"Token {connection['token']}")
    assert answer.status_code == 200
    assert list(answer.json) == ["datastore_version", "projects"]
    assert answer.json["datastore_version"] == __version__
    (summary,) = answer.json["projects"]
    assert UUID(summary.pop("registry_id"))
    assert summary == {
        "project_result_pk": latest,
        "eemeter_version": "1.2.7",
        "meter_class": "EnergyEfficiencyMeter",
        "meter_settings": None,
        "summaries": [
            {
                "trace_interpretation": "ELECTRICITY_CONSUMPTION_SUPPLIED",
                "derivative_interpretation": "gross_predicted",
                "baseline_value": 15188.0,
                "baseline_upper": 379.0,
                "baseline_lower": 416.0,
                "reporting_value": None,
                "reporting_upper": None,
                "reporting_lower": None,
            }
        ],
    }
    assert read(nobody, f"Token {connection['token']}").json == answer.json
    assert login("ann").get("registry/connections/").json == []


@pytest.mark.parametrize(
    ("authorization", "detail"),
    [
        (None, "Authentication credentials were not provided."),
        ("Bearer token-of-admin", "Authentication credentials were not provided."),
        ("Token", "Invalid token header. No credentials provided."),
        ("Token xx", "Invalid token."),
        (f"Token {TOKEN}", "Invalid token."),
        ("Token " + "-" * 36, "Invalid token."),
    ],
)
def test_without_a_connections_token(nobody: Api, authorization: str | None, detail: str) -> None:
    answer = read(nobody, authorization)
    assert (answer.status_code, answer.json) == (403, {"detail": detail})
