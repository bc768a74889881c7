"""The rows of a table as they stand in its file: their cells, and the lines they begin on."""

import csv
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import pyarrow as pa

from eeds.formats.table_readers import time_as_text
from eeds.formats.text_table import csv_rows

CHUNK = 2**20
BEHIND_ALL = float("inf")


@dataclass(frozen=True)
class ArrowRows:
    """The rows of a batch: the good ones from a table with all columns, those that were `skipped` from their texts by
    row number. `rows` are the row numbers of the good ones, and `steps` are those of line_steps."""

    table: pa.RecordBatch | None
    rows: Sequence[int]
    skipped: Mapping[int, str]
    steps: Sequence[tuple[int, int]]

    def lines_and_cells(self, rows: Sequence[int]) -> Iterator[tuple[int, Sequence[Any]]]:
        """The line that each of the rows of these numbers begins on, and its cells."""
        whole = [row for row in rows if row not in self.skipped]
        cells = iter(self.cells(whole))
        for row in rows:
            _, distance = self.steps[bisect_right(self.steps, (row, BEHIND_ALL)) - 1]
            skipped = self.skipped.get(row)
            yield row + distance, next(cells) if skipped is None else next(csv.reader([skipped]))

    def cells(self, rows: Sequence[int]) -> Iterator[Sequence[Any]]:
        """The cells of some rows of the table."""
        if not rows or self.table is None:
            return iter(())
        positions = np.searchsorted(np.asarray(self.rows), rows)
        taken = self.table.take(pa.array(positions.tolist(), pa.int64()))
        return zip(*(time_as_text(column).to_pylist() for column in taken.columns), strict=True)


def line_steps(body: IO[bytes], header_lines: int) -> list[tuple[int, int]]:
    """How far the line that a row of a CSV begins on is from its row number: (row number, distance) wherever that
    changes, behind blank lines and texts of several lines. The body is read to its end."""
    steps = [(0, header_lines + 1)]
    if not has_odd_lines(body):
        return steps
    body.seek(0)
    row = -1  # of the header
    # csv.Error: a text that is too long, which is refused when the body is read
    with suppress(csv.Error), closing(csv_rows(body, "replace")) as rows:
        for begins, _, cells in rows:
            if cells and row >= 0 and begins - row != steps[-1][1]:
                steps.append((row, begins - row))
            row += bool(cells)
    return steps


def has_odd_lines(body: IO[bytes]) -> bool:
    """Whether the rest of a CSV may have lines that are not rows: blank ones, or parts of a text in quotes."""
    before = b"\n"
    while chunk := body.read(CHUNK):
        if b'"' in chunk or b"\n\n" in (text := before + chunk) or b"\n\r\n" in text:
            return True
        before = chunk[-2:]
    return False
