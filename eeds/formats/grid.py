"""Any file that holds a table, as people have it, read to a grid of texts: workbooks, Arrow, Parquet, CSV and its kin.

What a file is stands in its first bytes; its name and media type are not asked, for browsers guess them.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from eeds.errors import BodyTooLarge, MalformedBody
from eeds.formats.delimited_text import read_text
from eeds.formats.media_types import (
    ARROW,
    ARROW_BEGIN,
    ARROW_FILE,
    ARROW_FILE_BEGIN,
    GZIP_BEGIN,
    PARQUET,
    PARQUET_BEGIN,
)
from eeds.formats.messages import shown
from eeds.formats.packed_rows import PackedRows
from eeds.formats.spool import spool
from eeds.formats.workbooks import OLE_BEGIN, ZIP_BEGIN, read_workbook

LONGEST_BEGIN = 8
WEB_PAGE = (
    "a web page: the login page of a site in place of the file, or a table that a spreadsheet can save as XLSX or CSV"
)
# What is no table, by how it begins, and what to say of it.
NO_TABLES = {
    b"%PDF": "a PDF; download the data as CSV or XLSX",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"{\\rtf": "a text with formats (RTF); save it as CSV or XLSX",
    b"<?xml": "XML; a Green Button file has a command of its own (eeds upload greenbutton), and a choice in the portal",
    b"<feed": "XML; a Green Button file has a command of its own (eeds upload greenbutton), and a choice in the portal",
    b"<!DOC": WEB_PAGE,
    b"<html": WEB_PAGE,
}


@dataclass(frozen=True)
class Grid:
    """A table as people keep it: every cell a text without blanks around it, rows below one another, the lines above
    the header too. Rows without any cell are left out; a row may be shorter or longer than others.

    `lines` has for each row the line of the file, or row of the sheet, that it begins on, from 1; of Arrow and Parquet
    0 for the names of the columns, then the numbers of the rows. The others say how the file was read, None where
    that does not apply.
    """

    rows: Sequence[Sequence[str]]
    lines: Sequence[int]
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


def read_grid(file: IO[bytes], max_rows: int, max_bytes: int, sheet: str | None = None) -> Grid:
    """The table in a file: XLSX, XLS or ODS (of several sheets the one that is named), Parquet, Arrow, or delimited
    text; or one of these packed by gzip.

    Raises MalformedBody for what cannot be read or is no table, and BodyTooLarge for more than `max_rows` rows with
    something in them, or `max_bytes` bytes as a text.
    """
    if begin_of(file).startswith(GZIP_BEGIN):
        with spool(file, "gzip", max_bytes) as unpacked:
            if begin_of(unpacked).startswith(GZIP_BEGIN):
                raise MalformedBody("The file is packed by gzip twice; unpack it once.")
            return read_unpacked(unpacked, max_rows, max_bytes, sheet)
    return read_unpacked(file, max_rows, max_bytes, sheet)


def begin_of(file: IO[bytes]) -> bytes:
    """The first bytes of a file, which is then at its beginning."""
    file.seek(0)
    begin = file.read(LONGEST_BEGIN)
    file.seek(0)
    return begin


def read_unpacked(file: IO[bytes], max_rows: int, max_bytes: int, sheet: str | None) -> Grid:
    """The table in a file that is not packed."""
    begin = begin_of(file)
    if begin.startswith((ZIP_BEGIN, OLE_BEGIN)):
        workbook = read_workbook(at_most(file, max_bytes), max_rows, max_bytes, sheet)
        return Grid(workbook.rows, workbook.lines, sheet=workbook.sheet)
    if sheet is not None:
        raise MalformedBody(f"The file is no workbook, so that it has no sheet {shown(sheet)}.")
    for magic, media_type in (PARQUET_BEGIN, PARQUET), (ARROW_BEGIN, ARROW), (ARROW_FILE_BEGIN, ARROW_FILE):
        if begin.startswith(magic):
            return read_arrow(media_type, file, max_rows, max_bytes)
    for magic, what in NO_TABLES.items():
        if begin.lower().startswith(magic.lower()):
            raise MalformedBody(f"The file is no table but {what}.")
    text = read_text(at_most(file, max_bytes), max_rows)
    return Grid(text.rows, text.lines, text.encoding, text.delimiter)


def at_most(file: IO[bytes], max_bytes: int) -> bytes:
    """The whole file; raises BodyTooLarge."""
    data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise BodyTooLarge(f"The file has more than {max_bytes / 2**20:,.0f} MB; send it in parts.")
    return data


def read_arrow(media_type: str, file: IO[bytes], max_rows: int, max_bytes: int) -> Grid:
    """The table in an Arrow stream or file, or a Parquet file, below the names of its columns."""
    from eeds.formats.arrow_texts import read_rows  # pyarrow needs memory

    names, texts = read_rows(media_type, file, max_rows, max_bytes)
    rows, lines = PackedRows([names]), array("i", [0])
    for line, row in enumerate(texts, 1):
        if any(row):
            rows.append(row)
            lines.append(line)
    return Grid(rows, lines)
