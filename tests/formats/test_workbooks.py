"""Sheets of workbooks as texts, and workbooks that are refused."""

import io
import zipfile
from datetime import date, datetime, time
from typing import Any

import pytest

from eeds.errors import BodyTooLarge, MalformedBody
from eeds.formats.grid import Grid, read_grid
from tests.formats.workbook_files import MAIN, XLS, Error, ods, parts, worksheet, xlsx


def grid(data: bytes, sheet: str | None = None, max_rows: int = 500_000, max_bytes: int = 2**25) -> Grid:
    return read_grid(io.BytesIO(data), max_rows, max_bytes, sheet)


def refusal(data: bytes, sheet: str | None = None) -> str:
    with pytest.raises(MalformedBody) as error:
        grid(data, sheet)
    return str(error.value)


def with_part(path: str, text: str) -> bytes:
    """A workbook with another file in place of one of its own."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**parts({"Data": [["a"]]}), path: text}.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (" a\xa0\nb ", "a\xa0\nb"),
        ("'=1+1", "'=1+1"),
        (5, "5"),
        (5.0, "5"),
        (-0.25, "-0.25"),
        (0.1, "0.1"),
        (1e300, "1e+300"),
        (float(2**53 - 1), str(2**53 - 1)),
        (1.0443720001234567e16, "1.0443720001234568e+16"),
        (True, "true"),
        (False, "false"),
        (date(2022, 11, 6), "2022-11-06"),
        (datetime(2022, 11, 6), "2022-11-06"),
        (datetime(2022, 11, 6, 0, 30), "2022-11-06 00:30:00"),
        (datetime(2022, 11, 6, 23, 59, 59), "2022-11-06 23:59:59"),
        (time(13, 30), "13:30:00"),
        (time(0, 0, 1), "00:00:01"),
        (Error("#DIV/0!"), "#DIV/0!"),
        (Error("#N/A"), "#N/A"),
    ],
)
def test_a_cell_as_a_text(value: Any, text: str) -> None:
    assert [*grid(xlsx({"Data": [["x", "y"], ["x", value]]})).rows] == [["x", "y"], ["x", text]]


def test_rows_are_those_of_the_sheet() -> None:
    read = grid(xlsx({"Data": [[], [None, "Report"], [], ["start", "value"], ["2022-01-01", 1], [None, ""]]}))
    assert [*read.rows] == [["", "Report"], ["start", "value"], ["2022-01-01", "1"]]
    assert ([*read.lines], read.sheet, read.encoding, read.delimiter) == ([2, 4, 5], "Data", None, None)


def test_xls_and_ods() -> None:
    assert [*grid(XLS).rows] == [["start", "value"], ["2022-01-01 00:15:00", "1.5"], ["2022-01-01 00:30:00", "2"]]
    assert [*grid(ods([["start", "value"], ["2022-01-01", "1.5"]])).rows] == [["start", "value"], ["2022-01-01", "1.5"]]


ONE: list[list[Any]] = [["start", "value"], ["2022-01-01", 1]]
OTHER: list[list[Any]] = [["start", "value"], ["2022-01-01", 2]]


def test_the_only_sheet_with_a_table_is_read() -> None:
    assert grid(xlsx({"Title": [["Report of 2022"]], "Empty": [], "Data": ONE})).sheet == "Data"
    assert grid(xlsx({"Empty": [], "Data": [["only a header"]]})).sheet == "Data"


def test_a_sheet_is_named_where_there_are_several() -> None:
    book = xlsx({"Gas & heat": ONE, "Power": OTHER, "Title": [["Report"]]})
    assert refusal(book) == "The workbook has several sheets: 'Gas & heat', 'Power'; name the one that is meant."
    assert grid(book, "Power").rows[1] == ["2022-01-01", "2"]
    assert grid(book, "Gas & heat").sheet == "Gas & heat"
    assert refusal(book, "Steam") == ("The workbook has no sheet 'Steam'; it has: 'Gas & heat', 'Power', 'Title'.")


def test_a_workbook_with_nothing_in_it() -> None:
    assert refusal(xlsx({"Sheet1": [], "Sheet2": []})) == "The workbook has nothing in its sheets: 'Sheet1', 'Sheet2'."
    assert [*grid(xlsx({"Sheet1": []}), "Sheet1").rows] == []


@pytest.mark.parametrize(
    "data",
    [
        b"PK",
        b"PK\x03\x04 and nothing of a zip",
        xlsx({"Data": ONE})[:-30],
        XLS[:600],
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
        with_part("xl/workbook.xml", "<workbook"),
        with_part("xl/worksheets/sheet1.xml", "<worksheet><sheetData><row><c t='s'><v>7</v></c>"),
    ],
)
def test_a_damaged_workbook(data: bytes) -> None:
    assert refusal(data).startswith("The workbook ")


def test_any_zip_is_no_workbook() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("data.csv", "a,b")
    assert refusal(file.getvalue()).startswith("The workbook cannot be read, it is damaged or no XLSX, XLS or ODS: ")


def large(data: bytes, max_rows: int = 500_000, max_bytes: int = 2**25) -> str:
    with pytest.raises(BodyTooLarge) as error:
        grid(data, None, max_rows, max_bytes)
    return str(error.value)


def test_limits_of_workbooks() -> None:
    assert large(xlsx({"Data": [["a"], [], ["b"], ["c"]]}), max_rows=2) == (
        "The table has more than 2 rows; send it in parts."
    )
    assert large(xlsx({"Data": [["x" * 1000]] * 1200}), max_bytes=2**20) == (
        "The sheet has more than 1 MB of text; send it in parts."
    )
    assert large(with_part("xl/media/picture.png", "x" * 17 * 2**20), max_bytes=2**20) == (
        "The workbook has more than 16 MB unpacked; save the sheet as CSV."
    )


MORE = "The workbook needs more memory or time than an upload may take; save the sheet as CSV and send that."


@pytest.mark.parametrize("last", ["XFD1048576", "ZZZ9999999"])
def test_few_bytes_that_stand_for_a_million_rows_and_columns(last: str) -> None:
    sheet = worksheet([["a"], [Error("#N/A")]]).replace('r="A2"', f'r="{last}"')
    assert large(with_part("xl/worksheets/sheet1.xml", sheet)) == MORE


def test_a_long_text_in_very_many_cells() -> None:
    strings = f"<sst {MAIN}><si><t>{'x' * 30_000}</t></si></sst>"
    cells = "".join('<row><c t="s"><v>0</v></c></row>' for _ in range(100_000))
    file = io.BytesIO(
        with_part("xl/worksheets/sheet1.xml", f"<worksheet {MAIN}><sheetData>{cells}</sheetData></worksheet>")
    )
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", strings)
    assert large(file.getvalue()) == MORE


def test_an_ods_that_repeats_a_cell_a_hundred_million_times() -> None:
    assert len(grid(ods([["a"]], row_repeats=3, cell_repeats=2)).rows) == 3
    assert large(ods([["a"]], row_repeats=100_000, cell_repeats=1_000)) == MORE
