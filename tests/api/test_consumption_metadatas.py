"""Traces: the story of one, its two shapes, its filters, its sync."""

from typing import Any

import pytest

from eeds.formats.timestamps import FORMAT_HINT
from tests.api.conftest import Api, MakeApi

PROJECT = {"project_id": "ABC", "project_owner": 1, "zipcode": "50321"}
KEYS = ["id", "interpretation", "unit", "records", "project", "label"]
SUMMARY_KEYS = ["id", "interpretation", "unit", "project", "label"]
GAS = {"interpretation": "NG_C_S", "unit": "THM", "label": "G", "records": []}
SYNC = {"project_project_id": "ABC", "interpretation": "E_C_S", "unit": "KWH", "label": "DEF"}


@pytest.fixture
def project(api: Api) -> dict[str, Any]:
    return api.post("projects/", PROJECT).json


def test_story(api: Api, project: dict[str, Any]) -> None:
    created = api.post("consumption_metadatas/", {**GAS, "project": project["id"]})
    assert created.status_code == 201
    assert list(created.json) == KEYS
    assert created.json == {"id": created.json["id"], **GAS, "project": project["id"]}
    path = f"consumption_metadatas/{created.json['id']}/"

    summary = api.get(f"{path}?summary=True").json
    assert list(summary) == SUMMARY_KEYS
    assert summary["project"] == project

    assert api.get("consumption_metadatas/").json == [created.json]
    assert api.get("consumption_metadatas/?summary=True").json == [summary]
    assert api.patch(path, {"label": "G2"}).json == {**created.json, "label": "G2"}
    assert api.patch(f"{path}?summary=True", {"label": "G4"}).json == {**summary, "label": "G4"}
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_records_come_nested(api: Api, project: dict[str, Any]) -> None:
    records = [
        {"start": "2014-01-02T00:00:00Z", "value": None, "estimated": True},
        {"start": "2014-01-01T00:00:00+00:00", "value": 0},
    ]
    first = api.post("consumption_metadatas/", {**GAS, "project": project["id"], "records": records}).json
    assert [list(record) for record in first["records"]] == [["id", "start", "value", "estimated"]] * 2
    assert [(r["start"], r["value"], r["estimated"]) for r in first["records"]] == [
        ("2014-01-01T00:00:00Z", 0.0, False),
        ("2014-01-02T00:00:00Z", None, True),
    ]
    empty = api.post("consumption_metadatas/", {**GAS, "project": project["id"]}).json
    third = api.post("consumption_metadatas/", {**GAS, "project": project["id"], "records": records}).json
    assert api.get("consumption_metadatas/").json == [first, empty, third]
    flat = api.get(f"consumption_records/?metadata={third['id']}").json
    assert [{key: r[key] for key in r if key != "metadata"} for r in flat] == third["records"]

    refused = api.patch(f"consumption_metadatas/{empty['id']}/", {"records": records})
    assert (refused.status_code, list(refused.json)) == (400, ["records"])
    api.delete(f"projects/{project['id']}/")
    assert api.get("consumption_metadatas/").json == api.get("consumption_records/").json == []


def test_without_a_project(api: Api) -> None:
    created = api.post("consumption_metadatas/?summary=True", {"interpretation": "NG_C_S", "unit": "THM", "label": "x"})
    assert created.status_code == 201
    assert created.json == {
        "id": created.json["id"],
        "interpretation": "NG_C_S",
        "unit": "THM",
        "project": None,
        "label": "x",
    }


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        (
            {"interpretation": "XX", "unit": "BTU"},
            {"interpretation": ['"XX" is not a valid choice.'], "unit": ['"BTU" is not a valid choice.']},
        ),
        ({"project": 9999}, {"project": ['Invalid pk "9999" - object does not exist.']}),
        (
            {"records": [{"start": "2014-01-01T00:00:00Z", "value": 1}] * 2},
            {"non_field_errors": ["The fields metadata, start must make a unique set."]},
        ),
    ],
)
def test_refusals(api: Api, project: dict[str, Any], change: dict[str, Any], errors: dict[str, list[str]]) -> None:
    answer = api.post("consumption_metadatas/", {**GAS, "project": project["id"], **change})
    assert (answer.status_code, answer.json) == (400, errors)
    assert api.get("consumption_metadatas/").json == []


def test_errors_of_nested_records_are_a_list(api: Api, project: dict[str, Any]) -> None:
    good = {"start": "2014-01-01T00:00:00Z", "value": 1}
    records = [good, {"start": "x", "value": "y"}, {"value": 1}, good]
    answer = api.post("consumption_metadatas/", {**GAS, "project": project["id"], "label": 1.5, "records": records})
    refused = [
        {},
        {"start": [FORMAT_HINT], "value": ["A valid number is required."]},
        {"start": ["This field is required."]},
        {},
    ]
    assert (answer.status_code, answer.json) == (400, {"records": refused})
    no_list = api.post("consumption_metadatas/", {**GAS, "project": project["id"], "records": {"0": good}})
    assert (no_list.status_code, no_list.json) == (400, {"records": ["Not a valid list."]})
    no_object = api.post("consumption_metadatas/", {**GAS, "project": project["id"], "records": [good, 7]})
    assert (no_object.status_code, list(no_object.json["records"][1])) == (400, ["non_field_errors"])


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ("", ["DEF", "GAS", None]),
        ("interpretation=E_C_S", ["DEF", None]),
        ("interpretation=E_C_S&interpretation=NG_C_S&unit=THM", ["GAS"]),
        ("unit=THM", ["GAS"]),
        ("unit=KWH", ["DEF", None]),
        ("unit=KWH&unit=THM", ["DEF", "GAS", None]),
        ("unit=BTU", []),
        ("interpretation=XX", []),
        ("interpretation=XX&label=DEF", []),
        ("label=DEF", ["DEF"]),
        ("label=nope", []),
        ("project=1", ["DEF", "GAS"]),
        ("project=abc", []),
        ("projects=2-9", [None]),
        ("projects=9", []),
    ],
)
def test_filters(api: Api, project: dict[str, Any], query: str, labels: list[str | None]) -> None:
    api.post("projects/", {**PROJECT, "project_id": "OTHER"})
    traces = [SYNC, {**SYNC, "interpretation": "NG_C_S", "unit": "THM", "label": "GAS"}]
    traces.append({**SYNC, "project_project_id": "OTHER", "label": None})
    assert api.post("consumption_metadatas/sync/", traces).status_code == 200
    assert [trace["label"] for trace in api.get(f"consumption_metadatas/?summary=True&{query}").json] == labels


def test_sync_story(api: Api, project: dict[str, Any]) -> None:
    created = api.post("consumption_metadatas/sync/", [SYNC])
    assert created.status_code == 200
    assert list(created.json[0]) == [*SUMMARY_KEYS, "status"]
    assert (created.json[0]["status"], created.json[0]["project"]) == ("created", project)
    assert api.post("consumption_metadatas/sync/", [SYNC]).json[0]["status"] == "unchanged - same record"

    updated = api.post("consumption_metadatas/sync/", [{**SYNC, "unit": "THM"}]).json
    assert updated == [{**created.json[0], "unit": "THM", "status": "updated"}]
    for label in ("OTHER", None):
        new = api.post("consumption_metadatas/sync/", [{**SYNC, "label": label}]).json[0]
        assert (new["status"], new["label"]) == ("created", label)
    assert len(api.get("consumption_metadatas/").json) == 3


def test_sync_errors(api: Api, project: dict[str, Any]) -> None:
    unknown = api.post("consumption_metadatas/sync/", [{**SYNC, "project_project_id": "ZZZ"}, SYNC])
    assert unknown.status_code == 400
    assert unknown.json[0] == {"status": "error - no Project found", "project_project_id": "ZZZ"}
    assert unknown.json[1]["status"] == "created"

    for change, status in [
        ({"unit": ...}, "error - missing field"),
        ({"project_project_id": ...}, "error - missing field"),
        ({"label": ...}, "error - missing field"),
        ({"interpretation": "ELECTRICITY"}, "error - bad field value - create"),
        ({"unit": "therm"}, "error - bad field value - update"),
        ({"unit": None}, "error - integrity error - update"),
    ]:
        body = {key: value for key, value in {**SYNC, **change}.items() if value is not ...}
        answer = api.post("consumption_metadatas/sync/", [body])
        assert (answer.status_code, answer.json[0]["status"]) == (400, status)
        assert answer.json[0]["message"]
        assert answer.json[0].get("project") == body.get("project_project_id"), "the name, not the id"

    for _ in range(2):
        api.post("consumption_metadatas/", {**GAS, "project": project["id"]})
    twice = {"project_project_id": "ABC", "interpretation": "NG_C_S", "unit": "THM", "label": "G"}
    assert api.post("consumption_metadatas/sync/", [twice]).json == [
        {"status": "error - multiple records", "project": "ABC", "interpretation": "NG_C_S", "label": "G"}
    ]


def test_owners_do_not_see_each_other(api: Api, login: MakeApi) -> None:
    ann, bob = login("ann"), login("bob")
    owner = ann.get("project_owners/").json[0]["id"]
    project = ann.post("projects/", {**PROJECT, "project_owner": owner}).json["id"]
    records = [{"start": "2014-01-01T00:00:00Z", "value": 1}]
    trace = ann.post("consumption_metadatas/", {**GAS, "project": project, "records": records}).json

    assert bob.get("consumption_metadatas/").json == bob.get("consumption_records/").json == []
    assert bob.get(f"consumption_metadatas/{trace['id']}/").status_code == 404
    for lost in (
        bob.post("consumption_metadatas/", GAS),
        ann.patch(f"consumption_metadatas/{trace['id']}/", {"project": None}),
    ):
        assert (lost.status_code, lost.json) == (400, {"project": ["This field may not be null."]})
    record = f"consumption_records/{trace['records'][0]['id']}/"
    for client, status in ((ann, 200), (api, 200), (bob, 404)):
        assert client.get(record).status_code == status
    foreign = bob.post("consumption_records/", {**records[0], "metadata": trace["id"]})
    assert foreign.json == {"metadata": [f'Invalid pk "{trace["id"]}" - object does not exist.']}
    assert bob.post("consumption_metadatas/sync/", [SYNC]).json[0]["status"] == "error - no Project found"
