"""A deleted trace takes all its readings with it."""

import numpy as np
import pytest
from sqlalchemy import func, select

from eeds.db.engine import Database
from eeds.db.tables import ConsumptionBlock, TraceExtent
from tests.api.conftest import Api
from tests.readings import store_series

READINGS = 1000
DAY = np.timedelta64(1, "D")


@pytest.fixture
def traces(api: Api, database: Database) -> list[int]:
    """The ids of two traces with readings, of one project."""
    api.post("projects/", {"project_id": "ABC", "project_owner": 1})
    body = {"project": 1, "interpretation": "E_C_S", "unit": "KWH"}
    ids = [int(api.post("consumption_metadatas/", body).json["id"]) for _ in range(2)]
    with database.connection() as connection:
        for id in ids:
            store_series(connection, id, "2014-01-01", DAY, [1.0] * READINGS)
    return ids


def left(database: Database) -> tuple[int, list[int]]:
    """How many readings are in blocks, and of which traces something is said to be stored."""
    with database.session() as session:
        readings = session.scalar(select(func.sum(ConsumptionBlock.readings))) or 0
        return readings, list(session.scalars(select(TraceExtent.metadata_id)))


def test_a_project_takes_the_readings_of_its_traces(api: Api, database: Database, traces: list[int]) -> None:
    assert left(database) == (2 * READINGS, traces)
    assert api.delete("projects/1/").status_code == 204
    assert left(database) == (0, [])
    assert api.get("consumption_records/").json == []
    record = {"metadata_id": traces[0], "start": "2014-06-01T00:00:00Z", "value": 1.0}
    assert api.post("consumption_records/sync2/", [record]).status_code == 400


def test_a_trace_takes_its_own(api: Api, database: Database, traces: list[int]) -> None:
    assert api.delete(f"consumption_metadatas/{traces[0]}/").status_code == 204
    assert left(database) == (READINGS, traces[1:])
    assert len(api.get("consumption_records/").json) == READINGS


def test_the_last_reading_leaves_nothing_of_a_trace(api: Api, database: Database, traces: list[int]) -> None:
    assert api.delete(f"consumption_metadatas/{traces[0]}/").status_code == 204
    for record in api.get("consumption_records/?limit=5").json:
        assert api.delete(f"consumption_records/{record['id']}/").status_code == 204
    assert left(database) == (READINGS - 5, traces[1:])
