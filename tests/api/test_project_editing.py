"""Changing a project with its attributes in one request, and what goes with it when it is deleted."""

from typing import Any

import pytest

from eeds.db.engine import Database
from tests.api.conftest import Api, MakeApi
from tests.api.test_exports import SAVED
from tests.api.test_project_results import finish
from tests.api.test_savings_list import give, make_project


@pytest.fixture
def project(api: Api) -> int:
    """ABC, with an area."""
    project = make_project(api, "ABC")
    give(api, project, "area", "FLOAT", 1250.5)
    return project


def values_of(api: Api, project: int) -> dict[str, Any]:
    names = {key["id"]: key["name"] for key in api.get("project_attribute_keys/").json}
    found = api.get(f"projects/{project}/?with_attributes=True").json["attributes"]
    return {names[each["key"]]: each["value"] for each in found}


def test_fields_and_attributes_at_once(api: Api, project: int) -> None:
    other = make_project(api, "XYZ")
    for name, data_type, value in (("rooms", "INTEGER", 1), ("note", "CHAR", "x"), ("heated", "BOOLEAN", False)):
        give(api, other, name, data_type, value)
    values = {"area": "900", "rooms": 4, "heated": True, "note": " =1 "}
    answer = api.patch(f"projects/{project}/", {"zipcode": "02139", "attribute_values": values})
    assert (answer.status_code, answer.json["zipcode"]) == (200, "02139")
    assert "attribute_values" not in answer.json
    assert values_of(api, project) == {"area": 900.0, "rooms": 4, "heated": True, "note": "=1"}
    api.patch(f"projects/{project}/", {"attribute_values": {"area": None, "note": ""}})
    assert values_of(api, project) == {"rooms": 4, "heated": True}


def test_a_new_project_with_attributes(api: Api, project: int) -> None:
    new = api.post("projects/", {"project_id": "NEW", "project_owner": 1, "attribute_values": {"area": 7}}).json
    assert values_of(api, new["id"]) == {"area": 7.0}


PERIODS = {"baseline_period_end": "2014-06-01T00:00:00Z", "reporting_period_start": "2014-05-01T00:00:00Z"}
NO_KEY = "There is no attribute aera; make its key first."


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"project_id": "XYZ"}, {"project_id": ["project with this project id already exists."]}),
        (
            {"attribute_values": {"aera": 1}},
            {"attribute_values": {"aera": [NO_KEY]}},
        ),
        ({"attribute_values": {"area": "big"}}, {"attribute_values": {"area": ["A valid number is required."]}}),
        (
            {"attribute_values": {"area": [1]}},
            {"attribute_values": {"area": ["Must be a text, a number, true, false or null."]}},
        ),
        ({"attribute_values": [1]}, {"attribute_values": ["Not a valid mapping type."]}),
        ({"project_id": ""}, {"project_id": ["This field may not be blank."]}),
    ],
)
def test_nothing_of_what_is_refused_is_stored(api: Api, project: int, changes: Any, errors: Any) -> None:
    make_project(api, "XYZ")
    before = api.get("projects/?with_attributes=True").json
    answer = api.patch(f"projects/{project}/", {"zipcode": "00501", **changes})
    assert (answer.status_code, answer.json) == (400, errors)
    assert api.get("projects/?with_attributes=True").json == before


def test_periods_are_changed_one_after_the_other(api: Api) -> None:
    project = api.post("projects/", {"project_id": "OLD", "project_owner": 1, **PERIODS}).json["id"]
    for changes in ({"zipcode": "02139"}, {"baseline_period_end": "2014-05-20T00:00:00Z"}, PERIODS):
        assert api.patch(f"projects/{project}/", changes).status_code == 200


def test_what_goes_with_a_project(api: Api, login: MakeApi, database: Database, project: int) -> None:
    records = [{"start": f"2014-01-0{day}T00:00:00Z", "value": day} for day in (1, 2, 3)]
    trace = {"project": project, "interpretation": "E_C_S", "unit": "KWH", "records": records}
    api.post("consumption_metadatas/", trace)
    finish(api, database, project, SAVED)
    block = api.post("project_blocks/", {"name": "b", "projects": [project]}).json["id"]
    path = f"projects/{project}/belongings/"
    assert api.get(path).json == {
        "traces": 1,
        "readings": 3,
        "runs": 1,
        "results": 1,
        "attributes": 1,
        "blocks": 1,
    }
    ada = login("ada")
    assert (ada.get(path).status_code, ada.delete(f"projects/{project}/").status_code) == (404, 404)
    assert api.delete(f"projects/{project}/").status_code == 204
    assert api.get(path).status_code == 404
    assert api.get(f"project_blocks/{block}/").json["projects"] == []
    for resource in ("consumption_metadatas", "project_runs", "project_results", "project_attributes"):
        assert api.get(f"{resource}/").json == [], resource
