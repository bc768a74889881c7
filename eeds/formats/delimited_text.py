"""Tables as text: CSV, and what spreadsheets and utilities make of it, in whichever encoding and with whichever
delimiter. Both are found out from the text itself."""

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eeds.errors import MalformedBody
from eeds.formats.encodings import as_utf8
from eeds.formats.packed_rows import PackedRows
from eeds.formats.quoted_cells import read_quoted_row
from eeds.formats.row_limit import require_at_most
from eeds.formats.text_lines import TextLines

# The comma last: in a table with any of the others it is rather a decimal comma or part of a text.
DELIMITERS = "\t;|,"
MAX_COLUMNS = 16_384  # as many as Excel has
SAMPLE = 500  # lines that decide about the delimiter
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[,;\t|]*', re.IGNORECASE)
QUOTED = re.compile(r'(?<![^,;\t|\n =])"(?:[^"]|"")*+"')
# What surrounds a cell without being part of it: blanks of every kind, and the byte order marks of files put together.
BLANKS = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\ufeff"
TEXT_GUARD = re.compile(r'="(.*)"', re.DOTALL)  # Excel's way to keep the zeros of ="00123"


@dataclass(frozen=True)
class DelimitedText:
    """The rows of a text that have a cell, the line that each begins on, and how the text was read."""

    rows: Sequence[Sequence[str]]
    lines: Sequence[int]
    encoding: str
    delimiter: str


def read_text(data: bytes, max_rows: int) -> DelimitedText:
    """The table in a text. Raises MalformedBody, and BodyTooLarge for more than `max_rows` rows."""
    text, encoding = as_utf8(data)
    del data
    # half as many again may be blank; more would be looked for before they are found to be too many
    require_at_most(max_rows, max(text.count(b"\n"), text.count(b"\r")) * 2 // 3)
    lines = TextLines(text)
    named = SEPARATOR_LINE.fullmatch(lines[0])
    start = 1 if named else 0
    delimiter, width = find_delimiter(lines[start : start + SAMPLE], named[1] if named else DELIMITERS)
    rows, numbers = PackedRows(), array("i")
    for number, cells in read_rows(lines, start, delimiter, width):
        if len(cells) > MAX_COLUMNS:
            raise MalformedBody(f"Line {number + 1} has more than {MAX_COLUMNS:,} cells; the file is no table.")
        stripped = [cell.strip(BLANKS) for cell in cells]
        if any(stripped):
            require_at_most(max_rows, len(rows) + 1)
            rows.append(stripped)
            numbers.append(number + 1)
    return DelimitedText(rows, numbers, encoding, delimiter)


def find_delimiter(lines: Sequence[str], delimiters: str) -> tuple[str, int]:
    """The delimiter that gives the most lines below one another the same number of cells, and that number. A table of
    one column has none, and is read as if it were a CSV."""
    unquoted = [line for line in QUOTED.sub("quoted", "\n".join(lines)).split("\n") if line.strip(BLANKS)]
    found = {each: longest_run([line.count(each) for line in unquoted]) for each in delimiters}
    best = max(delimiters, key=lambda each: found[each][0])
    return (best, found[best][1] + 1) if found[best][0] else (delimiters[-1], 1)


def longest_run(counts: Sequence[int]) -> tuple[int, int]:
    """How often the same number, but 0, comes in a row at the most; and the number."""
    best, run = (0, 0), 0
    for place, count in enumerate(counts):
        run = run + 1 if place and count == counts[place - 1] else 1
        if count and run > best[0]:
            best = run, count
    return best


def read_rows(lines: Sequence[str], start: int, delimiter: str, width: int) -> Iterator[tuple[int, list[str]]]:
    """The rows from the line at `start`, each with the place of the line that it begins on. Raises MalformedBody."""
    place = start
    while place < len(lines):
        line = lines[place]
        if '"' in line:
            cells, last = read_quoted_row(lines, place, delimiter, width)
            yield place, [without_guard(cell) for cell in cells]
            place = last + 1
        else:
            yield place, line.split(delimiter)
            place += 1


def without_guard(cell: str) -> str:
    """A cell without what keeps Excel from reading it as a number."""
    guarded = TEXT_GUARD.fullmatch(cell.strip(BLANKS))
    return guarded[1] if guarded else cell
