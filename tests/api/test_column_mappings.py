"""Mappings of columns to fields: checked when they are stored, and one of each name."""

from typing import Any

import pytest

from tests.api.conftest import Api


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"begin": "x"}, "begin is no field of a reading"),
        ({"start": 1}, "A column is named by a text"),
        ([1], "Not a valid mapping type."),
        ({"start": "x" * 256}, "A column is named by a text"),
    ],
)
def test_mappings_are_checked(api: Api, columns: Any, message: str) -> None:
    answer = api.post("column_mappings/", {"name": "m", "columns": columns})
    assert (answer.status_code, message in answer.text) == (400, True)


def test_a_mapping_has_a_name_of_its_own(api: Api) -> None:
    columns = {"start": "Datum", "value": "Verbrauch"}
    created = api.post("column_mappings/", {"name": "m", "columns": columns}).json
    assert api.post("column_mappings/", {"name": "m", "columns": columns}).json == {
        "name": ["This field must be unique."]
    }
    path = f"column_mappings/{created['id']}/"
    assert api.patch(path, {"columns": {"start": "Tag"}}).json["columns"] == {"start": "Tag"}
    assert [each["id"] for each in api.get("column_mappings/?name=m").json] == [created["id"]]
    assert api.delete(path).status_code == 204
