"""Files of utilities that are as large as is taken, or larger, in each of the shapes that they may have."""

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.ipc

from attack.bomb import MB, Bomb, packed, repeated
from eeds.formats.media_types import CSV

UPLOAD = "consumption_records/upload/"
HOUSEHOLD = "?project_id=P0&fuel=electricity&unit=kWh&trace_id=m&mode=partial&timezone=UTC"
ROWS = 499_000
START = datetime(1950, 1, 1, tzinfo=UTC)
MINUTES = 15
SHEET = "xl/worksheets/sheet1.xml"
BOOK = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="s" sheetId="1" r:id="s"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="s" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>',
}


def times(count: int, minutes: int = MINUTES) -> Iterator[str]:
    """Times of so many minutes each, as in the files of utilities."""
    return (f"{START + timedelta(minutes=minutes * row):%m/%d/%Y %H:%M}" for row in range(count))


def table(header: str, row: Callable[[int, str], str], rows: int = ROWS) -> bytes:
    """A CSV with a row for each time."""
    return "\n".join([header, *(row(number, time) for number, time in enumerate(times(rows)))]).encode()


def with_ends(rows: int = ROWS, minutes: int = MINUTES) -> bytes:
    """Readings that end where the next one starts, or behind it."""
    starts = [*times(rows + 3, minutes)]
    ends = starts[1:] if minutes == MINUTES else starts[3:]
    lines = (f"{starts[row]},{ends[row]},{row}" for row in range(rows))
    return "\n".join(["start,end,value", *lines]).encode()


def ten_buildings(rows: int) -> bytes:
    """The quarter hours of ten buildings, with all columns and a decimal comma."""
    head = "project_id;trace_id;fuel;unit;start;end;value;estimated"
    starts = [*times(rows // 10 + 1)]
    lines = (
        f"P{at % 10};m;electricity;kWh;{starts[at // 10]};{starts[at // 10 + 1]};{at % 977},5;no" for at in range(rows)
    )
    return "\n".join([head, *lines]).encode()


def wide(rows: int, cell: str) -> bytes:
    """Days of quarters of an hour of three buildings, all of which say the same."""
    slots = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(0, 1440, MINUTES)]
    days = (f"P{row % 3},{START + timedelta(days=row // 3):%Y-%m-%d}" for row in range(rows))
    return "\n".join(
        [",".join(["project_id", "date", *slots]), *(",".join([day, *[cell] * len(slots)]) for day in days)]
    ).encode()


def nem12(days: int) -> bytes:
    """Days of five minutes as the Australian market has them."""
    head = "100,NEM12,200405011135,MDA1,Ret1\n200,NEM1201009,E1Q1,1,E1,N1,01009,kWh,5,20050610\n"
    dates = (f"{START + timedelta(days=row):%Y%m%d}" for row in range(days))
    return (head + "\n".join(f"300,{date},{','.join(['1'] * 288)},A,,,20050310121004," for date in dates)).encode()


def arrow(rows: int) -> bytes:
    """A table of texts that no plain reader takes."""
    sink = io.BytesIO()
    texts = pa.table({"start": [*times(rows)], "value": [f"{row},5" for row in range(rows)]})
    with pa.ipc.new_stream(sink, texts.schema) as writer:
        writer.write_table(texts)
    return sink.getvalue()


def workbook(rows: int) -> bytes:
    """A workbook of starts and values."""
    cell = '<c t="inlineStr"><is><t>{}</t></is></c>'
    lines = [f"<row>{cell.format(time)}<c><v>{row}</v></c></row>" for row, time in enumerate(times(rows))]
    head = f"<row>{cell.format('start')}{cell.format('value')}</row>"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{main}"><sheetData>{head}{"".join(lines)}</sheetData></worksheet>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in {**BOOK, SHEET: sheet}.items():
            book.writestr(name, text)
    return file.getvalue()


TAKEN = {
    "as many rows as are taken": lambda: table("start,value", lambda row, time: f"{time},{row}"),
    "as many rows with ends of one trace": lambda: with_ends(140_000),
    "as many rows with ends": lambda: ten_buildings(390_000),
    "rows with ends of one trace": with_ends,
    "rows that overlap": lambda: with_ends(140_000, minutes=7),
    "350,000 rows of ten buildings": lambda: ten_buildings(350_000),
    "as many rows with long notes": lambda: table("start,value,note", lambda row, time: f"{time},{row},{'x' * 25}"),
    "seconds since 1970": lambda: table("start;value", lambda row, _: f"{1_000_000_000 + 900 * row};{row},5"),
    "decimal commas": lambda: table("start;value", lambda row, time: f"{time};{row},5"),
    "all in quotes": lambda: table("start,value", lambda row, time: f'"{time}","{row}"'),
    "periods": lambda: table("period,value", lambda row, time: f"{time} to {time[:-1]}9,{row}", 140_000),
    "the same again and again": lambda: table("start,value", lambda *_: "1/31/2022 00:00,1"),
    "as many days as are taken": lambda: wide(4_150, "1"),
    "as many days of NEM12": lambda: nem12(600),
    "as many rows of Arrow": lambda: arrow(ROWS),
    "as many rows of a workbook": lambda: workbook(ROWS),
}
WRONG = {
    "rows with too many cells": lambda: table("start,value", lambda row, time: f"{time},1,{row}"),
    "values that are none": lambda: table("start,value", lambda row, time: f"{time},x{row}"),
    "times that are none": lambda: table("start,value", lambda row, _: f"x{row}:00,1"),
    "rows without a value or time": lambda: table("start,value,note", lambda *_: ",,x"),
    "other values for the same time": lambda: table("start,value", lambda row, _: f"1/31/2022 00:00,{row}"),
    "projects that are not there": lambda: table("project_id,start,value", lambda row, time: f"Q{row},{time},1"),
    "one project that is not there": lambda: table("project_id,start,value", lambda _, time: f"Q,{time},1"),
    "days of nothing": lambda: wide(4_150, ""),
    "days of 20 MB": lambda: wide(100_000, "1"),
    "days of NEM12 of 17 MB": lambda: nem12(30_000),
    "one long cell": lambda: b"start,value\n1/31/2022 00:00," + b"x" * 23 * MB,
    "one quote": lambda: b'start,value\n"' + b"1/31/2022 00:00,1\n" * ROWS,
}
PACKED = {
    "ragged rows": lambda: packed(repeated(b"1\n", 8 * MB, b"start,value\n")),
    "cells of nothing": lambda: packed(repeated(b"," * 16_000 + b"\n", 14 * MB, b"start,value\n")),
}
BOMBS = [
    *(Bomb(f"{name}, any file", UPLOAD, body, CSV, query=HOUSEHOLD) for name, body in {**TAKEN, **WRONG}.items()),
    *(Bomb(f"{name}, any file", UPLOAD, body, CSV, "gzip") for name, body in PACKED.items()),
]
