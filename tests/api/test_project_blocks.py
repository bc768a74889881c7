"""Project blocks: named selections of projects, and what they select."""

from typing import Any

import pytest

from tests.api.conftest import Api, MakeApi


@pytest.fixture
def projects(api: Api) -> list[int]:
    return [api.post("projects/", {"project_id": name, "project_owner": 1}).json["id"] for name in "ABC"]


def test_story(api: Api, projects: list[int]) -> None:
    a, b, c = projects
    created = api.post("project_blocks/", {"name": "block1", "projects": [b, a, b]})
    assert created.status_code == 201
    assert created.json == {"id": created.json["id"], "name": "block1", "projects": [a, b]}
    path = f"project_blocks/{created.json['id']}/"
    other = api.post("project_blocks/", {"name": "block1", "projects": [c]}).json
    assert api.get("project_blocks/").json == [created.json, other]
    assert api.get("project_blocks/?name_only=True").json == [
        {"id": block["id"], "name": "block1"} for block in (created.json, other)
    ]
    assert api.get(path).json == created.json
    assert api.patch(path, {"projects": [b, c]}).json["projects"] == [b, c]
    assert api.patch(path, {"name": "renamed"}).json == {**created.json, "name": "renamed", "projects": [b, c]}
    assert api.put(path, {"name": "block2", "projects": [a]}).json["projects"] == [a]
    assert api.put(path, {"name": "block2"}).json == {"projects": ["This field is required."]}
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    assert len(api.get("projects/").json) == 3


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ([9999], 'Invalid pk "9999" - object does not exist.'),
        (["x"], "Incorrect type. Expected pk value, received str."),
        (5, 'Expected a list of items but got type "int".'),
        (None, "This field may not be null."),
        ([], "This list may not be empty."),
        ([None], "This field may not be null."),
    ],
)
def test_refusals(api: Api, projects: list[int], sent: Any, message: str) -> None:
    answer = api.post("project_blocks/", {"name": "block", "projects": sent})
    assert (answer.status_code, answer.json) == (400, {"projects": [message]})
    assert api.get("project_blocks/").json == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("projectblock_and=1", "AB"),
        ("projectblock_and=1&projectblock_and=2", "B"),
        ("projectblock_or=1&projectblock_or=2", "ABC"),
        ("projectblock_or=2&project_id=C", "C"),
        ("projectblock_or=999", ""),
        ("projectblock_and=1&projectblock_and=999", ""),
        ("projectblock_or=x", ""),
    ],
)
def test_projects_by_block(api: Api, projects: list[int], query: str, found: str) -> None:
    a, b, c = projects
    api.post("project_blocks/", {"name": "one", "projects": [a, b]})
    api.post("project_blocks/", {"name": "two", "projects": [b, c]})
    assert "".join(project["project_id"] for project in api.get(f"projects/?{query}").json) == found


def test_owners_do_not_see_each_others_blocks(api: Api, login: MakeApi, projects: list[int]) -> None:
    ann = login("ann")
    owner = ann.get("project_owners/").json[0]["id"]
    mine = ann.post("projects/", {"project_id": "ANN", "project_owner": owner}).json["id"]
    block = api.post("project_blocks/", {"name": "all", "projects": [*projects, mine]}).json["id"]
    assert ann.get("project_blocks/").json == []
    assert ann.get(f"project_blocks/{block}/").status_code == 404
    assert ann.get(f"projects/?projectblock_or={block}").json == []
    assert ann.post("project_blocks/", {"name": "x", "projects": projects[:1]}).status_code == 400
    own = ann.post("project_blocks/", {"name": "own", "projects": [mine]}).json["id"]
    assert [project["id"] for project in ann.get(f"projects/?projectblock_and={own}").json] == [mine]
