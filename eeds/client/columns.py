"""Tables of named cells: which column is which field, and what the cells of a row mean."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from eeds.errors import EedsError


class UnfitColumns(EedsError):
    """A table has not the columns it should have; the message goes on behind the table's name."""


@dataclass(frozen=True)
class Column:
    """A column of a kind of table.

    `names` are what a table may call it, in order of preference. `read` makes a value of a cell (without the blanks
    around it), or raises ValueError with what is wrong. A table may lack an optional column; its value is None.
    """

    names: tuple[str, ...]
    read: Callable[[str], Any]
    optional: bool = False


@dataclass(frozen=True)
class Row:
    """A row of a table: the line it is on, its values by field, and the cells of its other columns."""

    line: int
    values: dict[str, Any]
    others: dict[str, str]


class Problem(NamedTuple):
    """What is wrong with a row, because of the value in a column (None: as a whole)."""

    line: int
    column: str | None
    value: str | None
    reason: str


class Columns:
    """The columns of one table, whose header is in small letters; raises UnfitColumns if it lacks one or has one twice.

    `others` are those that are no field, each with its place; columns without a name are left out.
    """

    def __init__(self, kind: Mapping[str, Column], header: Sequence[str]) -> None:
        require_different(header)
        self.kind = kind
        self.names = {field: name_of(column, header) for field, column in kind.items()}
        self.places = {field: header.index(name) for field, name in self.names.items() if name}
        ours = set(self.names.values())
        self.others = {name: place for place, name in enumerate(header) if name and name not in ours}

    def row(self, line: int, cells: Sequence[str]) -> Row | list[Problem]:
        """The values of a row, or what is wrong with it."""
        values: dict[str, Any] = {}
        problems = []
        for field, column in self.kind.items():
            if field not in self.places:
                values[field] = None
                continue
            cell = cell_at(cells, self.places[field])
            try:
                values[field] = column.read(cell)
            except ValueError as error:
                problems.append(Problem(line, self.names[field], cell, str(error)))
        others = {name: cell_at(cells, place) for name, place in self.others.items()}
        return problems or Row(line, values, others)


def require_different(header: Sequence[str]) -> None:
    """Raises UnfitColumns if two columns have the same name."""
    for name, count in Counter(header).items():
        if name and count > 1:
            raise UnfitColumns(f"has {count} columns {name}; leave the one that is meant.")


def name_of(column: Column, header: Sequence[str]) -> str | None:
    """What a table calls a column; None if it lacks it and may. Raises UnfitColumns."""
    name = next((name for name in column.names if name in header), None)
    if name is None and not column.optional:
        raise UnfitColumns(f"has no column {' or '.join(column.names)}; it has: {', '.join(header) or 'nothing'}.")
    return name


def cell_at(cells: Sequence[str], place: int) -> str:
    """A cell without the blanks around it; rows may end early."""
    return cells[place].strip() if place < len(cells) else ""
