"""Savings as a tidy table: what is in it, for whom, in every format."""

import csv
import io
from dataclasses import replace
from datetime import datetime
from typing import Any

import pyarrow.parquet as pq
import pytest

from eeds.db.engine import Database
from eeds.formats.media_types import ARROW, CSV, XLSX
from eeds.formats.workbooks import read_workbook
from eeds.meter.types import MeterResult, Savings, SavingsAggregation
from tests.api.conftest import Api, MakeApi
from tests.api.test_exports import file
from tests.api.test_project_results import finish
from tests.api.test_result_parts import METERED, with_savings

ELECTRICITY, GAS = "ELECTRICITY_CONSUMPTION_SUPPLIED", "NATURAL_GAS_CONSUMPTION_SUPPLIED"
GENERATED = "ELECTRICITY_ON_SITE_GENERATION_UNCONSUMED"
SAVED: MeterResult = with_savings()
COLUMNS = [
    "project",
    "project_id",
    "owner",
    "fuel",
    "kind",
    "unit",
    "value",
    "lower",
    "upper",
    "baseline",
    "percent",
    "percent_lower",
    "percent_upper",
    "days",
    "confidence_level",
    "station",
    "model",
    "project_result",
    "found",
    "stale_since",
]


def make_project(api: Api, name: str, owner: int = 1) -> int:
    body = {"project_id": name, "project_owner": owner, "baseline_period_end": "2013-06-01T00:00:00Z"}
    return int(api.post("projects/", body).json["id"])


def give(api: Api, project: int, name: str, data_type: str, value: Any) -> None:
    """Give a project an attribute."""
    known = api.get(f"project_attribute_keys/?name={name}").json
    key = {"name": name, "display_name": name, "data_type": data_type}
    id = known[0]["id"] if known else api.post("project_attribute_keys/", key).json["id"]
    body = {"project": project, "key": id, f"{data_type.lower()}_value": value}
    assert api.post("project_attributes/", body).status_code == 201


@pytest.fixture
def project(api: Api) -> int:
    return make_project(api, "ABC")


def test_a_row_a_fuel_and_kind_with_bounds(api: Api, database: Database, project: int) -> None:
    id = finish(api, database, project, SAVED)
    metered, normalized = api.get("savings/").json
    assert list(metered) == COLUMNS
    known = api.get(f"project_results/{id}/savings/").json["aggregations"][0]["metered_savings"]
    assert {name: metered[name] for name in COLUMNS[:6]} == {
        "project": project,
        "project_id": "ABC",
        "owner": "admin",
        "fuel": ELECTRICITY,
        "kind": "metered",
        "unit": "KWH",
    }
    value, lower, upper, baseline = (known[name] for name in ("value", "lower", "upper", "baseline"))
    assert (metered["value"], metered["lower"], metered["upper"]) == (value, value - lower, value + upper)
    assert (metered["baseline"], metered["days"], metered["confidence_level"]) == (baseline, known["n"], 0.9)
    assert metered["percent"] == pytest.approx(100 * known["fraction"])
    assert metered["percent_lower"] == pytest.approx(100 * (value - lower) / baseline)
    assert metered["percent_upper"] == pytest.approx(100 * (value + upper) / baseline)
    result = api.get(f"project_results/{id}/").json
    assert (metered["project_result"], metered["found"]) == (id, result["added"])
    assert (metered["model"], metered["stale_since"]) == ("daily", None)
    assert (normalized["kind"], normalized["value"], normalized["upper"], normalized["percent"]) == (
        *("normalized", None),
        *(None, None),
    )


def test_bounds_of_percent_where_the_baseline_is_below_zero(api: Api, database: Database, project: int) -> None:
    saved = Savings(value=-10.0, upper=5.0, lower=2.0, n=30, baseline=-100.0)
    none = replace(METERED, baseline=0.0)
    sums = [SavingsAggregation(GENERATED, saved, None), SavingsAggregation(GAS, none, None)]
    finish(api, database, project, replace(SAVED, savings_aggregations=tuple(sums)))
    rows = {(row["fuel"], row["kind"]): row for row in api.get("savings/").json}
    row = rows[GENERATED, "metered"]
    assert [row[name] for name in ("lower", "upper")] == [-12.0, -5.0]
    assert [row[name] for name in ("percent_lower", "percent", "percent_upper")] == pytest.approx([5.0, 10.0, 12.0])
    assert rows[GAS, "metered"]["percent"] is None


ATTRIBUTES = {
    "area": ("FLOAT", 1250.5),
    "contractor": ("CHAR", "=cmd()"),
    "heated": ("BOOLEAN", True),
    "installed": ("DATE", "2013-06-01"),
    "rooms": ("INTEGER", 4),
    "seen at": ("DATETIME", "2013-06-01T12:30:00Z"),
}


@pytest.fixture
def two(api: Api, database: Database, project: int) -> list[int]:
    """ABC, with an attribute of each type, and XYZ, with none."""
    for name, (data_type, value) in ATTRIBUTES.items():
        give(api, project, name, data_type, value)
    return [finish(api, database, each, SAVED) for each in (project, make_project(api, "XYZ"))]


def test_attributes_are_columns(api: Api, two: list[int]) -> None:
    first, _, third, _ = api.get("savings/").json
    assert list(first) == [*COLUMNS, *(f"attribute:{name}" for name in ATTRIBUTES)]
    assert [first[f"attribute:{name}"] for name in ATTRIBUTES] == [value for _, value in ATTRIBUTES.values()]
    assert {third[f"attribute:{name}"] for name in ATTRIBUTES} == {None}


def test_every_format_says_the_same(api: Api, two: list[int]) -> None:
    rows = api.get("savings/").json
    as_csv = api.get("savings/", headers={"Accept": CSV})
    assert as_csv.headers["Content-Disposition"] == 'attachment; filename="savings.csv"'
    in_csv = list(csv.DictReader(io.StringIO(as_csv.text)))
    assert [list(row) for row in in_csv] == [list(row) for row in rows]
    assert [number(row["upper"]) for row in in_csv] == [row["upper"] for row in rows]
    assert in_csv[0]["attribute:contractor"] == "'=cmd()"

    table = pq.read_table(io.BytesIO(api.get("savings/?format=parquet").data))
    in_parquet = table.to_pylist()
    assert [list(row) for row in in_parquet] == [list(row) for row in rows]
    assert [str(table.schema.field(f"attribute:{name}").type) for name in ATTRIBUTES] == [
        *("double", "string", "bool", "date32[day]", "int64", "timestamp[us, tz=UTC]")
    ]
    assert [row["found"] for row in in_parquet] == [datetime.fromisoformat(row["found"]) for row in rows]

    sheet = read_workbook(api.get("savings/?format=xlsx", headers={"Accept": XLSX}).data, 100, 10**6, None).rows
    assert list(sheet[0]) == list(rows[0])
    for cells, row in zip(sheet[1:], rows, strict=True):
        shown = dict(zip(sheet[0], cells, strict=False))
        assert (shown["project_id"], number(shown["upper"])) == (row["project_id"], row["upper"])
    first = dict(zip(sheet[0], sheet[1], strict=False))
    assert [first[f"attribute:{name}"] for name in ("contractor", "installed", "seen at")] == [
        *("=cmd()", "2013-06-01", "2013-06-01 12:30:00")
    ]
    assert api.get("savings/", headers={"Accept": ARROW}).status_code == 200
    assert api.get("savings/?format=xml").status_code == 404


def number(text: str) -> float | None:
    return float(text) if text else None


@pytest.mark.parametrize("format", ["csv", "parquet", "xlsx"])
def test_an_export_holds_the_same(api: Api, database: Database, two: list[int], format: str) -> None:
    built = file(api, database, kind="savings", format=format)
    asked = api.get(f"savings/?format={format}").data
    if format == "xlsx":  # a zip says when it was made
        assert [*read_workbook(built, 100, 10**6, None).rows] == [*read_workbook(asked, 100, 10**6, None).rows]
    else:
        assert built == asked


def test_some_projects_and_every_result(api: Api, database: Database, project: int) -> None:
    other = make_project(api, "XYZ")
    ids = [finish(api, database, each, SAVED) for each in (project, project, other)]
    block = api.post("project_blocks/", {"name": "b", "projects": [other]}).json["id"]

    def found(query: str) -> list[int]:
        return [row["project_result"] for row in api.get(f"savings/{query}").json if row["kind"] == "metered"]

    assert found("") == ids[1:]
    assert found("?every_result=True") == ids
    assert found(f"?projects={project}") == [ids[1]]
    assert found("?project_id=XYZ") == [ids[2]]
    assert found(f"?project_block={block}") == [ids[2]]
    assert found("?projects=99") == []


def test_owners_see_their_own(api: Api, login: MakeApi, database: Database, project: int) -> None:
    finish(api, database, project, SAVED)
    give(api, project, "secret", "CHAR", "x")
    ada = login("ada")
    assert ada.get("savings/").json == []
    own = make_project(ada, "HERS", owner=2)
    finish(ada, database, own, SAVED)
    rows = ada.get("savings/").json
    assert {row["project_id"] for row in rows} == {"HERS"}
    assert list(rows[0]) == [name for name in COLUMNS if name != "owner"]
    assert {row["owner"] for row in api.get("savings/").json} == {"admin", "ada"}


def test_a_stale_result_says_since_when(api: Api, database: Database, project: int) -> None:
    id = finish(api, database, project, SAVED)
    with database.connection() as connection:
        connection.execute("UPDATE project_results SET stale_since = '2024-05-01 12:00Z' WHERE id = %s", [id])
    assert {row["stale_since"] for row in api.get("savings/").json} == {"2024-05-01T12:00:00Z"}


def test_a_name_of_several_types_is_a_text(api: Api, login: MakeApi, database: Database, project: int) -> None:
    ada = login("ada")
    own = make_project(ada, "HERS", owner=2)
    give(ada, own, "area", "INTEGER", 7)
    give(login("bob"), project=make_project(api, "HIS", owner=3), name="area", data_type="CHAR", value="small")
    for each in (own, project):
        finish(api, database, each, SAVED)
    finish(api, database, 3, SAVED)
    values = {row["project_id"]: row["attribute:area"] for row in api.get("savings/").json}
    assert values == {"ABC": None, "HERS": "7", "HIS": "small"}


def test_no_more_statements_for_more_projects(api: Api, database: Database, two: list[int], statements_of: Any) -> None:
    before = len(statements_of(lambda: api.get("savings/")))
    finish(api, database, make_project(api, "MORE"), SAVED)
    assert len(statements_of(lambda: api.get("savings/"))) == before
