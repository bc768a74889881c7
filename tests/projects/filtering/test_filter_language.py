"""Reading filters: what may be written, and how an error says where and what is wrong."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.errors import Invalid
from eeds.projects.filtering.fields import FIELD_NAMES
from eeds.projects.filtering.language import MAX_DEPTH, MAX_NODES, And, Comparison, Not, Or, parse_filter


def nested(depth: int) -> dict[str, Any]:
    """A filter of so many levels."""
    filter: dict[str, Any] = {"unit": "KWH"}
    for _ in range(depth - 1):
        filter = {"not": filter}
    return filter


def test_a_value_alone_is_an_equality() -> None:
    assert parse_filter({"zipcode": "50321"}) == parse_filter('{"zipcode": {"==": "50321"}}')
    assert parse_filter({"zipcode": None}) == Comparison("filter.zipcode", "zipcode", "==", None)


def test_all_that_an_object_holds_must_be_true() -> None:
    filter = parse_filter({"unit": "KWH", "result_age": {">=": 7, "<": 30}})
    assert isinstance(filter, And)
    assert [(part.field, part.operator, part.operand) for part in filter.parts if isinstance(part, Comparison)] == [
        ("unit", "==", "KWH"),
        ("result_age", ">=", 7.0),
        ("result_age", "<", 30.0),
    ]
    assert parse_filter({}) == And(())


def test_parts_know_where_they_stand() -> None:
    filter = parse_filter({"or": [{"not": {"unit": "KWH"}}, {"label": {"in": ["a", None]}}]})
    unit = Comparison("filter.or[0].not.unit", "unit", "==", "KWH")
    label = Comparison("filter.or[1].label", "label", "in", ["a", None])
    assert filter == Or((Not(unit), label))


def test_the_bounds_are_part_of_what_may_be() -> None:
    parse_filter(nested(MAX_DEPTH))
    parse_filter({"or": [{"unit": "KWH"}] * (MAX_NODES - 1)})


@pytest.mark.parametrize(
    ("filter", "message"),
    [
        ([], 'filter: An object is wanted, as {"zipcode": "50321"}, not [].'),
        (None, 'filter: An object is wanted, as {"zipcode": "50321"}, not None.'),
        ("{", "filter: It is not JSON, as"),
        ("[" * 100_000, "filter: It is not JSON, as"),
        ("\ud800", "filter: It is not JSON, as"),
        ({"zip": "5"}, f'filter.zip: There is no field "zip"; there are: {FIELD_NAMES}.'),
        ({"zip\0\ud800" + "x" * 99: 5}, "filter.zip\\0?xxxxx"),
        ({"zipcode": {"=>": "5"}}, 'filter.zipcode: There is no operator "=>"; there are: ==, !=, <, <=, >, >=, in,'),
        ({"zipcode": {}}, "filter.zipcode: An operator is wanted, one of: ==,"),
        ({"zipcode": 50321}, 'filter.zipcode: 50321 is not a text, as "50321".'),
        ({"zipcode": "5\0"}, 'filter.zipcode: "5\\0" is not a text'),
        ({"zipcode": ["50321"]}, 'filter.zipcode: == takes one value; for several: {"in": [...]}.'),
        ({"zipcode": {"in": "50321"}}, 'filter.zipcode: in takes a list of at most 10,000 values, not "50321".'),
        ({"zipcode": {"in": ["5"] * 10_001}}, "filter.zipcode: in takes a list of at most 10,000 values, not ["),
        ({"zipcode": {"<": None}}, "filter.zipcode: null goes with ==, !=, in, not_in alone."),
        ({"and": {"unit": "KWH"}}, "filter.and: A list of 1 to 100 objects is wanted, not {'unit': 'KWH'}."),
        ({"or": []}, "filter.or: A list of 1 to 100 objects is wanted, not []."),
        ({"not": [{"unit": "KWH"}]}, "filter.not: An object is wanted"),
        ({"and": [{"unit": "KWH"}, {"unit": "kwh"}]}, 'filter.and[1].unit: "kwh" is not one of KWH, THM.'),
        ({"unit": {"<": "KWH"}}, "filter.unit: < does not go with it; there are: ==, !=, in, not_in."),
        ({"stale": "true"}, 'filter.stale: "true" is not true or false.'),
        ({"result_age": {">": float("nan")}}, "filter.result_age: nan is not a number."),
        ({"result_age": {">": 10**400}}, "is not a number."),
        ('{"result_age": {">": 1e999}}', "filter.result_age: inf is not a number."),
        ('{"result_age": {">": NaN}}', "filter.result_age: nan is not a number."),
        ('{"result_age": ' + "9" * 5000 + "}", "filter: It is not JSON"),
        ({"result_age": True}, "filter.result_age: True is not a number."),
        ({"owner": 1.5}, 'filter.owner: 1.5 is not an id, as 3, or a name, as "North".'),
        ({"block": {"contains": 3}}, 'filter.block: 3 is not a text, as "50321".'),
        ({"baseline_period_end": {"<": "yesterday"}}, 'filter.baseline_period_end: "yesterday" is not a day or a time'),
        ({"baseline_period_end": {"<": "0001-01-01T00:00:00+14:00"}}, "is not a day or a time"),
        ({"attribute.a\0": 1}, "filter.attribute.a\\0: "),
        (nested(MAX_DEPTH + 1), f"not: It is nested more than {MAX_DEPTH} deep."),
        ({"or": [{"unit": "KWH"}] * MAX_NODES}, f"filter: It has more than {MAX_NODES} parts;"),
        ({f"attribute.{n}": 1 for n in range(MAX_NODES + 1)}, f"filter: It has more than {MAX_NODES} parts."),
    ],
    ids=range(35),
)
def test_an_error_says_where_and_what_is_possible(filter: Any, message: str) -> None:
    with pytest.raises(Invalid) as raised:
        parse_filter(filter)
    [text] = raised.value.messages["filter"]  # type: ignore[call-overload]
    assert message in text
    assert json.dumps(text).encode()
    text.encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["and", "not", "unit", "<", "in"]) | st.text(), inner)
    ),
)


@given(JSON)
def test_nothing_else_is_raised(value: Any) -> None:
    with suppress(Invalid):
        parse_filter(value)
