"""What spreadsheets and data frames have made of the cells of a table of projects, undone where nothing is lost: ZIP
codes and ids that became numbers, dates, and numbers with separators of thousands. What is changed is told."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from eeds.formats.id_columns import whole_number_ids
from eeds.formats.text_table import TextTable
from eeds.projects.attribute_values import implied_type
from eeds.projects.periods import NAMES as PERIODS
from eeds.projects.upload_columns import ProjectColumns
from eeds.projects.upload_dates import iso_dates
from eeds.projects.upload_numbers import has_grouped, plain_numbers
from eeds.projects.upload_rows import Problem, cell_at

LISTED = 100
ZIPCODE_DIGITS = 5
ZIPCODE_AS_NUMBER = re.compile(r"(\d{3,5})(?:\.0*)?", re.ASCII)  # the least, of Holtsville, is 501
FRACTION = re.compile(r"\d+\.\d*[1-9]\d*", re.ASCII)
NUMERIC = frozenset({"INTEGER", "FLOAT"})
NO_NUMBER = "This is no number, so that the column, whose other values are numbers, is stored as text (CHAR)."


@dataclass(frozen=True)
class Repair:
    """A cell that is read as something else than it says; `field` is the column as the table names it."""

    line: int
    field: str
    before: str
    after: str


@dataclass
class Repairs:
    """How many cells were repaired, and the first LISTED of them; `warnings` of what was left alone."""

    count: int = 0
    listed: list[Repair] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def add(self, repair: Repair) -> None:
        """Count a repair, and list it if there is room for it."""
        self.count += 1
        if len(self.listed) < LISTED:
            self.listed.append(repair)


def repair(table: TextTable, columns: ProjectColumns, data_types: Mapping[str, str]) -> tuple[TextTable, Repairs]:
    """The table with its cells repaired, and what was changed. `data_types` are those of the stored attributes, by name
    in lower case. Raises MalformedBody for dates, or a column of numbers, that may be read in two ways."""
    rows, repairs = list(table.rows), Repairs()
    for position, cells, repaired in repaired_columns(table, columns, data_types, repairs.warnings):
        for number, (before, after) in enumerate(zip(cells, repaired, strict=True)):
            if after != before:
                rows[number] = [*rows[number][:position], after, *rows[number][position + 1 :]]
                repairs.add(Repair(table.lines[number], table.names[position], before, after))
    return replace(table, rows=rows), repairs


def repaired_columns(
    table: TextTable, columns: ProjectColumns, data_types: Mapping[str, str], warnings: list[Problem]
) -> Iterator[tuple[int, Sequence[str], Sequence[str]]]:
    """The columns that may have changed, by position, before and after. Adds a warning where a new attribute becomes a
    text for a few cells that are no numbers."""
    fields = {name: [cell_at(row, position) for row in table.rows] for name, position in columns.fields.items()}
    yield columns.fields["project_id"], fields["project_id"], repaired_ids(fields["project_id"])
    yield columns.fields["zipcode"], fields["zipcode"], repaired_zipcodes(fields["zipcode"])
    periods = [name for name in PERIODS if name in fields]
    dates = iter(iso_dates([cell for name in periods for cell in fields[name]]))
    for name in periods:
        yield columns.fields[name], fields[name], list(islice(dates, len(table.rows)))
    for name, position in columns.attributes.items():
        data_type = data_types.get(name) or implied_type(name)
        cells = [cell_at(row, position) for row in table.rows]
        if data_type in (None, *NUMERIC) and has_grouped(cells):
            numbers, others = plain_numbers(table.names[position], cells, table.delimiter)
            if data_type in NUMERIC or not others:
                yield position, cells, numbers
            elif numbers != cells and len(others) < len(cells) / 2:
                warnings.append(Problem(table.lines[others[0]], table.names[position], cells[others[0]], NO_NUMBER))


def repaired_zipcodes(cells: Sequence[str]) -> list[str]:
    """US ZIP codes with the zeros that they have lost as numbers, and without the fraction that they have got."""
    matches = map(ZIPCODE_AS_NUMBER.fullmatch, cells)
    return [match[1].zfill(ZIPCODE_DIGITS) if match else cell for match, cell in zip(matches, cells, strict=True)]


def repaired_ids(cells: Sequence[str]) -> Sequence[str]:
    """Ids without the fraction that they have got as numbers, unless one has a fraction of its own: 1.0 beside 1.1. Ids
    whose digits are lost are left alone; they are refused."""
    if any(map(FRACTION.fullmatch, cells)):
        return cells
    ids, lost = whole_number_ids(cells)
    return [cells[place] if place in lost else id for place, id in enumerate(ids)]
