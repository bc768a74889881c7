"""A run gets a copy of an earlier result where project, input and versions are the same, and only there."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from eeds.db.engine import Database, psycopg_connection
from eeds.jobs import leases
from eeds.runs import lifecycle as runs
from eeds.runs.results.store import reuse
from tests.api.conftest import Api
from tests.api.test_project_results import RESULT, finish
from tests.api.test_result_parts import BILLS, DAYS, with_savings

OWN = {
    **RESULT.provenance,
    "settings": {"confidence_level": 0.9, "reuse": True},
    "weather": {"station": "1"},
    "timezone": {"name": "America/Chicago", "method": "zipcode 50321"},
}


@pytest.fixture
def project(api: Api) -> int:
    body = {"project_id": "ABC", "project_owner": 1, "baseline_period_end": "2013-06-01T00:00:00Z"}
    return int(api.post("projects/", body).json["id"])


def claimed(api: Api, session: Session, project: int, settings: dict[str, Any] | None = None) -> runs.ClaimedRun:
    run = api.post("project_runs/", {"project": project, "meter_settings": settings}).json["id"]
    held = leases.claim_job(psycopg_connection(session), runs.RUNS, run)
    assert held is not None
    return held


def take(
    api: Api, database: Database, project: int, own: dict[str, Any] = OWN, settings: dict[str, Any] | None = None
) -> int | None:
    """Order a run and end it with the result of an earlier one, as a worker does; None if there is none."""
    with database.session() as session:
        held = claimed(api, session, project, settings)
        id = reuse(psycopg_connection(session), held, own)
        if id is not None:
            runs.succeed(session, held)
    return id


def whole(api: Api, id: int) -> Any:
    """A result with all its parts, but for its times and settings; what its ids lead to in place of the ids."""
    result = api.get(f"project_results/{id}/").json
    names = {"project_result": {id: "result"}}
    names["modeling_period_group"] = {group["id"]: "group" for group in result["modeling_period_groups"]}
    periods = {period["id"]: period["interpretation"] for period in result["modeling_periods"]}
    names |= dict.fromkeys(("modeling_period", "baseline_period", "reporting_period"), periods)

    def named(value: Any) -> Any:
        if isinstance(value, list):
            return [named(item) for item in value]
        if not isinstance(value, dict):
            return value
        return {
            key: names[key][item] if key in names else named(item)
            for key, item in value.items()
            if key not in ("id", "added", "updated", "meter_settings")
        }

    parts = [api.get(f"project_results/{id}/{part}/").json for part in ("savings", "timeseries")]
    return named([result, *parts])


def test_all_is_copied(api: Api, database: Database, project: int) -> None:
    first = finish(api, database, project, with_savings(DAYS, BILLS))
    settings = {"confidence_level": 0.9}
    second = take(api, database, project, settings=settings)
    assert second is not None
    assert second != first
    assert whole(api, second) == whole(api, first)
    result = api.get(f"project_results/{second}/").json
    assert result["meter_settings"] == settings
    assert api.get(f"project_results/{second}/provenance/").json == {**OWN, "reused_from": first}
    run = api.get("project_runs/").json[-1]
    assert (run["status"], run["traceback"]) == ("SUCCESS", None)
    api.delete(f"project_results/{first}/")
    assert whole(api, second) == whole(api, take(api, database, project) or 0)


@pytest.mark.parametrize(
    "other",
    [{"input_sha256": "other"}, {"versions": {"opendsm": "1.2.8"}}, {"versions": {"opendsm": "1.2.7", "numpy": "2"}}],
)
def test_another_input_or_version_is_computed_anew(
    api: Api, database: Database, project: int, other: dict[str, Any]
) -> None:
    finish(api, database, project)
    assert take(api, database, project, {**OWN, **other}) is None
    assert len(api.get("project_results/").json) == 1
    assert take(api, database, project) is not None


def test_another_projects_result_is_not_taken(api: Api, database: Database, project: int) -> None:
    finish(api, database, project)
    other = {"project_id": "DEF", "project_owner": 1, "baseline_period_end": "2013-06-01T00:00:00Z"}
    assert take(api, database, api.post("projects/", other).json["id"]) is None


def test_a_deleted_result_and_one_made_by_hand_are_not_taken(api: Api, database: Database, project: int) -> None:
    api.delete(f"project_results/{finish(api, database, project)}/")
    api.post("project_results/", {"project": project})
    assert take(api, database, project) is None


def test_a_lost_lease_leaves_no_copy(api: Api, database: Database, project: int) -> None:
    finish(api, database, project)

    def end_late() -> None:
        with database.session() as session:
            held = claimed(api, session, project)
            reuse(psycopg_connection(session), held, OWN)
            leases.fail_job(psycopg_connection(session), held, "somebody cancelled it")
            runs.succeed(session, held)

    with pytest.raises(leases.LeaseLost):
        end_late()
    assert len(api.get("project_results/").json) == 1
