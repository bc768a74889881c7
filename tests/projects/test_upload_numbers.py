"""Numbers as people write them in columns of attributes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.errors import MalformedBody
from eeds.projects.upload_numbers import plain_numbers


@pytest.mark.parametrize(
    ("cells", "delimiter", "plain", "others"),
    [
        (["1,850", "1850", ""], ",", ["1850", "1850", ""], []),
        (["1,850.50", "-12,000"], ",", ["1850.5", "-12000"], []),
        (["$1,234,567", "€5"], ",", ["1234567", "5"], []),
        (["(1,200)"], ",", ["-1200"], []),
        (["1'850", "2"], ",", ["1850", "2"], []),
        (["1.850,5", "1.000"], ";", ["1850.5", "1.000"], []),
        (["0,850", "12"], ";", ["0.85", "12"], []),
        (["1,850", "1,850.5"], "\t", ["1850", "1850.5"], []),
        (["1,2", "3,4"], ",", ["1,2", "3,4"], [0, 1]),  # zones 1 and 2, not a decimal comma: the file has other commas
        (["0,850"], ",", ["0,850"], [0]),
        (["1,850 sqft", "900"], ",", ["1,850 sqft", "900"], [0]),
        (["12 %,"], ",", ["12 %,"], [0]),
        (["1,850", "n/a", "x"], ",", ["1850", "n/a", "x"], [1, 2]),
        (["12,345,678,901,234,567"], ",", ["12,345,678,901,234,567"], [0]),
        (["1e3", "1,000"], ",", ["1e3", "1000"], []),
        (["1,850", "Ames"], ";", ["1850", "Ames"], [1]),
    ],
)
def test_a_column(cells: list[str], delimiter: str, plain: list[str], others: list[int]) -> None:
    assert plain_numbers("area", cells, delimiter) == (plain, others)


@pytest.mark.parametrize("delimiter", [";", "\t", None])
def test_a_column_that_may_be_read_in_two_ways(delimiter: str | None) -> None:
    with pytest.raises(
        MalformedBody, match="'1,850' in the column area, whose comma may separate thousands or decimals"
    ):
        plain_numbers("area", ["1,850", "7"], delimiter)


@given(st.lists(st.integers(-(2**53) + 1, 2**53 - 1), min_size=1))
def test_thousands_are_read_as_they_were_written(numbers: list[int]) -> None:
    cells = [f"{number:,}" for number in numbers]
    assert plain_numbers("area", cells, ",") == ([str(number) for number in numbers], [])


@given(st.lists(st.floats(-1e12, 1e12), min_size=1))
def test_fractions_too(numbers: list[float]) -> None:
    plain, others = plain_numbers("area", [f"{number:,.3f}" for number in numbers], ",")
    assert ([float(text) for text in plain], others) == ([round(number, 3) for number in numbers], [])


@given(st.lists(st.text(max_size=12)), st.sampled_from([",", ";", None]))
def test_any_column_is_read_or_refused(cells: list[str], delimiter: str | None) -> None:
    try:
        plain, others = plain_numbers("area", cells, delimiter)
    except MalformedBody:
        return
    assert all(plain[place] == cells[place] for place in others)
    assert len(plain) == len(cells)
