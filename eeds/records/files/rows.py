"""The rows of a table below its header: blank ones, lines of text and repeated headers are none."""

from collections.abc import Sequence

from eeds.errors import MalformedBody
from eeds.formats.date_columns import read_times
from eeds.formats.grid import Grid
from eeds.records.files.header import Header
from eeds.records.files.profiles import known_words, plain
from eeds.records.files.taken import CellFault, Rows

FEWEST = 2  # cells of a row of the table
NEEDED = ("start", "date", "time", "period", "value")


def rows_below(header: Header, grid: Grid) -> Rows:
    """The rows of the table, each in the section of the file that it stands in. Where text is cut into cells, one with
    too many or too few has been cut in the wrong place."""
    rows = grid.rows
    found: tuple[list[int], list[Sequence[str]], list[str], list[int], list[CellFault]] = ([], [], [], [], [])
    places, kept, sections, skipped, faults = found
    section = section_said(" ".join(cell for cells in rows[: header.row] for cell in cells)) if header.profile else ""
    width, needed = len(header.cells), [place for name, place in header.places.items() if name in NEEDED]
    for place in range(header.row + 1, len(rows)):
        cells = rows[place]
        if cells == header.cells or (len(cells) - cells.count("") < FEWEST and not is_moment(header, cells)):
            skipped.append(place)
            section = (section_said(" ".join(cells)) if header.profile else "") or section
            continue
        if len(cells) != width:
            if grid.delimiter and (len(cells) <= max(needed, default=0) or any(cells[width:])):
                faults.append(CellFault(place, None, "", f"Expected {width} fields, but got {len(cells)}."))
                continue
            cells = [*cells, *[""] * (width - len(cells))]
        places.append(place)
        kept.append(cells)
        sections.append(section)
    return Rows(header, places, kept, sections, skipped, faults)


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


def column(rows: Rows, name: str) -> list[str] | None:
    """The cells of a field, one a row; None if the table has no such column."""
    place = rows.header.places.get(name)
    return None if place is None else [cells[place] for cells in rows.cells]
