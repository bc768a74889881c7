"""What type a column of values gets, and what its cells are as values of the type."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.projects.attribute_values import Value, type_of_column, value_from_text


@pytest.mark.parametrize(
    ("cells", "data_type"),
    [
        (["true", "False"], "BOOLEAN"),
        (["yes", "no"], "BOOLEAN"),
        (["1", "0"], "INTEGER"),
        (["-12", "+7"], "INTEGER"),
        (["9223372036854775808"], "FLOAT"),
        (["1", "2.5"], "FLOAT"),
        (["1e3"], "FLOAT"),
        (["nan"], "CHAR"),
        (["inf"], "CHAR"),
        (["1_000"], "CHAR"),
        (["1,000"], "CHAR"),
        (["00501", "50321"], "CHAR"),
        (["0"], "INTEGER"),
        (["0.5"], "FLOAT"),
        (["2013-06-01"], "DATE"),
        (["2013-02-30"], "CHAR"),
        (["2013-06-01T12:00", "2013-06-01 12:00:00-06:00"], "DATETIME"),
        (["2013-06-01", "2013-06-01T12:00"], "CHAR"),
        (["true", "1"], "CHAR"),
        (["Ames"], "CHAR"),
    ],
)
def test_types_of_new_attributes(cells: list[str], data_type: str) -> None:
    assert type_of_column("anything", cells) == data_type


def test_types_that_are_known_beforehand() -> None:
    assert type_of_column("weather_station", ["725460"]) == "CHAR"
    assert type_of_column("latitude", ["42"]) == "FLOAT"
    assert type_of_column("project_cost", ["1000"]) == "FLOAT"
    assert type_of_column("predicted_electricity_savings", ["1250"]) == "FLOAT"


TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=20).map(str.strip)
CELLS = st.one_of(TEXTS.filter(bool), st.integers().map(str), st.floats().map(str), st.dates().map(str))


@given(st.lists(CELLS, min_size=1))
def test_every_value_can_be_read_as_the_type_that_a_column_gets(cells: list[str]) -> None:
    for cell in cells:
        value_from_text(type_of_column("anything", cells), cell)


def written(value: Value) -> str:
    """A value as a file has it."""
    return value.isoformat() if isinstance(value, date) else str(value)


@pytest.mark.parametrize(
    ("data_type", "strategy"),
    [
        ("BOOLEAN", st.booleans()),
        ("INTEGER", st.integers(-(2**63) + 1, 2**63 - 1)),
        ("FLOAT", st.floats(allow_nan=False, allow_infinity=False)),
        ("DATE", st.dates()),
        ("DATETIME", st.datetimes(timezones=st.just(UTC))),
    ],
)
def test_values_of_each_type_come_back(data_type: str, strategy: st.SearchStrategy[Value]) -> None:
    @given(st.lists(strategy, min_size=1))
    def come_back(values: list[Value]) -> None:
        cells = [written(value) for value in values]
        assert type_of_column("anything", cells) == data_type
        assert [value_from_text(data_type, cell) for cell in cells] == values

    come_back()


@pytest.mark.parametrize(
    ("data_type", "cell", "value"),
    [
        ("BOOLEAN", "1", True),
        ("INTEGER", "3.0", 3),
        ("FLOAT", " 3", 3.0),
        ("CHAR", "00501", "00501"),
        ("DATE", "2013-6-1", date(2013, 6, 1)),
        ("DATETIME", "2013-06-01", datetime(2013, 6, 1, tzinfo=UTC)),
        ("DATETIME", "2013-06-01T12:00-06:00", datetime(2013, 6, 1, 18, tzinfo=UTC)),
    ],
)
def test_values_of_an_attribute_that_is_there(data_type: str, cell: str, value: Value) -> None:
    assert value_from_text(data_type, cell) == value


@pytest.mark.parametrize(
    ("data_type", "cell", "message"),
    [
        ("BOOLEAN", "maybe", "Must be true or false."),
        ("INTEGER", "2.5", "A valid integer is required."),
        ("FLOAT", "nan", "A valid number is required."),
        ("DATE", "2013-02-30", "day is out of range for month"),
        ("DATETIME", "soon", "Datetime has wrong format."),
        ("CHAR", "x" * 256, "Ensure this field has no more than 255 characters."),
        ("CHAR", "a\0", "Null characters and unpaired surrogates are not allowed."),
    ],
)
def test_values_that_are_refused(data_type: str, cell: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        value_from_text(data_type, cell)
