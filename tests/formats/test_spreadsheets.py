"""What a CSV file holds is never run by the spreadsheet that opens it."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis.strategies import lists, text

from eeds.formats import csv_file
from eeds.formats.spreadsheets import unguarded, without_formula
from eeds.formats.table import Type, columns


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\tx", "\rx", "-", "+"])
def test_formulas_become_text(text: str) -> None:
    assert without_formula(text) == without_formula(text, may_be_number=True) == f"'{text}"


@pytest.mark.parametrize("text", ["", "ABC", "a=b", "1", "1-2", "'=1", "é"])
def test_other_text_stays(text: str) -> None:
    assert without_formula(text) == without_formula(text, may_be_number=True) == text


@pytest.mark.parametrize("text", ["-5", "+1e3", "-inf"])
def test_signs_of_numbers_stay_where_numbers_may_be(text: str) -> None:
    assert without_formula(text, may_be_number=True) == text
    assert without_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", ["main\r@SUM(1+1)", "\r=1", "\t=1", "a\n=1", "a\r\n+1", "=1\r\r=2", "\t\n-x"])
def test_no_line_of_a_text_begins_like_a_formula(text: str) -> None:
    guarded = without_formula(text)
    assert not [line for line in re.split("[\r\n]", guarded) if line.startswith(("=", "+", "-", "@", "\t"))]
    assert unguarded(guarded) == text


@given(rows=lists(lists(text(alphabet="\r\n\t \"',;=+-@a1é\ud800"), min_size=2, max_size=2), min_size=1))
def test_every_row_comes_back_as_one(rows: list[list[str]]) -> None:
    for made in (csv_file.guarded_lines(rows), b"".join(csv_file.write(columns(Type.TEXT, "a", "b"), [rows]))[4:]):
        lines = made.decode()
        assert "\r" not in re.sub('"[^"]*"', "", lines), "a line end that no quotes protect"
        read = list(csv.reader(io.StringIO(lines, newline="")))
        assert [[unguarded(cell) for cell in row] for row in read] == [
            [unguarded(cell.replace("\ud800", "?")) for cell in row] for row in rows
        ]
