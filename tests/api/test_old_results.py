"""Time series of superseded results are deleted when their time has come; the answer says so, and all else stays."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from eeds.db.engine import Database
from eeds.db.statements import query
from eeds.runs.results.retention import drop_series
from tests.api.conftest import Api
from tests.api.test_project_results import finish
from tests.api.test_result_parts import BILLS, DAYS, with_savings
from tests.api.test_result_reuse import take

WEEK = timedelta(days=7)
HOURLY = {"model": "hourly"}


@pytest.fixture
def project(api: Api) -> int:
    body = {"project_id": "ABC", "project_owner": 1, "baseline_period_end": "2013-06-01T00:00:00Z"}
    return int(api.post("projects/", body).json["id"])


def drop(database: Database) -> int:
    with database.connection() as connection:
        return drop_series(connection, WEEK)


def pass_days(database: Database, days: int) -> None:
    """All that is stored becomes so many days older."""
    with database.connection() as connection:
        for table, column in (("project_results", "added"), ("series_sets", "superseded")):
            connection.execute(f"UPDATE {table} SET {column} = {column} - %s", [timedelta(days=days)])


def kept(api: Api) -> list[int]:
    """The results whose series are answered."""
    ids = [result["id"] for result in api.get("project_results/").json]
    answers = {id: api.get(f"project_results/{id}/timeseries/").status_code for id in ids}
    assert set(answers.values()) <= {200, 410}
    return [id for id, status in answers.items() if status == 200]


def test_story(api: Api, database: Database, project: int) -> None:
    first = finish(api, database, project, with_savings(DAYS))
    pass_days(database, 30)
    assert drop(database) == 0, "nothing has replaced it"
    parts = [f"project_results/{first}/{part}" for part in ("", "savings/", "provenance/")]
    before = [api.get(part).json for part in parts]
    second = finish(api, database, project, with_savings(DAYS))
    pass_days(database, 6)
    assert drop(database) == 0, "the later one is six days old"
    pass_days(database, 2)
    assert drop(database) == 1
    assert kept(api) == [second]
    gone = f"project_results/{first}/timeseries/"
    today = datetime.now(UTC)
    for answer in (api.get(gone), api.get(f"{gone}?trace=7&format=csv"), api.get(f"{gone}?format=parquet")):
        assert answer.status_code == 410
        assert answer.json == {
            "detail": f"The time series of this result were deleted on {today:%Y-%m-%d}: a later run of its project "
            "with the same settings has replaced it. Its savings, models and provenance stay."
        }
    after = [api.get(part).json for part in parts]
    assert len(after) == 3
    assert [changed(value) for value in after] == [changed(value) for value in before]
    assert drop(database) == 0


def changed(value: Any) -> Any:
    """Without the time at which it was stored, which this test has moved."""
    return {name: part for name, part in value.items() if name != "added"}


def test_results_of_other_settings_do_not_replace_each_other(api: Api, database: Database, project: int) -> None:
    daily, hourly, later = (
        finish(api, database, project, with_savings(DAYS), settings) for settings in (None, HOURLY, None)
    )
    pass_days(database, 8)
    assert drop(database) == 1
    assert kept(api) == [hourly, later]
    assert daily not in kept(api)
    last = finish(api, database, project, with_savings(DAYS), HOURLY)
    assert drop(database) == 0, "that is not a week ago"
    pass_days(database, 8)
    assert drop(database) == 1
    assert kept(api) == [later, last]


def test_copies_keep_what_they_share(api: Api, database: Database, project: int) -> None:
    """One of the same input and of other words for the same settings is a copy, and the latest of them."""
    first, second = (finish(api, database, project, with_savings(one)) for one in (DAYS, BILLS))
    pass_days(database, 8)
    copy = take(api, database, project)
    assert drop(database) == 0, "the first is the latest again, and the second was until now"
    pass_days(database, 8)
    assert drop(database) == 1
    assert kept(api) == [first, copy]
    other = take(api, database, project, settings={"confidence_level": 0.9})
    third = finish(api, database, project, with_savings(BILLS))
    pass_days(database, 8)
    assert drop(database) == 0, "the copy of other settings is the latest of these"
    assert kept(api) == [first, copy, other, third]
    assert second not in kept(api)


def test_a_result_without_series_is_not_copied(api: Api, database: Database, project: int) -> None:
    first, second = (finish(api, database, project, with_savings(DAYS)) for _ in range(2))
    pass_days(database, 8)
    assert drop(database) == 1
    copy = take(api, database, project)
    assert api.get(f"project_results/{copy}/provenance/").json["reused_from"] == second
    api.delete(f"project_results/{second}/")
    api.delete(f"project_results/{copy}/")
    assert take(api, database, project) is None, "the first one has nothing to give"
    assert [result["id"] for result in api.get("project_results/").json] == [first]


def test_the_latest_that_is_left_keeps_its_own(api: Api, database: Database, project: int) -> None:
    first, second = (finish(api, database, project, with_savings(DAYS)) for _ in range(2))
    pass_days(database, 8)
    api.delete(f"project_results/{second}/")
    assert drop(database) == 0
    assert kept(api) == [first]
    third = finish(api, database, project, with_savings(DAYS))
    pass_days(database, 8)
    assert drop(database) == 1
    assert kept(api) == [third]


def test_a_result_made_by_hand_replaces_none(api: Api, database: Database, project: int) -> None:
    first = finish(api, database, project, with_savings(DAYS))
    made = api.post("project_results/", {"project": project, "meter_class": "EnergyEfficiencyMeter"}).json["id"]
    pass_days(database, 8)
    assert drop(database) == 0
    assert kept(api) == [first, made]


MANY = """
    INSERT INTO projects (project_owner_id, project_id) SELECT 1, 'many ' || i FROM generate_series(1, 3000) AS i;
    INSERT INTO series_sets (project_id) SELECT id FROM projects, generate_series(1, 4);
    INSERT INTO project_results (project_id, series_set_id) SELECT project_id, id FROM series_sets;
    UPDATE series_sets SET superseded = now() WHERE id % 4 > 0;
    UPDATE series_sets SET superseded = now() - interval '8 days' WHERE id < 9;
    UPDATE project_results SET added = now() - interval '8 days' WHERE series_set_id < 9;
    ANALYZE project_results, series_sets;
"""


PARAMETERS = {
    **dict.fromkeys(("run_id", "meter_class", "meter_settings"), None),
    "project_id": 7,
    "input_sha256": "aa",
    **dict.fromkeys(("versions", "provenance"), Jsonb({})),
}


@pytest.mark.parametrize(
    ("statement", "parameters", "expected"),
    [
        ("runs/drop_series", {"kept": WEEK, "batch": 200}, 6),
        ("runs/add_series_set", {"project_id": 7}, 2),
        ("runs/copy_result", PARAMETERS, 4),
    ],
)
def test_only_what_matters_is_looked_at(
    api: Api, database: Database, statement: str, parameters: dict[str, Any], expected: int
) -> None:
    """Of 12,000 results, of which 3,000 are the latest of their project and 8,990 are kept for some days yet."""
    with database.connection() as connection:
        connection.execute(MANY)
        explained = connection.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query(statement), parameters).fetchone()
        connection.rollback()
    assert explained is not None
    read = [(node.get("Relation Name"), node["Node Type"], node["Actual Rows"]) for node in nodes(explained[0][0])]
    tables = [part for part in read if part[0] in ("project_results", "series_sets")]
    assert len(tables) >= expected
    assert [part for part in tables if "Seq Scan" in part[1] or part[2] > 100] == []


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All nodes of an explained plan."""
    if "Node Type" in plan:
        yield plan
    for part in (plan.get("Plan"), *plan.get("Plans", [])):
        if part:
            yield from nodes(part)
