"""Files of records, read in pieces of whole rows: CSV in UTF-8, packed by gzip or not, and Parquet."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Protocol, cast

from eeds.errors import EedsError

# What one request carries: enough that its own cost is small, little enough to be held, and lost when interrupted.
PIECE_CHARACTERS = 4 * 2**20
GZIP, PARQUET = b"\x1f\x8b", b"PAR1"


@dataclass(frozen=True)
class Piece:
    """Consecutive rows of a file, as lines of CSV: `first_line` is the number of the first of them in the file, and
    `position` says how many bytes of the file are read with the last."""

    first_line: int
    lines: list[str]
    position: int

    def rows(self) -> Iterator[list[str]]:
        """The cells of every row; blank lines are no rows."""
        return filter(None, csv.reader(self.lines))

    def numbered_rows(self) -> Iterator[tuple[int, list[str]]]:
        """The same, each with the number of the line that it begins on."""
        reader = csv.reader(self.lines)
        line = self.first_line
        for cells in reader:
            if cells:
                yield line, cells
            line = self.first_line + reader.line_num


class RecordFile(Protocol):
    """A file of records: its columns as it calls them, and its rows. Raises EedsError for what cannot be read."""

    path: Path
    header: list[str]

    def pieces(self) -> Iterator[Piece]:
        """All rows, in pieces of bounded size."""


class CsvRecords:
    """A CSV file whose first row names its columns."""

    def __init__(self, path: Path, *, packed: bool) -> None:
        self.path = path
        self.packed = packed
        with self.opened() as (_, file):
            self.header = [name.strip() for name in next(filter(None, csv.reader(file)), [])]

    def pieces(self) -> Iterator[Piece]:
        """All rows, in pieces of bounded size."""
        with self.opened() as (raw, file):
            reader = csv.reader(file)
            next(filter(None, reader), None)
            line = reader.line_num + 1
            while lines := whole_rows(file, line):
                yield Piece(line, lines, raw.tell())
                line += len(lines)

    @contextmanager
    def opened(self) -> Iterator[tuple[IO[bytes], IO[str]]]:
        """The file, and its unpacked text."""
        with readable(self.path), self.path.open("rb") as raw:
            unpacked = cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if self.packed else raw
            with io.TextIOWrapper(unpacked, "utf-8-sig", newline="") as file:
                yield raw, file


def record_file(path: Path) -> RecordFile:
    """A file of records, by what it begins with; raises EedsError if it cannot be read."""
    with readable(path), path.open("rb") as raw:
        beginning = raw.read(4)
    if beginning == PARQUET:
        # pyarrow takes a while to import, and most files do not need it
        from eeds.cli.parquet_files import ParquetRecords

        return ParquetRecords(path)
    return CsvRecords(path, packed=beginning.startswith(GZIP))


def whole_rows(file: IO[str], first_line: int) -> list[str]:
    """The lines of the next rows, the last of them to its end: a text in quotes may go on on further lines."""
    lines = file.readlines(PIECE_CHARACTERS)
    if have_quotes(lines):
        reader = csv.reader(chain(lines, added(lines, file)))
        begins = first_line
        try:
            while reader.line_num < len(lines):
                begins = first_line + reader.line_num
                next(reader)
        except csv.Error as error:
            raise csv.Error(f"the row that begins on line {begins} has a quote that is not closed ({error})") from error
    return lines


def have_quotes(lines: list[str]) -> bool:
    """Whether there may be texts in quotes; without any, a line is a row and a comma divides two cells."""
    return any('"' in line for line in lines)


def added(lines: list[str], file: IO[str]) -> Iterator[str]:
    """Further lines of the file, each of which is added to the lines."""
    for line in file:
        lines.append(line)
        yield line


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Says in words why a file cannot be read, and what to do; raises EedsError."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise EedsError(f"{path} is not text in UTF-8: {error}. Save it as CSV in UTF-8, or as Parquet.") from error
    except csv.Error as error:
        raise EedsError(f"{path} is not CSV: {error}.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise EedsError(f"{path} was cut short or damaged: {error}. Pack or copy it again.") from error
    except OSError as error:
        raise EedsError(f"Cannot read {path}: {error.strerror}.") from error
