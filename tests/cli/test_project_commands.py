"""`eeds project edit` and `delete`: by name or id, asked before anything is gone."""

from pathlib import Path

import pytest

from eeds.client import Client
from tests.cli.conftest import Eeds


def test_a_project_is_changed_by_name(eeds_here: Eeds, projects: Path, client: Client) -> None:
    client.post("project_attribute_keys/", {"name": "area", "display_name": "Area", "data_type": "FLOAT"})
    options = ("--zipcode", "00501", "--baseline-start", "2012-06-01", "--reporting-end", "2014-07-01T05:00:00Z")
    outcome = eeds_here("project", "edit", "ABC", "--rename", "DEF", *options, "--attribute", "area=12.5")
    assert (outcome.status, outcome.out) == (0, "Changed project DEF (id 1).\n")
    changed = client.get("projects/1/", with_attributes="True")
    assert [changed[name] for name in ("project_id", "zipcode", "baseline_period_start", "reporting_period_end")] == [
        *("DEF", "00501", "2012-06-01T00:00:00Z", "2014-07-01T05:00:00Z")
    ]
    assert [each["value"] for each in changed["attributes"]] == [12.5]
    refused = eeds_here("project", "edit", "1", "--attribute", "volume=3")
    assert (refused.status, "attribute_values.volume: " in refused.err) == (1, True)
    assert eeds_here("project", "edit", "1", "--attribute", "area=", "--zipcode", "").status == 0
    changed = client.get("projects/1/", with_attributes="True")
    assert (changed["attributes"], changed["zipcode"]) == ([], None)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("edit", "ABC"), 2, "Say what to change, as --zipcode or --attribute NAME=VALUE."),
        (("edit", "ABC", "--attribute", "area"), 2, "--attribute area: write NAME=VALUE, or NAME= to remove it."),
        (("edit", "NONE", "--zipcode", "1"), 1, "There is no project NONE that you can see."),
        (("edit", "ABC", "--rename", "XYZ"), 1, "project_id: project with this project id already exists."),
        (("edit", "ABC", "--baseline-end", "soon"), 1, "baseline_period_end: Datetime has wrong format."),
        (("delete", "9"), 1, "There is no project 9 that you can see."),
        (("delete", "2"), 1, "2 may be any of several projects: 2 (id 3), XYZ (id 2)."),
    ],
)
def test_what_is_refused(
    eeds_here: Eeds, projects: Path, client: Client, words: tuple[str, ...], status: int, said: str
) -> None:
    client.post("projects/", {"project_id": "2", "project_owner": 1})
    outcome = eeds_here("project", *words)
    assert outcome.status == status
    assert said in outcome.err


def test_a_project_is_deleted_with_all_that_belongs_to_it(
    eeds_here: Eeds, projects: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = {"start": "2014-01-01T00:00:00Z", "value": 1}
    trace = {"project": 1, "interpretation": "E_C_S", "unit": "KWH", "records": [record]}
    client.post("consumption_metadatas/", trace)
    said = "project ABC (id 1) with 1 traces, 1 readings, 0 runs, 0 results, 0 attributes"
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: "n")
    refused = eeds_here("project", "delete", "ABC")
    assert refused.status == 1
    assert len(client.get("projects/")) == 2
    outcome = eeds_here("project", "delete", "ABC", "--yes")
    assert (outcome.status, outcome.out) == (0, f"Deleted {said}.\n")
    assert [each["project_id"] for each in client.get("projects/")] == ["XYZ"]
