"""A trace with many records is gone at once; its records are deleted afterwards, a batch at a time."""

import pytest
from sqlalchemy import func, select

from eeds.db.engine import Database
from eeds.db.statements import query
from eeds.db.tables import ConsumptionRecord, DeletedTrace
from tests.api.conftest import Api

MANY, FEW = 60_000, 1_000
BATCH = 25_000


@pytest.fixture
def traces(api: Api, database: Database) -> tuple[int, int]:
    """The ids of a trace with many records, and of one with a few, of one project."""
    api.post("projects/", {"project_id": "ABC", "project_owner": 1})
    body = {"project": 1, "interpretation": "E_C_S", "unit": "KWH"}
    large, small = (int(api.post("consumption_metadatas/", body).json["id"]) for _ in range(2))  # type: ignore[index]
    with database.connection() as connection:
        for trace, number in ((large, MANY), (small, FEW)):
            connection.execute(
                "INSERT INTO consumption_records (start, value, metadata_id) SELECT '2014-01-01Z'::timestamptz"
                " + n * interval '15 minutes', 1, %s FROM generate_series(1, %s) AS n",
                [trace, number],
            )
    return large, small


def stored(database: Database) -> tuple[int, list[int]]:
    """The records there are, and the traces that have left some."""
    with database.session() as session:
        records = session.scalar(select(func.count()).select_from(ConsumptionRecord)) or 0
        return records, list(session.scalars(select(DeletedTrace.id)))


def delete_batch(database: Database) -> int:
    with database.connection() as connection:
        (deleted,) = connection.execute(
            query("records/delete_records_of_deleted_traces"), {"batch": BATCH}
        ).fetchone() or (0,)
    return int(deleted)


def test_a_project_is_gone_at_once_and_its_records_by_and_by(
    api: Api, database: Database, traces: tuple[int, int]
) -> None:
    large, _ = traces
    assert api.delete("projects/1/").status_code == 204
    assert stored(database) == (MANY, [large])
    assert api.get("consumption_records/").json == []
    assert api.get(f"consumption_records/?metadata={large}").json == []
    record = {"metadata_id": large, "start": "2014-06-01T00:00:00Z", "value": 1.0}
    assert api.post("consumption_records/sync2/", [record]).status_code == 400
    assert [delete_batch(database) for _ in range(4)] == [BATCH, BATCH, MANY - 2 * BATCH, 0]
    assert stored(database) == (0, [])


def test_a_small_trace_leaves_nothing(api: Api, database: Database, traces: tuple[int, int]) -> None:
    assert api.delete(f"consumption_metadatas/{traces[1]}/").status_code == 204
    assert stored(database) == (MANY, [])
    assert delete_batch(database) == 0
    assert len(api.get("consumption_records/").json) == MANY  # type: ignore[arg-type]
