"""What decides whether savings count: as a run stores it, and as the migration finds it for results from before."""

from typing import Any

import numpy as np
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from eeds.accounts.operations import create_user
from eeds.db.engine import Database, psycopg_connection
from eeds.db.statements import SQL_DIR
from eeds.db.tables import ModelingPeriod, ProjectResult, SavingsAggregation
from eeds.meter.names import ALL_FUELS
from eeds.meter.types import BASELINE, REPORTING, SUCCESS, MeterResult, Trace, TraceModelResult, TraceSavings
from eeds.meter.types import SavingsAggregation as Sum
from eeds.runs.portfolio.members import ELECTRICITY, GAS
from eeds.runs.results.store import save_models, save_savings
from tests.runs.portfolio_results import add_project, owner_of, savings

COLUMNS = ("cvrmse", "unmodelled", "days", "bias_squares")
NET = "ELECTRICITY_CONSUMPTION_NET"
NOTHING = np.array([])
TRACES = [
    Trace(id, code, unit, NOTHING.astype("datetime64[s]"), NOTHING, NOTHING.astype(bool))
    for id, code, unit in ((1, "E_C_S", "KWH"), (2, "E_C_S", "KWH"), (3, "NG_C_S", "THM"), (4, "E_C_N", "KWH"))
]
MODELS = (
    TraceModelResult(1, BASELINE, SUCCESS, cvrmse=0.3, mean_bias=2.0),
    TraceModelResult(1, REPORTING, "INSUFFICIENT DATA: few days", cvrmse=9.0),
    TraceModelResult(2, BASELINE, SUCCESS, cvrmse=0.7, mean_bias=-1.0),
    TraceModelResult(3, BASELINE, SUCCESS, cvrmse=0.5, mean_bias=1.0),
    TraceModelResult(4, BASELINE, "INSUFFICIENT DATA: few days"),
)
SAVED = (*(TraceSavings(id, savings(1, 1, 10), None) for id in (1, 2, 3)), TraceSavings(4, None, None))
SUMS = (*(Sum(fuel, savings(1, 1, 10), None) for fuel in (ALL_FUELS, ELECTRICITY, GAS)), Sum(NET, None, None))


def stored(session: Session) -> dict[str, Any]:
    """The columns by fuel."""
    sums = SavingsAggregation
    rows = session.execute(select(sums.trace_interpretation, *(getattr(sums, name) for name in COLUMNS)))
    return {row[0]: tuple(row[1:]) for row in rows}


def test_a_run_and_the_migration_store_the_same(database: Database) -> None:
    with Session(database.engine) as session:
        create_user(session, "ada")
        result = ProjectResult(project_id=add_project(session, owner_of(session, "ada"), "a").id)
        session.add(result)
        session.flush()
        periods = [ModelingPeriod(project_result_id=result.id, interpretation=name) for name in (BASELINE, REPORTING)]
        session.add_all(periods)
        session.flush()
        save_models(session, result.id, {each.interpretation: each.id for each in periods}, MODELS)
        found = MeterResult("1.2.7", MODELS, (), SAVED, SUMS)
        save_savings(session, result.id, TRACES, found)
        electric, gas = (2.0 * 365) ** 2 + 365**2, (29.3001 * 365) ** 2
        by_run = stored(session)
        assert by_run == {
            ALL_FUELS: (0.7, 0, 365, electric + gas),
            ELECTRICITY: (0.7, 0, 365, electric),
            GAS: (0.5, 0, 365, gas),
            NET: (None, 1, None, None),
        }
        session.execute(update(SavingsAggregation).values(dict.fromkeys(COLUMNS)))
        migration = (SQL_DIR / "migrations" / "0028_aggregations.sql").read_text(encoding="utf-8")
        psycopg_connection(session).execute(migration[migration.index("WITH traces AS") :].encode())
        assert stored(session) == by_run
