"""consumption_records/sync/: records found by the names of project and trace, each with its own outcome."""

from typing import Any

import pytest

from tests.api.conftest import Api, MakeApi

PATH = "consumption_records/sync/"
RECORD = {
    "project_id": "ABC",
    "interpretation": "E_C_S",
    "start": "2015-01-01T00:00:00+0000",
    "value": 1.0,
    "estimated": False,
}


@pytest.fixture
def trace(api: Api) -> int:
    api.post("projects/", {"project_id": "ABC", "project_owner": 1})
    body = {"project": 1, "interpretation": "E_C_S", "unit": "KWH", "label": "one"}
    return int(api.post("consumption_metadatas/", body).json["id"])


def test_story(api: Api, trace: int) -> None:
    created = api.post(PATH, [RECORD, {**RECORD, "start": "2015-01-02T00:00:00Z", "value": None, "estimated": True}])
    assert created.status_code == 200
    first, second = created.json
    assert list(first) == ["id", "start", "value", "estimated", "metadata", "status"]
    assert first == {
        "id": first["id"],
        "start": "2015-01-01T00:00:00Z",
        "value": 1.0,
        "estimated": False,
        "metadata": trace,
        "status": "created",
    }
    assert (second["value"], second["estimated"], second["status"]) == (None, True, "created")
    assert api.get(f"consumption_records/{first['id']}/").json["value"] == 1.0
    assert api.post(PATH, [RECORD]).json == [{**first, "status": "unchanged - same record"}]
    changed = api.post(PATH, [{**RECORD, "value": 7}, {**RECORD, "value": 8}]).json
    assert [(row["value"], row["status"]) for row in changed] == [(7.0, "updated"), (8.0, "updated")]
    assert [row["value"] for row in api.get("consumption_records/").json] == [8.0, None]


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"project_id": ...}, "error - missing field", "'project_id'"),
        ({"interpretation": ...}, "error - missing field", "'interpretation'"),
        ({"start": ...}, "error - missing field", "'start'"),
        ({"value": ...}, "error - missing field", "'value'"),
        ({"estimated": ...}, "error - missing field", "'estimated'"),
        ({"value": "abc"}, "error - bad field value - create", "value: A valid number is required."),
        ({"value": "3.5"}, "error - bad field value - create", "value: A valid number is required."),
        ({"start": "garbage"}, "error - bad field value - create", None),
        ({"estimated": None}, "error - integrity error - create", None),
        ({"estimated": "maybe"}, "error - bad field value - create", None),
        ({"project_id": "NOPE"}, "error - no consumption metadata", None),
        ({"interpretation": "NG_C_S"}, "error - no consumption metadata", None),
        ({"label": "two"}, "error - no consumption metadata", None),
    ],
)
def test_errors_and_the_rest_is_stored(api: Api, trace: int, change: Any, status: str, message: str | None) -> None:
    bad = {key: value for key, value in {**RECORD, **change}.items() if value is not ...}
    answer = api.post(PATH, [bad, {**RECORD, "start": "2015-01-09T00:00:00Z"}])
    assert answer.status_code == 400
    assert [outcome["status"] for outcome in answer.json] == [status, "created"]
    assert message is None or answer.json[0]["message"] == message
    assert len(api.get("consumption_records/").json) == 1


def test_what_an_error_shows(api: Api, trace: int) -> None:
    unknown = api.post(PATH, [{**RECORD, "project_id": "NOPE"}]).json
    told = {"start": RECORD["start"], "project_id": "NOPE", "interpretation": "E_C_S"}
    assert unknown == [{"status": "error - no consumption metadata", **told}]
    bad = api.post(PATH, [{**RECORD, "value": "abc"}]).json[0]
    assert list(bad) == ["start", "metadata", "status", "message"]
    assert (bad["start"], bad["metadata"]) == ("2015-01-01T00:00:00Z", trace)


def test_nan_is_a_missing_value(api: Api, trace: int) -> None:
    answer = api.post(PATH, [{**RECORD, "value": float("nan")}])
    assert (answer.status_code, answer.json[0]["value"], answer.json[0]["status"]) == (200, None, "created")


def test_a_label_tells_traces_apart(api: Api, trace: int) -> None:
    other = api.post("consumption_metadatas/", {"project": 1, "interpretation": "E_C_S", "unit": "KWH"}).json["id"]
    assert api.post(PATH, [RECORD]).json[0]["status"] == "error - multiple records"
    labelled = api.post(PATH, [{**RECORD, "label": "one"}, {**RECORD, "label": None}])
    assert [row["metadata"] for row in labelled.json] == [trace, other]


def test_only_own_traces(api: Api, login: MakeApi, trace: int) -> None:
    assert login("ann").post(PATH, [RECORD]).json[0]["status"] == "error - no consumption metadata"


@pytest.mark.parametrize("body", [RECORD, 5])
def test_wants_a_list(api: Api, body: Any) -> None:
    answer = api.post(PATH, body)
    assert (answer.status_code, list(answer.json)) == (400, ["non_field_errors"])
