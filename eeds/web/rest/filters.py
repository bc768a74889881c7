"""Query filters: what `?name=value` means. Impossible values select nothing."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_
from werkzeug.datastructures import MultiDict

from eeds.accounts.visibility import nothing
from eeds.db.array_parameters import among
from eeds.errors import Invalid
from eeds.formats.id_ranges import is_id_range, merge_id_ranges, split_id_ranges
from eeds.formats.timestamps import midnight, parse_instant
from eeds.formats.values import checked_text, parse_int
from eeds.web.rest.blueprint import query_parameter

Column = Any  # an ORM attribute or SQL expression
Args = MultiDict[str, str]  # a query string
IDS = {"type": "array", "items": {"type": "integer"}}


@dataclass(frozen=True)
class Filter:
    """One query parameter: the condition its values make, and its documentation.

    `condition` gets every value that was given, in order, and raises ValueError for one that is impossible.
    """

    condition: Callable[[Sequence[str]], ColumnElement[bool]]
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    empty_selects: bool = False  # `?name=` is a value too, not a filter left blank

    def document(self, name: str) -> dict[str, Any]:
        """The OpenAPI parameter."""
        return query_parameter(name, self.description, self.schema)


def conditions(filters: Mapping[str, Filter], args: Args) -> list[ColumnElement[bool]]:
    """The conditions that the query string asks for."""
    result = []
    for name, filter in filters.items():
        values = [value for value in args.getlist(name) if value or filter.empty_selects]
        if values:
            try:
                result.append(filter.condition(values))
            except ValueError:
                result.append(nothing())
    return result


def text(column: Column) -> Filter:
    """Equal to the text."""
    return Filter(lambda values: column == checked_text(values[-1]), "Exactly this text.")


def key(column: Column, noun: str) -> Filter:
    """Equal to a primary key."""
    return Filter(lambda values: column == whole(values[-1]), f"The id of a {noun}.", {"type": "integer"})


def choices(column: Column, words: Collection[str]) -> Filter:
    """Equal to one of the words given; may be repeated."""

    def condition(values: Sequence[str]) -> ColumnElement[bool]:
        if not set(values) <= set(words):
            raise ValueError(values)
        return column.in_(values)

    items = {"type": "string", "enum": list(words)}
    return Filter(condition, "Any of these; may be repeated.", {"type": "array", "items": items})


def flag(condition: ColumnElement[bool]) -> Filter:
    """`true`: the condition is met, `false`: it is not."""
    words = {"true": condition, "false": ~condition}

    def chosen(values: Sequence[str]) -> ColumnElement[bool]:
        if values[-1].lower() not in words:
            raise ValueError(values[-1])
        return words[values[-1].lower()]

    return Filter(chosen, "`true` or `false`.", {"type": "boolean"})


def instant(column: Column) -> Filter:
    """Equal to a point in time; a date alone is its first second."""
    schema = {"type": "string", "format": "date-time"}
    return Filter(lambda values: column == parse_instant(values[-1]), "Exactly this time, ISO 8601.", schema)


def days(name: str, column: Column) -> dict[str, Filter]:
    """`name_0` and `name_1`: the first and the last day of a range, both included."""

    def last(values: Sequence[str]) -> ColumnElement[bool]:
        day = midnight(values[-1])
        # there is no day after the last one that a datetime can be
        return column.is_not(None) if day.date() == date.max else column < day + timedelta(days=1)

    schema = {"type": "string", "format": "date"}
    return {
        f"{name}_0": Filter(lambda values: column >= midnight(values[-1]), "On this day (UTC) or later.", schema),
        f"{name}_1": Filter(last, "On this day (UTC) or earlier.", schema),
    }


def ids(column: Column, name: str = "projects") -> Filter:
    """`name=1+3-5`: ids and ranges of ids, as conditions, so that a wide range costs nothing."""

    def condition(values: Sequence[str]) -> ColumnElement[bool]:
        parts = split_id_ranges(values[-1])
        if not parts:
            raise ValueError(values)
        single = [whole(part) for part in parts if not is_id_range(part)]
        try:
            ranges = merge_id_ranges(parts)
        except ValueError as error:  # which is never a mere mismatch
            raise Invalid({name: [str(error)]}) from error
        return or_(among(column, single), *(column.between(low, high) for low, high in ranges))

    return Filter(condition, "Ids and ranges of ids, as 1+3-5.", empty_selects=True)


def whole(value: str) -> int:
    """The id a query names; raises ValueError."""
    number = parse_int(value)
    if number is None:
        raise ValueError(value)
    return number
