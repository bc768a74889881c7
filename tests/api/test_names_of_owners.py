"""Names of projects and of attributes are their owner's: nobody learns of those of others, or meets them."""

from typing import Any

import pytest

from tests.api.conftest import Api, MakeApi

EMPTY = {"zipcode": None, "baseline_period_end": None, "reporting_period_start": None}
HEADER = "project_id,zipcode,retrofit_start_date,retrofit_end_date"
TABLE = f"{HEADER},Cost,City\nABC,50321,2013-06-01,2013-07-01,1250.5,Ames\n"
READING = {"start": "2016-01-01T00:00:00Z", "value": 1.0, "estimated": False}
SEVERAL = 'Several project owners have a project "ABC"; say which by an id, or use a token of its owner.'


def owner_of(api: Api) -> int:
    return int(api.get("project_owners/").json[-1]["id"])


def upload(api: Api, table: str, query: str = "") -> Any:
    answer = api.post(f"projects/upload/{query}", data=table, content_type="text/csv")
    assert answer.status_code == 200, answer.text
    return answer.json


@pytest.fixture
def ann(login: MakeApi) -> Api:
    """An owner with a project ABC, its attributes, and a trace."""
    return with_project(login("ann"))


@pytest.fixture
def bob(login: MakeApi) -> Api:
    """Another with the same."""
    return with_project(login("bob"))


def with_project(api: Api) -> Api:
    upload(api, TABLE)
    trace = {"project_project_id": "ABC", "interpretation": "E_C_S", "unit": "KWH", "label": None}
    assert api.post("consumption_metadatas/sync/", [trace]).status_code == 200
    return api


def test_each_owner_has_a_project_of_the_name(ann: Api, bob: Api) -> None:
    for api in (ann, bob):
        (project,) = api.get("projects/").json
        assert (project["project_id"], project["project_owner"]) == ("ABC", owner_of(api))
        again = {"project_id": "ABC", "project_owner_id": owner_of(api), **EMPTY, "zipcode": "50321"}
        assert api.post("projects/sync/", [again]).json[0]["id"] == project["id"]
        refused = api.post("projects/", {"project_id": "ABC", "project_owner": owner_of(api)})
        assert refused.json == {"project_id": ["project with this project id already exists."]}


def test_a_name_means_the_callers_project(ann: Api, bob: Api) -> None:
    reading = {"project_id": "ABC", "interpretation": "E_C_S", **READING}
    assert ann.post("consumption_records/sync/", [reading]).status_code == 200
    named = "project_id,fuel,trace_id,unit,start,value\nABC,electricity,main,kWh,2016-01-01,5\n"
    assert bob.post("consumption_records/upload/", data=named, content_type="text/csv").status_code == 200
    value = {"project_project_id": "ABC", "project_attribute_key_name": "cost", "value": 7.0}
    assert bob.post("project_attributes/sync/", [value]).status_code == 200
    assert [record["value"] for record in ann.get("consumption_records/").json] == [1.0]
    assert [record["value"] for record in bob.get("consumption_records/").json] == [5.0]
    assert {each["value"] for each in ann.get("project_attributes/").json} == {1250.5, "Ames"}
    assert {each["value"] for each in bob.get("project_attributes/").json} == {7.0, "Ames"}


def test_an_admin_is_asked_which_of_several_is_meant(ann: Api, bob: Api, api: Api) -> None:
    before = [each.get(path).json for each in (ann, bob) for path in ("consumption_metadatas/", "project_attributes/")]
    reading = api.post("consumption_records/sync/", [{"project_id": "ABC", "interpretation": "E_C_S", **READING}])
    trace = {"project_project_id": "ABC", "interpretation": "E_C_S", "unit": "KWH", "label": "x"}
    value = {"project_project_id": "ABC", "project_attribute_key_name": "cost", "value": 7.0}
    syncs = [
        reading,
        *(
            api.post(f"{noun}/sync/", [item])
            for noun, item in (("consumption_metadatas", trace), ("project_attributes", value))
        ),
    ]
    for answer in syncs:
        assert answer.status_code == 400
        assert (answer.json[0]["status"], answer.json[0]["message"]) == ("error - multiple records", SEVERAL)
    named = "project_id,fuel,trace_id,unit,start,value\nABC,electricity,main,kWh,2016-01-01,5\n"
    refused = api.post("consumption_records/upload/", data=named, content_type="text/csv")
    assert SEVERAL in refused.text.replace('\\"', '"')
    feed = api.post("greenbutton/?project_id=ABC", data="<feed/>", content_type="application/atom+xml")
    assert (feed.status_code, feed.json) == (400, {"project_id": [SEVERAL]})
    after = [each.get(path).json for each in (ann, bob) for path in ("consumption_metadatas/", "project_attributes/")]
    assert after == before


def test_an_admin_loads_for_an_owner(ann: Api, bob: Api, api: Api) -> None:
    loaded = upload(api, TABLE.replace("50321", "02139"), f"?owner={owner_of(bob)}")
    assert loaded["projects"] == {"created": 0, "updated": 1, "unchanged": 0}
    assert loaded["attributes"] == {"created": 0, "updated": 0, "unchanged": 2}
    assert [each.get("projects/").json[0]["zipcode"] for each in (ann, bob)] == ["50321", "02139"]


def test_an_admin_is_warned_of_projects_that_another_owner_has(ann: Api, login: MakeApi, api: Api) -> None:
    loaded = upload(api, TABLE, f"?owner={owner_of(login('bob'))}&dry_run=true")
    assert loaded["projects"]["created"] == 1
    message = "Another project owner has a project of this name; see that the owner is the one you mean."
    assert loaded["warnings"] == [{"line": 2, "field": "project_id", "value": "ABC", "message": message}]
    assert upload(login("carl"), TABLE)["warnings"] == []


def test_attributes_of_one_name_may_differ_in_type(login: MakeApi) -> None:
    ann, bob = login("ann"), login("bob")
    upload(ann, f"{HEADER},Class\nABC,50321,2013-06-01,2013-07-01,3\n")
    upload(bob, f"{HEADER},Class\nABC,50321,2013-06-01,2013-07-01,office\n")
    for api, data_type in ((ann, "INTEGER"), (bob, "CHAR")):
        (key,) = api.get("project_attribute_keys/").json
        assert (key["name"], key["data_type"]) == ("class", data_type)


def test_a_key_of_an_admin_is_everybodys(login: MakeApi, api: Api) -> None:
    body = {"name": "cost", "display_name": "Cost", "data_type": "FLOAT"}
    shared = api.post("project_attribute_keys/", body).json
    ann = with_project(login("ann"))
    keys = {key["name"]: key for key in ann.get("project_attribute_keys/").json}
    assert keys["cost"] == shared
    taken = ann.post("project_attribute_keys/", body)
    assert (taken.status_code, taken.json) == (400, {"name": ["project attribute key with this name already exists."]})
    renamed = ann.patch(f"project_attribute_keys/{keys['city']['id']}/", {"name": "cost"})
    assert (renamed.status_code, renamed.json) == (400, taken.json)
    assert login("bob").get("project_attribute_keys/").json == [shared]


def test_an_admin_sees_whose_keys_there_are(ann: Api, bob: Api, api: Api) -> None:
    assert [key["name"] for key in api.get("project_attribute_keys/").json] == ["cost", "city"] * 2
    of_bob = api.get(f"project_attribute_keys/?project_owner={owner_of(bob)}").json
    assert of_bob == bob.get("project_attribute_keys/").json
    project, key = ann.get("projects/").json[0]["id"], of_bob[0]["id"]
    mixed = api.post("project_attributes/", {"project": project, "key": key, "float_value": 1})
    message = {"key": ["This key is of another project owner than the project."]}
    assert (mixed.status_code, mixed.json) == (400, message)
    attribute = ann.get("project_attributes/").json[0]["id"]
    moved = api.patch(f"project_attributes/{attribute}/", {"key": key})
    assert (moved.status_code, moved.json) == (400, message)


def test_a_project_given_to_another_owner_takes_its_attributes_along(ann: Api, bob: Api, api: Api) -> None:
    project = ann.get("projects/").json[0]["id"]
    ann.post("project_blocks/", {"name": "north", "projects": [project]})
    ann.post("registry/connections/", {"projects": [project]})
    change = {"project_owner": owner_of(bob), "project_id": "DEF"}
    assert ann.patch(f"projects/{project}/", change).status_code == 400  # owners are for admins to choose
    same_name = api.patch(f"projects/{project}/", {"project_owner": owner_of(bob)})
    assert same_name.json == {"project_id": ["project with this project id already exists."]}
    assert api.patch(f"projects/{project}/", change).status_code == 200
    assert ann.get("projects/").json == ann.get("project_attributes/").json == []
    assert ann.get("project_blocks/").json[0]["projects"] == []
    assert [len(each["projects"]) for each in ann.get("registry/connections/").json] == [0]
    keys = {key["id"]: key["name"] for key in bob.get("project_attribute_keys/").json}
    shown = {each["project_id"]: each for each in bob.get("projects/?with_attributes=True").json}
    for name in ("ABC", "DEF"):
        values = {keys[each["key"]]: each["value"] for each in shown[name]["attributes"]}
        assert values == {"cost": 1250.5, "city": "Ames"}


def test_a_project_is_not_given_to_an_owner_with_other_types(login: MakeApi, api: Api) -> None:
    ann, bob = login("ann"), login("bob")
    upload(ann, f"{HEADER},Class\nABC,50321,2013-06-01,2013-07-01,3\n")
    upload(bob, f"{HEADER},Class\nDEF,50321,2013-06-01,2013-07-01,office\n")
    project = ann.get("projects/").json[0]["id"]
    refused = api.patch(f"projects/{project}/", {"project_owner": owner_of(bob)})
    message = "The owner has an attribute class of the type CHAR, the project has one of the type INTEGER"
    assert (refused.status_code, refused.json) == (400, {"project_owner": [f"{message}; rename one of them."]})
    assert [len(each.get("projects/").json) for each in (ann, bob)] == [1, 1]
