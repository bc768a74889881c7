"""sync2/ in every format: what is stored, what is refused and why, partly or not at all."""

import csv
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from eeds.db.engine import Database
from eeds.formats.media_types import ARROW, CSV, JSON, JSON_LINES, PARQUET
from eeds.records.ids import START_RANGE
from tests.api.bulk.formats import as_arrow, as_csv, as_json, as_lines, as_parquet
from tests.api.conftest import Api, MakeApi

PATH = "consumption_records/sync2/"
Record = dict[str, Any]
WRONG_TIME = (
    "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
)


FORMATS: dict[str, Callable[[list[Record]], bytes]] = {
    JSON: as_json,
    JSON_LINES: as_lines,
    CSV: as_csv,
    ARROW: as_arrow,
    PARQUET: as_parquet,
}
every_format = pytest.mark.parametrize("media_type", FORMATS)


@pytest.fixture
def trace(api: Api) -> int:
    api.post("projects/", {"project_id": "ABC", "project_owner": 1})
    return int(api.post("consumption_metadatas/", {"project": 1, "interpretation": "E_C_S", "unit": "KWH"}).json["id"])


def days(trace: int, n: int, value: float = 0.5) -> list[Record]:
    """Records of n days, one of them missing."""
    return [
        {
            "metadata_id": trace,
            "start": f"2015-{1 + d // 28:02d}-{1 + d % 28:02d}T00:00:00+00:00",
            "value": None if d == 1 else d + value,
            "estimated": d % 3 == 0,
        }
        for d in range(n)
    ]


def send(api: Api, media_type: str, body: bytes, query: str = "", **headers: str) -> Any:
    return api.call("POST", PATH + query, data=body, content_type=media_type, headers=headers)


def stored(api: Api) -> list[Record]:
    return [
        {
            "metadata_id": r["metadata"],
            "start": r["start"].replace("Z", "+00:00"),
            "value": r["value"],
            "estimated": r["estimated"],
        }
        for r in api.get("consumption_records/").json
    ]


def counts(answer: Any) -> dict[str, int]:
    assert (answer.status_code, answer.json.get("status")) == (200, "success"), answer.text
    return {name: answer.json[name] for name in ("created", "updated", "unchanged", "duplicates")}


def only(**some: int) -> dict[str, int]:
    return {"created": 0, "updated": 0, "unchanged": 0, "duplicates": 0, **some}


@every_format
@pytest.mark.parametrize("n", [1, 5, 60])
def test_story(api: Api, trace: int, media_type: str, n: int) -> None:
    """Few records are merged, many in order are copied straight into the table."""
    encode, records = FORMATS[media_type], days(trace, n)
    assert counts(send(api, media_type, encode(records))) == only(created=n)
    assert stored(api) == records
    assert counts(send(api, media_type, encode(records))) == only(unchanged=n)
    changed = days(trace, n, value=0.75)
    missing = min(n - 1, 1)
    assert counts(send(api, media_type, encode(changed[::-1]))) == only(updated=n - missing, unchanged=missing)
    assert counts(send(api, media_type, encode(records + records))) == only(
        updated=n - missing, unchanged=missing, duplicates=n
    )
    assert stored(api) == records


@every_format
def test_records_in_order_and_again_behind_them(api: Api, trace: int, media_type: str, monkeypatch: Any) -> None:
    """What was copied straight into the table and comes again in the same body is a duplicate; the last one wins."""
    for module in ("json_body", "table_body"):
        monkeypatch.setattr(f"eeds.records.{module}.BATCH_BYTES", 4096)
    monkeypatch.setattr("eeds.records.table_body.BATCH_RECORDS", 40)
    records = days(trace, 200)
    again = [{**records[7], "value": -1.0}, records[8], records[8]]
    answer = send(api, media_type, FORMATS[media_type](records + again))
    assert counts(answer) == only(created=200, duplicates=3)
    records[7] = again[0]
    assert stored(api) == records


# what else may be wrong, in tests/api/bulk
BAD: list[tuple[str, Any, str, Any]] = [
    ("metadata_id", 999999, 'Invalid pk "999999" - object does not exist.', 999999),
    ("value", "abc", "A valid number is required.", "abc"),
]


@every_format
@pytest.mark.parametrize(("field", "value", "message", "shown"), BAD)
def test_a_refusal_names_the_record(
    api: Api, trace: int, media_type: str, field: str, value: Any, message: str, shown: Any
) -> None:
    records = days(trace, 30)
    records[17] = {**records[17], field: value}
    body = FORMATS[media_type](records)
    answer = send(api, media_type, body)
    assert (answer.status_code, answer.json["message"]) == (400, "1 of 30 records refused, none stored")
    (error,) = answer.json["errors"]
    assert (error["index"], error["field"], error["message"]) == (17, field, message)
    assert error["value"] == shown or str(error["value"]) == str(shown)
    assert stored(api) == []

    partly = send(api, media_type, body, "?mode=partial")
    assert counts(partly) == only(created=29)
    assert (partly.json["refused"], partly.json["errors"]) == (1, answer.json["errors"])
    assert stored(api) == [record for record in days(trace, 30) if record["start"] != days(trace, 30)[17]["start"]]


@every_format
def test_a_dry_run_counts_and_stores_nothing(api: Api, trace: int, media_type: str) -> None:
    body = FORMATS[media_type](days(trace, 30))
    answer = send(api, media_type, body, "?dry_run=true")
    assert (counts(answer), answer.json["dry_run"]) == (only(created=30), True)
    assert stored(api) == []
    send(api, media_type, body)
    assert counts(send(api, media_type, body, "?dry_run=true&mode=partial")) == only(unchanged=30)


@pytest.mark.parametrize(
    ("body", "created"),
    [
        ("\ufeffmetadata_id,start,value\n1,2015-01-01,1\n", 1),
        ("metadata_id,start,value\r\n1,2015-01-01,1\r\n1,2015-01-02,\r\n", 2),
        ('"metadata_id", "start" ,"value"\n"1","2015-01-01","1"\n', 1),
        ('metadata_id,start,value,note\n1,2015-01-01,1,"a, b\nc"\n1,2015-01-02,1,\n', 2),
        ("metadata_id,start,value\n 1 , 2015-01-01T00:00:00Z , 1 \n\n\n", 1),
        ("metadata_id,start,value,estimated\n1,2015-01-01T00:00:00Z,1,\n", 1),
        ("metadata_id,start,value\n", 0),
        ("metadata_id,start,value", 0),
    ],
)
def test_csv_as_people_write_it(api: Api, trace: int, body: str, created: int) -> None:
    assert counts(send(api, CSV, body.encode())) == only(created=created)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "The table has no column project_id; it has: nothing."),
        (b"a,b\n1,2\n", "The table has no column project_id; it has: a, b."),
        (b"metadata_id,start,value,value\n", "The table has 2 columns value; leave the one that is meant."),
        (b"metadata_id,start,value\xff\n", "The CSV is not UTF-8: "),
        (b"metadata_id,start,value\n1,2015-01-01,\xff\n", "The CSV cannot be read: "),
    ],
)
def test_csv_that_cannot_be_read(api: Api, trace: int, body: bytes, detail: str) -> None:
    answer = send(api, CSV, body)
    assert (answer.status_code, answer.json["detail"][: len(detail)]) == (400, detail)


def test_ragged_csv_rows_are_refused_by_themselves(api: Api, trace: int) -> None:
    lines = [
        "metadata_id,start,value",
        "1,2015-01-01,1",
        "1,2015-01-02",
        "1,2015-01-03,x",
        "1,2015-01-04,4,5",
        "1,2015-01-05,5",
    ]
    answer = send(api, CSV, "\n".join(lines).encode(), "?mode=partial")
    assert counts(answer) == only(created=2)
    assert [(e["index"], e["field"], e["message"]) for e in answer.json["errors"]] == [
        (1, None, "Expected 3 fields, but got 2."),
        (3, None, "Expected 3 fields, but got 4."),
        (2, "value", "A valid number is required."),
    ]


@every_format
def test_refused_rows_come_back_as_csv_ready_to_be_mended(api: Api, trace: int, media_type: str) -> None:
    records = days(trace, 12)
    for n, bad in ((3, {"value": "abc"}), (9, {"start": "=cmd()", "value": "x"})):
        records[n] = {**records[n], **bad}
    answer = send(api, media_type, FORMATS[media_type](records), Accept="text/csv")
    assert (answer.status_code, answer.mimetype) == (400, "text/csv")
    first = 2 if media_type == CSV else 1
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [list(row) for row in rows] == [["line", "metadata_id", "start", "value", "estimated", "error"]] * 2
    assert [(int(row["line"]), row["value"], row["error"]) for row in rows] == [
        (3 + first, "abc", "value: A valid number is required."),
        (9 + first, "x", f"start: {WRONG_TIME}; value: A valid number is required."),
    ]
    assert rows[1]["start"] == "'=cmd()"
    mended = answer.text.replace("abc", "3.5").replace("'=cmd()", "2015-03-01").replace(",x,", ",1,")
    assert counts(send(api, CSV, mended.encode(), Accept="text/csv")) == only(created=2)
    partly = send(api, media_type, FORMATS[media_type](records), "?mode=partial", Accept="text/csv")
    assert (partly.status_code, partly.text) == (200, answer.text)


@pytest.mark.parametrize("query", ["?mode=some", "?dry_run=maybe"])
def test_impossible_wishes(api: Api, trace: int, query: str) -> None:
    answer = send(api, JSON, b"[]", query)
    assert (answer.status_code, list(answer.json)) == (400, [query[1:].partition("=")[0]])


@every_format
def test_bodies_over_the_limit(api: Api, trace: int, media_type: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("eeds.web.rest.sync2.MAX_JSON_MB", 0)
    answer = send(api, media_type, FORMATS[media_type](days(trace, 2)))
    assert answer.status_code == (413 if media_type == JSON else 200)


def test_weather_takes_the_same_formats(api: Api, database: Database) -> None:
    hours = [{"station": "725460", "start": f"2015-01-01T{h:02d}:00:00Z", "temp_c": h / 2} for h in range(24)]
    for media_type, encode in FORMATS.items():
        answer = api.call("POST", "weather_records/sync2/", data=encode(hours), content_type=media_type)
        assert counts(answer) == (only(created=24) if media_type == JSON else only(unchanged=24))
    bad = api.post(
        "weather_records/sync2/", [{**hours[0], "temp_f": 1.0}, {**hours[0], "start": "2015-01-01T00:30:00Z"}]
    )
    assert [error["field"] for error in bad.json["errors"]] == ["temp_c", "start"]


HEADER = "project_id,interpretation,label,unit,start,value,estimated"


def by_names(api: Api, *lines: str, query: str = "") -> Any:
    return send(api, CSV, "\n".join([HEADER, *lines]).encode(), query)


def test_csv_by_names_makes_the_traces_it_needs(api: Api, trace: int) -> None:
    api.post("projects/", {"project_id": "DEF", "project_owner": 1})
    lines = [
        "ABC,E_C_S,,KWH,2015-01-01,1,",
        "ABC,E_C_S,main,KWH,2015-01-01,2,true",
        "DEF,NG_C_S,main,THM,2015-01-01,,false",
        "DEF,NG_C_S,main,THM,2015-01-02,4,false",
    ]
    assert counts(by_names(api, *lines)) == only(created=4)
    traces = api.get("consumption_metadatas/?summary=True").json
    assert [(t["project"]["project_id"], t["interpretation"], t["label"], t["unit"]) for t in traces] == [
        ("ABC", "E_C_S", None, "KWH"),
        ("ABC", "E_C_S", "main", "KWH"),
        ("DEF", "NG_C_S", "main", "THM"),
    ]
    assert [(r["metadata_id"], r["value"], r["estimated"]) for r in stored(api)] == [
        (trace, 1.0, False),
        (traces[1]["id"], 2.0, True),
        (traces[2]["id"], None, False),
        (traces[2]["id"], 4.0, False),
    ]
    assert counts(by_names(api, *lines)) == only(unchanged=4)
    assert len(api.get("consumption_metadatas/?summary=True").json) == 3


def test_csv_by_names_refuses_by_name(api: Api, trace: int) -> None:
    twice = {"project": 1, "interpretation": "NG_C_S", "unit": "THM", "label": "twice"}
    for _ in range(2):
        api.post("consumption_metadatas/", twice)
    lines = [
        "ABC,E_C_S,new,KWH,2015-01-01,1,",
        "XYZ,E_C_S,,KWH,2015-01-01,1,",
        "ABC,E_C_S,,THM,2015-01-01,1,",
        "ABC,E_X_X,,KWH,2015-01-01,1,",
        "ABC,NG_C_S,twice,THM,2015-01-01,1,",
        ",E_C_S,,BTU,2015-01-01,1,",
        "ABC,E_C_S,,KWH,2015-01-01T00:00:00.5Z,1,",
    ]
    refused = by_names(api, *lines)
    assert (refused.status_code, refused.json["message"]) == (400, "6 of 7 records refused, none stored")
    assert sorted((e["index"], e["field"], e["message"]) for e in refused.json["errors"]) == [
        (1, "project_id", 'There is no project "XYZ".'),
        (2, "unit", "The trace has the unit KWH."),
        (3, "interpretation", '"E_X_X" is not a valid choice.'),
        (4, "label", "Several traces have this project_id, interpretation and label; send metadata_id."),
        (5, "project_id", "This field may not be null."),
        (5, "unit", '"BTU" is not a valid choice.'),
        (6, "start", START_RANGE),
    ]
    assert len(api.get("consumption_metadatas/?summary=True").json) == 3, "no trace was made"
    partly = by_names(api, *lines, query="?mode=partial")
    assert (counts(partly), partly.json["refused"]) == (only(created=1), 6)
    assert api.get("consumption_metadatas/?summary=True").json[-1]["label"] == "new"


def test_csv_by_names_of_others(api: Api, trace: int, login: MakeApi) -> None:
    answer = by_names(login("ann"), "ABC,E_C_S,,KWH,2015-01-01,1,")
    assert [error["message"] for error in answer.json["errors"]] == ['There is no project "ABC".']


def test_csv_by_names_with_two_units_for_one_new_trace(api: Api, trace: int) -> None:
    answer = by_names(api, "ABC,E_C_N,x,KWH,2015-01-01,1,", "ABC,E_C_N,x,THM,2015-01-02,1,", query="?mode=partial")
    assert (counts(answer), answer.json["refused"]) == (only(created=1), 1)


def test_loads_that_wait_for_each_other_both_succeed(
    api: Api, app: Flask, trace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In pieces, and in opposite orders of traces: each has what the other wants next."""
    monkeypatch.setattr("eeds.records.json_body.BATCH_BYTES", 3000)
    kind = {"interpretation": "E_C_S", "unit": "KWH"}
    traces = [trace, *(api.post("consumption_metadatas/", kind).json["id"] for _ in range(7))]
    pieces = [days(id, 56) for id in traces]
    orders = [pieces, pieces[::-1]] * 3

    def load(order: list[list[Record]]) -> Any:
        own = Api(app.test_client(), api.token)
        as_a_load = {"eeds.is_load": True}
        return own.post(PATH, [record for piece in order for record in piece], environ_overrides=as_a_load)

    with ThreadPoolExecutor(len(orders)) as pool:
        answers = list(pool.map(load, orders))
    assert [answer.status_code for answer in answers] == [200] * len(orders)
    assert sum(answer.json["created"] for answer in answers) == len(traces) * 56
    assert sum(answer.json["unchanged"] for answer in answers) == len(traces) * 56 * (len(orders) - 1)
    assert stored(api) == [record for piece in pieces for record in piece]
