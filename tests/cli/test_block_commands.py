"""`eeds block` and `eeds attribute`: by name or id."""

from pathlib import Path

import pytest

from eeds.client import Client
from tests.cli.conftest import Eeds


@pytest.fixture
def block(projects: Path, client: Client) -> None:
    """The block north, with ABC."""
    client.post("project_blocks/", {"name": "north", "projects": [1]})


def test_a_block(eeds_here: Eeds, block: None, client: Client) -> None:
    assert eeds_here("block", "list").out == "1\tnorth\t1 projects\n"
    assert eeds_here("block", "add", "north", "1-2").out == "Put 1 projects into block north.\n"
    assert eeds_here("block", "remove", "1", "1").out == "Took 1 projects out of block north.\n"
    assert client.get("project_blocks/1/")["projects"] == [2]
    assert eeds_here("block", "rename", "north", "south").out == "Renamed block north to south.\n"
    assert "There is no block north that you can see" in eeds_here("block", "delete", "north").err
    assert eeds_here("block", "delete", "south", "--yes").out == "Deleted block south.\n"
    assert client.get("project_blocks/") == []


def test_a_name_that_is_an_id_too(eeds_here: Eeds, block: None, client: Client) -> None:
    client.post("project_blocks/", {"name": "1", "projects": [2]})
    said = "1 may be any of several blocks: north (id 1), 1 (id 2). Say which by what only that one has."
    assert said in eeds_here("block", "delete", "1", "--yes").err


def test_an_attribute(eeds_here: Eeds, projects: Path, client: Client) -> None:
    client.post("project_attribute_keys/", {"name": "area", "display_name": "Area", "data_type": "FLOAT"})
    client.patch("projects/1/", {"attribute_values": {"area": 7}})
    assert eeds_here("attribute", "list").out == "area\tFLOAT\tArea\n"
    renamed = eeds_here("attribute", "rename", "area", "floor_area", "--display-name", "Floor")
    assert renamed.out == "Renamed attribute area to floor_area.\n"
    assert "There is no attribute area that you can see" in eeds_here("attribute", "delete", "area").err
    deleted = eeds_here("attribute", "delete", "floor_area", "--yes")
    assert deleted.out == "Deleted attribute floor_area with its values in 1 projects.\n"
    assert client.get("project_attributes/") == []
