"""Attributes of projects: columns of a table that are no field of a project, each value in the type of its key."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eeds.client.columns import Problem, Row
from eeds.client.http import Http, batches
from eeds.errors import EedsError
from eeds.formats.timestamps import parse_date, parse_datetime, parse_instant
from eeds.formats.values import parse_bool, parse_int, parse_number

MAX_LENGTH = 255
A_REQUEST = 1_000
# What a table of projects may have without meaning an attribute: what the API shows of a project besides its own
# fields, and what a table of refused rows adds to them.
NO_ATTRIBUTES = frozenset({"id", "project_owner", "project_owner_id", "attributes", "meter_runs", "error"})
# A station is a name, though it looks like a number; the others are numbers that may happen to be whole ones.
KNOWN_TYPES = {"weather_station": "CHAR", **dict.fromkeys(("latitude", "longitude", "project_cost"), "FLOAT")}
PREDICTED = "predicted_"  # begins the names of savings that somebody has predicted, as predicted_natural_gas_savings
BOOLEANS = frozenset({"true", "false", "yes", "no"})
# A number that begins with 0 is a code: as a number it would lose that.
CODE = re.compile(r"[+-]?0\d")

Read = Callable[[str], Any]


@dataclass(frozen=True)
class Attribute:
    """A column whose cells are values of an attribute; `is_new` says that the datastore has no key of its name yet."""

    column: str
    name: str
    data_type: str
    is_new: bool

    def problem(self, row: Row) -> Problem | None:
        """Why the value of a row cannot be one of this type, and what to do."""
        cell = row.others[self.column]
        try:
            READERS[self.data_type](cell)
        except ValueError as error:
            return Problem(row.line, self.column, cell, f"{error} {self.remedy}")
        return None

    @property
    def remedy(self) -> str:
        """What to do about a value that is not of the type."""
        if self.is_new:
            return f"The attribute {self.name} is to be {self.data_type}; correct the value or empty the cell."
        return (
            f"The attribute {self.name} is {self.data_type} in this datastore; correct the value, empty the cell, "
            "or give the column another name."
        )


def required(parse: Callable[[str], Any], message: str) -> Read:
    """A reader that raises ValueError where `parse` gives None."""

    def read(cell: str) -> Any:
        value = parse(cell)
        if value is None or value != value:
            raise ValueError(message)
        return value

    return read


def whole(cell: str) -> int | None:
    """A whole number, also as a data frame with gaps writes it: 3.0."""
    number = parse_int(cell)
    return parse_int(parse_number(cell)) if number is None else number


def text(cell: str) -> str:
    """A text, not too long."""
    if len(cell) > MAX_LENGTH:
        raise ValueError(f"Ensure this value has no more than {MAX_LENGTH} characters.")
    return cell


# What a cell is as a value of each type, as the API takes it; raises ValueError.
READERS: Mapping[str, Read] = {
    "BOOLEAN": required(parse_bool, "Must be true or false."),
    "INTEGER": required(whole, "A valid integer is required."),
    "FLOAT": required(parse_number, "A valid number is required."),
    "DATE": parse_date,
    "DATETIME": parse_instant,
    "CHAR": text,
}


def attributes_of(http: Http, rows: Sequence[Row]) -> list[Attribute]:
    """The attributes that the rows have values of: of the type of the key, or of one that the values have in common."""
    stored = {key["name"].lower(): key for key in http.get("project_attribute_keys/")}
    found = []
    for column in rows[0].others if rows else ():
        cells = [row.others[column] for row in rows if row.others[column]]
        if not cells or column in NO_ATTRIBUTES:
            continue
        key = stored.get(column)
        found.append(
            Attribute(column, key["name"], key["data_type"], is_new=False)
            if key
            else Attribute(column, column, type_of(column, cells), is_new=True)
        )
    return found


def type_of(column: str, cells: Sequence[str]) -> str:
    """The type of a new attribute: what its name says, or the narrowest that all values have."""
    if column in KNOWN_TYPES or column.startswith(PREDICTED):
        return KNOWN_TYPES.get(column, "FLOAT")
    return next(data_type for data_type, is_one in LOOKS.items() if all(map(is_one, cells)))


def reads(read: Read) -> Callable[[str], bool]:
    """Whether a cell can be read so."""

    def can(cell: str) -> bool:
        try:
            read(cell)
        except ValueError:
            return False
        return True

    return can


def looks_whole(cell: str) -> bool:
    """Whether a cell is a whole number, and no code."""
    return not CODE.match(cell) and parse_int(cell) is not None


def looks_like_number(cell: str) -> bool:
    """Whether a cell is a number, and no code."""
    number = parse_number(cell)
    return not CODE.match(cell) and number is not None and not math.isnan(number)


# How a type is recognised, the narrowest first. Whole numbers are never booleans: nobody knows of 0 and 1.
LOOKS: Mapping[str, Callable[[str], bool]] = {
    "BOOLEAN": lambda cell: cell.lower() in BOOLEANS,
    "INTEGER": looks_whole,
    "FLOAT": looks_like_number,
    "DATE": reads(parse_date),
    "DATETIME": reads(parse_datetime),
    "CHAR": lambda cell: True,
}


def problems_of(attributes: Sequence[Attribute], rows: Sequence[Row]) -> Iterator[Problem]:
    """The values that are not of the type of their attribute."""
    for row in rows:
        for attribute in attributes:
            if row.others[attribute.column] and (problem := attribute.problem(row)):
                yield problem


def make_keys(http: Http, attributes: Sequence[Attribute]) -> None:
    """Make the keys that are not there, which all owners share; raises EedsError if one cannot be made."""
    new = [attribute for attribute in attributes if attribute.is_new]
    keys = [{"name": each.name, "display_name": in_words(each.name), "data_type": each.data_type} for each in new]
    outcomes = http.sync("project_attribute_keys/sync/", keys) if keys else []
    for attribute, outcome in zip(new, outcomes, strict=True):
        if outcome["status"].startswith("error"):
            reason = f"{outcome['status']}: {outcome.get('message', '')}"
            raise EedsError(f"The attribute {attribute.name} cannot be made: {reason} Give the column another name.")


def in_words(name: str) -> str:
    """A name to be shown: project_cost as Project Cost."""
    return " ".join(word.capitalize() for word in name.split("_")).strip() or name


@dataclass(frozen=True)
class Value:
    """A value of an attribute: the project that has it by name, and the cell that it comes from."""

    row: Row
    attribute: Attribute

    @property
    def item(self) -> dict[str, Any]:
        """As the API takes it."""
        value = READERS[self.attribute.data_type](self.row.others[self.attribute.column])
        return {
            "project_project_id": self.row.values["project_id"],
            "project_attribute_key_name": self.attribute.name,
            "value": value,
        }


def values_of(attributes: Sequence[Attribute], rows: Sequence[Row]) -> list[Value]:
    """Every value that a cell has; an empty cell has none."""
    return [Value(row, each) for row in rows for each in attributes if row.others[each.column]]


def sync_values(http: Http, values: Sequence[Value]) -> Iterator[str | Problem]:
    """Store values; gives of each what became of it, in a word, or what is wrong with it."""
    for batch in batches(values, A_REQUEST):
        outcomes = http.sync("project_attributes/sync/", [value.item for value in batch])
        for value, outcome in zip(batch, outcomes, strict=True):
            column, cell = value.attribute.column, value.row.others[value.attribute.column]
            if outcome["status"].startswith("error"):
                reason = f"{outcome['status']}: {outcome.get('message', '')}"
                yield Problem(value.row.line, column, cell, reason)
            else:
                yield outcome["status"].partition(" ")[0]
