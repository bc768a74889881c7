"""Ids that went through a spreadsheet: cleaned where nothing is lost, refused where digits are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.formats.id_columns import whole_number_ids


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("94103.0", "94103"),
        ("94103.00", "94103"),
        ("00123.0", "00123"),
        ("9007199254740991.0", "9007199254740991"),
        ("10443720001234567", "10443720001234567"),
        *((text, text) for text in ("", "m1", "K1A 0B1", "12E3", "1.5", "1e5", "a.0", ".0", "1.2.0", "\0")),
    ],
)
def test_an_id_whose_digits_are_all_there(text: str, id: str) -> None:
    assert whole_number_ids([text]) == ([id], {})


@pytest.mark.parametrize(
    "text",
    [
        "1.0443E+16",
        "1.0443e16",
        "1,0443E+16",
        "1E+16",
        "1.0443720001234568e+16",
        "10443720001234568.0",
        "9007199254740992.0",
        "1" * 5000 + ".0",
    ],
)
def test_an_id_that_was_rounded(text: str) -> None:
    ids, refused = whole_number_ids(["a", text])
    assert ids == ["a", ""]
    assert refused[1].endswith(
        " is an id that a spreadsheet made a number and rounded: its last digits are lost. Format the column as text, "
        "enter or import the ids again, and save the file."
    )


@given(st.integers(0, 2**53 - 1))
def test_whole_numbers_that_a_float_holds_come_back(number: int) -> None:
    assert whole_number_ids([f"{float(number):.1f}", str(number)]) == ([str(number)] * 2, {})
