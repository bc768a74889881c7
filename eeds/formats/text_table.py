"""Small tables as people write them, held whole: every cell as the text that a CSV has for it."""

import csv
import io
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import IO

from eeds.errors import MalformedBody
from eeds.formats.media_types import CSV
from eeds.formats.row_limit import require_at_most


class NotUtf8(MalformedBody):
    """A text is in another encoding, or no text."""


@dataclass(frozen=True)
class TextTable:
    """A table of texts without blanks around them; "" is a missing value.

    `names` are those of the columns as the table writes them, and `lines` has for each row the line of a CSV file that
    it ends on, or its number, from 1, in an Arrow stream or Parquet file. A row of a CSV may be shorter or longer than
    `names`. `delimiter` is what parts the cells of a text; None of others.
    """

    names: Sequence[str]
    lines: Sequence[int]
    rows: Sequence[Sequence[str]]
    delimiter: str | None = None


def read_text_table(media_type: str, file: IO[bytes], max_rows: int) -> TextTable:
    """The table in a body of CSV, Arrow or Parquet; raises MalformedBody, NotUtf8 for a CSV, and BodyTooLarge
    for more than `max_rows`."""
    if media_type == CSV:
        return read_csv(file, max_rows)
    from eeds.formats.arrow_texts import read_columns  # pyarrow needs memory

    names, columns = read_columns(media_type, file, max_rows)
    rows = list(zip(*columns, strict=True))
    return TextTable(names, range(1, len(rows) + 1), rows)


def read_csv(file: IO[bytes], max_rows: int) -> TextTable:
    """A table in CSV, whose lines without any cell are no rows."""
    lines: list[int] = []
    rows: list[list[str]] = []
    try:
        with closing(csv_rows(file)) as numbered:
            _, _, header = next(numbered, (0, 0, []))
            for _, line, row in numbered:
                if row:
                    require_at_most(max_rows, len(rows) + 1)
                    lines.append(line)
                    rows.append([cell.strip() for cell in row])
    except UnicodeDecodeError as error:
        raise NotUtf8(f"The table is not text in UTF-8: {error}.") from error
    except csv.Error as error:
        raise MalformedBody(f"The table is not CSV: {error}.") from error
    return TextTable([name.strip() for name in header], lines, rows, ",")


def csv_rows(file: IO[bytes], errors: str = "strict") -> Generator[tuple[int, int, list[str]]]:
    """The rows of a CSV in UTF-8, with the lines that each begins and ends on. To be closed before the file is. Raises
    csv.Error, and UnicodeDecodeError if `errors` is strict."""
    text = io.TextIOWrapper(file, "utf-8-sig", errors, newline="")
    rows, begins = csv.reader(text), 1
    try:
        for cells in rows:
            yield begins, rows.line_num, cells
            begins = rows.line_num + 1
    finally:
        text.detach()  # the file is the caller's to close


def find_column(header: Sequence[str], names: Sequence[str], *, is_optional: bool) -> int | None:
    """The position of the column that has one of the names, in order of preference and in capitals or not; None for an
    optional one that is not there. Raises MalformedBody if a column is missing, or is there twice."""
    lowered = [name.lower() for name in header]
    name = next((name for name in names if name in lowered), None)
    if name is None:
        if is_optional:
            return None
        raise no_column(header, names)
    if lowered.count(name) > 1:
        raise column_twice(name, lowered.count(name))
    return lowered.index(name)


def no_column(header: Sequence[str], names: Sequence[str]) -> MalformedBody:
    """The error for a column that is missing, whichever of the names it may have."""
    return MalformedBody(f"The table has no column {' or '.join(names)}; it has: {', '.join(header) or 'nothing'}.")


def column_twice(name: str, count: int) -> MalformedBody:
    """The error for columns of the same name."""
    return MalformedBody(f"The table has {count} columns {name}; leave the one that is meant.")
