"""The rows of a table of projects: each a project with its attributes, or what is wrong with it, cell by cell."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from eeds.errors import EedsError
from eeds.formats.id_columns import whole_number_ids
from eeds.formats.messages import BLANK
from eeds.formats.spreadsheets import unguarded
from eeds.formats.text_table import TextTable
from eeds.formats.timestamps import FORMAT_HINT, as_utc, parse_datetime
from eeds.projects.attribute_values import Value, short_text, type_of_column, value_from_text
from eeds.projects.attributes import Key
from eeds.projects.periods import NAMES, out_of_order
from eeds.projects.upload_columns import OPTIONAL, ProjectColumns

MAX_PROJECT_ID, MAX_ZIPCODE = 255, 10
NO_ZIPCODE = re.compile(r"[+-]?(?:\d{1,2}|\d*\.\d*|\d+(?:\.\d*)?[eE][+-]?\d+)", re.ASCII)
LOST_ZIPCODE = (
    "This is a number, but no ZIP code, which has five digits; correct it, or empty the cell and give the project "
    "weather_station, or latitude and longitude."
)


@dataclass(frozen=True)
class Attribute:
    """A column whose cells are values of an attribute. `name` is that of its key, whose `key_id` is None if the
    datastore does not have it yet; `column` is what the table calls it, `position` where it is."""

    name: str
    data_type: str
    key_id: int | None
    column: str
    position: int

    @property
    def remedy(self) -> str:
        """What to do about a value that is not of the type."""
        if self.key_id is None:
            return f"The attribute {self.name} is to be {self.data_type}; correct the value or empty the cell."
        return (
            f"The attribute {self.name} is {self.data_type} in this datastore; correct the value, empty the cell, "
            "or give the column another name."
        )


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row, because of the value in `field`, a column as the table names it (None: with the row as
    a whole), and what to do."""

    line: int
    field: str | None
    value: str | None
    message: str


@dataclass(frozen=True)
class ProjectRow:
    """A project as a row gives it: `fields` by name, without the optional ones that are empty, and `attributes` by the
    name of the key, without those whose cell is empty. Values that have `problems` are in neither."""

    line: int
    fields: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Value] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def project_id(self) -> str:
        """The name of the project; "" if that has a problem."""
        return str(self.fields.get("project_id", ""))

    def refuse(self, column: str | None, value: str, message: str) -> None:
        """Note a problem with the row."""
        self.problems.append(Problem(self.line, column, value, message))


class TableRefused(EedsError):
    """Some rows of a table cannot be stored, so none was; `problems` says why, in the order of the rows."""

    def __init__(self, table: TextTable, rows: Sequence[ProjectRow]) -> None:
        self.table = table
        self.problems = [problem for row in rows for problem in row.problems]
        refused = sum(bool(row.problems) for row in rows)
        super().__init__(f"{refused} of {len(table.rows)} projects refused, none stored")


def read_attributes(table: TextTable, columns: ProjectColumns, keys: Mapping[str, Key]) -> list[Attribute]:
    """The attributes that the table has values of. `keys` gives id, name and data type of the stored ones, by their
    name in lower case; any other gets the type that its cells have in common."""
    attributes = []
    for name, position in columns.attributes.items():
        cells = [cell for row in table.rows if (cell := cell_at(row, position))]
        if cells:
            key_id, key_name, data_type = keys.get(name) or (None, name, type_of_column(name, cells))
            attributes.append(Attribute(key_name, data_type, key_id, table.names[position], position))
    return attributes


def read_rows(table: TextTable, columns: ProjectColumns, attributes: Sequence[Attribute]) -> list[ProjectRow]:
    """The projects of a table, each with what is wrong with it."""
    rows: list[ProjectRow] = []
    first_lines: dict[str, int] = {}
    for line, cells in zip(table.lines, table.rows, strict=True):
        row = ProjectRow(line)
        rows.append(row)
        surplus = "".join(cells[len(table.names) :])
        if surplus:
            message = f"The row has more cells than the {len(table.names)} columns; quote the cells that have commas."
            row.refuse(None, surplus, message)
        read_cells(row, cells, table, columns, attributes)
        first = first_lines.setdefault(row.project_id, line)
        if row.project_id and first != line:
            message = f"Line {first} is of the same project; leave one of the two."
            row.refuse(table.names[columns.fields["project_id"]], row.project_id, message)
    return rows


def read_cells(
    row: ProjectRow, cells: Sequence[str], table: TextTable, columns: ProjectColumns, attributes: Sequence[Attribute]
) -> None:
    """Give a row the values of its cells, and note what is wrong with them."""
    for name, position in columns.fields.items():
        cell = cell_at(cells, position)
        try:
            if cell or name not in OPTIONAL:
                row.fields[name] = field_from_text(name, cell)
        except ValueError as error:
            row.refuse(table.names[position], cell, str(error))
    for attribute in attributes:
        cell = cell_at(cells, attribute.position)
        try:
            if cell:
                row.attributes[attribute.name] = value_from_text(attribute.data_type, cell)
        except ValueError as error:
            row.refuse(attribute.column, cell, f"{str(error).rstrip('.')}. {attribute.remedy}")


def field_from_text(field: str, cell: str) -> Any:
    """The value of a field of a project; raises ValueError."""
    if field == "project_id":
        return project_id_from_text(cell)
    if field == "zipcode":
        if NO_ZIPCODE.fullmatch(cell):
            raise ValueError(LOST_ZIPCODE)
        return short_text(cell, MAX_ZIPCODE)
    return time_from_text(cell)


def project_id_from_text(cell: str) -> str:
    """The name of a project; raises ValueError, also for one that a spreadsheet has rounded."""
    if not cell:
        raise ValueError(BLANK)
    _, lost = whole_number_ids([cell])
    if lost:
        raise ValueError(lost[0])
    return short_text(cell, MAX_PROJECT_ID)


def refuse_wrong_order(row: ProjectRow, stored: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """Note which periods of a project are in the wrong order, beside what is `stored` of it and the row leaves alone.
    `names` has what the table calls the columns of the fields."""
    left_alone = {name: stored.get(name) for name in OPTIONAL}
    said = {name: names.get(name, f"the stored {name}") for name in NAMES}
    for later, earlier, message in out_of_order(left_alone | row.fields, said):
        given = later if later in row.fields else earlier
        row.refuse(names[given], f"{row.fields[given]:%Y-%m-%d}", f"{message}; correct one of the two.")


def time_from_text(cell: str) -> datetime | None:
    """A start or an end of a period, None for an empty cell: a time with or without an offset, which is UTC then, or a
    day, which is its first second. Raises ValueError."""
    if not cell:
        return None
    try:
        time = datetime.fromisoformat(cell)  # takes nearly all that parse_datetime takes, at ten times the speed
    except ValueError:
        return parse_datetime(cell)
    try:
        return as_utc(time)
    except OverflowError as error:
        raise ValueError(FORMAT_HINT) from error


def cell_at(cells: Sequence[str], position: int) -> str:
    """A cell of a row, which may end early, without the guard that it has where refused rows come back."""
    return unguarded(cells[position]) if position < len(cells) else ""
