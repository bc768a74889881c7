"""POST projects/upload/: tables of projects in, stored whole or not at all, and everything said about what is wrong."""

import csv
import io
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from eeds.db.engine import Database
from eeds.db.tables import Project, ProjectAttribute, ProjectAttributeKey
from eeds.formats.media_types import ARROW, CSV, PARQUET, XLSX
from tests.api.conftest import Api, CountStatements, MakeApi

HEADER = "project_id,zipcode,retrofit_start_date,retrofit_end_date"
ABC, XYZ = "ABC,50321,2013-06-01,2013-07-01", "XYZ,02139,2013-06-01T06:00-06:00,2013-07-01 00:00"
NOTHING = {"created": 0, "updated": 0, "unchanged": 0}


def table(header: str, *rows: str) -> str:
    return "\n".join([header, *rows]) + "\n"


def upload(api: Api, body: str | bytes, media_type: str = CSV, query: str = "", **headers: str) -> TestResponse:
    return api.post(f"projects/upload/{query}", data=body, content_type=media_type, headers=headers)


def values(api: Api, project: int = 0) -> dict[str, Any]:
    """The attributes of a project, by the name of the key."""
    names = {key["id"]: key["name"] for key in api.get("project_attribute_keys/").json}
    shown = api.get("projects/?with_attributes=True").json[project]["attributes"]
    return {names[each["key"]]: each["value"] for each in shown}


def is_empty(database: Database) -> bool:
    with database.session() as session:
        models: list[Any] = [Project, ProjectAttribute, ProjectAttributeKey]
        return not any(session.scalar(select(func.count()).select_from(model)) for model in models)


def test_a_table_is_created_left_alone_and_updated(api: Api) -> None:
    header = f"{HEADER},Cost,City,id"
    body = table(header, f"{ABC},1250.5,Ames,7", f"{XYZ},,Boone,8")
    first = upload(api, body)
    assert first.status_code == 200
    assert first.json == {
        "status": "success",
        "projects": {**NOTHING, "created": 2},
        "attributes": {**NOTHING, "created": 3},
        "new_attributes": {"cost": "FLOAT", "city": "CHAR"},
        "ignored_columns": ["id"],
        "changes": [],
        "repairs": [],
        "repair_count": 0,
        "warnings": [],
        "warning_count": 0,
    }
    abc, xyz = api.get("projects/").json
    assert abc == {
        "id": 1,
        "project_owner": 1,
        "project_id": "ABC",
        "baseline_period_start": None,
        "baseline_period_end": "2013-06-01T00:00:00Z",
        "reporting_period_start": "2013-07-01T00:00:00Z",
        "reporting_period_end": None,
        "zipcode": "50321",
    }
    assert (xyz["zipcode"], xyz["baseline_period_end"]) == ("02139", "2013-06-01T12:00:00Z")
    assert api.get("project_attribute_keys/").json[0] == {
        "id": 1,
        "name": "cost",
        "display_name": "Cost",
        "data_type": "FLOAT",
    }

    again = upload(api, body, query="?rows=true").json
    assert (again["projects"], again["attributes"]) == ({**NOTHING, "unchanged": 2}, {**NOTHING, "unchanged": 3})
    assert (again["new_attributes"], again["changes"]) == ({}, [])
    assert again["rows"] == [
        {"line": 2, "project_id": "ABC", "status": "unchanged"},
        {"line": 3, "project_id": "XYZ", "status": "unchanged"},
    ]

    changed = upload(api, table(header, f"{ABC},1300,,7", f"{XYZ},9,Boone,8").replace("02139", "02140")).json
    assert changed["projects"] == {**NOTHING, "updated": 1, "unchanged": 1}
    assert changed["attributes"] == {"created": 1, "updated": 1, "unchanged": 1}
    assert changed["changes"] == [
        {"project_id": "ABC", "field": "cost", "before": 1250.5, "after": 1300.0},
        {"project_id": "XYZ", "field": "zipcode", "before": "02139", "after": "02140"},
        {"project_id": "XYZ", "field": "cost", "before": None, "after": 9.0},
    ]
    assert values(api) == {"cost": 1300.0, "city": "Ames"}  # an empty cell leaves what is stored
    assert api.get("projects/2/").json["zipcode"] == "02140"


def test_an_empty_inner_period_is_stored_and_an_empty_outer_one_is_not(api: Api) -> None:
    header = "project_id,zipcode,baseline_period_start,baseline_period_end,reporting_period_start,reporting_period_end"
    upload(api, table(header, "A,,2012-06-01,2013-06-01,2013-07-01,2014-07-01"))
    answer = upload(api, table(header, "A,,,,,")).json
    assert [change["field"] for change in answer["changes"]] == ["baseline_period_end", "reporting_period_start"]
    project = api.get("projects/1/").json
    assert (project["baseline_period_start"], project["baseline_period_end"]) == ("2012-06-01T00:00:00Z", None)
    assert (project["reporting_period_start"], project["reporting_period_end"]) == (None, "2014-07-01T00:00:00Z")


def test_values_are_stored_in_the_type_of_their_attribute(api: Api) -> None:
    kinds = {"Cost": "FLOAT", "code": "CHAR", "seen": "DATETIME", "floors": "INTEGER", "day": "DATE", "ok": "BOOLEAN"}
    for name, data_type in kinds.items():
        api.post("project_attribute_keys/", {"name": name, "display_name": name, "data_type": data_type})
    cells = "3,0017,2013-06-20,2.0,2013-6-2,1"
    answer = upload(api, table(f"{HEADER},COST,code,seen,floors,day,ok", f"{ABC},{cells}"))
    assert (answer.status_code, answer.json["new_attributes"]) == (200, {})
    assert values(api) == {
        "Cost": 3.0,
        "code": "0017",
        "seen": "2013-06-20T00:00:00Z",
        "floors": 2,
        "day": "2013-06-02",
        "ok": True,
    }


def test_a_dry_run_stores_nothing_and_lists_what_would_change(api: Api, database: Database) -> None:
    body = table(f"{HEADER},city", f"{ABC},Ames")
    dry = upload(api, body, query="?dry_run=true")
    assert dry.json["dry_run"] is True
    assert dry.json["projects"] == {**NOTHING, "created": 1}
    assert dry.json["new_attributes"] == {"city": "CHAR"}
    assert is_empty(database)
    upload(api, body)
    before = api.get("projects/?with_attributes=True").json
    dry = upload(api, body.replace("2013-06-01", "2013-05-01").replace("Ames", "Boone"), query="?dry_run=true").json
    assert (dry["projects"], dry["attributes"]) == ({**NOTHING, "updated": 1}, {**NOTHING, "updated": 1})
    assert dry["changes"] == [
        {
            "project_id": "ABC",
            "field": "baseline_period_end",
            "before": "2013-06-01T00:00:00Z",
            "after": "2013-05-01T00:00:00Z",
        },
        {"project_id": "ABC", "field": "city", "before": "Ames", "after": "Boone"},
    ]
    assert api.get("projects/?with_attributes=True").json == before


def test_columns_may_be_left_out_of_the_attributes(api: Api) -> None:
    answer = upload(api, table(f"{HEADER},City,floors", f"{ABC},Ames,2"), query="?attributes=false").json
    assert (answer["ignored_columns"], answer["attributes"]) == (["City", "floors"], NOTHING)
    assert api.get("project_attribute_keys/").json == []


def arrow(columns: Mapping[str, Any]) -> bytes:
    made = pa.table(columns)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, made.schema) as writer:
        writer.write_table(made)
    return sink.getvalue()


def parquet(columns: Mapping[str, Any]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


COLUMNS: Mapping[str, Any] = {
    "Project_ID": ["A", "B"],
    "zipcode": [50321, 2139],
    "retrofit_start_date": pa.array([datetime(2013, 6, 1), datetime(2013, 6, 1, 6)], pa.timestamp("ns")),
    "retrofit_end_date": pa.array([datetime(2013, 7, 1, tzinfo=UTC), None], pa.timestamp("us", "America/Chicago")),
    "floors": pa.array([2, None], pa.int64()),
    "cost": [1250.0, float("nan")],
    "city": pa.array(["Ames", None]).dictionary_encode(),
    "rebate": [True, False],
    "done": pa.array([datetime(2013, 6, 20), None], pa.timestamp("ns")),
    "inspected": [date(2013, 6, 21), None],
    "seen": pa.array([datetime(2013, 6, 21, 9, 30, tzinfo=UTC), None], pa.timestamp("ns", "UTC")),
    "attributes": [[1], [2]],
    "empty": pa.nulls(2),
}
SAME_AS_CSV = table(
    "Project_ID,zipcode,retrofit_start_date,retrofit_end_date,floors,cost,city,rebate,done,inspected,seen,attributes",
    "A,50321,2013-06-01,2013-07-01T00:00:00Z,2,1250.0,Ames,true,2013-06-20,2013-06-21,2013-06-21T09:30Z,1",
    "B,02139,2013-06-01T06:00,,,,,false,,,,2",
)


@pytest.mark.parametrize(
    ("media_type", "body"), [(ARROW, arrow(COLUMNS)), (PARQUET, parquet(COLUMNS)), (CSV, SAME_AS_CSV)]
)
def test_every_format_says_the_same(api: Api, media_type: str, body: Any) -> None:
    answer = upload(api, body, media_type, query="?rows=true")
    assert answer.status_code == 200, answer.text
    assert (answer.json["projects"]["created"], answer.json["attributes"]["created"]) == (2, 8)
    assert answer.json["ignored_columns"] == ["attributes"]
    assert [row["line"] for row in answer.json["rows"]] == ([2, 3] if media_type == CSV else [1, 2])
    assert answer.json["new_attributes"] == {
        "floors": "INTEGER",
        "cost": "FLOAT",
        "city": "CHAR",
        "rebate": "BOOLEAN",
        "done": "DATE",
        "inspected": "DATE",
        "seen": "DATETIME",
    }
    a, b = api.get("projects/").json
    assert (a["zipcode"], b["zipcode"]) == ("50321", "02139")
    assert (a["baseline_period_end"], a["reporting_period_start"]) == ("2013-06-01T00:00:00Z", "2013-07-01T00:00:00Z")
    assert (b["baseline_period_end"], b["reporting_period_start"]) == ("2013-06-01T06:00:00Z", None)
    assert values(api) == {
        "floors": 2,
        "cost": 1250.0,
        "city": "Ames",
        "rebate": True,
        "done": "2013-06-20",
        "inspected": "2013-06-21",
        "seen": "2013-06-21T09:30:00Z",
    }
    for other_type, other in ((ARROW, arrow(COLUMNS)), (PARQUET, parquet(COLUMNS)), (CSV, SAME_AS_CSV)):
        again = upload(api, other, other_type).json
        assert (again["projects"]["unchanged"], again["attributes"]["unchanged"]) == (2, 8)


BAD = table(
    f"{HEADER},Floors,predicted_kwh",
    '"A\nB",50321,2013-13-01,2013-07-01,2,1',
    ",12345678901,x,,two,",
    f"{ABC},3,much,surplus",
    "ABC,50321,,,,",
    f"{'x' * 256},50321,0001-01-01T00:00+14:00,,9,",
    "nul\0,50321,,,,",
)
DATE_MESSAGE = "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm"
REMEDY = (
    "The attribute floors is INTEGER in this datastore; correct the value, empty the cell, or give the column another "
    "name."
)


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_stored(api: Api, database: Database) -> None:
    api.post("project_attribute_keys/", {"name": "floors", "display_name": "Floors", "data_type": "INTEGER"})
    answer = upload(api, BAD)
    assert answer.status_code == 400
    assert (answer.json["status"], answer.json["error_count"]) == ("error", 11)
    assert answer.json["message"] == "6 of 6 projects refused, none stored"
    errors = [
        (each["line"], each["field"], each["value"], each["message"].removesuffix("[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."))
        for each in answer.json["errors"]
    ]
    assert errors == [
        (3, "retrofit_start_date", "2013-13-01", DATE_MESSAGE),
        (4, "project_id", "", "This field may not be blank."),
        (4, "zipcode", "12345678901", "Ensure this field has no more than 10 characters."),
        (4, "retrofit_start_date", "x", DATE_MESSAGE),
        (4, "Floors", "two", f"A valid integer is required. {REMEDY}"),
        (5, None, "surplus", "The row has more cells than the 6 columns; quote the cells that have commas."),
        (
            5,
            "predicted_kwh",
            "much",
            "A valid number is required. The attribute predicted_kwh is to be FLOAT; correct the value or empty the "
            "cell.",
        ),
        (6, "project_id", "ABC", "Line 5 is of the same project; leave one of the two."),
        (7, "project_id", "x" * 200 + "...", "Ensure this field has no more than 255 characters."),
        (7, "retrofit_start_date", "0001-01-01T00:00+14:00", DATE_MESSAGE),
        (8, "project_id", "nul\0", "Null characters and unpaired surrogates are not allowed."),
    ]
    assert api.get("projects/").json == []
    assert [key["name"] for key in api.get("project_attribute_keys/").json] == ["floors"]


def test_refused_rows_come_back_in_their_own_columns_and_can_be_corrected(api: Api) -> None:
    body = table(f"{HEADER},City", f"{ABC},=1+1", "B,50321,soon,,", "C,02139,,later")
    refused = upload(api, body, Accept="text/csv")
    assert (refused.status_code, refused.mimetype) == (400, "text/csv")
    header, *rows = csv.reader(io.StringIO(refused.text))
    assert header == ["line", *HEADER.split(","), "City", "error"]
    assert [row[:-1] for row in rows] == [["3", "B", "50321", "soon", "", ""], ["4", "C", "02139", "", "later", ""]]
    assert rows[0][-1].startswith(f"retrofit_start_date: {DATE_MESSAGE}")
    corrected = refused.text.replace("soon", "2013-06-01").replace("later", "2013-07-01")
    stored = upload(api, corrected, Accept="text/csv")
    assert (stored.status_code, stored.json["projects"]["created"]) == (200, 2)
    assert stored.json["ignored_columns"] == ["line", "error"]
    assert api.get("project_attribute_keys/").json == []


def test_at_most_a_hundred_errors_are_listed(api: Api) -> None:
    answer = upload(api, table(HEADER, *(f"P{n},50321,soon," for n in range(150)))).json
    assert (answer["error_count"], len(answer["errors"])) == (150, 100)
    assert answer["message"] == "150 of 150 projects refused, none stored"


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        ("", "The table has no column project_id; it has: nothing."),
        ("a,b", "The table has no column project_id; it has: a, b."),
        (
            "project_id,ZIPCODE,x",
            "The table has no column baseline_period_end or retrofit_start_date; it has: project_id, ZIPCODE, x.",
        ),
        (f"{HEADER},City,city", "The table has 2 columns city; leave the one that is meant."),
        (f"{HEADER},{'x' * 256}", f"The table has a column whose name, '{'x' * 20}'..., has 256 characters; the name"),
        (f"{HEADER},a\0b", "The table has a column whose name, 'a\\x00b'..., has a null character; the name"),
        (f'{HEADER},"' + "x" * 200_000, "The table is not CSV: field larger than field limit (131072)."),
    ],
)
def test_tables_whose_columns_do_not_fit(api: Api, database: Database, header: str, detail: str) -> None:
    answer = upload(api, table(header, ABC))
    assert answer.status_code == 400
    assert answer.json["detail"].startswith(detail)
    assert is_empty(database)


@pytest.mark.parametrize(
    ("media_type", "body", "status", "detail"),
    [
        (CSV, b"%PDF-1.7\n\xe2", 400, "The file is no table but a PDF"),
        (XLSX, b"PK\3\4nonsense\xff", 400, "The workbook cannot be read"),
        (ARROW, b"nonsense", 400, "The Arrow stream cannot be read: "),
        (PARQUET, b"PAR1nonsense", 400, "The Parquet file cannot be read: "),
        ("application/json", b"[]", 415, 'Unsupported media type "application/json" in request.'),
    ],
)
def test_bodies_that_cannot_be_read(api: Api, media_type: str, body: bytes, status: int, detail: str) -> None:
    answer = upload(api, body, media_type)
    assert (answer.status_code, answer.json["detail"][: len(detail)]) == (status, detail)


def test_a_table_that_is_too_long(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eeds.projects.upload.MAX_ROWS", 1)
    for body, media_type in ((table(HEADER, ABC, XYZ), CSV), (arrow(COLUMNS), ARROW), (parquet(COLUMNS), PARQUET)):
        answer = upload(api, body, media_type)
        assert (answer.status_code, answer.json) == (
            413,
            {"detail": "The table has more than 1 rows; send it in parts."},
        )


def test_a_table_without_rows(api: Api) -> None:
    answer = upload(api, f"\ufeff{HEADER}\n").json
    assert (answer["projects"], answer["attributes"]) == (NOTHING, NOTHING)


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("?dry_run=maybe", {"dry_run": ['"maybe" is not a valid choice.']}),
        ("?attributes=1", {"attributes": ['"1" is not a valid choice.']}),
        ("?owner=me", {"owner": ["A valid integer is required."]}),
        ("?owner=99", {"owner": ['Invalid pk "99" - object does not exist.']}),
    ],
)
def test_parameters_that_are_refused(api: Api, query: str, errors: Mapping[str, Any]) -> None:
    answer = upload(api, table(HEADER, ABC), query=query)
    assert (answer.status_code, answer.json) == (400, errors)


def test_whose_projects_they_are(api: Api, login: MakeApi) -> None:
    ann, bob = login("ann"), login("bob")
    assert upload(ann, table(HEADER, ABC)).status_code == 200
    unclear = upload(api, table(HEADER, XYZ))
    message = "Say whose projects these are, with --owner or owner=; you can see the owners [1, 2, 3]."
    assert (unclear.status_code, unclear.json) == (400, {"owner": [message]})
    assert upload(api, table(HEADER, XYZ), query="?owner=3").status_code == 200
    assert [project["project_owner"] for project in api.get("projects/").json] == [2, 3]
    assert upload(bob, table(HEADER, XYZ), query="?owner=2").json == {
        "owner": ['Invalid pk "2" - object does not exist.']
    }


def test_a_value_that_is_stored_twice_is_not_updated(api: Api) -> None:
    body = table(f"{HEADER},City", f"{ABC},Ames")
    upload(api, body)
    api.post("project_attributes/", {"project": 1, "key": 1, "char_value": "Boone"})
    assert upload(api, body).json["errors"] == [
        {
            "line": 2,
            "field": "City",
            "value": "Ames",
            "message": "The project has several values of city; delete all but one of them.",
        }
    ]


CELLS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.sampled_from(["", "ABC", "true", "007", "nan", "1e308", "2013-W01", "2013-06-01T24:00", "0000-01-01", "\0"]),
    st.sampled_from(["0001-01-01T00:00+14:00", "9999-12-31T23:59:59.999999-14:00", "9223372036854775807"]),
    st.one_of(st.integers(), st.floats(), st.datetimes(), st.dates()).map(str),
)
ROWS = st.lists(st.lists(CELLS, min_size=3, max_size=8), max_size=4)


@settings(max_examples=60, derandomize=True, suppress_health_check=list(HealthCheck))
@given(ROWS, st.lists(CELLS, max_size=3))
def test_whatever_a_table_holds_it_is_stored_or_refused(api: Api, rows: list[list[str]], further: list[str]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[*HEADER.split(","), *further], *rows])
    for accept in ("text/csv", "application/json"):
        answer = upload(api, text.getvalue().encode(), Accept=accept)
        assert answer.status_code in (200, 400), answer.text


def test_two_uploads_of_the_same_new_projects_take_turns(app: Flask, api: Api) -> None:
    body = table(f"{HEADER},city", *(f"P{n},,,,c{n}" for n in range(500)))
    clients = [Api(app.test_client(), api.token) for _ in range(4)]
    with ThreadPoolExecutor(len(clients)) as pool:
        answers = [answer.json for answer in pool.map(lambda each: upload(each, body), clients)]
    assert sorted(answer["projects"]["created"] for answer in answers) == [0, 0, 0, 500]
    assert sorted(answer["attributes"]["unchanged"] for answer in answers) == [0, 500, 500, 500]
    assert [len(answer["new_attributes"]) for answer in answers].count(1) == 1


AUTHENTICATED = ["token", "turn of the owner", "owners"]
READ = ["locks", "keys", "projects", "values"]


def test_ten_thousand_projects_take_as_many_statements_as_one(api: Api, statements_of: CountStatements) -> None:
    api.get("projects/")  # the first use of the token is noted
    for first, last in ((0, 1), (1, 10_001)):
        rows = [f"P{n},{n:05d},2013-06-01,2013-07-01,{n},c{n}" for n in range(first, last)]
        body = table(f"{HEADER},floors,city", *rows)
        new = statements_of(lambda: stored(api, body, "created", last - first))  # noqa: B023 - called at once
        new_keys = ["lock of keys", "keys again", "insert keys"] if first == 0 else []
        # what is small takes no turn
        authenticated = [each for each in AUTHENTICATED if first > 0 or each != "turn of the owner"]
        read = ["locks", "projects", "named elsewhere"]
        expected = [*authenticated, "keys", *new_keys, *read, "insert projects", "insert values"]
        assert len(new) == len(expected)
        unchanged = statements_of(lambda: stored(api, body, "unchanged", last - first))  # noqa: B023
        assert len(unchanged) == len([*authenticated, *READ])
        other = body.replace("2013-07-01", "2013-08-01").replace(",c", ",d").replace(",dity", ",city")
        changed = statements_of(lambda: stored(api, other, "updated", last - first))  # noqa: B023
        assert len(changed) == len([*authenticated, *READ, "update projects", "update values"])


def stored(api: Api, body: str, outcome: str, number: int) -> None:
    answer = upload(api, body)
    assert answer.status_code == 200, answer.text
    assert answer.json["projects"][outcome] == number


def test_refused_rows_come_back_as_they_were(api: Api) -> None:
    sent = table(f"{HEADER},city", "-7a,50321,2013-06-01,bad,=Ames")
    refused = list(csv.DictReader(io.StringIO(upload(api, sent, accept=CSV).text)))
    assert (refused[0]["project_id"], refused[0]["city"]) == ("'-7a", "'=Ames")
    corrected = {**refused[0], "retrofit_end_date": "2013-07-01"}
    names = [name for name in corrected if name not in ("line", "error")]
    assert upload(api, table(",".join(names), ",".join(corrected[name] for name in names))).status_code == 200
    assert [project["project_id"] for project in api.get("projects/").json] == ["-7a"]
    assert values(api) == {"city": "=Ames"}
