"""A table as an XLSX: one sheet with a frozen line of headings and cells of their types, written as its rows are read.

ECMA-376 part 1, 18: numbers are as they are, days and instants (UTC) days since 1899-12-30 with a format, and texts
inline, so that nothing has to be held until the end. A text is never a formula; one that looks like one keeps its
apostrophe in the style (quotePrefix), so that it does not become one when somebody edits the cell.
"""

import math
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from xml.sax.saxutils import escape

from eeds.errors import EedsError
from eeds.formats.spreadsheets import LINE_START
from eeds.formats.table import Batch, Column, Type

MAX_ROWS, MAX_TEXT = 2**20, 32_767  # of a sheet with its headings, and of a cell
INSTEAD = "take CSV or Parquet."
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
DAY, TIME, QUOTED, HEADING = range(1, 5)  # indices of cellXfs below
PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{CONTENT}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{CONTENT}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{CONTENT}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{RELATIONS}">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
    '<sheets><sheet name="eeds" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}">'
    f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    "<fonts count='2'><font><sz val='11'/><name val='Calibri'/></font>"
    "<font><b/><sz val='11'/><name val='Calibri'/></font></fonts>"
    "<fills count='2'><fill><patternFill patternType='none'/></fill>"
    "<fill><patternFill patternType='gray125'/></fill></fills>"
    "<borders count='1'><border/></borders><cellStyleXfs count='1'><xf/></cellStyleXfs>"
    "<cellXfs count='5'><xf/><xf numFmtId='164' applyNumberFormat='1'/><xf numFmtId='165' applyNumberFormat='1'/>"
    "<xf quotePrefix='1'/><xf fontId='1' applyFont='1'/></cellXfs></styleSheet>",
}
SHEET_BEGIN = (
    f'{XML}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
)
SHEET_END = "</sheetData></worksheet>"
# What XML 1.0 has no way to write, and what would be taken for the way in which workbooks write it.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\r\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
FIRST_DAY = date(1900, 3, 1)  # spreadsheets do not agree about the days before


class Pieces:
    """Takes what the archive is made of, as a file that cannot be read or sought."""

    def __init__(self) -> None:
        self.written = bytearray()

    def write(self, piece: bytes) -> int:
        """Keep a piece."""
        self.written += piece
        return len(piece)

    def flush(self) -> None:
        """Nothing waits."""

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = bytes(self.written)
        self.written.clear()
        return taken


def write(columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
    """The workbook of Python values, a part for each batch. Raises EedsError for more rows than a sheet can have, and
    for a text longer than a cell can be."""
    sink = Pieces()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for path, text in PARTS.items():
            archive.writestr(path, XML + text)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=False) as sheet:
            letters = [letters_of(number) for number in range(1, len(columns) + 1)]
            heads = [text_cell(column.name, HEADING) for column in columns]
            sheet.write((SHEET_BEGIN + row_of(1, letters, heads)).encode())
            for lines in numbered_rows(columns, letters, batches):
                sheet.write("".join(lines).encode())
                yield sink.take()
            sheet.write(SHEET_END.encode())
    yield sink.take()


def numbered_rows(
    columns: Sequence[Column], letters: Sequence[str], batches: Iterable[Batch]
) -> Iterator[Sequence[str]]:
    """The rows of each batch, from the second of the sheet on."""
    writers = [WRITERS[column.type] for column in columns]
    number = 1
    for batch in batches:
        require_rows(number - 1 + len(batch))
        lines = []
        for row in batch:
            number += 1
            cells = ["" if value is None else write(value) for write, value in zip(writers, row, strict=True)]
            lines.append(row_of(number, letters, cells))
        yield lines


def require_rows(count: int) -> None:
    """Raises EedsError for more rows than a sheet can have under its headings."""
    if count >= MAX_ROWS:
        raise EedsError(f"A sheet of XLSX has at most {MAX_ROWS - 1:,} rows, and there are more; {INSTEAD}")


def row_of(number: int, letters: Sequence[str], cells: Sequence[str]) -> str:
    """A row with its cells, of which those that are missing are left out."""
    inner = "".join(f'<c r="{letter}{number}"{cell}</c>' for letter, cell in zip(letters, cells, strict=True) if cell)
    return f'<row r="{number}">{inner}</row>'


def letters_of(number: int) -> str:
    """The name of a column, of which A is the first, AA the 27th."""
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def number_cell(value: float) -> str:
    """A number with all its digits; nothing for NaN and infinities."""
    return f"><v>{value!r}</v>" if math.isfinite(value) else ""


def text_cell(text: str, style: int = 0) -> str:
    """A text; raises EedsError for one that is too long."""
    if len(text) > MAX_TEXT:
        raise EedsError(f"A cell of XLSX holds {MAX_TEXT:,} characters, and a text here has more; {INSTEAD}")
    kept = UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text).encode(errors="replace").decode()
    chosen = style or (QUOTED if LINE_START.match(text) else 0)
    shown = f' s="{chosen}"' if chosen else ""
    return f'{shown} t="inlineStr"><is><t xml:space="preserve">{escape(kept)}</t></is>'


def instant_cell(value: datetime) -> str:
    """An instant in UTC, to the millisecond, which is what spreadsheets show."""
    if value.astimezone(UTC).date() < FIRST_DAY:
        return text_cell(value.astimezone(UTC).isoformat())
    return f' s="{TIME}"><v>{(value - EPOCH).total_seconds() / 86_400!r}</v>'


def day_cell(value: date) -> str:
    """A day."""
    return text_cell(value.isoformat()) if value < FIRST_DAY else f' s="{DAY}"><v>{(value - EPOCH.date()).days}</v>'


def flag_cell(value: bool) -> str:
    """True or false."""
    return f' t="b"><v>{int(value)}</v>'


WRITERS: Mapping[Type, Callable[[Any], str]] = {
    Type.INTEGER: number_cell,
    Type.NUMBER: number_cell,
    Type.TEXT: text_cell,
    Type.INSTANT: instant_cell,
    Type.SECOND: instant_cell,
    Type.DAY: day_cell,
    Type.FLAG: flag_cell,
}
