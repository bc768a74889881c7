"""Tables as XLSX: what a spreadsheet finds in the cells, and what a sheet cannot hold."""

import io
import math
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from eeds.errors import EedsError
from eeds.formats.table import Batch, Column, Type, columns
from eeds.formats.workbook_writer import MAX_ROWS, MAX_TEXT, letters_of, require_rows, write

NOON = datetime(2016, 2, 29, 12, 0, 30, tzinfo=UTC)
COLUMNS = [Column(type.value, type) for type in Type]
FULL = (-1, 0.1 + 0.2, "a & <b>", NOON, NOON, date(2016, 2, 29), True)
EMPTY = (None,) * len(COLUMNS)
NUMBERS = columns(Type.NUMBER, "number")
TEXTS = columns(Type.TEXT, "text")


def workbook(columns: Sequence[Column], *batches: Batch) -> bytes:
    return b"".join(write(columns, batches))


def cells(columns: Sequence[Column], *batches: Batch) -> list[list[Any]]:
    """The rows of the sheet, as the library that reads uploads finds them."""
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(workbook(columns, *batches))).get_sheet_by_index(0)
    return sheet.to_python(skip_empty_area=False)


def xml(columns: Sequence[Column], *batches: Batch) -> str:
    with zipfile.ZipFile(io.BytesIO(workbook(columns, *batches))) as archive:
        assert archive.testzip() is None
        return archive.read("xl/worksheets/sheet1.xml").decode()


def test_every_type_and_what_is_missing() -> None:
    heads, full, *empty, last = cells(COLUMNS, [FULL], [EMPTY, EMPTY], [FULL])
    assert heads == [type.value for type in Type]
    noon = NOON.replace(tzinfo=None)
    assert full == last == [-1.0, 0.1 + 0.2, "a & <b>", noon, noon, date(2016, 2, 29), True]
    assert empty == [[""] * len(COLUMNS)] * 2


def test_no_rows() -> None:
    assert cells(NUMBERS) == [["number"]]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_finite_number_is_missing(value: float) -> None:
    assert cells(NUMBERS, [(value,), (1.5,)]) == [["number"], [""], [1.5]]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_their_digits(value: float) -> None:
    (found,) = re.findall("<v>(.*?)</v>", xml(NUMBERS, [(value,)]))
    assert float(found) == value


@given(st.text(st.characters(codec="utf-8")))
def test_texts_come_back(text: str) -> None:
    assert cells(TEXTS, [("x",), (text,), ("x",)])[2] == [text]


@pytest.mark.parametrize(
    ("text", "written"), [("a\0b", "a_x0000_b"), ("_x0041_", "_x005F_x0041_"), ("_x41", "_x41"), ("\ud800", "?")]
)
def test_what_xml_cannot_say(text: str, written: str) -> None:
    assert f'<t xml:space="preserve">{written}</t>' in xml(TEXTS, [(text,)])


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_a_text_is_no_formula(text: str) -> None:
    """A cell of text, which stays one when somebody edits it (style 3 has quotePrefix)."""
    sheet = xml(TEXTS, [(text,)])
    assert f'<c r="A2" s="3" t="inlineStr"><is><t xml:space="preserve">{text}</t>' in sheet
    assert "<f>" not in sheet


def test_days_of_which_spreadsheets_do_not_agree_are_texts() -> None:
    early = datetime(1850, 1, 1, tzinfo=UTC)
    assert cells([Column("t", Type.INSTANT), Column("d", Type.DAY)], [(early, early.date())])[1] == [
        *("1850-01-01T00:00:00+00:00", "1850-01-01")
    ]


def test_what_a_sheet_cannot_hold() -> None:
    assert cells(TEXTS, [("x" * MAX_TEXT,)])[1] == ["x" * MAX_TEXT]
    with pytest.raises(EedsError, match="holds 32,767 characters, and a text here has more; take CSV or Parquet"):
        workbook(TEXTS, [("x" * (MAX_TEXT + 1),)])
    require_rows(MAX_ROWS - 1)
    with pytest.raises(EedsError, match="at most 1,048,575 rows, and there are more; take CSV or Parquet"):
        require_rows(MAX_ROWS)


@pytest.mark.parametrize(("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA")])
def test_names_of_columns(number: int, letters: str) -> None:
    assert letters_of(number) == letters
