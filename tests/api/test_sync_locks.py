"""A sync waits for those of the same owner, and for nobody else; what it is sent is checked before it waits."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from eeds.db.engine import Database
from eeds.db.name_locks import lock_names
from eeds.db.tables import ConsumptionMetadata, Project
from tests.api.conftest import Api, MakeApi

EMPTY = dict.fromkeys(("zipcode", "baseline_period_end", "reporting_period_start"))


def project(api: Api, name: str) -> dict[str, Any]:
    owner = api.get("project_owners/").json[0]["id"]
    return {"project_id": name, "project_owner_id": owner, **EMPTY}


@pytest.mark.parametrize("model", [Project, ConsumptionMetadata])
def test_nobody_waits_for_another_owner(login: MakeApi, database: Database, model: Any) -> None:
    ann, bob = login("ann"), login("bob")
    owner = ann.get("project_owners/").json[0]["id"]
    with database.session() as session:
        lock_names(session, [model], [owner])  # as Ann's sync has it until it is committed
        session.connection().exec_driver_sql("SELECT 1")
        assert bob.post("projects/sync/", [project(bob, "B")]).status_code == 200
        trace = {"project_project_id": "B", "interpretation": "E_C_S", "unit": "KWH", "label": None}
        assert bob.post("consumption_metadatas/sync/", [trace]).status_code == 200


def test_what_is_refused_waits_for_nobody(login: MakeApi, database: Database) -> None:
    ann = login("ann")
    owner = ann.get("project_owners/").json[0]["id"]
    with database.session() as session:
        lock_names(session, [Project], [owner])
        assert ann.post("projects/sync/", [{}, {"project_owner_id": "x"}]).status_code == 400


def test_two_owners_that_give_one_name_at_once(app: Flask, login: MakeApi) -> None:
    apis = [login("ann"), login("bob")]
    batches = [[project(api, f"P{n}") for n in range(300)] for api in apis]
    with ThreadPoolExecutor(2) as pool:
        answers = [*pool.map(lambda each: each[0].post("projects/sync/", each[1]), zip(apis, batches, strict=True))]
    assert [{outcome["status"] for outcome in answer.json} for answer in answers] == [{"created"}, {"created"}]
