"""Exports: ordered over the API, built as a worker does it, and fetched."""

import csv
import io
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from eeds.db.engine import Database
from eeds.exports import lifecycle as exports
from eeds.jobs import leases
from eeds.meter.types import REPORTING, Aggregation, MeterResult
from eeds.projects.selection import WHICH
from tests.api.conftest import Api, MakeApi
from tests.api.test_project_results import ESTIMATED, GROSS, MODEL, NORMAL, finish
from tests.api.test_result_parts import with_savings
from workers.claimed_job import failing
from workers.export_jobs import build_and_store

KEYS = [
    "id",
    "user",
    "kind",
    "format",
    "projects",
    "every_result",
    "as_of",
    "status",
    "message",
    "rows_done",
    "rows_total",
    "bytes",
    "started",
    "expires",
    "added",
    "updated",
]
PERIODS = {"baseline_period_end": "2013-06-01T00:00:00Z", "reporting_period_start": "2013-07-01T00:00:00Z"}
READINGS = [("2014-01-01T00:00:00Z", 0.1 + 0.2), ("2014-01-02T00:00:00Z", None), ("2014-01-03T00:00:00Z", 1e300)]
SAVED: MeterResult = with_savings()


@pytest.fixture
def project(api: Api) -> int:
    body = {"project_id": "ABC", "project_owner": 1, "zipcode": "02139", **PERIODS}
    return int(api.post("projects/", body).json["id"])


def trace(api: Api, project: int, label: str | None = None) -> int:
    records = [{"start": start, "value": value, "estimated": value is None} for start, value in READINGS]
    body = {"project": project, "interpretation": "E_C_S", "unit": "KWH", "label": label, "records": records}
    return int(api.post("consumption_metadatas/", body).json["id"])


def build(database: Database, id: int) -> None:
    """What a worker does."""
    with database.connection() as connection:
        held = leases.claim_job(connection, exports.EXPORTS, id)
    assert held is not None
    with failing(database, held):
        build_and_store(database, held)


def file(api: Api, database: Database, **order: Any) -> bytes:
    """What an order brings."""
    answer = api.post("exports/", order)
    assert answer.status_code == 201, answer.text
    id = answer.json["id"]
    build(database, id)
    shown = api.get(f"exports/{id}/").json
    assert shown["status"] == "SUCCESS", shown["message"]
    data: bytes = api.get(f"exports/{id}/file/").data
    assert (shown["bytes"], shown["rows_done"]) == (len(data), shown["rows_total"])
    return data


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def names(data: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(data.decode())))


def test_story(api: Api, database: Database, project: int) -> None:
    assert api.get("exports/").json == []
    trace(api, project)
    ordered = api.post("exports/", {"kind": "records"})
    assert ordered.status_code == 201
    new = ordered.json
    assert list(new) == KEYS
    assert (new["status"], new["format"], new["projects"], new["bytes"], new["expires"]) == (
        "PENDING",
        "csv",
        "all",
        None,
        None,
    )
    assert api.get("exports/").json == [new]
    assert api.get("exports/?status=SUCCESS").json == []
    early = api.get(f"exports/{new['id']}/file/")
    assert early.status_code == 409
    assert early.json == {"detail": f"Export {new['id']} is PENDING; its file is there when it is SUCCESS."}

    build(database, new["id"])
    (done,) = api.get("exports/?kind=records&status=SUCCESS").json
    assert (done["status"], done["rows_done"], done["rows_total"]) == ("SUCCESS", 3, 3)
    lasts = datetime.fromisoformat(done["expires"]) - datetime.fromisoformat(done["updated"])
    assert lasts == timedelta(days=1)
    answer = api.get(f"exports/{new['id']}/file/")
    built = f"{datetime.fromisoformat(done['updated']):%Y-%m-%dT%H%M%SZ}"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="eeds-records-{built}-{new["id"]}.csv"'
    assert (answer.mimetype, answer.content_length) == ("text/csv", done["bytes"])
    assert len(answer.data) == done["bytes"]

    assert api.delete(f"exports/{new['id']}/").status_code == 204
    assert api.get(f"exports/{new['id']}/file/").status_code == 404
    with database.connection() as connection:
        assert connection.execute("SELECT count(*) FROM export_chunks").fetchone() == (0,)
    assert api.put(f"exports/{new['id']}/", {}).status_code == 405


@pytest.mark.parametrize(
    ("order", "errors"),
    [
        ({}, {"kind": ["This field is required."]}),
        ({"kind": "secrets"}, {"kind": ['"secrets" is not a valid choice.']}),
        ({"kind": "results", "format": "xls"}, {"format": ['"xls" is not a valid choice.']}),
        ({"kind": "results", "projects": [1, 99]}, {"projects": ['Invalid pk "99" - object does not exist.']}),
        ({"kind": "results", "projects": "5-9"}, {"projects": ["There are no such projects."]}),
        ({"kind": "results", "projects": "a-b"}, {"projects": ['"a-b" is not a range of ids; give it as 3-5.']}),
        ({"kind": "results", "project_block": 9}, {"project_block": ['Invalid pk "9" - object does not exist.']}),
        (
            {"kind": "results", "projects": "all", "project_block": 1},
            {"non_field_errors": [WHICH]},
        ),
    ],
)
def test_what_is_refused(api: Api, project: int, order: Any, errors: Any) -> None:
    api.post("project_blocks/", {"name": "b", "projects": [project]})
    answer = api.post("exports/", order)
    assert (answer.status_code, answer.json) == (400, errors)
    assert api.get("exports/").json == []


def test_records_are_the_numbers_of_the_api(api: Api, database: Database, project: int) -> None:
    id = trace(api, project, "meter")
    data = file(api, database, kind="records")
    assert names(data) == ["project_id", "label", "interpretation", "unit", "start", "value", "estimated"]
    found = [(row["start"], float(row["value"]) if row["value"] else None, row["estimated"]) for row in rows(data)]
    known = api.get(f"consumption_records/?metadata={id}").json
    assert found == [(record["start"], record["value"], str(record["estimated"]).lower()) for record in known]
    assert {tuple(row.values())[:4] for row in rows(data)} == {("ABC", "meter", "E_C_S", "KWH")}


def test_records_come_back_as_an_upload(api: Api, database: Database, project: int) -> None:
    trace(api, project, "meter")
    data = file(api, database, kind="records")
    answer = api.post("consumption_records/sync2/", data=data, headers={"Content-Type": "text/csv"})
    assert (answer.status_code, answer.json["unchanged"]) == (200, len(READINGS)), answer.text


def test_parquet_has_types(api: Api, database: Database, project: int) -> None:
    trace(api, project, "meter")
    table = pq.read_table(io.BytesIO(file(api, database, kind="records", format="parquet")))
    assert [str(field.type) for field in table.schema] == [
        *["string"] * 4,
        "timestamp[us, tz=UTC]",
        "double",
        "bool",
    ]
    assert table.column("value").to_pylist() == [value for _, value in READINGS]
    assert table.column("start").to_pylist() == [datetime.fromisoformat(start) for start, _ in READINGS]


def test_text_is_no_formula(api: Api, database: Database, project: int) -> None:
    labels = ["=1+1", "+1", "-1", "@x", '=A1, "x"\n', "a=b", None]
    for label in labels:
        trace(api, project, label)
    data = file(api, database, kind="records")
    shown = list(dict.fromkeys(row["label"] for row in rows(data)))
    assert shown == ["'=1+1", "'+1", "'-1", "'@x", '\'=A1, "x"', "a=b", ""]
    table = pq.read_table(io.BytesIO(file(api, database, kind="records", format="parquet")))
    assert table.column("label")[0].as_py() == "=1+1"


def test_a_number_keeps_its_sign(api: Api, database: Database, project: int) -> None:
    id = trace(api, project)
    api.post("consumption_records/", {"metadata": id, "start": "2015-01-01T00:00:00Z", "value": -5})
    assert rows(file(api, database, kind="records"))[-1]["value"] == "-5.0"


def test_results(api: Api, database: Database, project: int) -> None:
    finish(api, database, project)
    id = finish(api, database, project, SAVED)
    (row,) = rows(file(api, database, kind="results"))
    result = api.get(f"project_results/{id}/").json
    (sums,) = result["derivative_aggregations"]
    prefix = "derivative_aggregation__electricity_consumption_supplied__gross_predicted"
    for name in ("baseline_value", "baseline_lower", "baseline_upper", "reporting_value"):
        assert number(row[f"{prefix}__{name}"]) == sums[name]
    assert row[f"{prefix}__baseline_n"] == str(sums["baseline_n"])
    for n, model in enumerate(result["energy_trace_model_results"]):
        shown = {name: row[f"energy_trace_model_result-{n}__{name}"] for name in ("id", "energy_trace_id", "status")}
        assert shown == {
            "id": str(model["id"]),
            "energy_trace_id": str(model["energy_trace"]),
            "status": model["status"],
        }
        assert number(row[f"energy_trace_model_result-{n}__r2"]) == model["r2"]
        assert row[f"energy_trace_model_result-{n}__model_serializiation"] == (model["model_serializiation"] or "")
    assert (row["project__project_id"], row["project__zipcode"]) == ("ABC", "02139")
    assert row["baseline_period__end_date"] == "2013-06-01 00:00:00+00:00"
    assert (row["project_result__id"], row["baseline_period__start_date"]) == (str(id), "")


def test_the_columns_of_the_original_come_first(api: Api, database: Database, project: int, repository: Path) -> None:
    """In its order, of a result that has what the original's had."""
    fuels = ("ALL_FUELS_CONSUMPTION_SUPPLIED", "ELECTRICITY_CONSUMPTION_SUPPLIED")
    sums = (Aggregation(fuel, of.interpretation, of, of) for of in (NORMAL, GROSS) for fuel in fuels)
    finish(api, database, project, replace(SAVED, traces=SAVED.traces[:2], aggregations=tuple(sums)))
    for kind, original in (("results", "project_results"), ("diagnostics", "diagnostics")):
        known = (repository / "tests" / "api" / "original_columns" / f"{original}.txt").read_text().split()
        found = names(file(api, database, kind=kind))
        assert found[: len(known)] == known
        assert len(set(found)) == len(found) > len(known)


def test_results_end_with_the_savings(api: Api, database: Database, project: int) -> None:
    id = finish(api, database, project, SAVED)
    (row,) = rows(file(api, database, kind="results"))
    savings = api.get(f"project_results/{id}/savings/").json
    fuel = "savings__electricity_consumption_supplied"
    for name, value in savings["aggregations"][0]["metered_savings"].items():
        assert number(row[f"{fuel}__metered__{name}"]) == value
    assert row[f"{fuel}__normalized__value"] == ""
    assert (row["savings__unit"], number(row["project_result__confidence_level"])) == ("KWH", 0.9)
    for n, trace in enumerate(savings["traces"]):
        assert row[f"trace_savings-{n}__unit"] == trace["unit"]
        for name, value in (trace["normalized_savings"] or {}).items():
            assert number(row[f"trace_savings-{n}__normalized__{name}"]) == value


def number(text: str) -> float | None:
    return float(text) if text else None


def test_the_latest_result_of_each_or_every_one(api: Api, database: Database, project: int) -> None:
    other = api.post("projects/", {"project_id": "XYZ", "project_owner": 1, **PERIODS}).json["id"]
    ids = [finish(api, database, each) for each in (project, project, other)]

    def found(**order: Any) -> list[int]:
        return [int(row["project_result__id"]) for row in rows(file(api, database, kind="results", **order))]

    assert found() == ids[1:]
    assert found(every_result=True) == ids
    assert found(projects=str(project)) == [ids[1]]
    block = api.post("project_blocks/", {"name": "b", "projects": [other]}).json["id"]
    assert found(project_block=block) == [ids[2]]


@pytest.mark.parametrize("selection", [{}, {"projects": "all"}])
def test_all_are_those_there_are_when_it_is_built(api: Api, database: Database, project: int, selection: Any) -> None:
    ordered = api.post("exports/", {"kind": "diagnostics", **selection}).json
    assert ordered["projects"] == "all"
    api.post("projects/", {"project_id": "LATER", "project_owner": 1})
    build(database, ordered["id"])
    found = rows(api.get(f"exports/{ordered['id']}/file/").data)
    assert [row["project_id"] for row in found] == ["ABC", "LATER"]


def test_results_of_nobody_have_a_header(api: Api, database: Database) -> None:
    data = file(api, database, kind="results")
    assert rows(data) == []
    assert "project_result__id" in names(data)
    assert pq.read_table(io.BytesIO(file(api, database, kind="results", format="parquet"))).num_rows == 0


FUELS_BEYOND_THE_ORIGINAL = ("FO_C_S", "P_C_S", "S_C_S", "CW_C_S")


def test_diagnostics(api: Api, database: Database, project: int) -> None:
    api.post("projects/", {"project_id": "123", "project_owner": 1})
    trace(api, project)
    for fuel in FUELS_BEYOND_THE_ORIGINAL:
        api.post("consumption_metadatas/", {"project": project, "interpretation": fuel, "unit": "THM"})
    finish(api, database, project)
    api.post("project_runs/", {"project": project})
    first, second = rows(file(api, database, kind="diagnostics"))
    assert (first["project_id"], second["project_id"]) == ("123", "ABC")
    assert {name: value for name, value in second.items() if value not in ("0", "")} == {
        "project_pk": str(project),
        "project_id": "ABC",
        "project_result_count": "1",
        "project_run_count": "2",
        "project_run_count-PENDING": "1",
        "project_run_count-SUCCESS": "1",
        "consumption_metadata_count": "5",
        "consumption_metadata_count-ELECTRICITY_CONSUMPTION_SUPPLIED": "1",
        "latest_run_id": "2",
        "latest_run_status": "PENDING",
        "latest_result_flags": " | ".join(f"trace 7, {period}: {ESTIMATED[0]}" for period in ("baseline", "reporting")),
        "consumption_metadata_count-FUEL_OIL_CONSUMPTION_SUPPLIED": "1",
        "consumption_metadata_count-PROPANE_CONSUMPTION_SUPPLIED": "1",
        "consumption_metadata_count-STEAM_CONSUMPTION_SUPPLIED": "1",
        "consumption_metadata_count-CHILLED_WATER_CONSUMPTION_SUPPLIED": "1",
    }
    assert first["latest_run_status"] == ""


def test_diagnostics_name_the_flags_of_the_latest_result(api: Api, database: Database, project: int) -> None:
    finish(api, database, project, replace(SAVED, traces=SAVED.traces[2:]))
    finish(api, database, project, replace(SAVED, traces=(MODEL, replace(MODEL, period=REPORTING, flags=("a", "b")))))
    (row,) = rows(file(api, database, kind="diagnostics"))
    assert (
        row["latest_result_flags"]
        == f"trace 7, baseline: {ESTIMATED[0]} | trace 7, reporting: a | trace 7, reporting: b"
    )


def test_results_name_models_and_flags(api: Api, database: Database, project: int) -> None:
    finish(api, database, project, replace(SAVED, traces=(MODEL, replace(MODEL, period=REPORTING, flags=("a", "b")))))
    (row,) = rows(file(api, database, kind="results"))
    names = [f"energy_trace_model_result-{n}__{name}" for n in range(2) for name in ("model", "flags")]
    assert [row[name] for name in names] == ["caltrack daily", ESTIMATED[0], "caltrack daily", "a | b"]


def test_an_export_holds_what_its_user_may_see_when_it_is_built(
    api: Api, login: MakeApi, database: Database, project: int
) -> None:
    ann = login("ann")
    owner = ann.get("project_owners/").json[0]["id"]
    mine = ann.post("projects/", {"project_id": "ANN", "project_owner": owner}).json["id"]
    trace(api, project)
    trace(api, mine)

    def projects_in(data: bytes) -> set[str]:
        return {row["project_id"] for row in rows(data)}

    for kind in ("records", "diagnostics"):
        assert projects_in(file(ann, database, kind=kind)) == {"ANN"}
        assert projects_in(file(api, database, kind=kind)) == {"ANN", "ABC"}
    finish(api, database, project)
    assert rows(file(ann, database, kind="results", every_result=True)) == []
    assert ann.post("exports/", {"kind": "records", "projects": [project]}).status_code == 400

    ordered = ann.post("exports/", {"kind": "records", "projects": [mine]}).json["id"]
    api.patch(f"projects/{mine}/", {"project_owner": 1})
    build(database, ordered)
    assert ann.get(f"exports/{ordered}/").json["rows_total"] == 0


def test_what_goes_wrong_is_told(api: Api, database: Database, project: int) -> None:
    finish(api, database, project)
    with database.connection() as connection:
        connection.execute("UPDATE project_results SET provenance = '[]'::jsonb || '1'")  # which no run would store
    id = api.post("exports/", {"kind": "results"}).json["id"]
    build(database, id)
    failed = api.get(f"exports/{id}/").json
    assert (failed["status"], failed["bytes"]) == ("FAILED", None)
    assert failed["message"].startswith("The export failed unexpectedly: AttributeError(")
    answer = api.get(f"exports/{id}/file/")
    assert answer.status_code == 409
    assert answer.json["detail"].startswith(f"Export {id} FAILED and has no file: The export failed unexpectedly")


def test_files_are_kept_for_a_day(api: Api, database: Database) -> None:
    ids = [api.post("exports/", {"kind": "results"}).json["id"] for _ in range(3)]
    build(database, ids[0])
    build(database, ids[1])
    with database.connection() as connection:
        old = "UPDATE exports SET updated = now() - interval '25 hours' WHERE id = ANY(%s)"
        connection.execute(old, [[ids[0], ids[2]]])
        exports.delete_expired(connection)
    assert [export["id"] for export in api.get("exports/").json] == ids[1:]  # one that waits is not forgotten


def test_records_as_they_were(api: Api, database: Database, project: int) -> None:
    metadata = trace(api, project)
    loads = api.get("loads/").json
    time = max(each["ended"] for each in loads)
    corrected = [{"metadata_id": metadata, "start": READINGS[0][0], "value": 7.5, "estimated": False}]
    assert api.post("consumption_records/sync2/", corrected).status_code == 200
    now = rows(file(api, database, kind="records"))
    then = rows(file(api, database, kind="records", as_of=time))
    assert [row["value"] for row in now] == ["7.5", "", "1e+300"]
    assert [row["value"] for row in then] == [str(READINGS[0][1]), "", "1e+300"]
    assert [row["start"] for row in then] == [row["start"] for row in now]
    (shown,) = (one for one in api.get("exports/").json if one["as_of"] is not None)
    assert datetime.fromisoformat(shown["as_of"]) == datetime.fromisoformat(time)


@pytest.mark.parametrize(
    ("kind", "time", "message"),
    [
        ("results", "2026-05-01T12:00:00Z", "Only records are kept as they were: an export of results is of what"),
        ("records", "yesterday", '"yesterday" is no time'),
        ("records", "2010-01-01", "The history of readings begins at "),
    ],
    ids=["another kind", "no time", "too early"],
)
def test_as_of_is_refused_where_it_says_nothing(api: Api, kind: str, time: str, message: str) -> None:
    answer = api.post("exports/", {"kind": kind, "as_of": time})
    assert answer.status_code == 400
    assert answer.json["as_of"][0].startswith(message)


def test_stale_results_are_named_in_every_kind(api: Api, database: Database, project: int) -> None:
    finish(api, database, project, SAVED)
    names = {"months": "project_result__stale_since", "diagnostics": "latest_result_stale_since"}
    assert {row[name] for kind, name in names.items() for row in rows(file(api, database, kind=kind))} == {""}
    with database.connection() as connection:
        connection.execute(
            "UPDATE project_results SET stale_since = '2026-05-01 12:00:00Z', stale_because = '{periods}'"
        )
    found = {row[name] for kind, name in names.items() for row in rows(file(api, database, kind=kind))}
    assert found == {"2026-05-01T12:00:00Z"}
