"""What a CSV file holds is never run by the spreadsheet that opens it."""

import pytest

from eeds.formats.spreadsheets import without_formula


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "-", "+"])
def test_formulas_become_text(text: str) -> None:
    assert without_formula(text) == without_formula(text, may_be_number=True) == f"'{text}"


@pytest.mark.parametrize("text", ["", "ABC", "a=b", "1", "1-2", "'=1", "é"])
def test_other_text_stays(text: str) -> None:
    assert without_formula(text) == without_formula(text, may_be_number=True) == text


@pytest.mark.parametrize("text", ["-5", "+1e3", "-inf"])
def test_signs_of_numbers_stay_where_numbers_may_be(text: str) -> None:
    assert without_formula(text, may_be_number=True) == text
    assert without_formula(text) == f"'{text}"
