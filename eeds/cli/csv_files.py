"""CSV files read as streams: columns by name, values checked, and told by file, line and column what is wrong."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eeds.cli.progress_bar import progress_bar
from eeds.client.columns import Column, Columns, Problem, Row, UnfitColumns
from eeds.errors import EedsError

LISTED = 20
ROWS_A_STEP = 5_000  # between two steps of the progress bar


@dataclass
class Complaints:
    """What is wrong with a file, the first few of it in words."""

    path: Path
    count: int = 0
    listed: list[str] = field(default_factory=list)

    def add(self, line: int, column: str | None, value: object, reason: str) -> None:
        """Note that a row is bad, because of the value in a column (None: as a whole)."""
        self.count += 1
        if len(self.listed) < LISTED:
            place = f", column {column}, {value!r}" if column else ""
            self.listed.append(f"  line {line}{place}: {reason}")

    def add_all(self, problems: Iterable[Problem]) -> None:
        """Note some."""
        for problem in problems:
            self.add(*problem)

    def raise_any(self, consequence: str) -> None:
        """Raises EedsError with all that was noted, if anything was."""
        if self.count:
            raise EedsError(self.told(consequence))

    def told(self, consequence: str) -> str:
        """All that was noted, below its number and what follows from it."""
        more = [f"  ... and {self.count - LISTED} more"] if self.count > LISTED else []
        errors = "1 error" if self.count == 1 else f"{self.count} errors"
        return "\n".join([f"{self.path}: {errors}. {consequence}", *self.listed, *more])


class CsvFile:
    """A CSV file in UTF-8 whose first line names its columns.

    Raises EedsError if it cannot be read, or lacks a column.
    """

    def __init__(self, path: Path, columns: Mapping[str, Column]) -> None:
        self.path = path
        self.complaints = Complaints(path)
        with self.opened("reading") as (reader, _):
            self.header = [name.strip().lower() for name in next(reader, [])]
        try:
            self.columns = Columns(columns, self.header)
        except UnfitColumns as error:
            raise EedsError(f"{path} {error}") from error

    def rows(self, verb: str) -> Iterator[Row]:
        """The good rows, with a progress bar; what is wrong with the others is added to `complaints`."""
        with self.opened(verb) as (reader, advance):
            next(reader, None)
            for number, cells in enumerate(filter(None, reader), 1):
                row = self.columns.row(reader.line_num, cells)
                if isinstance(row, Row):
                    yield row
                else:
                    self.complaints.add_all(row)
                if number % ROWS_A_STEP == 0:
                    advance(number)

    @contextmanager
    def opened(self, verb: str) -> Iterator[tuple[Any, Callable[[int], None]]]:
        """A csv reader of the file, and a function that takes the number of rows read to the progress bar."""
        try:
            title, size = f"{verb} {self.path.name}", self.path.stat().st_size
            with self.path.open("rb") as raw, progress_bar(title, size) as advance:
                reader = csv.reader(io.TextIOWrapper(raw, "utf-8-sig", newline=""))
                yield reader, lambda rows: advance(raw.tell(), rows)
        except UnicodeDecodeError as error:
            raise EedsError(f"{self.path} is not text in UTF-8: {error}.") from error
        except csv.Error as error:
            raise EedsError(f"{self.path} is not CSV: {error}.") from error
        except OSError as error:
            raise EedsError(f"Cannot read {self.path}: {error.strerror}.") from error
