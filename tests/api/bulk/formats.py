"""Records in every format that sync2/ takes and in every packing: what the tests of bulk loads send."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from eeds.formats.media_types import ARROW, CSV, JSON, JSON_LINES, PARQUET

Record = Mapping[str, Any]
Records = Sequence[Record]


def as_json(records: Records) -> bytes:
    return json.dumps(records).encode()


def as_lines(records: Records) -> bytes:
    return b"\n".join(json.dumps(record).encode() for record in records)


def as_csv(records: Records) -> bytes:
    text = io.StringIO()
    lines = csv.DictWriter(text, list(records[0]), lineterminator="\n")
    lines.writeheader()
    lines.writerows({k: str(v).lower() if isinstance(v, bool) else v for k, v in r.items()} for r in records)
    return text.getvalue().encode()


def as_table(records: Records) -> pa.Table:
    """A column is of one type: texts, where the records have values of several."""
    names = list(records[0])
    columns = [[record.get(name) for record in records] for name in names]
    return pa.table([pa.array(as_texts(column) if is_mixed(column) else column) for column in columns], names=names)


def is_mixed(column: Sequence[Any]) -> bool:
    return len({type(value) for value in column if value is not None}) > 1


def as_texts(column: Sequence[Any]) -> list[str | None]:
    return [
        None if value is None else str(value).lower() if isinstance(value, bool) else str(value) for value in column
    ]


def arrow_of(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def parquet_of(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def as_arrow(records: Records) -> bytes:
    return arrow_of(as_table(records))


def as_parquet(records: Records) -> bytes:
    return parquet_of(as_table(records))


@dataclass(frozen=True)
class Format:
    """A format of a body: its Content-Type, and how records are written in it."""

    media_type: str
    write: Callable[[Records], bytes]


# "named" is CSV that names its traces instead of giving their ids.
FORMATS = {
    "json": Format(JSON, as_json),
    "lines": Format(JSON_LINES, as_lines),
    "csv": Format(CSV, as_csv),
    "named": Format(CSV, as_csv),
    "arrow": Format(ARROW, as_arrow),
    "parquet": Format(PARQUET, as_parquet),
}


def zstd(data: bytes) -> bytes:
    """One frame."""
    packed = pa.BufferOutputStream()
    with pa.CompressedOutputStream(packed, "zstd") as stream:
        stream.write(data)
    return packed.getvalue().to_pybytes()  # type: ignore[no-any-return]


# By the value of Content-Encoding.
PACKINGS: dict[str, Callable[[bytes], bytes]] = {"identity": bytes, "gzip": gzip.compress, "zstd": zstd}
