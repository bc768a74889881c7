"""Columns of numbers: all cells decide about the decimal sign, and what may be two numbers is refused with both."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.errors import MalformedBody
from eeds.formats.number_columns import AmbiguousNumbers, read_numbers


def numbers(*texts: str, decimal: str | None = None) -> list[float]:
    read = read_numbers(texts, decimal)
    assert not read.wrong
    return list(read.values)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("5", 5), ("+5", 5), ("-5", -5), ("\N{MINUS SIGN}5", -5), ("5-", -5), ("(5)", -5), ("( 12.3 )", -12.3)),
        *(("1.5", 1.5), (".5", 0.5), ("5.", 5), ("1e3", 1000), ("-2.5E-3", -0.0025), ("1e300", 1e300), ("007", 7)),
        *(("1,234.5", 1234.5), ("1.234,5", 1234.5), ("1,234,567", 1234567), ("1.234.567", 1234567), ("1,5", 1.5)),
        *(("1 234,5", 1234.5), ("1\xa0234\xa0567,5", 1234567.5), ("1\u202f234.5", 1234.5), ("1'234.5", 1234.5)),
        *(("1’234’567", 1234567), ("0,500", 0.5), ("1234,567", 1234.567), ("1.234", 1.234), ("0.001", 0.001)),
        *(
            ("$1,234.50", 1234.5),
            ("-$3", -3),
            ("$-3", -3),
            ("$(3.5)", -3.5),
            ("($3.5)", -3.5),
            ("£ 4", 4),
            ("12,50 €", 12.5),
        ),
        *(("US$5", 5), ("12.5 kWh", 12.5), ("3therms", 3), ("-4 m³", -4), ("1,234.5 kBtu", 1234.5), ("7\xa0kWh", 7)),
    ],
)
def test_a_number(text: str, number: float) -> None:
    assert numbers(text) == [number]


@pytest.mark.parametrize("text", ["", "NaN", "nan", "NULL", "None", "NA", "N/A", "-", "--", "#N/A"])
def test_missing_values(text: str) -> None:
    read = read_numbers([text, "1"])
    assert np.isnan(read.values[0])
    assert read.wrong == {}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "abc",
            "Infinity",
            "inf",
            "-inf",
            "0x1F",
            "1_000",
            "1..2",
            "1,2,3",
            "1,23,456.7",
            "--5",
            "-5-",
            "(-5)",
            "(5",
            "5)",
        ),
        *(
            ".",
            ",",
            "$",
            "kWh",
            "1 2",
            "12 34",
            "1 234 56",
            "1,234 567",
            "0x",
            "١٢",
            "5 % x \0",
            "#DIV/0!",
            "1e",
            "=1+1",
        ),
        *("2022-01-01", "12:30", "1" + " " * 100_000 + "!", "(" + " " * 100_000 + "!", "1a" + "-" * 100_000 + "!"),
    ],
)
def test_what_is_no_number(text: str) -> None:
    read = read_numbers([text, "1.5", "2.5"])
    if not read.wrong:
        assert read.units  # "1e" may be one of something, for all that is known here
    else:
        assert np.isnan(read.values[0])
        assert read.wrong[0].endswith(" is no number.")


def test_what_is_wrong_with_a_number() -> None:
    assert read_numbers(["12 %", "1e999", "-1e999"]).wrong == {
        0: "'12 %' is a percentage; an amount is needed.",
        1: "'1e999' is too large for a number.",
        2: "'-1e999' is too large for a number.",
    }
    assert read_numbers(["1,5"] + ["1.5"] * 30).wrong == {
        0: "'1,5' cannot be read with a decimal point, as the other numbers are."
    }
    assert read_numbers(["1,5", "1.5"], decimal=",").wrong == {
        1: "'1.5' cannot be read with a decimal comma, as the other numbers are."
    }


def test_the_whole_column_decides() -> None:
    assert numbers("1,234", "12.5") == [1234, 12.5]
    assert numbers("1,234", "0,5") == [1.234, 0.5]
    assert numbers("1,234", "0,500") == [1.234, 0.5]
    assert numbers("1,234", "1,234,567") == [1234, 1234567]
    assert numbers("1.234", "0,5") == [1234, 0.5]
    assert numbers("1.234", "5.678") == [1.234, 5.678]
    assert numbers("1,234", decimal=",") == [1.234]
    assert numbers("1,234", decimal=".") == [1234]
    assert numbers("1.234", "5", decimal=",") == [1234, 5]


def test_numbers_that_may_be_two() -> None:
    with pytest.raises(AmbiguousNumbers) as error:
        read_numbers(["12", "1,234", ""])
    assert str(error.value) == (
        "'1,234' may be 1234 (decimal=.) or 1.234 (decimal=,), and no other cell of the column tells; give decimal=. "
        "or decimal=,."
    )
    with pytest.raises(AmbiguousNumbers):
        read_numbers(["$1,234 kWh"])
    with pytest.raises(AmbiguousNumbers) as error:
        read_numbers(["0.5", "0,5"])
    assert str(error.value) == (
        "The column has numbers with a decimal point ('0.5') and with a decimal comma ('0,5'); write all of them "
        "alike, or give decimal=. or decimal=, for those that count."
    )
    with pytest.raises(MalformedBody, match="decimal is 'x'; it has to be"):
        read_numbers(["1"], "x")


def test_units_in_the_order_in_which_they_come() -> None:
    assert read_numbers(["5", "1 kWh", "$2", "3 therms", "4kWh", "2 kWh/m2", ""]).units == ("kWh", "therms", "kWh/m2")
    assert read_numbers([]).units == read_numbers(["1", "2"]).units == ()


def write(value: float, decimal: str, group: str) -> str:
    """The number with two digits behind the decimal sign, and groups of three before it."""
    return f"{value:,.2f}".replace(",", "g").replace(".", decimal).replace("g", group)


@given(
    st.lists(st.integers(-(10**12), 10**12).map(lambda cents: cents / 100), min_size=1, max_size=20),
    st.sampled_from([(".", ","), (".", " "), (".", "'"), (".", ""), (",", "."), (",", "\xa0"), (",", "")]),
    st.sampled_from(["{}", "$ {}", "{} kWh"]),
)
def test_numbers_written_in_any_way_are_read_back(values: Sequence[float], style: tuple[str, str], around: str) -> None:
    read = read_numbers([around.format(write(value, *style)) for value in values])
    assert read.values.tolist() == list(values)
    assert read.wrong == {}


@given(st.lists(st.text("0123456789.,'() -+eE$kWh%x_\xa0", max_size=12) | st.text(max_size=8), max_size=6))
def test_any_text_is_read_or_refused(texts: list[str]) -> None:
    try:
        read = read_numbers(texts)
    except AmbiguousNumbers:
        return
    assert not np.isinf(read.values).any()
    assert all(np.isnan(read.values[place]) for place in read.wrong)
