"""Small bodies that would become large ones: each unpacks, decodes or refuses to far more than was sent."""

import gzip
import io
import itertools
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

from eeds.formats.media_types import ARROW, CSV, JSON, JSON_LINES, PARQUET

SYNC2, UPLOAD = "consumption_records/sync2/", "consumption_records/upload/"
MB = 2**20
ROWS = 20_000_000
GREEN_BUTTON_HEAD = b'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:e="http://naesb.org/espi">'


@dataclass(frozen=True)
class Bomb:
    """A request: where it goes, and its body, made when it is wanted, with its type and packing."""

    name: str
    path: str
    body: Callable[[], bytes]
    media_type: str = JSON
    encoding: str = "identity"
    query: str = ""


def repeated(part: bytes, size: int, begin: bytes = b"", end: bytes = b"") -> bytes:
    """The part as often as it goes into the size, between a beginning and an end."""
    return begin + part * (size // len(part)) + end


def json_list(item: bytes, size: int) -> bytes:
    """A list of as many of the item as go into the size."""
    return repeated(item + b",", size, b"[", item + b"]")


def packed(body: bytes) -> bytes:
    """The body by gzip, reproducible."""
    return gzip.compress(body, mtime=0)


def constant_table(rows: int = ROWS) -> pa.Table:
    """A table of one value, repeated."""
    one = pa.table({"metadata_id": [1], "start": ["2014-01-01T00:00:00Z"], "value": [1.0]})
    columns = [pa.repeat(column[0], rows) for column in one.columns]
    return pa.table(columns, names=one.column_names)


def arrow_stream(table: pa.Table, compression: str | None = "zstd") -> bytes:
    """A table as one batch of an Arrow stream, whose buffers are packed."""
    sink = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return sink.getvalue()


def empty_columns(rows: int = ROWS) -> bytes:
    """An Arrow stream of one batch whose columns are all missing: no buffers at all."""
    nulls = [pa.nulls(rows)] * 3
    return arrow_stream(pa.table(nulls, names=["metadata_id", "start", "value"]), None)


def wide_dictionary(rows: int = 50_000) -> bytes:
    """An Arrow stream whose texts are numbers of one that is long."""
    long = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), rows), pa.array(["x" * 40_000]))
    ones = pa.repeat(pa.scalar(1), rows)
    return arrow_stream(pa.table([ones, long, ones], names=["metadata_id", "start", "value"]))


def nested_lists(rows: int = 20) -> bytes:
    """An Arrow stream with lists of nothing, of any length, in place of values."""
    length = 2_000_000
    offsets = pa.array(range(0, (rows + 1) * length, length), pa.int32())
    lists = pa.ListArray.from_arrays(offsets, pa.nulls(rows * length))
    ones = pa.repeat(pa.scalar(1), rows)
    return arrow_stream(pa.table([ones, lists, ones], names=["metadata_id", "start", "value"]))


def parquet(table: pa.Table, **options: Any) -> bytes:
    """A table in one row group of a Parquet file."""
    sink = io.BytesIO()
    pa.parquet.write_table(table, sink, row_group_size=len(table), compression="zstd", **options)
    return sink.getvalue()


def long_texts(rows: int = 20_000) -> bytes:
    """A Parquet file whose starts are one long text."""
    return parquet(pa.table([[1] * rows, ["x" * 20_000] * rows, [1.0] * rows], names=["metadata_id", "start", "value"]))


def green_button(part: bytes, size: int) -> bytes:
    """A feed of one part, repeated."""
    return packed(repeated(part, size, GREEN_BUTTON_HEAD, b"</feed>"))


def sheet_of(cell: bytes, cells: int) -> bytes:
    """An XLSX with one row of that many cells."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/worksheets/sheet1.xml", repeated(cell, cells * len(cell)))
    return sink.getvalue()


def id_ranges(size: int) -> bytes:
    """Which projects are meant, as ranges of ids."""
    return b'{"projects": "' + b"+".join(itertools.repeat(b"1-1", size // 4)) + b'"}'


def names(rows: int, columns: str) -> bytes:
    """A CSV whose rows all name a project of their own."""
    return packed(columns.encode() + b"".join(b"P%d,E_C_S,m,KWH,2014-01-01T00:00:00Z,1\n" % i for i in range(rows)))


NAMED = "project_id,interpretation,label,unit,start,value\n"
READING = b"<e:IntervalReading><e:value>1</e:value></e:IntervalReading>"
RECORD = b'{"metadata_id":1,"start":"2014-01-01T00:00:00Z","value":1}'
BOMBS = [
    Bomb("objects without fields, sync", "projects/sync/", lambda: json_list(b"{}", 10 * MB - 100)),
    Bomb("numbers for objects, sync", "consumption_metadatas/sync/", lambda: json_list(b"1", 10 * MB - 100)),
    Bomb("objects without fields, a list", "consumption_records/", lambda: json_list(b"{}", 10 * MB - 100)),
    Bomb("nested records without fields", "consumption_metadatas/", lambda: b'{"records":' + json_list(b"{}", 9 * MB) + b"}"),
    Bomb("one long string, not in bulk", "projects/", lambda: b'{"project_id":"' + b"x" * 256 * MB + b'"}'),
    Bomb("ids of projects, each a list", "project_blocks/", lambda: b'{"name":"x","projects":' + json_list(b"[]", 9 * MB) + b"}"),
    Bomb("ranges of ids", "project_runs/bulk/", lambda: id_ranges(9 * MB)),
    Bomb("objects without fields, sync2", SYNC2, lambda: packed(json_list(b"{}", 200 * MB)), JSON, "gzip"),
    Bomb("numbers for objects, sync2", SYNC2, lambda: packed(json_list(b"1", 200 * MB)), JSON, "gzip"),
    Bomb("one long string, sync2", SYNC2, lambda: packed(b'[{"value":"' + b"x" * 200 * MB + b'"}]'), JSON, "gzip"),
    Bomb("an object of 200 MB, sync2", SYNC2, lambda: packed(b'{"value":"' + b"x" * 200 * MB + b'"}'), JSON, "gzip"),
    Bomb("a line of 200 MB, NDJSON", SYNC2, lambda: packed(b"x" * 200 * MB), JSON_LINES, "gzip"),
    Bomb("unknown traces, NDJSON", SYNC2, lambda: packed(repeated(RECORD.replace(b"1,", b"9,", 1) + b"\n", 250 * MB)), JSON_LINES, "gzip"),
    Bomb("lines without objects, NDJSON", SYNC2, lambda: packed(repeated(b"1\n", 200 * MB)), JSON_LINES, "gzip"),
    Bomb("ragged rows, CSV", SYNC2, lambda: packed(repeated(b"1\n", 8 * MB, b"metadata_id,start,value\n")), CSV, "gzip"),
    Bomb("ragged rows, partial", SYNC2, lambda: packed(repeated(b"1\n", 8 * MB, b"metadata_id,start,value\n")), CSV, "gzip", "?mode=partial&format=csv"),
    Bomb("bad values, CSV", SYNC2, lambda: packed(repeated(b"x,y,z\n", 100 * MB, b"metadata_id,start,value\n")), CSV, "gzip"),
    Bomb("unknown projects, CSV", SYNC2, lambda: names(2_000_000, NAMED), CSV, "gzip"),
    Bomb("one record again and again, dry run", SYNC2, lambda: packed(repeated(b"1,2014-01-01T00:00:00Z,1\n", 500 * MB, b"metadata_id,start,value\n")), CSV, "gzip", "?dry_run=true"),
    Bomb("ragged rows, any file", UPLOAD, lambda: packed(repeated(b"1\n", 8 * MB, b"start,value\n")), CSV, "gzip"),
    Bomb("cells of nothing, any file", UPLOAD, lambda: packed(repeated(b"," * 16_000 + b"\n", 31 * MB, b"start,value\n")), CSV, "gzip"),
    Bomb("20 M rows in a batch, Arrow", SYNC2, lambda: arrow_stream(constant_table()), ARROW, query="?dry_run=true"),
    Bomb("20 M rows of nothing, Arrow", SYNC2, empty_columns, ARROW),
    Bomb("a long text in a dictionary, Arrow", SYNC2, wide_dictionary, ARROW),
    Bomb("lists for values, Arrow", SYNC2, nested_lists, ARROW),
    Bomb("20 M rows in a group, Parquet", SYNC2, lambda: parquet(constant_table()), PARQUET, query="?dry_run=true"),
    Bomb("long texts, Parquet", SYNC2, long_texts, PARQUET),
    Bomb("long texts, not as numbers, Parquet", SYNC2, lambda: parquet(pa.table([[1] * 20_000, ["x" * 20_000] * 20_000, [1.0] * 20_000], names=["metadata_id", "start", "value"]), use_dictionary=False), PARQUET),
    Bomb("20 M rows of a table of projects, Parquet", "projects/upload/", lambda: parquet(constant_table()), PARQUET),
    Bomb("readings without a block, Green Button", "greenbutton/", lambda: green_button(READING, 200 * MB), "application/atom+xml", "gzip", "?project_id=P0"),
    Bomb("links of an entry, Green Button", "greenbutton/", lambda: green_button(b"<entry>" + b"".join(b'<link rel="%d" href="%s"/>' % (i, b"x" * 900) for i in range(50)) + b"<e:UsagePoint/></entry>", 200 * MB), "application/atom+xml", "gzip", "?project_id=P0"),
    Bomb("gzip of nothing", SYNC2, lambda: packed(bytes(1000 * MB)), CSV, "gzip"),
]  # fmt: skip
