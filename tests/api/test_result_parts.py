"""What a result has under URLs of its own: savings, time series in three formats, provenance; all go with it."""

import csv
import io
import math
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from eeds.db.engine import Database
from eeds.formats.media_types import CSV, JSON, PARQUET
from eeds.meter.spread import Spread
from eeds.meter.types import MonthSavings, Savings, SavingsAggregation, TimeSeries, TraceSavings
from tests.api.conftest import Api, MakeApi
from tests.api.test_project_results import RESULT, finish

NAN = float("nan")
COLUMNS = ["energy_trace", "date", "observed", "temperature", "baseline", "lower", "upper", "reporting"]
SPREAD = Spread(offset=5.0, variance=400.0, shared=15.0, freedom=30.0, cosines=(12.0, -16.0))
METERED = Savings(value=200.0, upper=40.0, lower=50.0, n=300, baseline=1000.0, spread=SPREAD)
NOTHING = Savings(value=0.0, upper=4.0, lower=4.0, n=3, baseline=0.0)
ERRORS = {"offset": 5.0, "variance": 400.0, "shared": 15.0, "freedom": 30.0}
SHOWN = {"value": 200.0, "upper": 40.0, "lower": 50.0, "n": 300, "baseline": 1000.0, "fraction": 0.2, "fsu": 0.225}
SHOWN |= ERRORS
SHOWN_NOTHING = {"value": 0.0, "upper": 4.0, "lower": 4.0, "n": 3, "baseline": 0.0, "fraction": None, "fsu": None}
SHOWN_NOTHING |= dict.fromkeys(ERRORS)
JANUARY, FEBRUARY = (
    MonthSavings.of(date(2014, month, 1), (80.0 + month, 30, 400.0), SPREAD.times(0.5), SPREAD.times(0.25 * month), 0.9)
    for month in (1, 2)
)
SHOWN_MONTHS = [
    {
        "month": name,
        "value": month.value,
        "upper": month.upper,
        "lower": month.lower,
        "n": 30,
        "baseline": 400.0,
        "cumulative_upper": month.cumulative_upper,
        "cumulative_lower": month.cumulative_lower,
        "cumulative_value": total,
    }
    for name, month, total in (("2014-01", JANUARY, 81.0), ("2014-02", FEBRUARY, 163.0))
]


def series(trace: int, start: Any, observed: Any, resolution: str = "daily") -> TimeSeries:
    """A series whose other columns follow from what was observed."""
    values = np.array(observed, dtype=np.float64)
    starts = np.array(start, dtype="datetime64[s]")
    columns: list[NDArray[np.float64]] = [values, values + 50, values * 2, values * 2 - 1, values * 2 + 1, -values]
    return TimeSeries(trace, resolution, starts, *columns)


def with_savings(*series: TimeSeries) -> Any:
    """The result with savings, of which trace 8 has none, and these series."""
    return replace(
        RESULT,
        savings=(TraceSavings(7, METERED, NOTHING, (JANUARY, FEBRUARY), "daily"),),
        savings_aggregations=(
            SavingsAggregation("ELECTRICITY_CONSUMPTION_SUPPLIED", METERED, None, (JANUARY, FEBRUARY), "daily"),
        ),
        time_series=series,
    )


DAYS = series(7, ["2013-03-09T08", "2013-03-10T08", "2013-03-11T07"], [1.5, NAN, 0.1 + 0.2])
BILLS = series(8, ["2013-01-01T08", "2013-03-15T07"], [100.0, math.inf], "billing")
HOURS = series(7, ["2013-03-10T09", "2013-03-10T10"], [1.0, 2.0], "hourly")
IN_CALIFORNIA = {"timezone": "America/Los_Angeles"}


@pytest.fixture
def project(api: Api) -> int:
    body = {"project_id": "ABC", "project_owner": 1, "baseline_period_end": "2013-06-01T00:00:00Z"}
    return int(api.post("projects/", body).json["id"])


def test_savings(api: Api, database: Database, project: int) -> None:
    id = finish(api, database, project, with_savings())
    found = api.get(f"project_results/{id}/savings/").json
    assert found == {
        "project_result": id,
        "confidence_level": 0.9,
        "traces": [
            {
                "energy_trace": 7,
                "trace_interpretation": "ELECTRICITY_CONSUMPTION_SUPPLIED",
                "unit": "KWH",
                "metered_savings": SHOWN,
                "normalized_savings": SHOWN_NOTHING,
                "months": SHOWN_MONTHS,
                "status": "SUCCESS",
            },
            {
                "energy_trace": 8,
                "trace_interpretation": "NATURAL_GAS_CONSUMPTION_SUPPLIED",
                "unit": "THM",
                "metered_savings": None,
                "normalized_savings": None,
                "months": [],
                "status": "BASELINE period: NO DATA\nREPORTING period: TOO FEW",
            },
        ],
        "aggregations": [
            {
                "trace_interpretation": "ELECTRICITY_CONSUMPTION_SUPPLIED",
                "unit": "KWH",
                "metered_savings": SHOWN,
                "normalized_savings": None,
                "months": SHOWN_MONTHS,
                "fractional_bias_error": pytest.approx(0.3 * 300 / 200),
            }
        ],
    }
    assert [list(found), list(found["traces"][0]), list(SHOWN)] == [
        ["project_result", "confidence_level", "traces", "aggregations"],
        ["energy_trace", "trace_interpretation", "unit", "metered_savings", "normalized_savings", "months", "status"],
        list(found["traces"][0]["metered_savings"]),
    ]


@pytest.mark.parametrize(
    ("stored", "meter_settings", "dates"),
    [
        ([DAYS], IN_CALIFORNIA, ["2013-03-09", "2013-03-10", "2013-03-11"]),
        ([DAYS, BILLS], None, ["2013-03-09", "2013-03-10", "2013-03-11", "2013-01-01", "2013-03-15"]),
        ([HOURS], IN_CALIFORNIA, ["2013-03-10T09:00:00Z", "2013-03-10T10:00:00Z"]),
        ([], None, []),
    ],
)
def test_time_series_in_every_format(
    api: Api, database: Database, project: int, stored: list[TimeSeries], meter_settings: Any, dates: list[str]
) -> None:
    id = finish(api, database, project, with_savings(*stored), meter_settings)
    path = f"project_results/{id}/timeseries/"
    rows = api.get(path).json
    assert rows == api.get(path, headers={"Accept": JSON}).json
    assert [row["date"] for row in rows] == dates
    days = iter(dates)
    assert rows == [
        dict(zip(COLUMNS, [one.trace_id, day, *shown(row)], strict=True))
        for one in stored
        for row in zip(one.observed, one.temperature, one.baseline, one.lower, one.upper, one.reporting, strict=True)
        for day in [next(days)]
    ]

    as_csv = api.get(path, headers={"Accept": CSV})
    header, *lines = csv.reader(io.StringIO(as_csv.text))
    assert header == COLUMNS
    assert [[int(id), day, *map(of_text, rest)] for id, day, *rest in lines] == [list(row.values()) for row in rows]
    assert as_csv.headers["Content-Disposition"] == f'attachment; filename="project_result_{id}_timeseries.csv"'
    assert as_csv.headers["Vary"] == "Accept"

    table = pq.read_table(io.BytesIO(api.get(f"{path}?format=parquet", headers={"Accept": PARQUET}).data))
    assert table.schema.names == COLUMNS
    hourly = any(one.resolution == "hourly" for one in stored)
    assert table.schema.field("date").type == (pa.timestamp("ms", "UTC") if hourly else pa.date32())
    parse = datetime.fromisoformat if hourly else date.fromisoformat
    assert table.to_pylist() == [{**row, "date": parse(row["date"])} for row in rows]


def shown(values: Any) -> list[float | None]:
    """What is not a number is missing."""
    return [value if math.isfinite(value) else None for value in values]


def of_text(text: str) -> float | None:
    return float(text) if text else None


def test_the_series_of_one_trace(api: Api, database: Database, project: int) -> None:
    id = finish(api, database, project, with_savings(DAYS, BILLS))
    path = f"project_results/{id}/timeseries/"
    assert {row["energy_trace"] for row in api.get(f"{path}?trace=8").json} == {8}
    for no_trace in ("9", "x", "99999999999999999999"):
        assert api.get(f"{path}?trace={no_trace}").json == []
    assert api.get(f"{path}?trace=9&format=csv").text == ",".join(COLUMNS) + "\n"
    assert api.get(f"{path}?format=arrow").status_code == 404
    assert api.get(path, headers={"Accept": "image/png"}).status_code == 406


def test_a_long_series_comes_whole_and_in_order(api: Api, database: Database, project: int) -> None:
    starts = np.datetime64("2011-01-01T00", "s") + np.arange(26_280) * np.timedelta64(3600, "s")
    observed = np.random.default_rng(1).random(26_280)
    id = finish(api, database, project, with_savings(series(7, starts, observed, "hourly")))
    rows = api.get(f"project_results/{id}/timeseries/").json
    assert [row["observed"] for row in rows] == observed.tolist()
    assert [datetime.fromisoformat(row["date"]) for row in rows[::5000]] == [
        start.replace(tzinfo=UTC) for start in starts[::5000].tolist()
    ]


def test_provenance(api: Api, database: Database, project: int) -> None:
    id = finish(api, database, project)
    weather = {"station": "725460", "km": 3.2}
    assert api.get(f"project_results/{id}/provenance/").json == {
        **RESULT.provenance,
        "weather": weather,
        "timezone": {"name": "UTC", "method": "timezone setting"},
    }


def test_a_result_made_by_hand_has_no_parts(api: Api, project: int) -> None:
    id = api.post("project_results/", {"project": project}).json["id"]
    empty = {"project_result": id, "confidence_level": None, "traces": [], "aggregations": []}
    assert api.get(f"project_results/{id}/savings/").json == empty
    assert api.get(f"project_results/{id}/timeseries/").json == []
    assert api.get(f"project_results/{id}/provenance/").json == {}


PARTS = ("savings", "timeseries", "provenance")


@pytest.mark.parametrize("part", PARTS)
def test_parts_are_seen_by_their_owner(api: Api, login: MakeApi, database: Database, project: int, part: str) -> None:
    ann, bob = login("ann"), login("bob")
    owner = ann.get("project_owners/").json[0]["id"]
    api.patch(f"projects/{project}/", {"project_owner": owner})
    id = finish(api, database, project, with_savings(DAYS))
    path = f"project_results/{id}/{part}/"
    assert ann.get(path).json == api.get(path).json != []
    assert bob.get(path).status_code == bob.get(f"project_results/999/{part}/").status_code == 404


@pytest.mark.parametrize("gone", ["project_results", "projects"])
def test_parts_go_with_their_result(api: Api, database: Database, project: int, gone: str) -> None:
    id = finish(api, database, project, with_savings(DAYS))
    assert counts(database) == [2, 1, 1]
    api.delete(f"{gone}/{id if gone == 'project_results' else project}/")
    assert counts(database) == [0, 0, 0]
    assert [api.get(f"project_results/{id}/{part}/").status_code for part in PARTS] == [404] * 3


def counts(database: Database) -> list[Any]:
    """Rows of the tables below a result."""
    with database.connection() as connection:
        tables = ("trace_savings", "savings_aggregations", "time_series")
        return [connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in tables]
