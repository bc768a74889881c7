"""The number of SQL statements of a request does not grow with the number of objects; each is named here."""

from dataclasses import replace
from typing import Any

import pytest

from eeds.db.engine import Database
from tests.api.conftest import Api, CountStatements
from tests.api.test_project_results import finish
from tests.api.test_result_parts import DAYS, with_savings

TOKEN = "token"
TURN = "place among the owner's uploads"
TAKEN = "which keys are of attributes that runs take"
SYNC_LOCK = "lock of the owners' names"


def fill(api: Api, database: Database, first: int, last: int) -> None:
    """Projects of these numbers, with one of everything below each."""
    key = {"name": "cost", "display_name": "Cost", "data_type": "FLOAT"}
    api.post("project_attribute_keys/sync/", [key])
    for n in range(first, last):
        periods = {"baseline_period_end": "2013-06-01T00:00:00Z"}
        project = api.post("projects/", {"project_id": f"P{n}", "project_owner": 1, **periods}).json["id"]
        record = {"start": "2015-01-01T00:00:00Z", "value": 1}
        trace = {"project": project, "interpretation": "E_C_S", "unit": "KWH", "records": [record]}
        api.post("consumption_metadatas/", trace)
        api.post("project_attributes/", {"project": project, "key": 1, "float_value": n})
        api.post("project_blocks/", {"name": f"B{n}", "projects": [project]})
        finish(api, database, project)


@pytest.mark.parametrize(
    ("path", "statements"),
    [
        ("projects/", [TOKEN, "projects"]),
        ("projects/?with_attributes=True&with_meter_runs=True", [TOKEN, "projects", "attributes", "runs"]),
        ("project_owners/", [TOKEN, "owners"]),
        ("project_blocks/", [TOKEN, "blocks with the ids of their projects"]),
        ("project_attribute_keys/", [TOKEN, "keys"]),
        ("project_attributes/", [TOKEN, "attributes with their keys"]),
        ("consumption_metadatas/", [TOKEN, "traces", "records"]),
        ("consumption_metadatas/?summary=True", [TOKEN, "traces", "projects"]),
        ("consumption_records/", [TOKEN, "records"]),
        ("project_runs/", [TOKEN, "runs"]),
        ("project_results/", [TOKEN, "results", "periods", "groups", "aggregations", "models", "derivatives"]),
        ("registry/connections/", [TOKEN, "connections with the ids of their projects"]),
    ],
)
def test_lists(api: Api, database: Database, statements_of: CountStatements, path: str, statements: list[str]) -> None:
    for first, last in ((0, 1), (1, 4)):
        fill(api, database, first, last)
        assert len(statements_of(lambda: api.get(path))) == len(statements)


@pytest.mark.parametrize(
    ("part", "statements"),
    [
        ("savings", [TOKEN, "result", "models", "savings of traces", "sums", "months of traces", "months of sums"]),
        ("timeseries", [TOKEN, "result", "cursor of the rows"]),
        ("provenance", [TOKEN, "result"]),
    ],
)
def test_parts_of_a_result(
    api: Api, database: Database, statements_of: CountStatements, part: str, statements: list[str]
) -> None:
    api.post("projects/", {"project_id": "P", "project_owner": 1, "baseline_period_end": "2013-06-01T00:00:00Z"})
    for traces in (1, 30):
        result = with_savings(*(replace(DAYS, trace_id=id) for id in range(traces)))
        id = finish(api, database, 1, result)
        path = f"project_results/{id}/{part}/"
        assert len(statements_of(lambda: api.get(path))) == len(statements)  # noqa: B023 - called at once


def project(n: int) -> dict[str, Any]:
    empty = {"baseline_period_end": None, "reporting_period_start": None}
    return {"project_id": f"S{n}", "project_owner_id": 1, "zipcode": str(n), **empty}


def trace(n: int) -> dict[str, Any]:
    return {"project_project_id": f"P{n % 2}", "interpretation": "E_C_S", "unit": "KWH", "label": f"L{n}"}


def attribute(n: int) -> dict[str, Any]:
    return {"project_project_id": f"S{n}", "project_attribute_key_name": "cost", "value": float(n)}


def record(n: int) -> dict[str, Any]:
    start = f"2016-01-01T{n // 60:02d}:{n % 60:02d}:00Z"
    return {"project_id": f"P{n % 2}", "interpretation": "E_C_S", "start": start, "value": n, "estimated": False}


@pytest.mark.parametrize(
    ("path", "item", "new", "changed"),
    [
        (
            "projects/sync/",
            project,
            [TOKEN, TURN, SYNC_LOCK, "owners named", "projects there", "insert"],
            [TOKEN, TURN, SYNC_LOCK, "owners named", "projects there", "update"],
        ),
        (
            "consumption_metadatas/sync/",
            trace,
            [TOKEN, TURN, SYNC_LOCK, "projects named", "traces there", "insert", "projects to show"],
            [TOKEN, TURN, SYNC_LOCK, "projects named", "traces there", "update", "projects to show"],
        ),
        (
            "project_attributes/sync/",
            attribute,
            [TOKEN, TURN, SYNC_LOCK, "projects named", "owners", "keys named", "attributes there", "insert", TAKEN],
            [TOKEN, TURN, SYNC_LOCK, "projects named", "owners", "keys named", "attributes there", "update", TAKEN],
        ),
        (
            "consumption_records/sync/",
            record,
            # and blocks and their history read and written, beside SQLAlchemy
            [TOKEN, TURN, "projects named", "traces named", "locks of traces"],
            [TOKEN, TURN, "projects named", "traces named", "locks of traces"],
        ),
    ],
)
def test_syncs(
    api: Api,
    database: Database,
    statements_of: CountStatements,
    path: str,
    item: Any,
    new: list[str],
    changed: list[str],
) -> None:
    fill(api, database, 0, 2)
    if path == "project_attributes/sync/":
        api.post("projects/sync/", [project(n) for n in range(1002)])
    for first, last in ((0, 2), (2, 1002)):
        batch = [item(n) for n in range(first, last)]
        no_turn = last == 2  # is taken for what is small
        assert len(statements_of(lambda: good(api, path, batch))) == len(new) - no_turn  # noqa: B023 - called at once
        for other in batch:
            other |= {"zipcode": "x"} if item is project else {"unit": "THM"} if item is trace else {"value": -1.0}
        sent = statements_of(lambda: good(api, path, batch))  # noqa: B023 - called at once
        assert len(sent) == len(changed) - no_turn


def good(api: Api, path: str, batch: Any) -> None:
    assert api.post(path, batch).status_code == 200
