"""Groups in the portal: listed with their members, renamed, frozen, made live, deleted after a question."""

import pytest

from tests.api.test_savings_list import give
from tests.portal.conftest import text_of
from tests.portal.projects import MakePerson, Person, person  # noqa: F401


@pytest.fixture
def ada(person: MakePerson) -> Person:  # noqa: F811
    """Ada, with project ABC in a group by its attribute `contractor`."""
    ada = person("ada")
    give(ada.api, ada.project(), "contractor", "CHAR", "Acme")
    ada.api.post("groups/", {"name": "north", "filter": {"attribute.contractor": "Acme"}})
    return ada


def posted(person: Person, path: str, **form: str) -> str:  # noqa: F811
    return text_of(person.browser.post(f"groups/1/{path}/", form, follow_redirects=True))


def test_a_group_is_listed_with_its_filter_and_leads_to_its_projects(ada: Person) -> None:
    page = ada.browser.get("groups/")
    assert 'north {"attribute.contractor": "Acme"} 1 project live Freeze' in text_of(page)
    assert 'href="/portal/projects/?group=1"' in page.text
    assert 'href="/portal/groups/"' in ada.browser.get("projects/").text


def test_a_frozen_group_keeps_its_members(ada: Person) -> None:
    assert "Group north keeps the members that it has now." in posted(ada, "freeze")
    assert "make it live first" in posted(ada, "freeze")
    give(ada.api, ada.project(project_id="XYZ"), "contractor", "CHAR", "Acme")
    assert "1 project frozen" in text_of(ada.browser.get("groups/"))
    assert "Group north is live." in posted(ada, "live")
    assert "2 projects live" in text_of(ada.browser.get("groups/"))
    assert "there is nothing to change" in posted(ada, "live")


def test_a_group_is_renamed_and_deleted(ada: Person) -> None:
    assert "The group is called south." in posted(ada, "rename", name=" south ")
    assert "Give the group a name of 1 to 255 characters." in posted(ada, "rename", name="")
    assert ada.api.get("groups/1/").json["name"] == "south"
    assert "Delete group south? Its projects stay." in text_of(ada.browser.get("groups/1/delete/"))
    gone = posted(ada, "delete")
    assert "Group south is deleted." in gone
    assert "There are no groups yet." in gone
    assert len(ada.api.get("projects/").json) == 1


def test_a_group_whose_attribute_is_gone_says_so(ada: Person) -> None:
    ada.api.delete("project_attribute_keys/1/")
    assert "contractor" in (said := text_of(ada.browser.get("groups/")))
    assert "north" in said
    assert "Group north: filter.attribute.contractor" in posted(ada, "freeze")


def test_groups_of_others_are_not_there(ada: Person, person: MakePerson) -> None:  # noqa: F811
    eve = person("eve")
    assert "There are no groups yet." in text_of(eve.browser.get("groups/"))
    for action in ("rename", "freeze", "live", "delete"):
        assert eve.browser.post(f"groups/1/{action}/", {"name": "mine"}).status_code == 404, action
    assert ada.api.get("groups/1/").json["name"] == "north"
