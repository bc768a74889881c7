"""`client.portfolio`: sums of savings as a data frame."""

from sqlalchemy.orm import Session

from eeds.client import Client
from eeds.db.engine import Database
from eeds.runs.portfolio.members import GAS
from tests.runs.portfolio_results import add_project, add_result, both_fuels


def test_sums(client: Client, database: Database) -> None:
    with Session(database.engine) as session:
        for name in ("a", "b"):
            add_result(session, add_project(session, 1, name), *both_fuels(100, 100))
        session.commit()
    frame = client.portfolio.sums(unit="MWh").sums()
    gas = frame[(frame.interpretation == GAS) & (frame.savings == "metered")].iloc[0]
    assert (gas.value, gas.unit, gas.projects) == (0.2, "MWh", 2)
    assert gas.lower < gas.value < gas.upper
    assert client.get("aggregations/") == []
    kept = client.portfolio.keep("pilot", ["a"])
    assert kept.id == client.get("aggregations/")[0]["id"]
    assert repr(kept) == "<Aggregation of 1 of 1 projects>"
