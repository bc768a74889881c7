"""An export through all processes of a datastore, of which some go away."""

import csv
import io
from typing import Any

import psycopg
import pytest

from tests.workers.family import WORKERS, Family, eventually, readings

pytestmark = pytest.mark.faults

SECONDS = 120


def await_file(ours: Family, id: int) -> Any:
    """The rows of the export, when it is built."""

    def built() -> bool:
        ours.supervise()
        status: str = ours.client.get(f"exports/{id}/")["status"]
        assert status != "FAILED"
        return status == "SUCCESS"

    eventually(built, SECONDS, ours.tail)
    return list(csv.DictReader(io.StringIO(ours.get(f"/api/v1/exports/{id}/file/").text)))


def test_an_export_is_ordered_without_the_queue_and_built_when_it_is_back(ours: Family) -> None:
    values = readings(1)
    project = ours.project(values)
    ours.stop_server("valkey")
    try:
        ordered = ours.client.post("exports/", {"kind": "records", "projects": [project]})
        assert ordered["status"] == "PENDING"
    finally:
        ours.start_server("valkey")
    assert [float(row["value"]) for row in await_file(ours, ordered["id"])] == values


def test_workers_that_are_killed_while_they_build(ours: Family) -> None:
    values = readings(2)
    project = ours.project(values)
    with ours.locked("consumption_metadatas"):
        id = ours.client.post("exports/", {"kind": "records", "projects": [project]})["id"]
        eventually(lambda: ours.client.get(f"exports/{id}/")["status"] == "RUNNING", SECONDS, ours.tail)
        for name in WORKERS:
            ours.members[name].kill()
            ours.members[name].wait()  # its job ends with it, before there is no lock to wait for
    assert [float(row["value"]) for row in await_file(ours, id)] == values
    with psycopg.connect(ours.urls.database) as connection:
        ended = connection.execute("SELECT attempts, lost FROM exports WHERE id = %s", [id]).fetchone()
    assert ended == (2, 1)
