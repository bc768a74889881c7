"""The names of v0.3: the same views, listed apart."""

from typing import Any

import pytest
from flask import Flask

from eeds.api.aliases import NAMES, TAG
from tests.api.conftest import Api
from tests.api.test_savings_list import make_project


def test_every_view_has_its_other_name(app: Flask) -> None:
    rules = {rule.rule: app.view_functions[rule.endpoint] for rule in app.url_map.iter_rules()}
    for theirs, ours in NAMES.items():
        paths = [path for path in rules if path.startswith(f"/api/v1/{ours}/")]
        assert paths
        for path in paths:
            assert rules[path.replace(f"/{ours}/", f"/{theirs}/")] == rules[path], path


def test_they_are_documented_apart(nobody: Api) -> None:
    document: dict[str, Any] = nobody.get("openapi.json").json
    for path, operations in document["paths"].items():
        is_theirs = path.split("/")[3] in (*NAMES, "trace_groups")
        for method, operation in operations.items():
            assert method == "parameters" or (operation["tags"] == [TAG]) == is_theirs, path
    assert TAG in [tag["name"] for tag in document["tags"]]


def test_the_root_lists_our_names_alone(api: Api) -> None:
    listed = api.get("").json
    assert not listed.keys() & NAMES.keys()
    assert set(NAMES.values()) <= listed.keys()


def test_a_trace_its_records_and_a_run(api: Api) -> None:
    project = make_project(api, "ABC")
    trace = api.post("traces/", {"project": project, "interpretation": "E_C_S", "unit": "KWH"}).json["id"]
    record = {"metadata_id": trace, "start": "2014-01-01T00:00:00Z", "value": 1.5, "estimated": False}
    assert api.post("trace_records/sync2/", [record]).json["created"] == 1
    assert api.get(f"trace_records/?metadata={trace}&format=csv").data.count(b"\n") == 2
    assert api.get("trace_records/").json == api.get("consumption_records/").json
    assert api.post("meter_runs/bulk/", {"projects": "all"}).json["ordered"] == 1
    assert api.get("meter_runs/").json == api.get("project_runs/").json != []
    assert api.get("meter_results/").json == []
    second = {"project": project, "interpretation": "NG_C_S", "unit": "THM"}
    api.post("traces/", second)
    assert "/api/v1/traces/?" in api.get("traces/?limit=1").headers["Link"]


@pytest.mark.parametrize("path", [f"{name}/" for name in NAMES])
def test_they_are_for_those_who_may_come_in(nobody: Api, path: str) -> None:
    assert nobody.get(path).status_code == 401
