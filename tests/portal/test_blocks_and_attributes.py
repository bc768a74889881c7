"""Blocks and attributes in the portal: renamed, filled, deleted after a question."""

import pytest

from tests.api.test_savings_list import give
from tests.portal.conftest import text_of
from tests.portal.projects import MakePerson, Person, person  # noqa: F401


@pytest.fixture
def ada(person: MakePerson) -> Person:  # noqa: F811
    """Ada, with the projects ABC, which is in block north and has an area, and XYZ."""
    ada = person("ada")
    give(ada.api, ada.project(), "area", "FLOAT", 1250.5)
    ada.project(project_id="XYZ")
    ada.api.post("project_blocks/", {"name": "north", "projects": [1]})
    return ada


def block(ada: Person) -> tuple[str, list[int]]:
    found = ada.api.get("project_blocks/1/").json
    return found["name"], found["projects"]


def test_a_block_is_filled_and_emptied(ada: Person) -> None:
    said = ada.browser.post("projects/members/add/?q=", {"block": "1"}, follow_redirects=True)
    assert "Put 1 project into block north." in text_of(said)
    assert block(ada) == ("north", [1, 2])
    said = ada.browser.post("projects/members/remove/?q=ab", {"block": "1"}, follow_redirects=True)
    assert "Took 1 project out of north." in text_of(said)
    assert block(ada) == ("north", [2])
    assert ada.browser.post("projects/members/add/", {"block": "x"}).status_code == 404


def test_a_block_is_renamed_and_deleted(ada: Person) -> None:
    assert "north 1" in text_of(ada.browser.get("blocks/"))
    assert "The block is called south." in text_of(
        ada.browser.post("blocks/1/rename/", {"name": " south "}, follow_redirects=True)
    )
    refused = ada.browser.post("blocks/1/rename/", {"name": ""}, follow_redirects=True)
    assert "Give the block a name of 1 to 255 characters." in text_of(refused)
    assert block(ada) == ("south", [1])
    assert "Delete block south? Its projects stay." in text_of(ada.browser.get("blocks/1/delete/"))
    assert "Block south is deleted." in text_of(ada.browser.post("blocks/1/delete/", follow_redirects=True))
    assert (ada.api.get("project_blocks/").json, len(ada.api.get("projects/").json)) == ([], 2)


def test_an_attribute_is_renamed_and_deleted(ada: Person) -> None:
    assert "area float 1" in text_of(ada.browser.get("attributes/"))
    names = {"name": "floor_area", "display_name": "Floor area"}
    renamed = ada.browser.post("attributes/1/rename/", names, follow_redirects=True)
    assert "The attribute is renamed." in text_of(renamed)
    (key,) = ada.api.get("project_attribute_keys/").json
    assert (key["name"], key["display_name"], key["data_type"]) == ("floor_area", "Floor area", "FLOAT")
    refused = ada.browser.post("attributes/1/rename/", {"name": " "}, follow_redirects=True)
    assert "This field may not be blank." in text_of(refused)
    asked = text_of(ada.browser.get("attributes/1/delete/"))
    assert "Delete attribute Floor area? With it go for ever its values in 1 project." in asked
    assert "Attribute Floor area is deleted." in text_of(
        ada.browser.post("attributes/1/delete/", follow_redirects=True)
    )
    assert ada.api.get("project_attributes/").json == []


def test_what_is_shared_or_not_yours_stays(ada: Person, person: MakePerson) -> None:  # noqa: F811
    root, eve = person("root", admin=True), person("eve")
    root.api.post("project_attribute_keys/", {"name": "all", "display_name": "Of all", "data_type": "CHAR"})
    assert "shared by all owners" in text_of(ada.browser.get("attributes/"))
    forms = {"blocks/1/rename/": 404, "blocks/1/delete/": 404, "attributes/1/delete/": 404, "attributes/2/delete/": 403}
    for path, status in forms.items():
        assert eve.browser.post(path, {"name": "mine"}).status_code == status, path
    assert eve.browser.post("attributes/2/rename/", {"name": "mine", "display_name": "x"}).status_code == 403
    assert eve.browser.post("projects/members/add/", {"block": "1"}).status_code == 404
    assert block(ada) == ("north", [1])
