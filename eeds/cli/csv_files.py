"""CSV files read as streams: columns by name, values checked, and told by file, line and column what is wrong."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eeds.cli.progress_bar import progress_bar
from eeds.errors import EedsError

LISTED = 20
ROWS_A_STEP = 5_000  # between two steps of the progress bar


@dataclass(frozen=True)
class Column:
    """A column of a kind of file.

    `names` are what a file may call it, in order of preference. `read` makes a value of a cell (without the blanks
    around it), or raises ValueError with what is wrong. A file may lack an optional column; its value is None.
    """

    names: tuple[str, ...]
    read: Callable[[str], Any]
    optional: bool = False


@dataclass(frozen=True)
class Row:
    """A row of a file: the line it is on, and its values by column."""

    line: int
    values: dict[str, Any]


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
        self.columns = columns
        self.complaints = Complaints(path)
        with self.opened("reading") as (reader, _):
            self.header = [name.strip().lower() for name in next(reader, [])]
        self.names = {key: self.name_of(column) for key, column in columns.items()}

    def name_of(self, column: Column) -> str | None:
        """What this file calls a column; None if it lacks it and may."""
        name = next((name for name in column.names if name in self.header), None)
        if name is None and not column.optional:
            raise EedsError(
                f"{self.path} has no column {' or '.join(column.names)}; it has: {', '.join(self.header) or 'nothing'}."
            )
        return name

    @property
    def ignored(self) -> list[str]:
        """The columns of the file that nothing is made of."""
        return [name for name in self.header if name not in self.names.values()]

    def rows(self, verb: str) -> Iterator[Row]:
        """The good rows, with a progress bar; what is wrong with the others is added to `complaints`."""
        places = {key: self.header.index(name) for key, name in self.names.items() if name}
        with self.opened(verb) as (reader, advance):
            next(reader, None)
            for number, cells in enumerate(filter(None, reader), 1):
                values = self.values(reader.line_num, cells, places)
                if values is not None:
                    yield Row(reader.line_num, values)
                if number % ROWS_A_STEP == 0:
                    advance(number)

    def values(self, line: int, cells: Sequence[str], places: Mapping[str, int]) -> dict[str, Any] | None:
        """The values of a row; None if one of them is bad."""
        values: dict[str, Any] = {}
        for key, column in self.columns.items():
            place = places.get(key)
            if place is None:
                values[key] = None
                continue
            cell = cells[place].strip() if place < len(cells) else ""
            try:
                values[key] = column.read(cell)
            except ValueError as error:
                self.complaints.add(line, self.names[key], cell, str(error))
        return values if len(values) == len(self.columns) else None

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
