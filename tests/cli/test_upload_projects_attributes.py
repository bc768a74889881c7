"""Attributes of projects: `eeds upload projects` with further columns to a real server."""

from eeds.client import Client
from tests.cli.conftest import PROJECTS, Eeds, Login, Write

HEADER, *ROWS = PROJECTS.splitlines()


def projects_with(columns: str, *cells: str) -> str:
    """The projects ABC and XYZ with further columns."""
    lines = [f"{HEADER},{columns}", *(f"{row},{more}" for row, more in zip(ROWS, cells, strict=True))]
    return "\n".join(lines) + "\n"


def test_further_columns_become_attributes(eeds_here: Eeds, client: Client, write: Write) -> None:
    text = projects_with(
        "Cost,contractor,rebate,done,seen,floors,predicted_kwh,empty",
        "1250.5,Smith & Sons,yes,2013-06-20,2013-06-21T09:30,2,2100,",
        ",,no,,,3,,",
    )
    file = write("projects.csv", text)
    first = eeds_here("upload", "projects", file)
    assert (first.status, first.err) == (0, "")
    assert first.out.splitlines() == [
        f"{file}: new attributes cost FLOAT, contractor CHAR, rebate BOOLEAN, done DATE, seen DATETIME, "
        "floors INTEGER, predicted_kwh FLOAT",
        f"{file}: projects 2 created, 0 updated, 0 unchanged",
        f"{file}: values of attributes 9 created, 0 updated, 0 unchanged",
    ]
    keys = {key["id"]: key for key in client.get("project_attribute_keys/")}
    assert keys[7]["display_name"] == "Predicted Kwh"
    abc, xyz = client.get("projects/", with_attributes="True")
    assert {keys[each["key"]]["name"]: each["value"] for each in abc["attributes"]} == {
        "cost": 1250.5,
        "contractor": "Smith & Sons",
        "rebate": True,
        "done": "2013-06-20",
        "seen": "2013-06-21T09:30:00Z",
        "floors": 2,
        "predicted_kwh": 2100.0,
    }
    assert {keys[each["key"]]["name"]: each["value"] for each in xyz["attributes"]} == {"rebate": False, "floors": 3}

    again = eeds_here("upload", "projects", file)
    assert again.out.splitlines() == [
        f"{file}: projects 0 created, 0 updated, 2 unchanged",
        f"{file}: values of attributes 0 created, 0 updated, 9 unchanged",
    ]
    changed = eeds_here("upload", "projects", write("changed.csv", text.replace("Smith", "Miller")))
    assert "values of attributes 0 created, 1 updated, 8 unchanged" in changed.out


def test_values_are_read_as_the_type_that_the_attribute_has(eeds_here: Eeds, client: Client, write: Write) -> None:
    for name, data_type in (("Cost", "FLOAT"), ("code", "CHAR"), ("done", "DATETIME"), ("floors", "INTEGER")):
        client.post("project_attribute_keys/", {"name": name, "display_name": name, "data_type": data_type})
    file = write("projects.csv", projects_with("cost,code,done,floors", "3,17,2013-06-20,2.0", "4.5,18,,"))
    outcome = eeds_here("upload", "projects", file)
    assert (outcome.status, outcome.err) == (0, "")
    assert "new attributes" not in outcome.out
    assert [each["value"] for each in client.get("project_attributes/")] == [
        3,
        "17",
        "2013-06-20T00:00:00Z",
        2,
        4.5,
        "18",
    ]


def test_a_value_of_another_type_is_told_and_nothing_is_stored(eeds_here: Eeds, client: Client, write: Write) -> None:
    client.post("project_attribute_keys/", {"name": "floors", "display_name": "Floors", "data_type": "INTEGER"})
    file = write("projects.csv", projects_with("floors,city", "2,Ames", "two,Boone"))
    outcome = eeds_here("upload", "projects", file)
    assert outcome.status == 1
    assert f"{file}: 1 error. Nothing of the file was stored" in outcome.err
    assert (
        "line 3, column floors, 'two': A valid integer is required. The attribute floors is INTEGER in this datastore; "
        "correct the value, empty the cell, or give the column another name."
    ) in outcome.err
    assert client.get("projects/") == []
    assert [key["name"] for key in client.get("project_attribute_keys/")] == ["floors"]


def test_a_new_attribute_of_a_known_type(eeds_here: Eeds, client: Client, write: Write) -> None:
    file = write("projects.csv", projects_with("predicted_kwh", "much", "1"))
    outcome = eeds_here("upload", "projects", file)
    assert outcome.status == 1
    assert "'much': A valid number is required. The attribute predicted_kwh is to be FLOAT; correct the" in outcome.err
    assert client.get("project_attribute_keys/") == []


def test_a_text_that_is_too_long(eeds_here: Eeds, client: Client, write: Write) -> None:
    file = write("projects.csv", projects_with("note", "x" * 256, "y"))
    outcome = eeds_here("upload", "projects", file)
    assert outcome.status == 1
    assert "Ensure this field has no more than 255 characters." in outcome.err
    assert client.get("projects/") == []


def test_columns_that_are_not_wanted(eeds_here: Eeds, client: Client, write: Write) -> None:
    file = write("projects.csv", projects_with("city,floors", "Ames,2", "Boone,"))
    outcome = eeds_here("upload", "projects", "--no-attributes", file)
    assert outcome.err == f"{file}: ignoring the columns city, floors\n"
    assert outcome.out == f"{file}: projects 2 created, 0 updated, 0 unchanged\n"
    assert client.get("project_attribute_keys/") == []


def test_everybody_adds_attributes_and_nobody_changes_those_of_others(
    eeds: Eeds, client: Client, login: Login, write: Write
) -> None:
    client.post("project_attribute_keys/", {"name": "floors", "display_name": "Floors", "data_type": "INTEGER"})
    access = "--url", client.url, "--token", login("anna")
    clash = eeds("upload", "projects", *access, write("clash.csv", projects_with("floors", "two", "")))
    assert "The attribute floors is INTEGER in this datastore" in clash.err
    outcome = eeds(
        "upload", "projects", *access, write("projects.csv", projects_with("city,floors", "Ames,2", "Boone,"))
    )
    assert (outcome.status, outcome.err) == (0, "")
    assert "new attributes city CHAR\n" in outcome.out
    assert "values of attributes 3 created" in outcome.out


def test_two_columns_of_the_same_name(eeds_here: Eeds, client: Client, write: Write) -> None:
    file = write("projects.csv", projects_with("City,city", "Ames,Boone", ","))
    outcome = eeds_here("upload", "projects", file)
    assert (outcome.status, outcome.err) == (
        1,
        f"Error: {file} has 2 columns city; leave the one that is meant.\n",
    )


def test_a_column_without_a_name_and_a_row_that_ends_early(eeds_here: Eeds, client: Client, write: Write) -> None:
    file = write("projects.csv", projects_with(",,city", "a,b,Ames", "").replace("\n,", "\n"))
    outcome = eeds_here("upload", "projects", file)
    assert (outcome.status, outcome.err) == (0, "")
    assert [each["value"] for each in client.get("project_attributes/")] == ["Ames"]


def test_a_refused_project_keeps_the_others_and_their_attributes_out(
    eeds_here: Eeds, client: Client, write: Write
) -> None:
    file = write("projects.csv", projects_with("city", "Ames", "Boone").replace("02139", "12345678901"))
    outcome = eeds_here("upload", "projects", file)
    assert outcome.status == 1
    assert "1 error. Nothing of the file was stored" in outcome.err
    assert client.get("projects/") == client.get("project_attribute_keys/") == []


def test_a_name_that_is_too_long(eeds_here: Eeds, client: Client, write: Write) -> None:
    file = write("projects.csv", projects_with("x" * 256, "Ames", "Boone"))
    outcome = eeds_here("upload", "projects", file)
    assert outcome.status == 1
    assert f"{file} has a column whose name, '{'x' * 20}'..., has 256 characters" in outcome.err
    assert client.get("projects/") == []
