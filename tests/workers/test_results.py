"""Runs as a worker ends them: the message of those that find nothing, and what those that find something leave."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event, select

from eeds.db.engine import Database, psycopg_connection
from eeds.db.tables import (
    EnergyTraceModelResult,
    ProjectResult,
)
from eeds.meter.types import BASELINE, REPORTING
from tests.readings import store_readings
from tests.workers.datastore import Datastore, day, project_with_weather

ROOT = Path(__file__).parents[2]


@pytest.fixture
def datastore(database: Database) -> Datastore:
    return project_with_weather(database)


NOTHING = np.zeros(500)
COUNTED = np.arange(500.0)


@pytest.mark.parametrize(
    ("values", "interpretation", "reasons"),
    [
        ([3.0], "E_C_S", ["The project's periods have no readings: they look at 2013-01-01 to 2013-01-01."]),
        (NOTHING, "E_C_S", ["readings that are not zero (measured 0 of 365", "readings in the period (measured 0,"]),
        (
            NOTHING,
            "NG_C_S",
            ["readings that are not zero (measured 0 of 365", "readings that are not zero (measured 0"],
        ),
        ([None] * 500, "E_C_S", ["readings that are not missing (measured 0 of 365", "readings in the period"]),
        (NOTHING + 7, "E_C_S", ["different values of days (measured 1,", "different values of days (measured 1,"]),
        (COUNTED % 9 - 1, "NG_C_S", ["days with a negative value (measured 41,", "days with a negative value"]),
        (COUNTED[:20], "E_C_S", ["days with a reading and a temperature (measured 18,", "readings in the period"]),
    ],
)
def test_a_run_that_finds_nothing_says_why(
    datastore: Datastore, values: Any, interpretation: str, reasons: list[str]
) -> None:
    datastore.trace(values, interpretation)
    run = datastore.run()
    assert run.status == "FAILED"
    lines = (run.traceback or "").removeprefix("No trace could be modelled.\n").split("\n")
    assert len(lines) == len(reasons)
    assert all(reason in line for reason, line in zip(reasons, lines, strict=True)), run.traceback
    assert datastore.results() == []


def test_no_connection_is_held_while_the_meter_computes(datastore: Datastore) -> None:
    datastore.trace(NOTHING + 7)
    held = datastore.claim(datastore.order())
    datastore.database.engine.dispose()
    happened: list[str] = []
    for name in ("connect", "close"):
        event.listen(datastore.database.engine, name, lambda *_, name=name: happened.append(name))
    assert datastore.end(held).status == "FAILED"
    assert happened == ["connect", "close", "connect"]


def test_periods_that_were_reversed_after_the_order(datastore: Datastore) -> None:
    datastore.trace(COUNTED)
    held = datastore.claim(datastore.order())
    datastore.change(baseline_period_end=day("2014-03-01"))
    assert datastore.end(held).traceback == (
        "reporting_period_start 2014-02-01 is before baseline_period_end 2014-03-01; correct them."
    )
    assert datastore.results() == []


RESULT = "project_result_id = %s"
GROUP = f"modeling_period_group_id IN (SELECT id FROM modeling_period_groups WHERE {RESULT})"
MODEL = f"energy_trace_model_result_id IN (SELECT id FROM energy_trace_model_results WHERE {RESULT})"
BELOW_A_RESULT = {
    "modeling_periods": RESULT,
    "derivative_aggregations": GROUP,
    "energy_trace_model_results": RESULT,
    "derivatives": MODEL,
    "trace_savings": RESULT,
    "savings_aggregations": RESULT,
    "savings_months": RESULT,
    "time_series": "series_set_id = (SELECT series_set_id FROM project_results WHERE id = %s)",
}
IDS = [
    "id",
    "project_result_id",
    "modeling_period_id",
    "modeling_period_group_id",
    "energy_trace_model_result_id",
    "series_set_id",
]
WITHOUT_IDS = "(to_jsonb(rows) - %s::text[])::text"
ORDER = "coalesce(to_jsonb(rows) ->> 'id', to_jsonb(rows) ->> 'energy_trace_id')::bigint, to_jsonb(rows)::text"


def contents(datastore: Datastore, result: ProjectResult) -> dict[str, list[str]]:
    """All that is stored below a result, to the last digit; without ids."""
    with datastore.database.connection() as connection:
        return {
            table: [
                row
                for (row,) in connection.execute(
                    f"SELECT {WITHOUT_IDS} FROM {table} AS rows WHERE {condition} ORDER BY {ORDER}", [IDS, result.id]
                )
            ]
            for table, condition in BELOW_A_RESULT.items()
        }


def start_worker(run: int, database_url: str, data_dir: Path) -> subprocess.Popen[bytes]:
    """A process that has never done anything before, at one run."""
    code = f"from workers.jobs import execute_project_run; execute_project_run({run})"
    env = {**os.environ, "DATABASE_URL": database_url, "EEDS_DATA_DIR": str(data_dir)}
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=env)


def test_two_workers_find_the_same_and_a_third_run_takes_it(
    datastore: Datastore, database_url: str, tmp_path: Path
) -> None:
    """A month before and a month after: enough to be fitted, and no more than that."""
    datastore.change(reporting_period_end=day("2014-03-05"), zipcode="50321")
    temperature = 50 - 30 * np.cos(np.arange(500) * 2 * np.pi / 365)
    datastore.trace(20 + 0.5 * np.maximum(60 - temperature, 0) + np.random.default_rng(1).normal(0, 2, 500))
    settings = {"ignore_disqualification": True, "baseline_days": 30}
    ordered = [datastore.order(reuse=False, **settings) for _ in range(2)]
    workers = [start_worker(run, database_url, tmp_path) for run in ordered]
    assert [worker.wait() for worker in workers] == [0, 0]
    first, second = datastore.results()
    found = contents(datastore, first)
    assert all(found.values()), "a table that nothing is stored in proves nothing"
    assert contents(datastore, second) == found
    assert second.provenance == first.provenance
    assert first.provenance
    assert first.provenance["timezone"] == {"name": "America/Chicago", "method": "zipcode 50321"}
    assert first.provenance["settings"]["timezone"] == "America/Chicago"

    assert datastore.run(**settings).status == "SUCCESS"
    third = datastore.results()[2]
    assert contents(datastore, third) == found
    assert third.provenance == {
        **(first.provenance or {}),
        "settings": {**(first.provenance or {})["settings"], "reuse": True},
        "reused_from": first.id,
    }


def test_a_correction_of_one_trace_fits_only_that_again(datastore: Datastore) -> None:
    """The stored model of the other one is made to say ten kWh a day more, to see that it is taken."""
    datastore.change(reporting_period_end=day("2014-03-05"))
    temperature, rng = 50 - 30 * np.cos(np.arange(500) * 2 * np.pi / 365), np.random.default_rng(1)
    use = 20 + 0.5 * np.maximum(60 - temperature, 0) + rng.normal(0, 2, 500)
    electricity, gas = datastore.trace(use), datastore.trace(use / 10, "NG_C_S")
    settings = {"ignore_disqualification": True, "baseline_days": 30}
    assert datastore.run(**settings).status == "SUCCESS"
    with datastore.database.session() as session:
        for model in session.scalars(select(EnergyTraceModelResult).filter_by(energy_trace_id=electricity)):
            written = json.loads(model.model_serializiation or "")
            for part in written["submodels"].values():
                part["coefficients"]["intercept"] += 10
            model.model_serializiation = json.dumps(written)
        late = use[353] / 10 + 1
        store_readings(psycopg_connection(session), gas, ["2013-12-20"], [late])
    assert datastore.run(**settings).status == "SUCCESS"
    first, second = (normal_years(datastore, result) for result in datastore.results())
    assert second[electricity][BASELINE] == pytest.approx(first[electricity][BASELINE] + 10 * 365)
    assert second[gas][BASELINE] != first[gas][BASELINE]
    assert second[gas][REPORTING] == first[gas][REPORTING]
    assert datastore.run(reuse=False, **settings).status == "SUCCESS"
    again = normal_years(datastore, datastore.results()[2])
    assert again[electricity] == first[electricity]
    assert again[gas] == second[gas]


def normal_years(datastore: Datastore, result: ProjectResult) -> dict[int, dict[str, float]]:
    """What each model of a trace says of a normal year, by trace and period."""
    sql = """
        SELECT model.energy_trace_id, period.interpretation, own.value
        FROM energy_trace_model_results AS model
        JOIN modeling_periods AS period ON period.id = model.modeling_period_id
        JOIN derivatives AS own ON own.energy_trace_model_result_id = model.id
        WHERE model.project_result_id = %s AND own.interpretation = 'annualized_weather_normal'
    """
    found: dict[int, dict[str, float]] = {}
    with datastore.database.connection() as connection:
        for trace, period, value in connection.execute(sql, [result.id]):
            found.setdefault(trace, {})[period] = value
    return found
