"""The table in a file of projects: a CSV as machines write it, or whatever a spreadsheet saves."""

from collections.abc import Sequence
from typing import IO

from eeds.formats.grid import Grid, read_grid
from eeds.formats.media_types import ARROW, CSV, PARQUET
from eeds.formats.text_table import NotUtf8, TextTable, read_text_table

KEY = "project_id"
MAX_BYTES = 32 * 2**20  # of a table that is held whole while it is found out what it is


def read_project_table(media_type: str, body: IO[bytes], max_rows: int) -> TextTable:
    """The table in a body of Arrow, Parquet, or anything else that may be a table, CSV or not: a workbook, a text in
    another encoding or with another delimiter, with lines above the names of the columns.

    Raises MalformedBody, and BodyTooLarge for more than `max_rows` rows.
    """
    if media_type in (ARROW, PARQUET):
        return read_text_table(media_type, body, max_rows)
    try:
        plain = read_text_table(CSV, body, max_rows)  # takes a third of the time
    except NotUtf8:
        plain = None
    if plain is not None and (has_key(plain.names) or not (plain.names or plain.rows)):
        return plain
    body.seek(0)
    found = below_header(read_grid(body, max_rows + 1, MAX_BYTES))
    return found if plain is None or has_key(found.names) else plain


def below_header(grid: Grid) -> TextTable:
    """The rows below the first that names the projects' key; if there is none, below the first."""
    header = next((place for place, row in enumerate(grid.rows) if has_key(row)), 0)
    names = grid.rows[header] if grid.rows else ()
    return TextTable(names, grid.lines[header + 1 :], grid.rows[header + 1 :], grid.delimiter)


def has_key(names: Sequence[str]) -> bool:
    """Whether a row has the name of the column that every table of projects has."""
    return any(name.lower() == KEY for name in names)
