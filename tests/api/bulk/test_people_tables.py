"""Tables of records as people write them: names of columns, words, and what comes back of refused rows. The answers in
CSV, Arrow and Parquet are the same."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from werkzeug.test import TestResponse

from eeds.formats.media_types import ARROW, CSV, JSON, PARQUET
from eeds.records.temperatures import HOURLY
from tests.api.bulk.conftest import Bulk
from tests.api.bulk.formats import arrow_of, parquet_of

PARTIAL = "?mode=partial"
FUELS = (
    "It is electricity, natural_gas, fuel_oil, propane, steam, chilled_water or one of E_C_S, E_C_T, E_C_N, E_OSG_T, "
    "E_OSG_C, E_OSG_U, NG_C_S, FO_C_S, P_C_S, S_C_S, CW_C_S."
)
NO_TIME = (
    "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
)
ONE_UNIT = "one column of temperatures, temp_f or temp_c"
PEOPLE = "project_id,trace_id,fuel,unit,date,value"


def texts(text: str) -> pa.Table:
    """The cells of some CSV as a table of texts, nothing for an empty one."""
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    columns = [[row[place] or None for row in rows] for place in range(len(header))]
    return pa.table([pa.array(column, pa.string()) for column in columns], names=header)


WRITERS: dict[str, Callable[[str], bytes]] = {
    CSV: str.encode,
    ARROW: lambda text: arrow_of(texts(text)),
    PARQUET: lambda text: parquet_of(texts(text)),
}
every_format = pytest.mark.parametrize("media_type", WRITERS)


def send(bulk: Bulk, media_type: str, text: str, query: str = "") -> Any:
    """The answer in JSON to a table."""
    return bulk.send(WRITERS[media_type](text), media_type, query=query).json


def refused_rows(bulk: Bulk, media_type: str, body: bytes, query: str = PARTIAL) -> TestResponse:
    """The answer in CSV to a body."""
    return bulk.api.call(
        "POST", f"{bulk.kind}/sync2/{query}", data=body, content_type=media_type, headers={"Accept": CSV}
    )


def traces(bulk: Bulk) -> list[tuple[str, str, str | None]]:
    """Of all traces but the first: interpretation, unit and label."""
    found: Any = bulk.api.get("consumption_metadatas/?summary=True").json
    return [(trace["interpretation"], trace["unit"], trace["label"]) for trace in found if trace["id"] != 1]


@every_format
@pytest.mark.parametrize(
    ("header", "ignored"),
    [
        ("metadata_id,start,value", []),
        (" Metadata_ID ,START,Value", []),
        ("metadata_id,date,value", []),
        ("metadata_id,start,value,date", ["date"]),
        ("metadata_id,date,value,project_id,fuel,note", ["project_id", "fuel", "note"]),
        ("metadata_id,date,value,note,note", ["note", "note"]),
    ],
)
def test_names_of_columns_by_id(bulk: Bulk, media_type: str, header: str, ignored: list[str]) -> None:
    if media_type == PARQUET and header.endswith("note,note"):
        pytest.skip("Parquet knows columns by their names")
    text = f"{header}\n1,2015-01-01,1.5{',x' * (header.count(',') - 2)}\n"
    answer = send(bulk, media_type, text)
    assert (answer["status"], answer["created"], answer.get("ignored_columns", [])) == ("success", 1, ignored)
    assert bulk.values() == [(1, "2015-01-01T00:00:00Z", 1.5, False)]


@every_format
@pytest.mark.parametrize(
    ("header", "row", "trace"),
    [
        (PEOPLE, "ABC,7,electricity,kWh,2015-01-01,1", ("E_C_S", "KWH", "7")),
        (PEOPLE, "ABC,7,natural_gas,therm,2015-01-01,1", ("NG_C_S", "THM", "7")),
        (PEOPLE, "ABC,7,Natural Gas,THERMS,2015-01-01,1", ("NG_C_S", "THM", "7")),
        (PEOPLE, " ABC , 7 , GAS , thm ,2015-01-01,1", ("NG_C_S", "THM", "7")),
        (PEOPLE, "ABC,7,Fuel Oil (No 2),therm,2015-01-01,1", ("FO_C_S", "THM", "7")),
        (PEOPLE, "ABC,7,oil,therm,2015-01-01,1", ("FO_C_S", "THM", "7")),
        (PEOPLE, "ABC,7,Propane,therm,2015-01-01,1", ("P_C_S", "THM", "7")),
        (PEOPLE, "ABC,7,District Steam,therm,2015-01-01,1", ("S_C_S", "THM", "7")),
        (PEOPLE, "ABC,7,chilled water,kWh,2015-01-01,1", ("CW_C_S", "KWH", "7")),
        (PEOPLE, "ABC,7,e_osg_u,Kwh,2015-01-01,1", ("E_OSG_U", "KWH", "7")),
        ("project_id,interpretation,label,unit,start,value", "ABC,E_C_N,,KWH,2015-01-01,1", ("E_C_N", "KWH", None)),
        ("project_id,interpretation,unit,start,value", "ABC,gas,therm,2015-01-01,1", ("NG_C_S", "THM", None)),
        ("project_id,fuel,label,unit,start,value", "ABC,gas,,therm,2015-01-01,1", ("NG_C_S", "THM", None)),
        # the first of several names by preference
        (
            "project_id,label,trace_id,fuel,unit,start,value",
            "ABC,no,yes,gas,therm,2015-01-01,1",
            ("NG_C_S", "THM", "yes"),
        ),
        (
            "project_id,fuel,interpretation,label,unit,start,value",
            "ABC,no,E_C_T,x,kWh,2015-01-01,1",
            ("E_C_T", "KWH", "x"),
        ),
    ],
)
def test_names_and_words_of_traces(
    bulk: Bulk, media_type: str, header: str, row: str, trace: tuple[str, str, str | None]
) -> None:
    assert send(bulk, media_type, f"{header}\n{row}\n")["created"] == 1
    assert traces(bulk) == [trace]


@every_format
@pytest.mark.parametrize("word", ["", " ", "nan", "NaN", "null", "NULL", "none", "None", "na", "NA", "n/a", "N/A "])
@pytest.mark.parametrize("other", ["2.5", "sixty"])
def test_words_for_a_missing_value(bulk: Bulk, media_type: str, word: str, other: str) -> None:
    """Whether all else is as usual, or something has to be looked at by itself."""
    answer = send(bulk, media_type, f"metadata_id,start,value\n1,2015-01-01,{word}\n1,2015-01-02,{other}\n", PARTIAL)
    assert answer["created"] == 2 - (other == "sixty")
    assert bulk.values()[0] == (1, "2015-01-01T00:00:00Z", None, False)


@pytest.mark.parametrize("word", ["n/a", "", "none"])
def test_objects_have_no_words_for_a_missing_value(bulk: Bulk, word: str) -> None:
    answer: Any = bulk.api.post("consumption_records/sync2/", {"metadata_id": 1, "start": "2015-01-01", "value": word})
    assert [error["field"] for error in answer.json["errors"]] == ["value"]


@every_format
@pytest.mark.parametrize(
    ("kind", "header", "detail"),
    [
        (
            "consumption_records",
            "project_id,trace_id",
            "has no column interpretation or fuel; it has: project_id, trace_id.",
        ),
        ("consumption_records", "a,b", "has no column project_id; it has: a, b."),
        ("consumption_records", "metadata_id,value", "has no column start or date; it has: metadata_id, value."),
        (
            "consumption_records",
            "project_id,fuel,unit,date,value",
            "has no column trace_id or label; it has: project_id, fuel, unit, date, value.",
        ),
        ("consumption_records", "metadata_id,value,Value,start", "has 2 columns value; leave the one that is meant."),
        ("consumption_records", f"TRACE_ID,{PEOPLE}", "has 2 columns trace_id; leave the one that is meant."),
        ("weather_records", "station,start", "must have one column of temperatures, temp_f or temp_c; it has 0."),
        (
            "weather_records",
            "station,start,temp_f,Temp_C",
            "must have one column of temperatures, temp_f or temp_c; it has 2.",
        ),
        ("weather_records", "start,temp_f", "has no column station; it has: start, temp_f."),
    ],
)
def test_tables_that_lack_a_column(bulk: Bulk, media_type: str, kind: str, header: str, detail: str) -> None:
    body = WRITERS[media_type](f"{header}\n")
    answer = bulk.api.call("POST", f"{kind}/sync2/", data=body, content_type=media_type)
    assert (answer.status_code, answer.json) == (400, {"detail": f"The table {detail}"})


REFUSED = (
    f"{PEOPLE},note\n"
    "ABC,7,electricity,kWh,2015-01-01,1,good\n"
    "ABC,7,electricity,kWh,2015-13-01,1, as it is \n"
    "ABC,,coal,BTU,2015-01-02,x,\n"
    "XYZ,7,electricity,kWh,2015-01-02,=1+1,no project\n"
    "XYZ,7,electricity,kWh,2015-01-02,1,=cmd()\n"
    "ABC,7,electricity,therm,2015-01-03,1.50,unit\n"
)
REASONS = [
    f"date: {NO_TIME}",
    f'fuel: "coal" is not a valid choice. {FUELS}; trace_id: This field may not be blank.; '
    'unit: "BTU" is not a valid choice. It is kWh or therm.; value: A valid number is required.',
    "value: A valid number is required.",
    'project_id: There is no project "XYZ". Load it with: eeds upload projects',
    "unit: The trace has the unit KWH.",
]


@every_format
def test_refused_rows_come_back_as_they_are_in_their_file(bulk: Bulk, media_type: str) -> None:
    answer = refused_rows(bulk, media_type, WRITERS[media_type](REFUSED))
    header, *rows = csv.reader(io.StringIO(answer.text, newline=""))
    assert header == ["line", *PEOPLE.split(","), "note", "error"]
    first = 3 if media_type == CSV else 2
    assert [int(row[0]) for row in rows] == [*range(first, first + 5)]
    assert [row[1:-1] for row in rows] == [
        ["ABC", "7", "electricity", "kWh", "2015-13-01", "1", " as it is "],
        ["ABC", "", "coal", "BTU", "2015-01-02", "x", ""],
        ["XYZ", "7", "electricity", "kWh", "2015-01-02", "'=1+1", "no project"],
        ["XYZ", "7", "electricity", "kWh", "2015-01-02", "1", "'=cmd()"],
        ["ABC", "7", "electricity", "therm", "2015-01-03", "1.50", "unit"],
    ]
    assert [row[-1] for row in rows] == REASONS


@every_format
def test_errors_name_the_columns_of_the_file(bulk: Bulk, media_type: str) -> None:
    answer = send(bulk, media_type, REFUSED)
    assert answer["message"] == "5 of 6 records refused, none stored"
    assert answer["ignored_columns"] == ["note"]
    assert sorted((error["index"], error["field"]) for error in answer["errors"]) == [
        (1, "date"),
        (2, "fuel"),
        (2, "trace_id"),
        (2, "unit"),
        (2, "value"),
        (3, "value"),
        (4, "project_id"),
        (5, "unit"),
    ]
    partly = send(bulk, media_type, REFUSED, PARTIAL)
    assert (partly["created"], partly["refused"], partly["errors"]) == (1, 5, answer["errors"])


def test_lines_of_csv_are_those_of_the_file(bulk: Bulk) -> None:
    """Behind blank lines, texts of several lines, and rows with too few or too many cells, in every batch."""
    body = (
        b"\xef\xbb\xbf\r\n\n"
        b'note,metadata_id,"start",value\r\n'
        b"\r\n"
        b'"two\r\nlines",1,2015-01-01,x\r\n'
        b"\n"
        b'"a ""quote"", and\n\nmore",1,2015-01-02,1\n'
        b"short,1,2015-01-03\n"
        b'"long\nand wide",1,2015-01-04,1,2,3\n'
        b"\n"
        b",999,2015-01-05,1\n"
    )
    answer = refused_rows(bulk, CSV, body)
    rows = list(csv.reader(io.StringIO(answer.text, newline="")))[1:]
    no_trace = 'metadata_id: Invalid pk "999" - object does not exist.'
    assert rows == [
        ["5", "two\r\nlines", "1", "2015-01-01", "x", "value: A valid number is required."],
        ["11", "short", "1", "2015-01-03", "Expected 4 fields, but got 3."],
        ["12", "long\nand wide", "1", "2015-01-04", "1", "2", "3", "Expected 4 fields, but got 6."],
        ["15", "", "999", "2015-01-05", "1", no_trace],
    ]


def test_lines_in_many_batches(bulk: Bulk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eeds.records.table_body.BATCH_BYTES", 8192)
    monkeypatch.setattr("eeds.records.table_body.BATCH_RECORDS", 30)
    lines = ["metadata_id,start,value"]
    bad = []
    for number in range(2_000):
        kind = number % 7
        start = f"20{10 + number // 336}-{1 + number // 28 % 12:02}-{1 + number % 28:02}"
        lines += [""] if kind == 1 else []
        lines.append(f"1,{start}" + {0: ",x", 3: "", 5: ",1,2"}.get(kind, ",1"))
        bad += [len(lines)] if kind in (0, 3, 5) else []
    answer = refused_rows(bulk, CSV, "\n".join(lines).encode())
    assert [int(row[0]) for row in list(csv.reader(io.StringIO(answer.text)))[1:]] == bad
    assert len(bulk.values()) == 2_000 - len(bad)


def test_cells_of_typed_columns_are_written_as_texts(bulk: Bulk) -> None:
    table = pa.table(
        {
            "metadata_id": pa.array([999, 999]),
            "start": pa.array([0, 3_600_000], pa.timestamp("ms", "America/Chicago")),
            "value": pa.array([1.5, None]),
            "day": pa.array([0, 1], pa.date32()),
            "took": pa.array([1, None], pa.duration("ns")),
            "kind": pa.array(["a", None]).dictionary_encode(),
            "flag": pa.array([True, None]),
            "tags": pa.array([["x"], None]),
        }
    )
    for media_type, write in ((ARROW, arrow_of), (PARQUET, parquet_of)):
        answer = refused_rows(bulk, media_type, write(table))
        header, first, second = csv.reader(io.StringIO(answer.text))
        assert header[1:-1] == table.schema.names
        assert first[:-1] == ["1", "999", "1970-01-01 00:00:00.000Z", "1.5", "1970-01-01", "1", "a", "true", "['x']"]
        assert second[:-1] == ["2", "999", "1970-01-01 01:00:00.000Z", "", "1970-01-02", "", "", "", ""]


def test_names_that_look_like_formulas_survive_being_refused(bulk: Bulk) -> None:
    """They are guarded in the refused rows, and are themselves again when those are sent again."""
    text = "project_id,interpretation,label,unit,start,value\nABC,E_C_S,-7a,KWH,2015-01-01,x\n"
    answer = refused_rows(bulk, CSV, text.encode())
    assert ",'-7a," in answer.text
    assert send(bulk, CSV, answer.text.replace(",x,", ",1,"))["created"] == 1
    assert traces(bulk) == [("E_C_S", "KWH", "-7a")]


def test_refused_rows_of_objects_have_the_fields_of_the_api(bulk: Bulk) -> None:
    body = b'[{"metadata_id": 999, "start": "2015-01-01", "value": 1, "note": "x"}, 5]'
    assert refused_rows(bulk, JSON, body).text.splitlines() == [
        "line,metadata_id,start,value,estimated,error",
        '1,999,2015-01-01T00:00:00Z,1.0,false,"metadata_id: Invalid pk ""999"" - object does not exist."',
        '2,,,,,"Invalid data. Expected a dictionary, but got int."',
    ]


@every_format
def test_temperatures_as_people_write_them(bulk: Bulk, media_type: str) -> None:
    text = (
        "Date,Station,Temp_C,note\n2015-01-01T00:00,725460,-5,\n2015-01-01T01:00,725460,N/A,\n"
        "2015-01-01T02:30,725460,1,half\n2015-01-01T03:00,725460,99,hot\n"
    )
    answer = refused_rows(Bulk(bulk.api, bulk.database, "weather_records"), media_type, WRITERS[media_type](text))
    first = 4 if media_type == CSV else 3
    assert answer.text.splitlines() == [
        "line,Date,Station,Temp_C,note,error",
        f"{first},2015-01-01T02:30,725460,1,half,Date: {HOURLY}",
        f"{first + 1},2015-01-01T03:00,725460,99,hot,Temp_C: Temperatures are between -94 and 140 degrees Fahrenheit.",
    ]
