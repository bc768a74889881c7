"""Project results: stored by a run, read in the nested form of the original."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from sqlalchemy.orm import Session

from eeds.db.engine import Database, psycopg_connection
from eeds.db.tables import Project
from eeds.jobs import leases
from eeds.meter.settings import parse_settings
from eeds.meter.types import (
    BASELINE,
    REPORTING,
    Aggregation,
    Derivative,
    MeterResult,
    Trace,
    TraceModelResult,
    Weather,
)
from eeds.runs import lifecycle as runs
from eeds.runs.inputs import RunInput
from eeds.runs.periods import periods_of
from eeds.runs.results.store import save
from eeds.weather.for_run import WeatherForRun
from tests.api.conftest import Api, MakeApi

KEYS = [
    "id",
    "project",
    "eemeter_version",
    "meter_class",
    "meter_settings",
    "modeling_periods",
    "modeling_period_groups",
    "derivative_aggregations",
    "energy_trace_model_results",
    "added",
    "updated",
    "stale",
    "stale_since",
    "stale_because",
    "stale_load",
]
NORMAL = Derivative("annualized_weather_normal", 8935.0, 301.5, 330.5, 365)
GROSS = Derivative("gross_predicted", 15188.0, 379.0, 416.0, 580)
ESTIMATED = (
    "estimated readings, combined with the next (CalTRACK 2.2.2.2): 2 (2013-02-10, 3 days; 2013-05-01, 2 days)",
)
MODEL = TraceModelResult(
    *(7, BASELINE, "SUCCESS", 0.46, 16.5, 0.55, 17.3, 15.7, 882, '{"a": 1}', (NORMAL, GROSS)),
    nmbe=0.01,
    mean_bias=0.3,
    model="caltrack daily",
    flags=ESTIMATED,
)
RESULT = MeterResult(
    eemeter_version="1.2.7",
    traces=(
        MODEL,
        replace(MODEL, period=REPORTING, r2=float("nan"), n=549, nmbe_limit=0.05, cvrmse_limit=0.15),
        TraceModelResult(8, BASELINE, "NO DATA"),
        TraceModelResult(8, REPORTING, "TOO FEW"),
    ),
    aggregations=(Aggregation("ELECTRICITY_CONSUMPTION_SUPPLIED", "gross_predicted", GROSS, None),),
    provenance={"input_sha256": "sha", "versions": {"opendsm": "1.2.7"}, "settings": {"confidence_level": 0.9}},
)
EMPTY = np.empty(0)
TRACES = [
    Trace(7, "E_C_S", "KWH", EMPTY.astype("datetime64[s]"), EMPTY, EMPTY.astype(bool)),
    Trace(8, "NG_C_S", "THM", EMPTY.astype("datetime64[s]"), EMPTY, EMPTY.astype(bool)),
]
WEATHER = WeatherForRun(
    Weather("725460", "upload", np.datetime64("2012-01-01T00"), EMPTY, EMPTY, "TMY3"),
    {"station": "725460", "km": 3.2},
    datetime(2012, 1, 1, tzinfo=UTC),
    datetime(2015, 1, 1, tzinfo=UTC),
)


@pytest.fixture
def project(api: Api) -> int:
    body = {"project_id": "ABC", "project_owner": 1, "baseline_period_end": "2013-06-01T00:00:00Z"}
    return int(api.post("projects/", body).json["id"])


def input_of(session: Session, held: runs.ClaimedRun) -> RunInput:
    """What a worker would have read, but for the readings."""
    project = session.get_one(Project, held.project_id)
    settings = parse_settings(held.meter_settings)
    zone = {"name": settings.timezone, "method": "timezone setting"}
    return RunInput(periods_of(project), TRACES, WEATHER, settings, zone)


def finish(
    api: Api, database: Database, project: int, result: MeterResult = RESULT, settings: dict[str, Any] | None = None
) -> int:
    """Order a run and end it with a result, as a worker does."""
    run = api.post("project_runs/", {"project": project, "meter_settings": settings}).json["id"]
    with database.session() as session:
        held = leases.claim_job(psycopg_connection(session), runs.RUNS, run)
        assert held is not None
        id = save(session, held, input_of(session, held), result)
        runs.succeed(session, held)
    return id


def test_story(api: Api, database: Database, project: int) -> None:
    assert api.get("project_results/").json == []
    id = finish(api, database, project)
    found = api.get(f"project_results/{id}/").json
    assert list(found) == KEYS
    assert api.get("project_results/").json == [found]
    assert datetime.fromisoformat(found["added"])

    baseline, reporting = found["modeling_periods"]
    assert baseline == {
        "id": baseline["id"],
        "interpretation": "BASELINE",
        "start_date": None,
        "end_date": "2013-06-01T00:00:00Z",
    }
    # an open reporting_period_start is the end of the baseline
    assert (reporting["start_date"], reporting["end_date"]) == ("2013-06-01T00:00:00Z", None)
    (group,) = found["modeling_period_groups"]
    assert group == {"id": group["id"], "baseline_period": baseline["id"], "reporting_period": reporting["id"]}

    (aggregation,) = found["derivative_aggregations"]
    assert aggregation == {
        "id": aggregation["id"],
        "modeling_period_group": group["id"],
        "trace_interpretation": "ELECTRICITY_CONSUMPTION_SUPPLIED",
        "interpretation": "gross_predicted",
        "baseline_value": 15188.0,
        "baseline_upper": 379.0,
        "baseline_lower": 416.0,
        "baseline_n": 580,
        "reporting_value": None,
        "reporting_upper": None,
        "reporting_lower": None,
        "reporting_n": None,
    }

    first, second, third, _ = found["energy_trace_model_results"]
    normal, gross = first["derivatives"]
    assert list(first) == [
        *("id", "project_result", "energy_trace", "modeling_period", "derivatives", "status", "r2", "rmse", "cvrmse"),
        *("model_serializiation", "upper", "lower", "n"),
        *("nmbe", "nmbe_limit", "cvrmse_limit", "mean_bias", "model", "flags"),  # which the original has not
    ]
    assert [first[name] for name in list(first)[-6:]] == [0.01, None, None, 0.3, "caltrack daily", list(ESTIMATED)]
    assert (first["project_result"], first["energy_trace"], first["modeling_period"]) == (id, 7, baseline["id"])
    assert (first["r2"], first["n"], first["model_serializiation"]) == (0.46, 882.0, '{"a": 1}')
    assert list(normal) == ["id", "interpretation", "value", "upper", "lower", "n"]
    assert [normal[key] for key in ("value", "upper", "lower", "n")] == [8935.0, 301.5, 330.5, 365]
    assert gross["interpretation"] == "gross_predicted"
    assert (second["modeling_period"], second["r2"]) == (reporting["id"], None)
    assert (third["status"], third["derivatives"], third["rmse"]) == ("NO DATA", [], None)
    assert (third["model"], third["flags"]) == (None, [])

    assert api.delete(f"project_results/{id}/").status_code == 204
    assert api.get(f"project_results/{id}/").status_code == 404
    assert api.get("project_runs/").json[0]["status"] == "SUCCESS"


def test_a_result_can_be_made_by_hand(api: Api, project: int) -> None:
    made = api.post("project_results/", {"project": project, "eemeter_version": "x"})
    assert made.status_code == 201
    assert list(made.json) == KEYS
    assert {made.json["meter_class"], made.json["meter_settings"]} == {None}
    assert [made.json[key] for key in KEYS[5:9]] == [[], [], [], []]
    patched = api.patch(f"project_results/{made.json['id']}/", {"eemeter_version": "y"})
    assert (patched.status_code, patched.json["eemeter_version"]) == (200, "y")
    assert api.post("project_results/", {}).json == {"project": ["This field is required."]}


def test_owners_do_not_see_each_others_results(api: Api, login: MakeApi, database: Database, project: int) -> None:
    id = finish(api, database, project)
    ann = login("ann")
    assert ann.get("project_results/").json == []
    assert ann.get(f"project_results/{id}/").status_code == 404
    assert ann.delete(f"project_results/{id}/").status_code == 404


def test_results_of_some_projects_or_runs(api: Api, login: MakeApi, database: Database, project: int) -> None:
    body = {"project_id": "XYZ", "project_owner": 1, "baseline_period_end": "2013-06-01T00:00:00Z"}
    other = api.post("projects/", body).json["id"]
    first, second, third = (finish(api, database, each) for each in (project, project, other))
    run = max(run["id"] for run in api.get("project_runs/").json)
    for query, expected in {
        f"projects={project}": [first, second],
        f"projects={project}-{other}": [first, second, third],
        f"runs={run}": [third],
        f"runs={run - 1}-{run}": [second, third],
        f"runs={run}&projects={project}": [],
        "runs=x": [],
    }.items():
        assert [found["id"] for found in api.get(f"project_results/?{query}").json] == expected, query
    assert api.get("project_results/?runs=1-x").json == {"runs": ['"1-x" is not a range of ids; give it as 3-5.']}
    assert login("ann").get(f"project_results/?runs={run}").json == []


def test_results_go_with_their_project_and_stay_without_their_trace(api: Api, database: Database, project: int) -> None:
    trace = api.post("consumption_metadatas/", {"project": project, "interpretation": "E_C_S", "unit": "KWH"}).json[
        "id"
    ]
    id = finish(api, database, project, replace(RESULT, traces=(replace(MODEL, trace_id=trace),)))
    api.delete(f"consumption_metadatas/{trace}/")
    assert api.get(f"project_results/{id}/").json["energy_trace_model_results"][0]["energy_trace"] == trace
    api.delete(f"projects/{project}/")
    assert api.get("project_results/").json == []


def test_a_lost_lease_leaves_no_result(api: Api, database: Database, project: int) -> None:
    run = api.post("project_runs/", {"project": project}).json["id"]
    with database.connection() as connection:
        held = leases.claim_job(connection, runs.RUNS, run)
        assert held is not None
    late = replace(held, attempts=0)

    def end_late() -> None:
        with database.session() as session:
            save(session, late, input_of(session, late), RESULT)
            runs.succeed(session, late)

    with pytest.raises(leases.LeaseLost):
        end_late()
    assert api.get("project_results/").json == []
