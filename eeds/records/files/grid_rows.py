"""The table that a file was taken for, as refusals speak of it: its columns, lines and cells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eeds.formats.grid import Grid
from eeds.records.files.header import Header
from eeds.records.files.taken import CellFault
from eeds.records.refusals import LineRefusal
from eeds.records.trace_names import NAMED

API_NAMES = {"fuel": "interpretation"}


@dataclass(frozen=True)
class GridTable:
    """A grid with its header; NEM files have none. Rows that are `cut_wrong` have too few or too many cells."""

    grid: Grid
    found: Header | None
    cut_wrong: frozenset[int] = frozenset()

    @property
    def first(self) -> int:
        """The place of the first row that may have readings."""
        return self.found.row + 1 if self.found else 0

    @property
    def header(self) -> Sequence[str]:
        """The names of the columns."""
        return self.found.cells if self.found else ()

    def column_of(self, field: str) -> str:
        """What the table calls the column of a field."""
        return self.found.column_of(field) if self.found else field

    def advice_on(self, field: str, message: str) -> str:
        """What to do about a message on a field; empty if nothing is to be said."""
        known = NAMED.fields.get(API_NAMES.get(field, field))
        return next((advice for part, advice in known.advice.items() if part in message), "") if known else ""

    def lines_and_cells(self, rows: Sequence[int]) -> Iterator[tuple[int, Sequence[Any]]]:
        """The line that each of the rows of these numbers begins on, and its cells."""
        for row in rows:
            cells, is_cut_wrong = self.grid.rows[self.first + row], self.first + row in self.cut_wrong
            missing = 0 if is_cut_wrong else len(self.header) - len(cells)
            yield self.grid.lines[self.first + row], [*cells, *[""] * missing]

    def refusal(self, fault: CellFault) -> LineRefusal:
        """A fault as a refusal."""
        row = fault.row - self.first
        return LineRefusal(row, fault.field, fault.cell, fault.message, None, self.grid.lines[fault.row])
