"""Workbooks as spreadsheets save them, with as little in them as they can have."""

import base64
import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.sax.saxutils import escape, quoteattr

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATION = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PLAIN, DAY, MINUTE, CLOCK = range(4)
STYLES = (
    f'<styleSheet {MAIN}><numFmts count="3"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>'
    '<numFmt numFmtId="165" formatCode="dd/mm/yyyy hh:mm"/><numFmt numFmtId="166" formatCode="hh:mm:ss"/></numFmts>'
    '<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="164" applyNumberFormat="1"/>'
    '<xf numFmtId="165" applyNumberFormat="1"/><xf numFmtId="166" applyNumberFormat="1"/></cellXfs></styleSheet>'
)
# Saved by a library that writes what Excel 2003 read: start and value, two rows.
XLS = zlib.decompress(
    base64.b64decode(
        "eNrtWE1oE0EU/maTbX5I06QmYiuUULDa2h7EiwjtRom2l5QqiD8VdGtzkJZUYhT0oNWaoyB4UrwU6sEIVS/+oAf15EGo6EEQhETx"
        "5ElQ6KHN+ubtLqbxhwa0UJlvmW/evnlv5+3OzNudfTUXLU3fay2jBn3woGIF0FClE1QC7kkE1G5ZUnRrPxVLYVUh4KeBbNDxuPGl"
        "T46hHO8yNNz1PiMGPlA5jBMYnMhmEiuInRyDKWQMvcQCN0gTRgtH1cx8jHkN8x22fMKcZM1l5l6yLYlDmDMGu7Y5s/iA1s5tYcjr"
        "PmCfd6zZgjheyFl8/oqwbXXsyB03x1dZQ5s3hBnQgPZnspmcPI/jplyyBwk96XRPKpUYGNieTpcQoyGfwTcrAXx11/bThNKvrF6A"
        "9PNL9b7f6P00lLX6q5oXmIR1lJdKASHoXtniRcrMmwtYx9NbFh04mTdzeapPm+OnMkGZ1DkJRJYkgUZeHCHiUTSxHGX/CPW/cOvL"
        "6/TIkHGENZOc+O3XwwYZByxckB7kHOYWD7O07WLezHyRr7qe5VbmGEVHdcdQ3BF2T7HNJW7toH62Mt4YG6vkTSQXPu952Fb4aHSS"
        "PNtfPhubfWtMo51eV6PkL48pdItucf2axCPDrYWTSt4zt/yUVvxaxIndct6BTVhEkMUos30mn45w7EWNvYeeguCktY+QfP4peU4L"
        "ckxRDGu2j/YLHzvR3S4Wi66PPQqyvz6tGfelASW7HwhCQUFBQUFBQUFB4Y8Qzoe5hzcLvD3gz3+f819nkUpF/Sb5b7EXE3TkaTu5"
        "C1mqczhT1/xZC1241xLL9HH/F0rsp95zGMMIxzFW9/yl7Zuovp9lO0b+3hKqt/9KPXH+4/6/A5Oa1gs="
    )
)


class Error(str):
    """The error that a formula gave."""


def xlsx(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """An XLSX with the cells of the sheets; None is an empty one."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in parts(sheets).items():
            archive.writestr(path, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return file.getvalue()


def parts(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Mapping[str, str]:
    """The files in an XLSX."""
    numbered = list(enumerate(sheets.items(), 1))
    named = "".join(f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, (name, _) in numbered)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{CONTENT}.worksheet+xml"/>' for n, _ in numbered
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n, _ in numbered
    )
    return {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{CONTENT}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{CONTENT}.styles+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f"<workbook {MAIN} {RELATION}><sheets>{named}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}">{relations}<Relationship Id="rIdS" '
        f'Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": STYLES,
        **{f"xl/worksheets/sheet{n}.xml": worksheet(rows) for n, (_, rows) in numbered},
    }


def worksheet(rows: Sequence[Sequence[Any]]) -> str:
    """A sheet."""
    lines = (
        f'<row r="{line}">{"".join(cell(f"{letters(place)}{line}", value) for place, value in enumerate(row))}</row>'
        for line, row in enumerate(rows, 1)
    )
    return f"<worksheet {MAIN}><sheetData>{''.join(lines)}</sheetData></worksheet>"


def letters(place: int) -> str:
    """The letters of a column, counted from 0."""
    return chr(ord("A") + place) if place < 26 else letters(place // 26 - 1) + letters(place % 26)


def cell(place: str, value: Any) -> str:
    """A cell as Excel writes it: dates are numbers with a format."""
    match value:
        case None:
            return ""
        case Error():
            return f'<c r="{place}" t="e"><f>A1/0</f><v>{value}</v></c>'
        case str():
            return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
        case bool():
            return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
        case datetime():
            return f'<c r="{place}" s="{MINUTE}"><v>{days(value)!r}</v></c>'
        case date():
            return f'<c r="{place}" s="{DAY}"><v>{days(datetime(value.year, value.month, value.day)):.0f}</v></c>'
        case time():
            return f'<c r="{place}" s="{CLOCK}"><v>{days(datetime.combine(EPOCH, value))!r}</v></c>'
        case _:
            return f'<c r="{place}"><v>{value!r}</v></c>'


EPOCH = datetime(1899, 12, 30)


def days(value: datetime) -> float:
    """A time as Excel counts."""
    return (value - EPOCH) / timedelta(days=1)


def ods(rows: Sequence[Sequence[str]], row_repeats: int = 1, cell_repeats: int = 1) -> bytes:
    """An ODS with one sheet of texts, each row and each cell as often as it says."""
    cells = "".join(
        f'<table:table-row table:number-rows-repeated="{row_repeats}">'
        + "".join(
            f'<table:table-cell table:number-columns-repeated="{cell_repeats}" office:value-type="string">'
            f"<text:p>{escape(text)}</text:p></table:table-cell>"
            for text in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = "urn:oasis:names:tc:opendocument:xmlns"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{names}:manifest:1.0"><manifest:file-entry manifest:full-path="/" '
            'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>',
        )
        archive.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{names}:office:1.0" xmlns:table="{names}:table:1.0" '
            f'xmlns:text="{names}:text:1.0"><office:body><office:spreadsheet><table:table table:name="Data">{cells}'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return file.getvalue()
