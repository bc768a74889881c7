"""`eeds group`: made by a filter, frozen and made live, by name or id."""

from pathlib import Path

from eeds.client import Client
from tests.cli.conftest import Eeds


def test_a_group(eeds_here: Eeds, projects: Path, client: Client) -> None:
    assert eeds_here("group", "create", "iowa", '{"zipcode": "50321"}').out == "Made group iowa (id 1).\n"
    assert eeds_here("group", "freeze", "iowa").out == "Group iowa keeps the members that it has now.\n"
    client.patch("projects/1/", {"zipcode": "02139"})
    (line,) = eeds_here("group", "list").out.splitlines()
    assert line.startswith("1\tiowa\t1 projects\tfrozen ")
    assert eeds_here("group", "live", "1").out == "Group iowa is live.\n"
    assert eeds_here("group", "list").out == '1\tiowa\t0 projects\tlive\t{"zipcode": "50321"}\n'
    assert eeds_here("group", "rename", "iowa", "west").out == "Renamed group iowa to west.\n"
    assert eeds_here("group", "delete", "west", "--yes").out == "Deleted group west.\n"
    assert client.get("groups/") == []


def test_what_is_refused(eeds_here: Eeds, projects: Path) -> None:
    wrong = eeds_here("group", "create", "iowa", "zipcode")
    assert (wrong.status, "zipcode is no JSON" in wrong.err) == (2, True)
    unknown = eeds_here("group", "create", "iowa", '{"zip": "50321"}')
    assert (unknown.status, 'There is no field "zip"; there are: project_id' in unknown.err) == (1, True)
    missing = eeds_here("group", "delete", "iowa", "--yes")
    assert (missing.status, missing.err) == (
        1,
        "Error: There is no group iowa that you can see; see: eeds group list\n",
    )
    assert eeds_here("group", "create", "traces", '{"unit": "KWH"}', "--traces").status == 0
    again = eeds_here("group", "live", "traces")
    assert (again.status, "is live; there is nothing to change" in again.err) == (1, True)


def test_a_group_whose_attribute_is_gone_is_listed_with_the_others(
    eeds_here: Eeds, projects: Path, client: Client
) -> None:
    key = client.post("project_attribute_keys/", {"name": "area", "display_name": "Area", "data_type": "FLOAT"})["id"]
    for name, filter in {"large": '{"attribute.area": {">": 9}}', "iowa": '{"zipcode": "50321"}'}.items():
        assert eeds_here("group", "create", name, filter).status == 0
    client.delete(f"project_attribute_keys/{key}/")
    listed = eeds_here("group", "list")
    assert (listed.status, listed.err) == (0, "")
    large, iowa = listed.out.splitlines()
    assert large.startswith("1\tlarge\tunknown number of projects: ")
    assert "attribute.area" in large
    assert iowa.startswith("2\tiowa\t1 projects\tlive\t")
