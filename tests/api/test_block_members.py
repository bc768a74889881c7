"""Projects put into a block and taken out; keys of attributes whose type stays."""

import pytest

from tests.api.conftest import Api, MakeApi
from tests.api.test_savings_list import give, make_project


@pytest.fixture
def block(api: Api) -> int:
    """A block with the first of three projects."""
    for name in ("A", "B", "C"):
        make_project(api, name)
    return int(api.post("project_blocks/", {"name": "b", "projects": [1]}).json["id"])


def test_members_come_and_go(api: Api, block: int) -> None:
    path = f"project_blocks/{block}"
    assert api.post(f"{path}/add/", {"projects": "1-2"}).json == {"changed": 1}
    assert api.post(f"{path}/add/", {"projects": [3]}).json == {"changed": 1}
    assert api.get(f"{path}/").json["projects"] == [1, 2, 3]
    assert api.post(f"{path}/remove/", {"projects": "2-9"}).json == {"changed": 2}
    assert api.post(f"{path}/remove/", {"projects": "2"}).json == {"changed": 0}
    assert api.get(f"{path}/").json["projects"] == [1]


def test_what_is_refused(api: Api, login: MakeApi, block: int) -> None:
    path = f"project_blocks/{block}"
    assert api.post(f"{path}/add/", {}).json == {"projects": ["This field is required."]}
    assert api.post(f"{path}/add/", {"projects": "9"}).json == {"projects": ['Invalid pk "9" - object does not exist.']}
    ada = login("ada")
    own = make_project(ada, "HERS", owner=2)
    assert ada.post(f"{path}/add/", {"projects": [own]}).status_code == 404
    assert ada.post(f"{path}/remove/", {"projects": "all"}).status_code == 404
    assert api.get(f"{path}/").json["projects"] == [1]


def test_the_type_of_values_stays(api: Api, block: int) -> None:
    give(api, 1, "area", "FLOAT", 7)
    answer = api.patch("project_attribute_keys/1/", {"data_type": "CHAR"})
    assert answer.json == {
        "data_type": ["1 projects have values of the type FLOAT; make a key of another name, or delete them first."]
    }
    api.patch("projects/1/", {"attribute_values": {"area": None}})
    assert api.patch("project_attribute_keys/1/", {"data_type": "CHAR"}).json["data_type"] == "CHAR"
    api.post("project_attribute_keys/", {"name": "rooms", "display_name": "rooms", "data_type": "INTEGER"})
    taken = {"name": ["project attribute key with this name already exists."]}
    assert api.patch("project_attribute_keys/2/", {"name": "area"}).json == taken
