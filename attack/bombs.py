"""Small bodies that would become large ones: each unpacks, decodes or refuses to far more than was sent."""

import io
import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

from attack.bomb import MB, Bomb, packed, repeated
from eeds.formats.media_types import ARROW, CSV, JSON, JSON_LINES, PARQUET

SYNC2, WEATHER = "consumption_records/sync2/", "weather_records/sync2/"
ROWS = 20_000_000


def json_list(item: bytes, size: int) -> bytes:
    """A list of as many of the item as go into the size."""
    return repeated(item + b",", size, b"[", item + b"]")


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


def id_ranges(size: int) -> bytes:
    """Which projects are meant, as ranges of ids."""
    return b'{"projects": "' + b"+".join(itertools.repeat(b"1-1", size // 4)) + b'"}'


def names(rows: int, columns: str) -> bytes:
    """A CSV whose rows all name a project of their own."""
    return packed(columns.encode() + b"".join(b"P%d,E_C_S,m,KWH,2014-01-01T00:00:00Z,1\n" % i for i in range(rows)))


def temperatures(rows: int, hours: int) -> bytes:
    """Temperatures of so many hours of each station."""
    first = datetime(2001, 1, 1, tzinfo=UTC)
    starts = [f"{first + timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}" for hour in range(hours)]
    lines = (f"{row // hours:032},{starts[row % hours]},50" for row in range(rows))
    return "\n".join(["station,start,temp_f", *lines]).encode()


def dry_run(size: int) -> bytes:
    """A CSV of one record, again and again."""
    return repeated(b"1,2014-01-01T00:00:00Z,1\n", size, b"metadata_id,start,value\n")


RECORD = b'{"metadata_id":9,"start":"2014-01-01T00:00:00Z","value":1}\n'
HEADER = b"metadata_id,start,value\n"
NAMED = "project_id,interpretation,label,unit,start,value\n"


def csv(row: bytes, size: int, header: bytes = HEADER) -> Callable[[], bytes]:
    """What makes a packed CSV of one row, repeated."""
    return lambda: packed(repeated(row, size, header))


def table(*columns: Sequence[Any]) -> pa.Table:
    """A table of records."""
    return pa.table(columns, names=["metadata_id", "start", "value"])


def long_texts(rows: int = 20_000) -> pa.Table:
    """A table whose starts are one long text."""
    return table([1] * rows, ["x" * 20_000] * rows, [1.0] * rows)


IN_JSON = [
    Bomb("objects without fields, sync", "projects/sync/", lambda: json_list(b"{}", 10 * MB - 100)),
    Bomb("as many as are taken, sync", "projects/sync/", lambda: json_list(b"{}", 3 * 49_000)),
    Bomb("numbers for objects, sync", "consumption_metadatas/sync/", lambda: json_list(b"1", 10 * MB - 100)),
    Bomb("objects without fields, a list", "consumption_records/", lambda: json_list(b"{}", 10 * MB - 100)),
    Bomb("as many as are taken, a list", "consumption_records/", lambda: json_list(b"{}", 3 * 49_000)),
    Bomb("nested records", "consumption_metadatas/", lambda: b'{"records":' + json_list(b"{}", 3 * 49_000) + b"}"),
    Bomb("one long string", "projects/", lambda: b'{"project_id":"' + b"x" * 256 * MB + b'"}'),
    Bomb("lists for ids", "project_blocks/", lambda: b'{"name":"x","projects":' + json_list(b"[]", MB) + b"}"),
    Bomb("ranges of ids", "project_runs/bulk/", lambda: id_ranges(9 * MB)),
]
IN_BULK = [
    Bomb("objects without fields, sync2", SYNC2, lambda: packed(json_list(b"{}", 200 * MB)), JSON, "gzip"),
    Bomb("numbers for objects, sync2", SYNC2, lambda: packed(json_list(b"1", 200 * MB)), JSON, "gzip"),
    Bomb("one long string, sync2", SYNC2, lambda: b'[{"value":"' + b"x" * 200 * MB + b'"}]'),
    Bomb("an object of 200 MB, sync2", SYNC2, lambda: b'{"value":"' + b"x" * 200 * MB + b'"}'),
    Bomb("a line of 200 MB, lines", SYNC2, lambda: b"x" * 200 * MB, JSON_LINES),
    Bomb("unknown traces, lines", SYNC2, lambda: repeated(RECORD, 250 * MB), JSON_LINES),
    Bomb("lines without objects, lines", SYNC2, lambda: repeated(b"1\n", 200 * MB), JSON_LINES),
    Bomb("ragged rows, CSV", SYNC2, csv(b"1\n", 8 * MB), CSV, "gzip"),
    Bomb("ragged rows returned, CSV", SYNC2, csv(b"1\n", 8 * MB), CSV, "gzip", "?mode=partial&format=csv"),
    Bomb("bad values, CSV", SYNC2, lambda: repeated(b"x,y,z\n", 100 * MB, HEADER), CSV),
    Bomb("bad values returned, CSV", SYNC2, lambda: repeated(b"x,y,z\n", 100 * MB, HEADER), CSV, query="?format=csv"),
    Bomb("unknown projects, CSV", SYNC2, lambda: names(2_000_000, NAMED), CSV, "gzip"),
    Bomb("a dry run of 500 MB, CSV", SYNC2, lambda: dry_run(500 * MB), CSV, query="?dry_run=true"),
    Bomb("as many temperatures as are taken", WEATHER, lambda: temperatures(1_199_000, 8_760), CSV),
    Bomb("as many stations as are taken", WEATHER, lambda: temperatures(1_199_000, 300), CSV),
    Bomb("a station each temperature", WEATHER, lambda: temperatures(3_000_000, 1), CSV),
    Bomb("gzip of nothing", SYNC2, lambda: packed(bytes(1000 * MB)), CSV, "gzip"),
]
IN_COLUMNS = [
    Bomb("20 M rows in a batch, Arrow", SYNC2, lambda: arrow_stream(constant_table()), ARROW, query="?dry_run=true"),
    Bomb("20 M rows of nothing, Arrow", SYNC2, empty_columns, ARROW),
    Bomb("a long text in a dictionary, Arrow", SYNC2, wide_dictionary, ARROW),
    Bomb("lists for values, Arrow", SYNC2, nested_lists, ARROW),
    Bomb("20 M rows in a group, Parquet", SYNC2, lambda: parquet(constant_table()), PARQUET, query="?dry_run=true"),
    Bomb("a long text again and again, Parquet", SYNC2, lambda: parquet(long_texts()), PARQUET),
    Bomb("long texts, Parquet", SYNC2, lambda: parquet(long_texts(), use_dictionary=False), PARQUET),
    Bomb("20 M projects, Parquet", "projects/upload/", lambda: parquet(constant_table()), PARQUET),
]
BOMBS = [*IN_JSON, *IN_BULK, *IN_COLUMNS]
