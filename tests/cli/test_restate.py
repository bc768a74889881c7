"""`eeds restate`: requested, awaited, and what moved savings as a table, as JSON and as a file."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from eeds.db.engine import Database
from eeds.db.tables import Project, ProjectResult, SavingsAggregation
from eeds.runs.restatements.lifecycle import RESTATEMENTS
from tests.cli.conftest import Eeds, working
from workers.restatement_jobs import compare_and_store


@pytest.fixture
def results(database: Database, login: object) -> None:
    """Two results of a project, from before it was kept what they are computed from."""
    with database.session() as session:
        session.add(Project(project_owner_id=1, project_id="ABC"))
        session.flush()
        for value in (1000.0, 900.0):
            result = ProjectResult(project_id=1)
            session.add(result)
            session.flush()
            own = {"project_result_id": result.id, "trace_interpretation": "ELECTRICITY_CONSUMPTION_SUPPLIED"}
            session.add(SavingsAggregation(**own, metered_value=value))


@pytest.fixture
def worker(database: Database) -> Iterator[None]:
    """Somebody who compares what is requested."""
    with working(database, RESTATEMENTS, compare_and_store):
        yield


def test_what_moved(eeds_here: Eeds, results: None, worker: None, tmp_path: Path) -> None:
    table = tmp_path / "moved.csv"
    shown = eeds_here("restate", "1", "2", "--output", table)
    assert (shown.status, shown.err) == (0, "")
    heading, row = shown.out.splitlines()
    assert heading.split()[-2:] == ["unexplained", "after"]
    assert row.startswith("electricity consumption supplied  metered  1,000.0")
    assert row.split()[-2:] == ["-100.0", "900.0"]
    assert (
        table.read_text(encoding="utf-8").splitlines()[1].startswith("1,ABC,ELECTRICITY_CONSUMPTION_SUPPLIED,metered,")
    )
    told = eeds_here("restate", "1", "2", "--json")
    (total,) = json.loads(told.out)
    assert (total["before"], total["after"], total["moved"]) == (1000, 900, -100)


def test_what_cannot_be_compared(eeds_here: Eeds, results: None) -> None:
    told = eeds_here("restate", "1", "99")
    assert (told.status, told.out) == (1, "")
    assert "object does not exist" in told.err
