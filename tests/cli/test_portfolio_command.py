"""`eeds portfolio`: a table for people, JSON for programs, and sums that are kept."""

import json

import pytest
from sqlalchemy.orm import Session

from eeds.client import Client
from eeds.db.engine import Database
from tests.cli.conftest import Eeds
from tests.runs.portfolio_results import add_attributes, add_project, add_result, both_fuels


@pytest.fixture
def projects(client: Client, database: Database) -> None:
    """A project of Smith that saved 1,000 kWh of each fuel, and one without a result."""
    with Session(database.engine) as session:
        project = add_project(session, 1, "a")
        add_result(session, project, *both_fuels(1000, 1000))
        add_attributes(session, project, "CHAR", contractor="Smith")
        add_project(session, 1, "b")
        session.commit()


def test_a_table(eeds_here: Eeds, client: Client, projects: None) -> None:
    outcome = eeds_here("portfolio", "--group-by", "contractor", "--unit", "MWh")
    assert outcome.status == 0
    lines = [line.split() for line in outcome.out.splitlines() if line]
    assert " ".join(lines[0]) == "1 of 2 projects, MWh, bounds at 95 % confidence"
    assert lines[1][:3] == ["fuel", "of", "projects"]
    assert " ".join(lines[2]) == "all fuels consumption supplied all 1 2 2 2 10.0 % 0.01 4 –"
    assert lines[3][4] == "Smith"
    assert [" ".join(line) for line in lines[-2:]] == ["Rejected:", "no result 1"]
    assert client.get("aggregations/") == []


def test_by_month_as_json_and_kept(eeds_here: Eeds, client: Client, projects: None) -> None:
    assert "2014-02" in eeds_here("portfolio", "--group-by", "month", "--all").out
    outcome = eeds_here("portfolio", "--projects", "1", "--name", "kept", "--json")
    (kept,) = client.get("aggregations/")
    assert json.loads(outcome.out) == kept
    assert "kept as aggregation 2" in eeds_here("portfolio", "--name", "again").out


def test_wrong_options(eeds_here: Eeds, projects: None) -> None:
    assert eeds_here("portfolio", "--all", "--projects", "1").status == 2
    refused = eeds_here("portfolio", "--unit", "ft3")
    assert refused.status == 1
    assert "'ft3' is no unit of energy" in refused.err
