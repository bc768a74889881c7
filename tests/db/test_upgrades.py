"""Databases of every earlier schema, with the rows that they can hold, are brought up to date and read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from eeds.app import create_app
from eeds.config.data_dir import Urls
from eeds.config.settings import Settings
from eeds.db.migrate import migrate
from tests.db.earlier import NAMES, SECRET, TOKEN, earlier_database

Get = Callable[[str], Any]


@contextmanager
def reader(settings: Settings) -> Iterator[Callable[[str], Any]]:
    """Reads from the API, with the token of the user that was there before."""
    app = create_app(settings)
    client = app.test_client()

    def get(path: str) -> Any:
        answer = client.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {TOKEN}"}, buffered=True)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json

    yield get
    app.extensions["eeds.database"].engine.dispose()


@pytest.mark.parametrize("schema", NAMES)
def test_what_was_stored_before_an_upgrade_is_read_after_it(schema: str, servers: Urls, tmp_path: Path) -> None:
    with earlier_database(servers, schema) as url:
        assert migrate(url) == [name for name in NAMES if name > schema]
        environment = {"DATABASE_URL": url, "REDIS_URL": servers.redis, "SECRET_KEY": SECRET}
        unlimited = {"EEDS_RATE_LIMIT": "1000000", "EEDS_DATA_DIR": str(tmp_path)}
        with reader(Settings.from_env({**environment, **unlimited})) as get:
            assert_projects(get)
            assert_records(schema, get)
            assert_results(schema, get)
            assert_savings(schema, get)
        assert temperatures_in(url) == ({72.1, 50.3, 51.7} if schema >= "0011" else {72.1, 50.3})


def temperatures_in(url: str) -> set[float]:
    """The different ones of all stations."""
    both = "SELECT unnest(temps) FROM weather_years UNION SELECT unnest(temps) FROM weather_normals"
    with psycopg.connect(url) as connection:
        return {value for (value,) in connection.execute(both)}


def assert_projects(get: Get) -> None:
    """The project, what is said of it, and its runs."""
    (project,) = get("projects/")
    assert (project["project_id"], project["zipcode"]) == ("ABC", "50321")
    assert [block["name"] for block in get("project_blocks/")] == ["north"]
    assert [each["value"] for each in get("project_attributes/")] == [1200.5]
    assert [run["status"] for run in get("project_runs/")] == ["SUCCESS", "FAILED", "PENDING"]


def assert_records(schema: str, get: Get) -> None:
    """Traces of the fuels that the schema had, and their records."""
    labels = ["main", "gas", *["oil"] * (schema >= "0009"), *["green button"] * (schema >= "0010")]
    assert [trace["label"] for trace in get("consumption_metadatas/")] == labels
    stored = [
        (record["start"], record["value"], record["estimated"]) for record in get("consumption_records/?metadata=1")
    ]
    assert stored == [
        ("2013-07-01T00:00:00Z", 10.0, False),
        ("2013-07-02T00:00:00Z", None, False),
        ("2013-07-03T00:00:00Z", 12.5, True),
    ]
    assert [each["name"] for each in get("column_mappings/")] == ["utility"] * (schema >= "0012")


def assert_results(schema: str, get: Get) -> None:
    """The result with the models that its provenance names, and the qualities that the schema had."""
    (result,) = get("project_results/")
    baseline, reporting = result["energy_trace_model_results"]
    assert (baseline["r2"], baseline["derivatives"][0]["value"]) == (0.9, 4000.5)
    assert (baseline["model"], reporting["model"]) == ("daily", None)
    assert baseline["nmbe"] == (0.01 if schema >= "0015" else None)
    assert baseline["flags"] == (["readings missing"] if schema >= "0016" else None)
    assert get("project_results/1/provenance/")["input_sha256"] == "aa"


def assert_savings(schema: str, get: Get) -> None:
    """Savings and their months, which a migration computes for the results before it."""
    savings = get("project_results/1/savings/")
    rows = get("project_results/1/timeseries/")
    if schema < "0003":
        assert (savings["traces"], savings["aggregations"], rows) == ([], [], [])
        return
    assert [row["observed"] for row in rows if row["energy_trace"] == 1] == [14.0, 14.0, 15.0]
    (sum_of_traces,) = savings["aggregations"]
    assert sum_of_traces["metered_savings"]["value"] == 7.0
    months = [(each["month"], each["value"], each["n"], each["baseline"]) for each in sum_of_traces["months"]]
    assert months == [("2013-07", 2.0, 2, 30.0), ("2013-08", 5.0, 1, 20.0)]


def test_every_table_has_rows(servers: Urls) -> None:
    """A table that a migration makes needs rows here, so that the next migrations are tried with them."""
    tables = (
        "SELECT relid::regclass::text FROM pg_stat_user_tables JOIN pg_class ON oid = relid WHERE NOT relispartition"
    )
    with earlier_database(servers, NAMES[-1]) as url, psycopg.connect(url) as connection:
        found = {
            name: connection.execute(f"SELECT FROM {name} LIMIT 1").rowcount for (name,) in connection.execute(tables)
        }
    assert {name for name, rows in found.items() if not rows} == set()


EARLIER_RESULTS = """
    INSERT INTO project_results (project_id, provenance, meter_settings) VALUES
        (1, '{"reused_from": 1}', NULL), (1, NULL, '{"model": "hourly"}'), (1, '{"reused_from": 3}', NULL),
        (1, '{"reused_from": 99}', NULL), (1, '{"reused_from": 99}', NULL), (1, NULL, NULL);
    INSERT INTO modeling_periods (project_result_id, interpretation)
        SELECT id, period FROM generate_series(2, 7) AS id, unnest(ARRAY['BASELINE', 'REPORTING']) AS period;
    INSERT INTO energy_trace_model_results (project_result_id, energy_trace_id, modeling_period_id, status, upper)
        SELECT project_result_id, trace, id, 'SUCCESS', CASE interpretation WHEN 'BASELINE' THEN 0.1 ELSE 7 END
        FROM modeling_periods, unnest(ARRAY[1, 2]) AS trace
        WHERE project_result_id > 1;
    -- hours, with a missing one; days, over a change of clocks; bills; days without a baseline; what has no series
    INSERT INTO time_series
        SELECT id, 1, 'hourly', starts, NULL, x, x, x, ARRAY(SELECT v - 0.1 FROM unnest(x) AS v),
            ARRAY(SELECT v + 0.1 FROM unnest(x) AS v), x
        FROM unnest(ARRAY[3, 4]) AS id,
            (SELECT ARRAY(SELECT generate_series('2013-03-10 06:00Z', '2013-03-12', interval '1 hour')) AS starts),
            (SELECT ARRAY(SELECT nullif(v, 7) / 3::double precision FROM generate_series(1, 43) AS v) AS given),
            LATERAL (SELECT ARRAY(SELECT coalesce(v, 'NaN') FROM unnest(given) AS v) AS x);
    INSERT INTO time_series
        SELECT id, 1, 'daily', '{2013-03-09 06:00Z, 2013-03-10 06:00Z, 2013-03-11 05:00Z, 2013-03-12 05:00Z}',
            '{2013-03-09, 2013-03-10, 2013-03-11, 2013-03-12}', '{1, 2, 3, NaN}', '{50, 51, 52, 53}',
            '{1.75, 0.25, 1e17, NaN}', '{1.65, 0.15, 1e17, NaN}', '{1.85, 0.35, 1e17, NaN}', '{0, -0, 1, NaN}'
        FROM unnest(ARRAY[2, 5, 6]) AS id;
    INSERT INTO time_series
        SELECT id, 2, 'billing', '{2013-01-05 06:00Z, 2013-02-07 06:00Z}', '{2013-01-05, 2013-02-07}', '{300, 280}',
            '{20, 25}', '{310, 1e308}', '{300, -Infinity}', '{320, Infinity}', '{1, 2}'
        FROM unnest(ARRAY[5, 6]) AS id;
    INSERT INTO time_series
        SELECT id, 3, 'daily', '{2013-01-05 06:00Z, 2013-01-07 06:00Z}', '{2013-01-05, 2013-01-07}', '{1, 2}', '{3, 4}',
            '{NaN, NaN}', '{NaN, NaN}', '{NaN, NaN}', '{5, 6}'
        FROM unnest(ARRAY[5, 6]) AS id;
"""
EARLIER_ROWS = """
    SELECT project_result_id, energy_trace_id, resolution, rows.*
    FROM time_series, unnest(start, day, observed, temperature, baseline, lower, upper, reporting) AS rows
    WHERE project_result_id <> 2
    ORDER BY 1, 2, 4
"""
ROWS = "SELECT * FROM time_series_rows WHERE project_result_id <> 2 ORDER BY 1, 2, 4"
SETS = "SELECT id, series_set_id FROM project_results ORDER BY id"
REGULAR = "SELECT series_set_id, energy_trace_id FROM time_series WHERE distance IS NOT NULL ORDER BY 1, 2"


def test_series_are_moved_to_the_last_digit_and_those_of_copies_once(servers: Urls) -> None:
    """Result 2 is a copy of 1, 4 of 3, 6 of 5, of which both are copies of one that was deleted."""
    with earlier_database(servers, "0019_loads") as url:
        with psycopg.connect(url) as connection:
            connection.execute(EARLIER_RESULTS)
            before = connection.execute(EARLIER_ROWS).fetchall()
        migrate(url)
        with psycopg.connect(url) as connection:
            assert repr(connection.execute(ROWS).fetchall()) == repr(before)
            assert dict(connection.execute(SETS)) == {1: 1, 2: 1, 3: 3, 4: 3, 5: 5, 6: 5, 7: None}
            assert connection.execute(REGULAR).fetchall() == [(3, 1), (5, 1), (5, 3)]
            marked = connection.execute("SELECT id FROM series_sets WHERE superseded IS NOT NULL ORDER BY id")
            assert marked.fetchall() == [(1,), (3,)]
            added = "INSERT INTO series_sets (project_id) VALUES (1) RETURNING id"
            assert connection.execute(added).fetchone() == (6,)


def test_keys_that_one_owner_has_used_become_that_owners(servers: Urls) -> None:
    others = """
        INSERT INTO users (name) VALUES ('bob');
        INSERT INTO project_owners (user_id) SELECT id FROM users WHERE name = 'bob';
        INSERT INTO projects (project_owner_id, project_id) VALUES (2, 'DEF');
        INSERT INTO project_attribute_keys (name, display_name, data_type) VALUES
            ('both', '', 'FLOAT'), ('bobs', '', 'FLOAT'), ('unused', '', 'FLOAT');
        INSERT INTO project_attributes (project_id, key_id)
            SELECT projects.id, keys.id FROM projects, project_attribute_keys AS keys
            WHERE keys.name = 'both' OR keys.name = 'bobs' AND project_owner_id = 2;
    """
    with earlier_database(servers, "0017_accounts") as url:
        with psycopg.connect(url) as connection:
            connection.execute(others)
        migrate(url)
        with psycopg.connect(url) as connection:
            owners = connection.execute("SELECT name, project_owner_id FROM project_attribute_keys").fetchall()
    assert dict(owners) == {"area": 1, "both": None, "bobs": 2, "unused": None}
