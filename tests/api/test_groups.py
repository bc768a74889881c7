"""groups/: saved selections of projects and of traces, and what is chosen by them and by filters."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.api.conftest import Api, MakeApi

NORTH = {"zipcode": "50321"}


@pytest.fixture
def ann(login: MakeApi) -> Api:
    """An owner of projects A and B in the north, with a trace each, and of C elsewhere."""
    ann = login("ann")
    owner = ann.get("project_owners/").json[0]["id"]
    for name in "ABC":
        zipcode = "94110" if name == "C" else "50321"
        ann.post("projects/", {"project_owner": owner, "project_id": name, "zipcode": zipcode})
    for project, unit in ((1, "KWH"), (2, "THM")):
        ann.post("consumption_metadatas/", {"project": project, "interpretation": "E_C_S", "unit": unit})
    return ann


def ids(api: Api, path: str) -> list[int]:
    answer = api.get(path)
    assert answer.status_code == 200, answer.json
    return [each["id"] for each in answer.json]


def query(filter: Any) -> str:
    return f"?filter={quote(json.dumps(filter))}"


def test_the_life_of_a_group(ann: Api) -> None:
    made = ann.post("groups/", {"name": "North", "filter": NORTH})
    assert made.status_code == 201
    group = made.json["id"]
    assert {name: made.json[name] for name in ("members", "filter", "frozen")} == {
        "members": "projects",
        "filter": NORTH,
        "frozen": None,
    }
    assert ann.get("groups/").json == ann.get("trace_groups/?name=North").json == [made.json]
    assert ann.get(f"groups/{group}/members/").json == [{"id": 1, "project_id": "A"}, {"id": 2, "project_id": "B"}]
    assert ann.get(f"groups/{group}/count/").json == {"group": group, "members": "projects", "count": 2}
    frozen = ann.post(f"groups/{group}/freeze/")
    assert (frozen.status_code, frozen.json["frozen"][:2]) == (200, "20")
    ann.patch("projects/2/", {"zipcode": "94110"})
    assert ids(ann, f"trace_groups/{group}/members/") == [1, 2]
    assert ann.post(f"groups/{group}/freeze/").status_code == 409
    assert ann.patch(f"groups/{group}/", {"filter": {}}).status_code == 409
    assert ann.post(f"groups/{group}/live/").json["frozen"] is None
    assert ids(ann, f"groups/{group}/members/") == [1]
    changed = ann.put(f"groups/{group}/", {"name": "West", "filter": json.dumps({"zipcode": "94110"})})
    assert (changed.json["name"], changed.json["filter"]) == ("West", {"zipcode": "94110"})
    assert ids(ann, "projects/?group=West") == [2, 3]
    assert ann.delete(f"groups/{group}/").status_code == 204
    assert ann.get("groups/").json == []


def test_members_that_are_traces_come_in_pages(ann: Api) -> None:
    group = ann.post("groups/", {"name": "All", "members": "traces", "filter": {}}).json["id"]
    first = ann.get(f"groups/{group}/members/?limit=1")
    assert first.json == [
        {"id": 1, "interpretation": "E_C_S", "unit": "KWH", "label": None, "project": 1, "project_id": "A"}
    ]
    rest = ann.get(first.headers["Link"].split(">")[0].removeprefix("<http://localhost/api/v1/"))
    assert ([each["id"] for each in rest.json], "Link" in rest.headers) == ([2], False)


def test_nobody_sees_the_groups_of_others(ann: Api, login: MakeApi, api: Api) -> None:
    ann.post("groups/", {"name": "North", "filter": NORTH})
    bob = login("bob")
    assert bob.get("groups/").json == []
    for call in (bob.get("groups/1/members/"), bob.post("groups/1/freeze/"), bob.delete("groups/1/")):
        assert call.status_code == 404
    assert bob.get("projects/?group=North").status_code == 400
    assert bob.post("groups/", {"name": "North", "filter": NORTH}).status_code == 201
    assert ids(api, "projects/?group=1") == [1, 2]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "N"}, "filter"),
        ({"name": "N", "filter": None}, "filter"),
        ({"name": "N", "filter": {"zip": "50321"}}, "filter"),
        ({"name": "N", "filter": {"attribute.size": 3}}, "filter"),
        ({"name": "N", "filter": {"zipcode": "\0"}}, "filter"),
        ({"name": "17", "filter": {}}, "name"),
        ({"name": "North", "filter": {}}, "name"),
        ({"name": "N", "filter": {}, "members": "blocks"}, "members"),
    ],
)
def test_what_is_no_group(ann: Api, body: dict[str, Any], field: str) -> None:
    ann.post("groups/", {"name": "North", "filter": NORTH})
    answer = ann.post("groups/", body)
    assert (answer.status_code, list(answer.json)) == (400, [field])


def test_lists_take_filters_and_groups(ann: Api) -> None:
    ann.post("groups/", {"name": "North", "filter": NORTH})
    ann.post("groups/", {"name": "Gas", "members": "traces", "filter": {"unit": "THM"}})
    for project in (1, 2, 3):
        ann.post("project_results/", {"project": project})
        ann.post("project_runs/", {"project": project})
    assert ids(ann, f"projects/{query({'unit': 'THM'})}") == ids(ann, "projects/?group=Gas") == [2]
    assert ids(ann, f"consumption_metadatas/{query({'project_id': 'A'})}&summary=True") == [1]
    assert ids(ann, "consumption_metadatas/?summary=True&group=Gas") == [2]
    assert ids(ann, "consumption_metadatas/?summary=True&group=North") == [1, 2]
    for path in ("project_results/", "project_runs/"):
        assert ids(ann, f"{path}{query({'zipcode': '94110'})}") == ids(ann, path + "?projects=3")
        assert ids(ann, f"{path}?group=North&limit=1") == ids(ann, path + "?projects=1")
    assert ids(ann, f"projects/{query(NORTH)}&zipcode=94110") == []
    assert ann.get(f"projects/1/{query(NORTH)}").status_code == 200
    assert ann.get(f"projects/3/{query(NORTH)}").status_code == 404
    assert ann.get(f"project_runs/progress/{query(NORTH)}").json["total"] == 2
    assert ann.get("project_runs/progress/?group=North&runs=1-3").json["total"] == 2


@pytest.mark.parametrize("filter", ["{", "[]", '{"zip": 1}', "[" * 1000, '{"zipcode": "\\u0000"}', "\0", "%FF", "NaN"])
def test_a_filter_that_means_nothing_is_refused(ann: Api, filter: str) -> None:
    for path in ("projects/", "consumption_metadatas/", "project_results/", "project_runs/", "project_runs/progress/"):
        answer = ann.get(path, query_string={"filter": filter})
        assert (answer.status_code, list(answer.json)) == (400, ["filter"])


def test_runs_and_exports_of_a_group_or_filter(ann: Api) -> None:
    ann.post("groups/", {"name": "North", "filter": NORTH})
    for selection in ({"group": "North"}, {"group": 1}, {"filter": NORTH}, {"filter": json.dumps(NORTH)}):
        assert ann.post("project_runs/bulk/", selection).json["ordered"] == 2
        assert ann.post("exports/", {"kind": "results", **selection}).json["projects"] == "1-2"
    for path, body in (("project_runs/bulk/", {}), ("exports/", {"kind": "results"})):
        nothing = ann.post(path, {**body, "filter": {"zipcode": "x"}})
        assert (nothing.status_code, nothing.json) == (400, {"filter": ["There are no such projects."]})
        unknown = ann.post(path, {**body, "group": "South"})
        assert unknown.json == {"group": ['There is no group "South" that you can see; give its id or its name.']}
        wrong = ann.post(path, {**body, "filter": {"zip": 1}})
        assert wrong.json["filter"][0].startswith('filter.zip: There is no field "zip"')
        both = ann.post(path, {**body, "filter": NORTH, "group": 1})
        assert both.json["non_field_errors"][0].startswith("Say which projects by one of these")
