"""POST projects/upload/: what spreadsheets do to tables of projects, repaired and said, or refused."""

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eeds.formats.media_types import CSV, PARQUET, XLSX
from tests.api.conftest import Api
from tests.api.test_project_upload import table, upload, values
from tests.formats.workbook_files import xlsx

PERIODS = "baseline_period_end,reporting_period_start"
HEADER = f"project_id,zipcode,{PERIODS}"
DAYS = "2022-01-01,2022-01-01"
FROM_A_SPREADSHEET = table(
    f"{HEADER},weather_station,floor_area",
    f'z1,1776,{DAYS},725460,"1,850"',
    f"z2,94103.0,{DAYS},725460,1850",
    f"z3,K1A 0B1,{DAYS},071827,",
)
NO_PLACE = (
    "This is no ZIP code of a US Census area: unless the project has them already, it needs the attribute "
    "weather_station, or latitude and longitude, before it can be run."
)


def repairs(answer: Any) -> list[tuple[int, str, str, str]]:
    return [(each["line"], each["field"], each["before"], each["after"]) for each in answer.json["repairs"]]


def errors(answer: Any) -> list[tuple[int, str, str, str]]:
    assert answer.status_code == 400, answer.text
    return [(each["line"], each["field"], each["value"], each["message"]) for each in answer.json["errors"]]


def column(name: str, *cells: str) -> str:
    """A table of projects with one more column; every cell is quoted."""
    return table(f"{HEADER},{name}", *(f'P{n},50321,{DAYS},"{cell}"' for n, cell in enumerate(cells)))


def test_a_table_from_a_spreadsheet(api: Api) -> None:
    for query in ("?dry_run=true", ""):
        answer = upload(api, FROM_A_SPREADSHEET, query=query)
        assert answer.status_code == 200, answer.text
        assert repairs(answer) == [
            (2, "zipcode", "1776", "01776"),
            (3, "zipcode", "94103.0", "94103"),
            (2, "floor_area", "1,850", "1850"),
        ]
        assert answer.json["repair_count"] == 3
        assert answer.json["warnings"] == []  # the Canadian one has a weather station
        assert answer.json["new_attributes"] == {"weather_station": "CHAR", "floor_area": "INTEGER"}
        assert len(api.get("projects/").json) == (0 if query else 3)
    assert [project["zipcode"] for project in api.get("projects/").json] == ["01776", "94103", "K1A 0B1"]
    assert values(api) == {"weather_station": "725460", "floor_area": 1850}


# ZIP codes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "zipcode"),
    [
        ("501", "00501"),
        ("2139.", "02139"),
        ("94103", "94103"),
        ("94103-1234", "94103-1234"),
        ("", ""),
        ("00501", "00501"),
    ],
)
def test_zipcodes(api: Api, cell: str, zipcode: str) -> None:
    answer = upload(api, table(HEADER, f"A,{cell},{DAYS}"))
    assert repairs(answer) == ([] if cell == zipcode else [(2, "zipcode", cell, zipcode)])
    assert api.get("projects/").json[0]["zipcode"] == zipcode


@pytest.mark.parametrize("cell", ["1", "12", "12.0", "1776.5", "1.776E+03", "-1.5", "."])
def test_numbers_that_are_no_zipcodes(api: Api, cell: str) -> None:
    ((line, field, value, message),) = errors(upload(api, table(HEADER, f"A,{cell},{DAYS}")))
    assert (line, field, value) == (2, "zipcode", cell)
    assert message.startswith("This is a number, but no ZIP code, which has five digits")


def test_zipcodes_that_are_numbers_in_a_parquet_file(api: Api) -> None:
    sink = io.BytesIO()
    columns = {
        "project_id": ["A", "B"],
        "zipcode": [1776.0, 94103.0],
        **{name: ["", ""] for name in PERIODS.split(",")},
    }
    pq.write_table(pa.table(columns), sink)
    answer = upload(api, sink.getvalue(), PARQUET)
    assert repairs(answer) == [(1, "zipcode", "1776.0", "01776"), (2, "zipcode", "94103.0", "94103")]


def test_places_that_no_station_is_found_for_are_warned_of(api: Api) -> None:
    rows = [
        f"A,K1A 0B1,{DAYS},,",
        f"B,99999,{DAYS},45,",
        f"C,K1A 0B1,{DAYS},45.4,-75.7",
        f"D,,{DAYS},,",
        f"E,50321-1234,{DAYS},,",
    ]
    answer = upload(api, table(f"{HEADER},latitude,longitude", *rows)).json
    assert answer["warnings"] == [
        {"line": 2, "field": "zipcode", "value": "K1A 0B1", "message": NO_PLACE},
        {"line": 3, "field": "zipcode", "value": "99999", "message": NO_PLACE},
    ]
    assert answer["warning_count"] == 2


def test_a_time_zone_that_is_none_is_warned_of(api: Api) -> None:
    rows = [f"A,50321,{DAYS},Europe/Paris", f"B,50321,{DAYS},Central", f"C,50321,{DAYS},"]
    answer = upload(api, table(f"{HEADER},timezone", *rows)).json
    (warning,) = answer["warnings"]
    assert (warning["line"], warning["field"], warning["value"]) == (3, "timezone", "Central")
    assert warning["message"].startswith("This is no IANA time zone")


def test_at_most_a_hundred_repairs_and_warnings_are_listed(api: Api) -> None:
    answer = upload(api, table(HEADER, *(f"P{n},999,{DAYS}" for n in range(150)))).json
    assert (answer["repair_count"], len(answer["repairs"])) == (150, 100)
    assert (answer["warning_count"], len(answer["warnings"])) == (150, 100)


# Ids ------------------------------------------------------------------------------------------------------------------


def test_ids_that_a_data_frame_made_floats(api: Api) -> None:
    answer = upload(api, table(HEADER, f"123.0,50321,{DAYS}", f"A7,50321,{DAYS}"))
    assert repairs(answer) == [(2, "project_id", "123.0", "123")]
    assert [project["project_id"] for project in api.get("projects/").json] == ["123", "A7"]


def test_ids_with_fractions_of_their_own_are_left_alone(api: Api) -> None:
    answer = upload(api, table(HEADER, f"1.0,50321,{DAYS}", f"1.1,50321,{DAYS}"))
    assert repairs(answer) == []
    assert [project["project_id"] for project in api.get("projects/").json] == ["1.0", "1.1"]


def test_ids_that_become_the_same(api: Api) -> None:
    (error,) = errors(upload(api, table(HEADER, f"123,50321,{DAYS}", f"123.0,50321,{DAYS}")))
    assert error == (3, "project_id", "123", "Line 2 is of the same project; leave one of the two.")


@pytest.mark.parametrize("cell", ["1.0443E+16", "10443720000123456.0"])
def test_ids_whose_digits_are_lost(api: Api, cell: str) -> None:
    ((line, field, value, message),) = errors(upload(api, table(HEADER, f"{cell},50321,{DAYS}")))
    assert (line, field, value) == (2, "project_id", cell)
    assert "made a number and rounded: its last digits are lost. Format the column as text" in message
    assert api.get("projects/").json == []


# Numbers --------------------------------------------------------------------------------------------------------------


def test_thousands_in_an_attribute_that_is_there(api: Api) -> None:
    api.post("project_attribute_keys/", {"name": "Area", "display_name": "Area", "data_type": "FLOAT"})
    answer = upload(api, column("area", "1,850.5", "$12,000"))
    assert repairs(answer) == [(2, "area", "1,850.5", "1850.5"), (3, "area", "$12,000", "12000")]
    assert values(api) == {"Area": 1850.5}


def test_thousands_in_an_attribute_that_is_a_number_by_its_name(api: Api) -> None:
    answer = upload(api, column("project_cost", "$12,500", "9"))
    assert answer.json["new_attributes"] == {"project_cost": "FLOAT"}
    assert values(api) == {"project_cost": 12500.0}


def test_a_text_with_commas_is_left_alone(api: Api) -> None:
    api.post("project_attribute_keys/", {"name": "code", "display_name": "Code", "data_type": "CHAR"})
    answer = upload(api, column("code", "1,850", "2"))
    assert repairs(answer) == []
    assert values(api) == {"code": "1,850"}


def test_a_column_that_is_no_number_for_a_few_cells_is_said(api: Api) -> None:
    answer = upload(api, column("area", "1,850", "900", "about 700"))
    assert (repairs(answer), answer.json["new_attributes"]) == ([], {"area": "CHAR"})
    assert answer.json["warnings"] == [
        {
            "line": 4,
            "field": "area",
            "value": "about 700",
            "message": "This is no number, so that the column, whose other values are numbers, is stored as "
            "text (CHAR).",
        }
    ]
    assert upload(api, column("city", "Ames, Iowa", "1,850", "Boone")).json["warnings"] == []


# Periods --------------------------------------------------------------------------------------------------------------

ALL_PERIODS = "project_id,zipcode,baseline_period_start,baseline_period_end,reporting_period_start,reporting_period_end"


def test_periods_in_the_wrong_order(api: Api) -> None:
    rows = [
        "A,,,2022-03-01,2022-02-01,",
        "B,,2022-03-02,2022-03-01,2022-03-01,2022-02-01",
        "C,,,2022-03-01,2022-03-01,",
    ]
    assert errors(upload(api, table(ALL_PERIODS, *rows))) == [
        (
            2,
            "reporting_period_start",
            "2022-02-01",
            "reporting_period_start 2022-02-01 is before baseline_period_end 2022-03-01; correct one of the two.",
        ),
        (
            3,
            "baseline_period_end",
            "2022-03-01",
            "baseline_period_end 2022-03-01 is before baseline_period_start 2022-03-02; correct one of the two.",
        ),
        (
            3,
            "reporting_period_end",
            "2022-02-01",
            "reporting_period_end 2022-02-01 is before reporting_period_start 2022-03-01; correct one of the two.",
        ),
    ]
    assert api.get("projects/").json == []


def test_the_columns_are_called_as_the_table_calls_them(api: Api) -> None:
    sent = table("project_id,zipcode,Retrofit_Start_Date,retrofit_end_date", "A,,2022-03-01,2022-02-01")
    ((_, field, _, message),) = errors(upload(api, sent))
    assert field == "retrofit_end_date"
    assert message.startswith("retrofit_end_date 2022-02-01 is before Retrofit_Start_Date 2022-03-01")


def test_periods_that_the_table_leaves_alone_count(api: Api) -> None:
    assert upload(api, table(ALL_PERIODS, "A,,2021-01-01,2022-01-01,2022-01-01,2023-01-01")).status_code == 200
    assert errors(upload(api, table(HEADER, "A,,2020-06-01,2023-06-01"))) == [
        (
            2,
            "baseline_period_end",
            "2020-06-01",
            "baseline_period_end 2020-06-01 is before the stored baseline_period_start 2021-01-01; correct one of the "
            "two.",
        ),
        (
            2,
            "reporting_period_start",
            "2023-06-01",
            "the stored reporting_period_end 2023-01-01 is before reporting_period_start 2023-06-01; correct one of "
            "the two.",
        ),
    ]
    assert upload(api, table(HEADER, "A,,2022-02-01,2022-02-01")).status_code == 200


# Dates ----------------------------------------------------------------------------------------------------------------


def test_dates_as_a_spreadsheet_writes_them(api: Api) -> None:
    answer = upload(api, table(HEADER, "A,,6/1/2013,6/13/2013", "B,,2013-06-01,7/1/2013 06:00"))
    assert repairs(answer) == [
        (2, "baseline_period_end", "6/1/2013", "2013-06-01"),
        (2, "reporting_period_start", "6/13/2013", "2013-06-13"),
        (3, "reporting_period_start", "7/1/2013 06:00", "2013-07-01T06:00:00"),
    ]
    stored = [(each["baseline_period_end"], each["reporting_period_start"]) for each in api.get("projects/").json]
    assert stored == [
        ("2013-06-01T00:00:00Z", "2013-06-13T00:00:00Z"),
        ("2013-06-01T00:00:00Z", "2013-07-01T06:00:00Z"),
    ]


def test_dates_that_may_be_read_in_two_ways(api: Api) -> None:
    answer = upload(api, table(HEADER, "A,,6/1/2013,7/1/2013"))
    assert answer.status_code == 400
    assert "1 June 2013" in answer.json["detail"]
    assert answer.json["detail"].endswith("tells; write the dates as YYYY-MM-DD.")


@pytest.mark.parametrize("cell", ["2013", "41426", "soon", "13/13/2013"])
def test_what_is_no_date(api: Api, cell: str) -> None:
    ((line, field, value, message),) = errors(upload(api, table(HEADER, f"A,,{cell},")))
    assert (line, field, value) == (2, "baseline_period_end", cell)
    assert message.startswith("Datetime has wrong format.")


# Files ----------------------------------------------------------------------------------------------------------------

PLAIN = table(f"{HEADER},city", f"A,02139,{DAYS},Zürich", f"B,50321,{DAYS},Ames")


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (CSV, PLAIN.encode()),
        (CSV, PLAIN.encode("utf-16")),
        (CSV, PLAIN.encode("cp1252")),
        (CSV, PLAIN.replace(",", ";").encode()),
        (CSV, PLAIN.replace(",", "\t").encode()),
        (CSV, b"Portfolio 2022\n\n" + PLAIN.encode()),
        (CSV, b"\n" + PLAIN.encode()),
        (XLSX, xlsx({"Projects": [line.split(",") for line in PLAIN.splitlines()]})),
        (CSV, xlsx({"Projects": [["Portfolio"], [], *(line.split(",") for line in PLAIN.splitlines())]})),
    ],
)
def test_files_as_spreadsheets_save_them(api: Api, media_type: str, body: bytes) -> None:
    answer = upload(api, body, media_type)
    assert answer.status_code == 200, answer.text
    assert (answer.json["projects"]["created"], answer.json["repairs"]) == (2, [])
    assert [project["zipcode"] for project in api.get("projects/").json] == ["02139", "50321"]
    assert values(api) == {"city": "Zürich"}
    assert upload(api, PLAIN).json["projects"]["unchanged"] == 2


def test_numbers_of_a_workbook(api: Api) -> None:
    sheet = [[*HEADER.split(","), "area"], [123, 1776, "2022-01-01", "2022-01-01", 1850.5]]
    answer = upload(api, xlsx({"Projects": sheet}), XLSX)
    assert repairs(answer) == [(2, "zipcode", "1776", "01776")]
    assert api.get("projects/").json[0]["project_id"] == "123"
    assert values(api) == {"area": 1850.5}


def test_a_decimal_comma(api: Api) -> None:
    answer = upload(api, table(f"{HEADER},area,height", f"A,02139,{DAYS},1850;5,0;85").translate({44: 59, 59: 44}))
    assert repairs(answer) == [(2, "area", "1850,5", "1850.5"), (2, "height", "0,85", "0.85")]
    ambiguous = upload(api, table(HEADER + ",area", f"A,02139,{DAYS},1;850").translate({44: 59, 59: 44}))
    assert ambiguous.status_code == 400
    assert "'1,850' in the column area, whose comma may separate thousands or decimals" in ambiguous.json["detail"]


def test_refused_rows_of_a_workbook(api: Api) -> None:
    sheet = [["Portfolio"], HEADER.split(","), ["A", "soon", "never", ""]]
    answer = upload(api, xlsx({"Projects": sheet}), XLSX)
    assert [(line, field, value) for line, field, value, _ in errors(answer)] == [(3, "baseline_period_end", "never")]


BEGINNINGS = [b"", b"\xff\xfe", b"\xef\xbb\xbf", f"{HEADER}\n".encode(), f"{HEADER};x\n".replace(",", ";").encode()]


@settings(max_examples=60, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(BEGINNINGS),
    st.one_of(st.binary(max_size=80), st.text(st.characters(codec="utf-8"), max_size=80).map(str.encode)),
)
def test_whatever_bytes_come_they_are_stored_or_refused(api: Api, beginning: bytes, rest: bytes) -> None:
    answer = upload(api, beginning + rest)
    assert answer.status_code in (200, 400), answer.text
