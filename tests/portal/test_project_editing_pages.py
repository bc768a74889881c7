"""The forms that change and delete a project, with errors beside their fields."""

from typing import Any

import pytest

from eeds.db.engine import Database
from tests.api.test_exports import SAVED
from tests.api.test_project_results import finish
from tests.api.test_savings_list import give
from tests.portal.conftest import text_of
from tests.portal.projects import PROJECT, MakePerson, Person, person  # noqa: F401

FORM = {
    "project_id": "ABC",
    "zipcode": "50321",
    "baseline_period_start": "",
    "baseline_period_end": "2013-03-10",
    "reporting_period_start": "2013-03-11",
    "reporting_period_end": "",
}


@pytest.fixture
def ada(person: MakePerson) -> Person:  # noqa: F811
    """Ada, with the project ABC, of a known area."""
    ada = person("ada")
    give(ada.api, ada.project(), "area", "FLOAT", 1250.5)
    return ada


def project_of(ada: Person) -> dict[str, Any]:
    found: dict[str, Any] = ada.api.get("projects/1/?with_attributes=True").json
    return found


def test_the_form_has_what_is_stored_and_stores_what_is_changed(ada: Person) -> None:
    page = ada.browser.get("projects/1/edit/").text
    for value in ("ABC", "50321", "2013-03-10", "1250.5"):
        assert f'value="{value}"' in page
    before = project_of(ada)
    unchanged = ada.browser.post("projects/1/edit/", FORM | {"attribute_values-area": "1250.5"}, follow_redirects=True)
    assert "Nothing was changed." in text_of(unchanged)
    assert project_of(ada) == before
    changed = {"zipcode": "", "reporting_period_end": "2014-03-11T05:00:00Z", "attribute_values-area": " 7 "}
    answer = ada.browser.post("projects/1/edit/", FORM | changed, follow_redirects=True)
    assert "The project is changed." in text_of(answer)
    after = project_of(ada)
    assert (after["zipcode"], after["reporting_period_end"]) == (None, "2014-03-11T05:00:00Z")
    assert [each["value"] for each in after["attributes"]] == [7.0]
    assert 'value="2014-03-11T05:00:00Z"' in ada.browser.get("projects/1/edit/").text
    ada.browser.post("projects/1/edit/", {"attribute_values-area": ""})
    assert project_of(ada)["attributes"] == []


@pytest.mark.parametrize(
    ("changed", "field", "reason"),
    [
        ({"project_id": " "}, "project_id", "This field may not be blank."),
        ({"project_id": "XYZ"}, "project_id", "project with this project id already exists."),
        ({"project_id": "x" * 256}, "project_id", "Ensure this field has no more than 255 characters."),
        ({"zipcode": "12345678901"}, "zipcode", "Ensure this field has no more than 10 characters."),
        ({"baseline_period_end": "soon"}, "baseline_period_end", "Datetime has wrong format."),
        (
            {"baseline_period_end": "2014-01-01"},
            "baseline_period_end",
            "reporting_period_start 2013-03-11 is before baseline_period_end 2014-01-01.",
        ),
        ({"attribute_values-area": "big"}, "attribute_values-area", "A valid number is required."),
    ],
)
def test_an_error_is_beside_its_field(ada: Person, changed: dict[str, str], field: str, reason: str) -> None:
    ada.project(project_id="XYZ")
    before = project_of(ada)
    answer = ada.browser.post("projects/1/edit/", FORM | {"zipcode": "02139"} | changed)
    assert answer.status_code == 400
    assert f'<p class="wrong" id="{field}-error">{reason}' in answer.text
    assert f'value="{changed[field]}"' in answer.text
    assert project_of(ada) == before


def test_a_deletion_says_what_goes_with_it(ada: Person, database: Database) -> None:
    ada.load(ada.trace(1), ("2014-01-01T00:00:00Z", 1.0), ("2014-01-02T00:00:00Z", 2.0))
    finish(ada.api, database, 1, SAVED)
    ada.api.post("project_blocks/", {"name": "b", "projects": [1]})
    asked = text_of(ada.browser.get("projects/1/delete/"))
    assert "1 trace 2 readings 1 run 1 result 1 attribute 1 block that it is in will be without it." in asked
    assert ada.api.get("projects/1/").status_code == 200
    assert "Project ABC is deleted." in text_of(ada.browser.post("projects/1/delete/", follow_redirects=True))
    assert ada.api.get("projects/1/").status_code == 404


def test_what_is_not_yours_is_not_there(ada: Person, person: MakePerson) -> None:  # noqa: F811
    eve = person("eve").browser
    for path in ("projects/1/edit/", "projects/1/delete/"):
        assert (eve.get(path).status_code, eve.post(path, FORM).status_code) == (404, 404)
    assert ada.browser.client.post("/portal/projects/1/delete/").status_code == 400  # no token of a form of ours
    assert project_of(ada)["project_id"] == PROJECT["project_id"]
