"""Whatever a table holds, every format holds it: records, time series and the three exports, compared cell by cell."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eeds.db.engine import Database
from tests.api.conftest import Api
from tests.api.test_exports import file
from tests.api.test_project_results import finish
from tests.api.test_result_parts import BILLS, DAYS, HOURS, with_savings
from tests.readings import store_series

VALUES = ["NaN", "Infinity", "-Infinity", None, -0.0, 5e-324, 1.7e308, 0.1 + 0.2, -5.0, 2.0]
LABEL = 'a "label", of two\nlines; é'
Rows = list[dict[str, Any]]
Get = Callable[[str], bytes]  # the body in the format of a name


@pytest.fixture
def project(api: Api, database: Database) -> int:
    """A project with records that are numbers of all kinds and none, a trace without any, and a result."""
    periods = {"baseline_period_end": "2013-06-01T00:00:00Z", "reporting_period_start": "2013-07-01T00:00:00Z"}
    project = int(api.post("projects/", {"project_id": "ABC", "project_owner": 1, **periods}).json["id"])
    for label in (LABEL, None):
        trace = {"project": project, "interpretation": "E_C_S", "unit": "KWH", "label": label}
        api.post("consumption_metadatas/", trace)
    with database.connection() as connection:
        values = [float(value) if isinstance(value, str) else value for value in VALUES]
        estimated = [place % 3 == 0 for place in range(1, len(values) + 1)]
        store_series(connection, 1, "1969-12-31T23:00:00", np.timedelta64(1, "h"), values, estimated)
    return project


def as_table(body: bytes, format: str) -> pa.Table:
    """The table in an Arrow or Parquet file; starts to the millisecond."""
    return pa.ipc.open_stream(body).read_all() if format == "arrow" else pq.read_table(io.BytesIO(body))


def as_rows(body: bytes, format: str, schema: pa.Schema) -> Rows:
    """The rows of a body in Python's types, which `schema` says."""
    rows: Rows
    if format in ("arrow", "parquet"):
        rows = as_table(body, format).to_pylist()
        return [{name: in_utc(cell) for name, cell in row.items()} for row in rows]
    if format == "json":
        rows = json.loads(body)
    else:
        rows = [
            {name: cell or None for name, cell in row.items()} for row in csv.DictReader(io.StringIO(body.decode()))
        ]
    return [{field.name: parsed(row[field.name], field.type) for field in schema} for row in rows]


def in_utc(cell: Any) -> Any:
    """Pyarrow has a time zone object of its own for UTC."""
    return cell.astimezone(UTC) if isinstance(cell, datetime) else cell


def parsed(cell: Any, type: Any) -> Any:
    """A cell of JSON or CSV."""
    if cell is None or isinstance(cell, bool):
        return cell
    if pa.types.is_timestamp(type):
        return datetime.fromisoformat(cell)
    if pa.types.is_date(type):
        return date.fromisoformat(cell)
    if pa.types.is_boolean(type):
        return {"true": True, "false": False}[cell]
    return int(cell) if pa.types.is_integer(type) else float(cell) if pa.types.is_floating(type) else cell


def same_in(formats: tuple[str, ...], get: Get) -> Rows:
    """The rows that all formats hold, zeros with their signs."""
    bodies = {format: get(format) for format in formats}
    schema = as_table(bodies["parquet"], "parquet").schema
    rows = {format: as_rows(body, format, schema) for format, body in bodies.items()}
    for format in formats:
        assert repr(rows[format]) == repr(rows["parquet"]), format
    return rows["parquet"]


def test_records(api: Api, project: int) -> None:
    def get(format: str) -> bytes:
        body: bytes = api.get(f"consumption_records/?format={format}").data
        return body.replace(b'"metadata":', b'"metadata_id":') if format == "json" else body

    rows = same_in(("json", "csv", "arrow", "parquet"), get)
    assert [row["value"] for row in rows] == [None if isinstance(value, str) else value for value in VALUES]
    assert (rows[0]["start"], rows[0]["metadata_id"]) == (datetime(1969, 12, 31, 23, tzinfo=UTC), 1)
    assert [row["estimated"] for row in rows[:3]] == [False, False, True]


@pytest.mark.parametrize(("series", "first"), [((DAYS, BILLS), date(2013, 3, 9)), ((), None)])
def test_series_of_days(api: Api, database: Database, project: int, series: Any, first: date | None) -> None:
    settings = {"timezone": "America/Los_Angeles"}
    id = finish(api, database, project, with_savings(*series), settings)
    rows = same_in(
        ("json", "csv", "parquet"), lambda format: api.get(f"project_results/{id}/timeseries/?format={format}").data
    )
    assert [row["date"] for row in rows[:1]] == ([first] if first else [])
    assert len(rows) == sum(one.start.size for one in series)


def test_series_of_hours(api: Api, database: Database, project: int) -> None:
    id = finish(api, database, project, with_savings(HOURS))
    rows = same_in(
        ("json", "csv", "parquet"), lambda format: api.get(f"project_results/{id}/timeseries/?format={format}").data
    )
    assert [row["date"] for row in rows] == [datetime(2013, 3, 10, hour, tzinfo=UTC) for hour in (9, 10)]


@pytest.mark.parametrize(("kind", "number"), [("records", len(VALUES)), ("results", 2), ("diagnostics", 1)])
def test_exports(api: Api, database: Database, project: int, kind: str, number: int) -> None:
    for series in ((DAYS,), ()):
        finish(api, database, project, with_savings(*series))
    with database.connection() as connection:
        connection.execute("UPDATE trace_savings SET metered_value = 'NaN' WHERE metered_value IS NOT NULL")
        connection.execute("UPDATE energy_trace_model_results SET r2 = '-Infinity'")
    rows = same_in(("csv", "parquet"), lambda format: file(api, database, kind=kind, format=format, every_result=True))
    assert len(rows) == number
    if kind == "records":
        assert [row["value"] for row in rows] == [None if isinstance(value, str) else value for value in VALUES]
        assert {row["label"] for row in rows} == {LABEL}
    if kind == "results":
        assert {row["energy_trace_model_result-0__r2"] for row in rows} == {None}
        assert [row["trace_savings-0__metered__value"] for row in rows] == [None, None]
