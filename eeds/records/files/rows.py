"""The rows of a table below its header: blank ones, lines of text and repeated headers are none."""

from array import array
from collections.abc import Sequence

from eeds.errors import MalformedBody
from eeds.formats.date_columns import read_times
from eeds.formats.grid import Grid
from eeds.formats.text_columns import ColumnOfRows
from eeds.records.files.header import Header
from eeds.records.files.profiles import known_words, plain
from eeds.records.files.taken import CellFault, Rows
from eeds.records.files.wrong import require_few_faults

FEWEST = 2  # cells of a row of the table
NEEDED = ("start", "date", "time", "period", "value")


def rows_below(header: Header, grid: Grid) -> Rows:
    """The rows of the table, each in the section of the file that it stands in. Where text is cut into cells, one with
    too many or too few has been cut in the wrong place."""
    rows, places = grid.rows, array("i")
    found: tuple[list[str], list[int], list[CellFault]] = ([], [], [])
    sections, skipped, faults = found
    section = section_said(" ".join(cell for cells in rows[: header.row] for cell in cells)) if header.profile else ""
    width, needed = len(header.cells), [place for name, place in header.places.items() if name in NEEDED]
    for place, cells in enumerate(rows):
        if place <= header.row:
            continue
        if cells == header.cells or (len(cells) - cells.count("") < FEWEST and not is_moment(header, cells)):
            skipped.append(place)
            section = (section_said(" ".join(cells)) if header.profile else "") or section
            continue
        is_cut_wrong = len(cells) <= max(needed, default=0) or any(cells[width:])
        if len(cells) != width and grid.delimiter and is_cut_wrong:
            faults.append(CellFault(place, None, "", f"Expected {width} fields, but got {len(cells)}."))
            require_few_faults(faults)
            continue
        places.append(place)
        sections.append(section)
    return Rows(header, rows, places, sections, skipped, faults)


def is_moment(header: Header, cells: Sequence[str]) -> bool:
    """Whether the only cell of a row is when something was read, of which the value is missing."""
    at = next((header.places[name] for name in ("start", "date", "period") if name in header.places), 0)
    text = cells[at] if at < len(cells) else ""
    return text[:1].isdigit() or (bool(text) and is_date(text))


def is_date(text: str) -> bool:
    """Whether a text is a date."""
    try:
        return read_times([text]).values[0] is not None
    except MalformedBody:
        return True  # it is two


def section_said(text: str) -> str:
    """The interpretation of the readings below a line, if it says one."""
    words = plain(text).split()
    return next((code for word, code in known_words().sections.items() if word in words), "")


def column(rows: Rows, name: str) -> Sequence[str] | None:
    """The cells of a field, one a row; None if the table has no such column."""
    place = rows.header.places.get(name)
    return None if place is None else ColumnOfRows(rows, place)
