"""Every operation of the OpenAPI document against everybody who must not get in: new endpoints are covered too."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from eeds.api.aliases import TAG
from eeds.app import create_app
from eeds.config.settings import Settings
from eeds.db.engine import Database
from eeds.db.tables import Token, User
from tests.api.conftest import Api, MakeApi
from tests.api.test_project_results import finish

UNAUTHENTICATED = {"detail": "Authentication credentials were not provided."}
FORBIDDEN = {"detail": "You do not have permission to perform this action."}
READING = {"get", "head", "options"}


def operations() -> list[tuple[str, str]]:
    """Method and path of every operation, by its own name; no database is asked for the document."""
    app = create_app(Settings.from_env({"DATABASE_URL": "postgresql:///none", "EEDS_DATA_DIR": "/nonexistent"}))
    document = app.test_client().get("/api/v1/openapi.json").json
    assert document is not None
    app.extensions["eeds.database"].engine.dispose()
    return [
        (method, path)
        for path, known in document["paths"].items()
        for method in known
        if method != "parameters" and known[method]["tags"] != [TAG]
    ]


OPERATIONS = operations()


def call(api: Api, method: str, path: str, body: Any = None) -> Any:
    return api.call(method.upper(), path.replace("{id}", "1"), body)


@dataclass
class Owned:
    """What one owner has, by resource: the ids of its objects."""

    ids: dict[str, int]
    label: str = "ANN"


@pytest.fixture
def ann(api: Api, login: MakeApi, database: Database) -> Owned:
    """An owner with an object of every resource."""
    ann = login("ann")
    owner = ann.get("project_owners/").json[0]["id"]
    periods = {"baseline_period_end": "2013-06-01T00:00:00Z"}
    project = ann.post("projects/", {"project_id": "ANN", "project_owner": owner, **periods}).json["id"]
    trace = ann.post("consumption_metadatas/", {"project": project, "interpretation": "E_C_S", "unit": "KWH"}).json[
        "id"
    ]
    key = ann.post("project_attribute_keys/", {"name": "k", "display_name": "k", "data_type": "FLOAT"}).json["id"]
    record = {"metadata": trace, "start": "2016-01-01T00:00:00Z", "value": 1, "estimated": False}
    aggregation = ann.post("aggregations/", {}).json["id"]
    return Owned(
        {
            "project_owners": owner,
            "projects": project,
            "consumption_metadatas": trace,
            "project_attribute_keys": key,
            "project_attributes": ann.post("project_attributes/", {"project": project, "key": key}).json["id"],
            "project_blocks": ann.post("project_blocks/", {"name": "b", "projects": [project]}).json["id"],
            **dict.fromkeys(("groups", "trace_groups"), ann.post("groups/", {"name": "g", "filter": {}}).json["id"]),
            "column_mappings": ann.post("column_mappings/", {"name": "m", "columns": {"start": "Datum"}}).json["id"],
            "registry/connections": ann.post("registry/connections/", {"projects": [project]}).json["id"],
            "consumption_records": ann.post("consumption_records/", record).json["id"],
            "project_results": finish(api, database, project),
            "project_runs": api.get("project_runs/").json[0]["id"],
            "loads": ann.get("loads/").json[0]["id"],
            "exports": ann.post("exports/", {"kind": "results"}).json["id"],
            **dict.fromkeys(("aggregations", "aggregation_runs", "aggregation_results"), aggregation),
            "users": ann.get("users/").json[0]["id"],
            "tokens": ann.get("tokens/").json[0]["id"],
            "restatements": compared(api, ann, database, project),
        }
    )


def compared(api: Api, ann: Api, database: Database, project: int) -> int:
    """A restatement of two results of a project."""
    before, after = (finish(api, database, project) for _ in range(2))
    return int(ann.post("restatements/", {"before": before, "after": after}).json["id"])


@pytest.fixture
def bob(ann: Owned, login: MakeApi) -> Api:
    """Another owner, with nothing."""
    return login("bob")


def foreign_bodies(ann: Owned) -> dict[str, Any]:
    """For every POST: a body that names something of the other owner's."""
    project, trace, key = (ann.ids[name] for name in ("projects", "consumption_metadatas", "project_attribute_keys"))
    day = {"start": "2016-01-02T00:00:00Z", "value": 1, "estimated": False}
    sync = {"zipcode": "1", "baseline_period_end": None, "reporting_period_start": None}
    kind = {"interpretation": "E_C_S", "unit": "KWH", "label": None}
    return {
        "projects/": {"project_id": "X", "project_owner": ann.ids["project_owners"]},
        "projects/upload/": None,
        "projects/sync/": [{"project_id": "ANN", "project_owner_id": ann.ids["project_owners"], **sync}],
        "project_owners/": {"user": 2},
        "project_blocks/": {"name": "x", "projects": [project]},
        "groups/": {"name": "x", "filter": {"attribute.k": 1}},
        "trace_groups/": {"name": "x", "filter": {"attribute.k": 1}},
        "project_attribute_keys/": None,
        "project_attribute_keys/sync/": None,
        "project_attributes/": {"project": project, "key": key},
        "project_attributes/sync/": [
            {"project_project_id": "ANN", "project_attribute_key_name": "k", "value": 1.0},
        ],
        "consumption_metadatas/": {"project": project, **kind},
        "consumption_metadatas/sync/": [{"project_project_id": "ANN", **kind}],
        "consumption_records/": {"metadata": trace, **day},
        "consumption_records/sync/": [{"project_id": "ANN", "interpretation": "E_C_S", **day}],
        "consumption_records/sync2/": [{"metadata_id": trace, **day}],
        "consumption_records/upload/": None,
        "column_mappings/": None,
        "project_runs/": {"project": project},
        "project_runs/bulk/": {"projects": [project]},
        "project_runs/bulk/cancel/": {"projects": [project]},
        "project_runs/bulk/retry/": {"projects": [project]},
        "project_results/": {"project": project},
        "exports/": {"kind": "records", "projects": [project]},
        "aggregations/": {"projects": [project]},
        "aggregation_runs/": {"projects": [project]},
        "restatements/": {"before": ann.ids["project_results"], "after": ann.ids["project_results"]},
        "registry/connections/": {"projects": [project]},
        "weather_records/sync2/": [{"station": "725460", "start": "2016-01-01T00:00:00Z", "temp_f": 50}],
        "weather_records/upload/": None,
        "weather_normals/": None,
        "greenbutton/": None,
    }


def resource_of(path: str) -> str:
    return path.removeprefix("/api/v1/").partition("{id}")[0].removesuffix("/")


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_without_a_good_token(app: Flask, login: MakeApi, database: Database, method: str, path: str) -> None:
    revoked = login("revoked")
    with database.session() as session:
        session.execute(update(Token).values(revoked=datetime.now(UTC)))
    expired = login("expired", expires=datetime.now(UTC) - timedelta(seconds=1))
    for client in (Api(app.test_client(), None), Api(app.test_client(), "bad"), revoked, expired):
        answer = call(client, method, path)
        assert (answer.status_code, answer.json) == (401, UNAUTHENTICATED), client.token


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_with_the_wrong_scope(login: MakeApi, method: str, path: str) -> None:
    wrong = "write" if method in READING else "read"
    for client in (login("wrong", admin=True, scopes=(wrong,)), login("none", admin=True, scopes=())):
        answer = call(client, method, path)
        assert (answer.status_code, answer.json) == (403, FORBIDDEN), client.token


@pytest.mark.parametrize(("method", "path"), [(m, p) for m, p in OPERATIONS if "{id}" in p])
def test_another_owners_object(ann: Owned, bob: Api, api: Api, method: str, path: str) -> None:
    resource = resource_of(path)
    url = path.replace("{id}", str(ann.ids[resource]))
    before = api.get(url).json
    body = {} if method == "patch" else before
    assert bob.call(method.upper(), url, None if method in READING | {"delete"} else body).status_code == 404
    assert api.get(url).json == before


@pytest.mark.parametrize("path", [p for m, p in OPERATIONS if m == "get" and "{id}" not in p])
def test_lists_show_nothing_of_another_owner(ann: Owned, bob: Api, path: str) -> None:
    resource = resource_of(path)
    seen = bob.get(path).json
    if resource in ann.ids:
        assert ann.ids[resource] not in [item["id"] for item in seen]
        assert "ANN" not in bob.get(path).text


@pytest.mark.parametrize("path", [p for m, p in OPERATIONS if m == "post" and "{id}" not in p])
def test_nothing_is_added_to_another_owner(ann: Owned, bob: Api, api: Api, path: str) -> None:
    bodies = foreign_bodies(ann)
    before = everything(api)
    assert bob.post(path, bodies[path.removeprefix("/api/v1/")]).status_code in (400, 403)
    assert everything(api) == before


def everything(api: Api) -> list[Any]:
    """All that an admin sees, but for what changes with the time."""
    paths = [path for method, path in OPERATIONS if method == "get" and "{id}" not in path]
    return [api.get(path).json for path in paths if not path.endswith(("/progress/", "/tokens/"))]


def test_users_are_told_apart(database: Database, ann: Owned, bob: Api) -> None:
    """The matrix would prove nothing if everybody were the same."""
    with database.session() as session:
        users: Iterator[User] = session.scalars(select(User).order_by(User.id))
        assert [(user.name, user.is_admin) for user in users] == [("admin", True), ("ann", False), ("bob", False)]
