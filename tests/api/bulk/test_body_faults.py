"""Bodies of bulk loads that are cut short, or written in some unusual way: the exact answer in every format."""

import csv
import io
import reprlib
from codecs import BOM_UTF8
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from eeds.formats.messages import REQUIRED, not_an_object
from tests.api.bulk.cells import Absent, Cell, Failed, Refused, Stored, cases, check, gaps, good, row, second
from tests.api.bulk.conftest import Bulk
from tests.api.bulk.formats import FORMATS, arrow_of, as_json, as_table, parquet_of

Write = Callable[[str], bytes]

NO_JSON, NO_TEXT = Failed("JSON parse error - ..."), not_an_object("")
NO_CSV, NO_UTF8 = Failed("The CSV cannot be read: ..."), Failed("The CSV is not UTF-8: ...")
NO_ARROW, NO_PARQUET = Failed("The Arrow stream cannot be read: ..."), Failed("The Parquet file cannot be read: ...")
NO_COLUMNS = "The table has no column project_id; it has: "
NO_FIELDS = Refused([(0, field, None, REQUIRED) for field in ("metadata_id", "start", "value")], sent=1)
NOT_TEXT = Absent("the format is not text, and has no lines, quotes or marks of its encoding")
KEYS = Absent("a key is read like any text, which has a row of its own")
OF_ROWS = Absent("an object has the fields that it has")


def body(format: str) -> bytes:
    """The three good records."""
    return FORMATS[format].write(good(format))


def changed(change: Callable[[bytes], bytes]) -> Write:
    """A change to what the good records are written as."""
    return lambda format: change(body(format))


def table_body(format: str, table: pa.Table) -> bytes:
    return arrow_of(table) if format == "arrow" else parquet_of(table)


def is_table(format: str) -> bool:
    return format in ("arrow", "parquet")


def no_records(format: str) -> bytes:
    if is_table(format):
        return table_body(format, as_table(good(format)).slice(0, 0))
    return {"json": b"[]", "lines": b"\n\n"}.get(format) or body(format).partition(b"\n")[0]


def cut_within(format: str) -> bytes:
    """Cut within the second record, behind its day."""
    whole = body(format)
    return whole[: len(whole) // 2] if is_table(format) else whole[: whole.index(b"2015-01-02") + 10]


def cut_between(format: str) -> bytes:
    """Cut behind the first record."""
    if is_table(format):
        # an Arrow stream ends with eight bytes that say so, which it need not have
        return table_body(format, as_table(good(format)[:1]))[:-8]
    whole = body(format)
    return whole[: whole.rindex(b", {" if format == "json" else b"\n", 0, whole.index(b"2015-01-02"))]


def utf16(whole: bytes) -> bytes:
    return whole.decode().encode("utf-16")


def unreadable_lines(whole: bytes, first: int) -> Refused:
    """Lines of which those from the first on are not JSON."""
    lines = [line.decode(errors="replace").strip() for line in whole.split(b"\n")]
    shown = [line if len(line) <= 200 else line[:200] + "..." for line in lines]
    return Refused([(n, None, shown[n], NO_TEXT) for n in range(first, len(lines))], len(lines))


def quoted(format: str) -> bytes:
    """Every field in quotes, and a column more, with all that has to be in some."""
    text = io.StringIO()
    records = [{**record, "note": 'a "word",\r\nanother'} for record in good(format)]
    lines = csv.DictWriter(text, list(records[0]), quoting=csv.QUOTE_ALL)
    lines.writeheader()
    lines.writerows({k: str(v).lower() if isinstance(v, bool) else v for k, v in r.items()} for r in records)
    return text.getvalue().encode()


def reordered(format: str) -> bytes:
    return FORMATS[format].write([dict(reversed(record.items())) for record in good(format)])


def twice(format: str) -> bytes:
    """Another value stands before that of each record."""
    if is_table(format):
        table = as_table(good(format))
        return table_body(format, table.add_column(1, "value", table["value"]))
    if format in ("json", "lines"):
        return body(format).replace(b'"value"', b'"value": 7.5, "value"')
    return body(format).replace(b",value,", b",value,value,").replace(b"Z,", b"Z,7.5,")


def invalid_utf8(format: str) -> bytes:
    if not is_table(format):
        return body(format).replace(b"2.5", b'"\xff"')
    offsets = pa.py_buffer(np.array([0, 1, 2, 3], np.int32))
    texts = pa.Array.from_buffers(pa.string(), 3, [None, offsets, pa.py_buffer(b"1\xff3")])
    table = as_table(good(format))
    return table_body(format, table.set_column(table.schema.get_field_index("value"), "value", texts))


def uneven_row(by: int, format: str) -> bytes:
    """The second row of CSV with so many fields more than there are columns, or fewer."""
    fields = body(format).split(b"\n")[2].split(b",")
    return b",".join([*fields, *[b"9"] * by] if by > 0 else fields[:by])


def uneven(by: int) -> Write:
    def write(format: str) -> bytes:
        lines = body(format).split(b"\n")
        return b"\n".join([*lines[:2], uneven_row(by, format), *lines[3:]])

    return write


def uneven_cells(by: int) -> dict[str, Cell]:
    columns = {"csv": 4, "named": 7}
    told = {
        name: second(None, uneven_row(by, name).decode(), f"Expected {n} fields, but got {n + by}.")
        for name, n in columns.items()
    }
    return row(OF_ROWS, columns=Absent("columns are of one length"), **told)


def unclosed(format: str) -> bytes:
    return body(format).replace(b"2.5", b'"2.5')


def unclosed_row(format: str, columns: int) -> Refused:
    """It has the rest of the file in its last field."""
    text = unclosed(format)
    last = text[text.index(b"\n", text.index(b"2015-01-01")) + 1 :].decode().rstrip()
    return second(None, last, f"Expected {columns} fields, but got {columns - 1}.", sent=2)


LISTED = as_json(good("json"))
FAULTS: dict[str, tuple[Write, dict[str, Cell]]] = {
    "empty": (
        lambda format: b"",
        row(
            Failed(f"{NO_COLUMNS}nothing."), json=NO_FIELDS, lines=Stored(records=0), arrow=NO_ARROW, parquet=NO_PARQUET
        ),
    ),
    "blank": (
        lambda format: b" \r\n ",
        row(
            Failed(f"{NO_COLUMNS}nothing."), json=NO_FIELDS, lines=Stored(records=0), arrow=NO_ARROW, parquet=NO_PARQUET
        ),
    ),
    "without records": (no_records, row(Stored(records=0))),
    "cut short within a record": (
        cut_within,
        row(
            json=NO_JSON,
            lines=second(None, '{"metadata_id": 1, "start": "2015-01-02', NO_TEXT, sent=2),
            csv=second(None, "1,2015-01-02", "Expected 4 fields, but got 2.", sent=2),
            named=second(None, "ABC,E_C_S,main,KWH,2015-01-02", "Expected 7 fields, but got 5.", sent=2),
            arrow=NO_ARROW,
            parquet=NO_PARQUET,
        ),
    ),
    # which nobody can tell from one that ends there, unless the format has an end
    "cut short between records": (cut_between, row(Stored(records=1), json=NO_JSON, parquet=NO_PARQUET)),
    "more behind the end": (
        changed(lambda whole: whole.rstrip() + b"\n#"),
        row(
            json=NO_JSON,
            lines=Refused([(3, None, "#", NO_TEXT)], sent=4),
            csv=Refused([(3, None, "#", "Expected 4 fields, but got 1.")], sent=4),
            named=Refused([(3, None, "#", "Expected 7 fields, but got 1.")], sent=4),
            arrow=Stored(),
            parquet=NO_PARQUET,
        ),
    ),
    "byte order mark": (
        changed(lambda whole: BOM_UTF8 + whole),
        row(Stored(), arrow=NO_ARROW, parquet=NO_PARQUET),
    ),
    "UTF-16": (
        changed(lambda whole: utf16(whole) if whole.isascii() else whole),
        row(json=Stored(), lines=unreadable_lines(utf16(body("lines")), 1), texts=NO_UTF8, columns=NOT_TEXT),
    ),
    "invalid UTF-8": (
        invalid_utf8,
        row(
            json=NO_JSON,
            lines=Refused(unreadable_lines(invalid_utf8("lines"), 1).reasons[:1]),
            texts=NO_CSV,
            arrow=NO_ARROW,
            parquet=NO_PARQUET,
        ),
    ),
    "invalid UTF-8 in the header": (
        changed(lambda whole: whole.replace(b"value", b"val\xff")),
        row(objects=KEYS, texts=NO_UTF8, columns=Absent("Arrow's own library writes and reads the names")),
    ),
    "lines that end with CR LF": (
        changed(lambda whole: whole.replace(b"\n", b"\r\n").replace(b", ", b",\r\n " if whole[:1] == b"[" else b", ")),
        row(Stored(), columns=NOT_TEXT),
    ),
    "lines that end with CR": (
        changed(lambda whole: whole.replace(b"\n", b"\r")),
        row(
            Stored(),
            texts=Failed("The lines of the CSV end with CR alone; they have to end with LF or CR LF."),
            columns=NOT_TEXT,
        ),
    ),
    "blank lines": (
        changed(lambda whole: whole.replace(b"\n", b"\n\r\n\n")),
        row(Stored(), columns=NOT_TEXT),
    ),
    "quoted fields": (
        quoted,
        row(Absent("quotes are part of every text in JSON"), texts=Stored(ignored=["note"]), columns=NOT_TEXT),
    ),
    "quote that is not closed": (
        unclosed,
        row(
            json=NO_JSON,
            lines=Refused(unreadable_lines(unclosed("lines"), 1).reasons[:1]),
            csv=unclosed_row("csv", 4),
            named=unclosed_row("named", 7),
            columns=NOT_TEXT,
        ),
    ),
    "reordered": (reordered, row(Stored())),
    "a field twice": (
        twice,
        row(Failed("The table has 2 columns value; leave the one that is meant."), objects=Stored()),
    ),
    "too few fields": (uneven(-1), uneven_cells(-1)),
    "too many fields": (uneven(2), uneven_cells(2)),
    "a value that is no object": (
        changed(lambda whole: whole.replace(body("lines").split(b"\n")[1], b"5")),
        row(
            objects=second(None, 5, not_an_object(5)),
            texts=Absent("any row is a record; those with too few fields have a row here"),
            columns=Absent("any row of columns is a record"),
        ),
    ),
    "JSON": (
        lambda format: LISTED,
        row(
            json=Stored(),
            lines=Refused([(0, None, reprlib.repr(good("json")), not_an_object([]))], sent=1),
            texts=Failed(f"{NO_COLUMNS}..."),
            arrow=NO_ARROW,
            parquet=NO_PARQUET,
        ),
    ),
    "CSV": (
        lambda format: body("csv"),
        row(
            json=NO_JSON,
            lines=unreadable_lines(body("csv").strip(), 0),
            texts=Stored(),
            arrow=NO_ARROW,
            parquet=NO_PARQUET,
        ),
    ),
}


def test_every_fault_is_told_in_every_format() -> None:
    assert gaps({name: cells for name, (_, cells) in FAULTS.items()}) == []


@pytest.mark.parametrize(("name", "format"), cases({name: cells for name, (_, cells) in FAULTS.items()}))
def test_answers(bulk: Bulk, name: str, format: str) -> None:
    write, cells = FAULTS[name]
    check(bulk, cells[format], FORMATS[format].media_type, write(format))
