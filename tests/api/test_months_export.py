"""The export of savings by month: every month of a result with its bounds, in both formats."""

import io
from typing import Any

import pyarrow.parquet as pq
import pytest

from eeds.db.engine import Database
from tests.api.conftest import Api
from tests.api.test_exports import SAVED, file, rows
from tests.api.test_project_results import finish
from tests.api.test_result_parts import FEBRUARY, JANUARY


@pytest.fixture
def project(api: Api) -> int:
    body = {"project_id": "ABC", "project_owner": 1, "baseline_period_end": "2013-06-01T00:00:00Z"}
    return int(api.post("projects/", body).json["id"])


def test_a_row_a_month_with_bounds(api: Api, database: Database, project: int) -> None:
    id = finish(api, database, project, SAVED)
    found = rows(file(api, database, kind="months"))
    assert [(row["project_id"], row["project_result__id"], row["month"]) for row in found] == [
        ("ABC", str(id), "2014-01"),
        ("ABC", str(id), "2014-02"),
    ]
    parts: list[tuple[dict[str, str], Any, float]] = [(found[0], JANUARY, 81.0), (found[1], FEBRUARY, 163.0)]
    for row, month, total in parts:
        for name in ("value", "lower", "upper", "baseline", "cumulative_lower", "cumulative_upper"):
            assert float(row[name]) == getattr(month, name), name
        assert (row["n"], float(row["cumulative_value"]), row["unit"]) == ("30", total, "KWH")
        assert row["project_result__confidence_level"] == "0.9"

    same = pq.read_table(io.BytesIO(file(api, database, kind="months", format="parquet"))).to_pylist()
    assert [{name: "" if value is None else str(value) for name, value in row.items()} for row in same] == found


def test_months_of_the_latest_result_alone(api: Api, database: Database, project: int) -> None:
    ids = [finish(api, database, project, SAVED) for _ in range(2)]
    latest = {row["project_result__id"] for row in rows(file(api, database, kind="months"))}
    every = {row["project_result__id"] for row in rows(file(api, database, kind="months", every_result=True))}
    assert latest == {str(ids[-1])}
    assert every == {str(id) for id in ids}
