"""Attributes and their keys: every type, both shapes, sync by names."""

from typing import Any

import pytest

from tests.api.conftest import Api, MakeApi

VALUES = {
    "BOOLEAN": (True, True),
    "CHAR": ("hello", "hello"),
    "DATE": ("2014-05-06", "2014-05-06"),
    "DATETIME": ("2014-05-06T09:08:09+02:00", "2014-05-06T07:08:09Z"),
    "FLOAT": (1.25, 1.25),
    "INTEGER": (7, 7),
}
COLUMNS = [f"{data_type.lower()}_value" for data_type in VALUES]


@pytest.fixture
def keys(api: Api) -> dict[str, int]:
    """The id of a key of each type, named key_TYPE."""
    api.post("projects/", {"project_id": "ABC", "project_owner": 1})
    made = {}
    for data_type in VALUES:
        body = {"name": f"key_{data_type.lower()}", "display_name": data_type, "data_type": data_type}
        made[data_type] = api.post("project_attribute_keys/", body).json["id"]
    return made


def sync(data_type: str, value: Any, **change: Any) -> dict[str, Any]:
    names = {"project_project_id": "ABC", "project_attribute_key_name": f"key_{data_type.lower()}"}
    return {**names, "value": value, **change}


def test_story_of_a_key(api: Api) -> None:
    body = {"name": "cost", "display_name": "Cost", "data_type": "FLOAT"}
    created = api.post("project_attribute_keys/", body)
    assert (created.status_code, created.json) == (201, {"id": created.json["id"], **body})
    path = f"project_attribute_keys/{created.json['id']}/"
    again = api.post("project_attribute_keys/", body)
    assert again.json == {"name": ["project attribute key with this name already exists."]}
    bad = api.post("project_attribute_keys/", {**body, "name": "x", "data_type": "JSON"})
    assert bad.json == {"data_type": ['"JSON" is not a valid choice.']}
    assert api.get("project_attribute_keys/?name=cost").json == [created.json]
    assert api.get("project_attribute_keys/?data_type=CHAR").json == []
    assert api.get("project_attribute_keys/?data_type=JSON").json == []
    assert api.patch(path, {"display_name": "Price"}).json["display_name"] == "Price"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_sync_of_keys(api: Api) -> None:
    body = {"name": "cost", "display_name": "Cost", "data_type": "FLOAT"}
    path = "project_attribute_keys/sync/"
    created = api.post(path, [body]).json[0]
    assert created == {"id": created["id"], **body, "status": "created"}
    assert api.post(path, [body]).json[0]["status"] == "unchanged - same record"
    assert api.post(path, [{**body, "display_name": "x"}]).json[0] == {
        **created,
        "display_name": "x",
        "status": "updated",
    }
    missing = api.post(path, [{"name": "nn", "display_name": "x"}])
    assert missing.json == [{"name": "nn", "status": "error - missing field", "message": "'data_type'"}]
    odd = api.post(path, [{**body, "name": "odd", "data_type": "JSON"}])
    assert (odd.status_code, odd.json[0]["status"]) == (400, "error - bad field value - create")


def test_keys_are_shared_and_changed_by_admins(api: Api, login: MakeApi, keys: dict[str, int]) -> None:
    ann = login("ann")
    assert len(ann.get("project_attribute_keys/").json) == len(VALUES)
    path = f"project_attribute_keys/{keys['FLOAT']}/"
    assert ann.patch(path, {"display_name": "mine"}).status_code == ann.delete(path).status_code == 403
    same = {"name": "key_float", "display_name": "FLOAT", "data_type": "FLOAT"}
    assert ann.post("project_attribute_keys/sync/", [same]).json[0]["status"] == "unchanged - same record"
    other = ann.post("project_attribute_keys/sync/", [{**same, "data_type": "CHAR"}])
    assert (other.status_code, other.json[0]["status"]) == (400, "error - integrity error - update")
    assert ann.post("project_attribute_keys/", {**same, "name": "new"}).status_code == 201


@pytest.mark.parametrize("data_type", VALUES)
def test_story_of_an_attribute(api: Api, keys: dict[str, int], data_type: str) -> None:
    sent, value = VALUES[data_type]
    column = f"{data_type.lower()}_value"
    created = api.post("project_attributes/", {"project": 1, "key": keys[data_type], column: sent})
    assert created.status_code == 201
    assert list(created.json) == ["id", "project", "key", "value", *COLUMNS]
    assert {name: created.json[name] for name in ("value", *COLUMNS) if created.json[name] is not None} == {
        "value": value,
        column: value,
    }
    path = f"project_attributes/{created.json['id']}/"
    short = {"id": created.json["id"], "key": keys[data_type], "project": 1, "value": value}
    assert api.get(path).json == short
    assert list(api.get(path).json) == ["id", "key", "project", "value"]
    assert api.get(f"project_attributes/?key={keys[data_type]}").json == [short]
    assert api.get("project_attributes/?project=1").json == [short]
    assert api.get("project_attributes/?project=2").json == api.get("project_attributes/?key=x").json == []
    emptied = api.patch(path, {column: None})
    assert (emptied.status_code, emptied.json["value"], list(emptied.json)) == (200, None, list(created.json))
    assert api.delete(path).status_code == 204


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"float_value": "abc"}, {"float_value": ["A valid number is required."]}),
        ({"integer_value": 10**30}, {"integer_value": ["A valid integer is required."]}),
        (
            {"date_value": "xx"},
            {"date_value": ["Date has wrong format. Use one of these formats instead: YYYY-MM-DD."]},
        ),
        ({"char_value": "x" * 256}, {"char_value": ["Ensure this field has no more than 255 characters."]}),
        (
            {"project": 9999, "key": 9999},
            {f: ['Invalid pk "9999" - object does not exist.'] for f in ("project", "key")},
        ),
        ({"project": None}, {"project": ["This field may not be null."]}),
    ],
)
def test_refusals(api: Api, keys: dict[str, int], change: dict[str, Any], errors: dict[str, list[str]]) -> None:
    answer = api.post("project_attributes/", {"project": 1, "key": keys["FLOAT"], **change})
    assert (answer.status_code, answer.json) == (400, errors)


@pytest.mark.parametrize("data_type", VALUES)
def test_sync(api: Api, keys: dict[str, int], data_type: str) -> None:
    sent, value = VALUES[data_type]
    created = api.post("project_attributes/sync/", [sync(data_type, sent)])
    (first,) = created.json
    assert created.status_code == 200
    assert first == {"id": first["id"], "key": keys[data_type], "project": 1, "value": value, "status": "created"}
    again = api.post("project_attributes/sync/", [sync(data_type, sent)]).json
    assert again == [{**first, "status": "unchanged - same record"}]
    emptied = api.post("project_attributes/sync/", [sync(data_type, None)]).json
    assert emptied == [{**first, "value": None, "status": "updated"}]
    assert api.get(f"project_attributes/{first['id']}/").json["value"] is None


@pytest.mark.parametrize(
    ("item", "status"),
    [
        (sync("FLOAT", "abc"), "error - bad field value - create"),
        (sync("DATE", "xx"), "error - bad field value - create"),
        (sync("INTEGER", 1.5), "error - bad field value - create"),
        (sync("FLOAT", 1, project_project_id="ZZ"), "error - no Project found"),
        (sync("FLOAT", 1, project_attribute_key_name="zz"), "error - no ProjectAttributeKey found"),
        ({"project_project_id": "ABC", "project_attribute_key_name": "key_float"}, "error - missing field"),
        ({"project_project_id": "ABC", "value": 1}, "error - missing field"),
    ],
)
def test_sync_errors(api: Api, keys: dict[str, int], item: dict[str, Any], status: str) -> None:
    answer = api.post("project_attributes/sync/", [item, sync("CHAR", "good")])
    assert answer.status_code == 400
    assert [outcome["status"] for outcome in answer.json] == [status, "created"]
    names = {name: item[name] for name in ("project_project_id", "project_attribute_key_name") if name in item}
    assert {name: value for name, value in answer.json[0].items() if name not in ("status", "message")} == names


def test_sync_of_several_attributes_of_a_key(api: Api, keys: dict[str, int]) -> None:
    for value in (1, 2):
        api.post("project_attributes/", {"project": 1, "key": keys["INTEGER"], "integer_value": value})
    answer = api.post("project_attributes/sync/", [sync("INTEGER", 3)])
    names = {"project_project_id": "ABC", "project_attribute_key_name": "key_integer"}
    assert (answer.status_code, answer.json) == (400, [{"status": "error - multiple records", **names}])


def test_projects_show_their_attributes_and_runs(api: Api, keys: dict[str, int]) -> None:
    api.post("projects/", {"project_id": "DEF", "project_owner": 1})
    api.post("project_attributes/sync/", [sync("FLOAT", 2.5), sync("CHAR", "x")])
    run = api.post("project_runs/", {"project": 2}).json
    first, second = api.get("projects/?with_attributes=True&with_meter_runs=True").json
    assert first["attributes"] == [{"key": keys["FLOAT"], "value": 2.5}, {"key": keys["CHAR"], "value": "x"}]
    assert (first["meter_runs"], second["attributes"], second["meter_runs"]) == ([], [], [run])
    assert list(first)[-2:] == ["attributes", "meter_runs"]
    assert api.get("projects/1/?with_attributes=True").json["attributes"] == first["attributes"]
    assert "attributes" not in api.get("projects/1/?with_attributes=true").json
