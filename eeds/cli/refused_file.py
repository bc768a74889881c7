"""FILE.refused.csv: the rows of a file that were not stored, each with its line and what is wrong with it."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from eeds.cli.csv_files import Complaints
from eeds.errors import EedsError


class RefusedRow(NamedTuple):
    """A row as it stands in its file, the line that it begins on, and what is wrong with it."""

    line: int
    cells: Sequence[str]
    error: str


class RefusedFile:
    """Where the refused rows of a file go, with its own columns and cells: ready to be mended and sent again.

    Another one that is there from an earlier upload is taken away, so that what is there is of the last one.
    """

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self.path = path.with_name(f"{path.name}.refused.csv")
        self.header = header
        self.complaints = Complaints(path)
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise self.unwritable(error) from error

    @property
    def count(self) -> int:
        """How many rows were refused."""
        return self.complaints.count

    @property
    def where(self) -> str:
        """Where to find them."""
        return f"The refused rows are in {self.path}."

    def add(self, rows: Iterable[RefusedRow]) -> None:
        """Write the rows; the first make the file. Raises EedsError."""
        try:
            with self.path.open("a", encoding="utf-8", newline="") as file:
                lines = csv.writer(file, lineterminator="\n")
                if not self.count:
                    lines.writerow(("line", *self.header, "error"))
                for row in rows:
                    lines.writerow((row.line, *row.cells, row.error))
                    self.complaints.add(row.line, None, None, row.error)
        except OSError as error:
            raise self.unwritable(error) from error

    def unwritable(self, error: OSError) -> EedsError:
        """What to say where the file cannot be written."""
        return EedsError(f"Cannot write the refused rows to {self.path}: {error.strerror}.")
