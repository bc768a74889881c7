"""Hostile texts and numbers in every field and parameter of every operation of the OpenAPI document: never a 5xx."""

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from eeds.db.engine import Database
from eeds.formats.media_types import CSV, JSON
from tests.api.conftest import Api
from tests.api.hostile_values import NO_BODIES, SHORT_TEXTS, VALUES
from tests.api.test_access_matrix import OPERATIONS
from tests.api.test_project_results import finish
from tests.api.test_result_parts import DAYS, with_savings

PREFIX = "/api/v1/"
BY_RESOURCE = {
    resource: list(operations)
    for resource, operations in groupby(OPERATIONS, lambda each: each[1].removeprefix(PREFIX).partition("/")[0])
}


@pytest.fixture
def document(app: Flask, api: Api, database: Database) -> Any:
    """The document, with something in the database that the requests may hit."""
    project = {"project_id": "ABC", "project_owner": 1, "baseline_period_end": "2013-06-01T00:00:00Z"}
    assert api.post("projects/", project).status_code == 201
    for data_type in ("FLOAT", "CHAR", "DATETIME", "INTEGER"):
        api.post("project_attribute_keys/", {"name": data_type, "display_name": data_type, "data_type": data_type})
    api.post("consumption_metadatas/", {"project": 1, "interpretation": "E_C_S", "unit": "KWH", "label": "DEF"})
    finish(api, database, 1, with_savings(DAYS))
    return api.get("/api/v1/openapi.json").json


@pytest.mark.parametrize("resource", BY_RESOURCE)
def test_no_value_makes_the_server_fail(document: Any, api: Api, resource: str) -> None:
    for method, path in BY_RESOURCE[resource]:
        operation = document["paths"][path][method]
        at_once = "{id}" in path  # the same fields and parameters are tried one by one where there is no id
        for query in queries(operation, at_once=at_once):
            answered(api, method, f"{path}?{query}", b"start,value\n2022-01-01,1\n" if "upload" in path else None)
        for body in bodies(operation, document["components"]["schemas"], at_once=at_once):
            answered(api, method, path, json.dumps(body).encode(), JSON)


def answered(api: Api, method: str, path: str, body: bytes | None = None, media_type: str = CSV) -> Any:
    """What the server answers to a request, which it can do with."""
    sent = {"data": body, "content_type": media_type} if body is not None else {}
    answer = api.call(method.upper(), path.replace("{id}", "1"), **sent)
    assert answer.status_code < 500, (method, path, body, answer.text)
    answer.data.decode() if answer.mimetype == JSON else None
    return answer


def queries(operation: Mapping[str, Any], *, at_once: bool) -> Iterator[str]:
    """Every text in each parameter, or in all of them, and what is no UTF-8."""
    names = [each["name"] for each in operation.get("parameters", []) if each["in"] == "query"]
    for text in ("%ff%00", *(quote(text, errors="surrogatepass") for text in SHORT_TEXTS)) if names else ():
        parts = [f"{name}={text}" for name in names]
        yield from ["&".join(parts)] if at_once else parts


def bodies(operation: Mapping[str, Any], schemas: Mapping[str, Any], *, at_once: bool) -> Iterator[Any]:
    """What is no body at all, and the example of one with every value in each field, or in all; of a list, all in
    one."""
    content = operation.get("requestBody", {}).get("content", {}).get(JSON)
    if content is None:
        return
    yield from NO_BODIES
    example = content.get("example")
    one = example[0] if isinstance(example, list) else example
    if not isinstance(one, dict):
        return
    fields = fields_of(content["schema"], one, schemas)
    some = [fields] if at_once else [[field] for field in fields]
    changed = [one | dict.fromkeys(names, value) for names in some for value in VALUES]
    yield from [[*changed, one]] if isinstance(example, list) else changed


def fields_of(schema: Mapping[str, Any], example: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[str]:
    """The names of the fields that a body may have."""
    named = schema.get("items", schema).get("$ref", "").rpartition("/")[2]
    return [*dict.fromkeys([*example, *schemas.get(named, {}).get("properties", {})])]


SYNCED = {
    "projects/": {"project_id": "S", "project_owner_id": 1, "zipcode": None}
    | dict.fromkeys(("baseline_period_end", "reporting_period_start")),
    "consumption_metadatas/": {"project_project_id": "ABC", "interpretation": "E_C_S", "unit": "KWH", "label": "S"},
    "project_attribute_keys/": {"name": "S", "display_name": "S", "data_type": "FLOAT"},
    "project_attributes/": {"project_project_id": "ABC", "project_attribute_key_name": "CHAR", "value": "S"},
    "consumption_records/": {
        "project_id": "ABC",
        "interpretation": "E_C_S",
        "start": "2014-01-01T00:00:00Z",
        "value": 1.5,
        "estimated": False,
    },
}


@pytest.mark.parametrize("path", SYNCED)
def test_no_object_of_a_sync_fails_another(document: Any, api: Api, path: str) -> None:
    good = SYNCED[path]
    batch = [*VALUES, *(good | {field: value} for field in good for value in VALUES), good]
    answer = answered(api, "POST", f"{PREFIX}{path}sync/", json.dumps(batch).encode(), JSON)
    assert (answer.status_code, len(answer.json)) == (400, len(batch))
    assert answer.json[-1]["status"] in ("created", "updated", "unchanged - same record")
    assert all(outcome["status"].startswith("error - ") for outcome in answer.json[: len(VALUES)])
