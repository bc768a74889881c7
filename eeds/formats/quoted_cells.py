"""Rows of a CSV with quotes in them, as RFC 4180 has them. The standard library's reader does not say where a quote
that does not close was opened, nor which rows it swallowed."""

import csv
import re
from collections.abc import Sequence
from functools import lru_cache

from eeds.errors import MalformedBody
from eeds.formats.messages import shown

OPENING = re.compile(r' *=?"')  # ="00123" is how Excel is told that a cell is text
INSIDE = re.compile(r'(?:[^"]|"")*+')
MAX_SIMPLE = 100_000  # characters of a line; the standard library takes no cells much longer
ADVICE = 'Close the quote or leave it out; a quote inside a quoted cell is written twice ("").'


def read_quoted_row(lines: Sequence[str], place: int, delimiter: str, width: int) -> tuple[list[str], int]:
    """The cells of the row that begins with the line at `place`, and the place of the line that it ends with; `width`
    is how many cells most rows have. Raises MalformedBody."""
    whole = lines[place]
    if len(whole) <= MAX_SIMPLE and simple_row(delimiter).fullmatch(whole):
        return next(csv.reader([whole], delimiter=delimiter)), place
    cells = []
    at = 0
    while True:
        line = lines[place]
        opening = OPENING.match(line, at)
        if opening:
            cell, last, at = read_quoted(lines, place, opening.end())
            end = end_of_cell(lines[last], at, delimiter)
            require_closed_well(lines, place, last, at, end)
            require_no_rows_inside(lines, place, last, delimiter, width)
            place, line = last, lines[last]
        else:
            end = end_of_cell(line, at, delimiter)
            cell = line[at:end]
        cells.append(cell)
        if end == len(line):
            return cells, place
        at = end + 1


@lru_cache
def simple_row(delimiter: str) -> re.Pattern[str]:
    """A row on one line whose quotes stand around whole cells: nothing is wrong with it, and the standard library reads
    it several times as fast."""
    cell, between = rf'(?:"[^"]*+"|[^"{re.escape(delimiter)}]*+)', re.escape(delimiter)
    return re.compile(rf"{cell}(?:{between}{cell})*+")


def end_of_cell(line: str, at: int, delimiter: str) -> int:
    """Where the cell ends that no quote protects."""
    end = line.find(delimiter, at)
    return len(line) if end < 0 else end


def read_quoted(lines: Sequence[str], place: int, at: int) -> tuple[str, int, int]:
    """The text from behind an opening quote to the closing one, the place of the line with that, and where the line
    goes on."""
    parts = []
    for last in range(place, len(lines)):
        inside = INSIDE.match(lines[last], at if last == place else 0)
        assert inside is not None, "the pattern matches nothing too"
        parts.append(inside[0].replace('""', '"'))
        if inside.end() < len(lines[last]):
            return "\n".join(parts), last, inside.end() + 1
    raise MalformedBody(
        f"The quote before {shown(lines[place][at:])} on line {place + 1} does not close: "
        f"{swallowed(filled(lines[place + 1 :]))}. {ADVICE}"
    )


def require_closed_well(lines: Sequence[str], place: int, last: int, at: int, end: int) -> None:
    """Raises MalformedBody if a text follows the closing quote."""
    text = lines[last][at:end].strip()
    if not text:
        return
    if last == place:
        raise MalformedBody(f"On line {last + 1}, {shown(text)} follows a closing quote. {ADVICE}")
    raise swallowing(lines, place, last)


def require_no_rows_inside(lines: Sequence[str], place: int, last: int, delimiter: str, width: int) -> None:
    """Raises MalformedBody if the lines that a cell goes over look like rows of the table by themselves: the first has
    as many cells, and half of the others have, the first of them filled, and a digit. Then the quote was closed by the
    next one that has no business to be there."""
    others = lines[place + 1 : last + 1]
    if not others or width < 2 or lines[place].count(delimiter) != width - 1:
        return
    alike = [
        line
        for line in others
        if line.count(delimiter) == width - 1 and not line.startswith(delimiter) and any(map(str.isdecimal, line))
    ]
    if len(alike) * 2 >= len(others):
        raise swallowing(lines, place, last)


def swallowing(lines: Sequence[str], place: int, last: int) -> MalformedBody:
    """The error for a quote that another one closes, further down."""
    return MalformedBody(
        f"The quote on line {place + 1} ({shown(lines[place])}) closes only on line {last + 1} "
        f"({shown(lines[last])}): {swallowed(filled(lines[place + 1 : last + 1]))}. {ADVICE}"
    )


def filled(lines: Sequence[str]) -> int:
    """How many of the lines are not blank."""
    return sum(1 for line in lines if line.strip())


def swallowed(count: int) -> str:
    """What became of the lines behind a quote."""
    return f"it swallows the {count:,} line{'' if count == 1 else 's'} after it"
