"""Rows as Arrow and Parquet. Imported when somebody asks for them, for pyarrow needs memory.

Columns of records: metadata_id int64, start timestamp[s, UTC], value float64 or null, estimated bool. Parquet knows no
seconds: there the starts are milliseconds.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from eeds.formats.table import Batch as Rows

RECORDS = pa.schema(
    [
        pa.field("metadata_id", pa.int64(), nullable=False),
        pa.field("start", pa.timestamp("s", "UTC"), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("estimated", pa.bool_(), nullable=False),
    ]
)
CHUNKS_OF_A_ROW_GROUP = 32


def time_series(names: Iterable[str], *, hourly: bool) -> Any:
    """The schema of rows of hours or of days with numbers of these names."""
    date = pa.timestamp("s", "UTC") if hourly else pa.date32()
    return pa.schema(
        [
            pa.field("energy_trace", pa.int64(), nullable=False),
            pa.field("date", date, nullable=False),
            *(pa.field(name, pa.float64()) for name in names),
        ]
    )


def write_stream(chunks: Iterable[Rows]) -> Iterator[bytes]:
    """Records in the Arrow streaming format, a batch for each chunk of rows that have the columns of RECORDS."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, RECORDS) as writer:
        for rows in chunks:
            writer.write_batch(batch(rows, RECORDS))
            yield taken(sink)
    yield taken(sink)


def write_parquet(chunks: Iterable[Rows], schema: Any = RECORDS) -> Iterator[bytes]:
    """A Parquet file of rows that have the columns of the schema, a row group for CHUNKS_OF_A_ROW_GROUP chunks."""
    sink = io.BytesIO()
    batches = (batch(rows, schema) for rows in chunks)
    with pq.ParquetWriter(sink, schema) as writer:
        while group := list(islice(batches, CHUNKS_OF_A_ROW_GROUP)):
            writer.write_table(pa.Table.from_batches(group))
            yield taken(sink)
    yield taken(sink)


def taken(sink: io.BytesIO) -> bytes:
    """What was written since the last time. (pyarrow counts the bytes of a file by itself.)"""
    written = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return written


def batch(rows: Rows, schema: Any) -> Any:
    """The rows as a record batch."""
    arrays = [column(field.type, values) for field, values in zip(schema, zip(*rows, strict=True), strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def column(kind: Any, values: Sequence[Any]) -> Any:
    """The values as an array: numbers, of which None and NaN are missing, flags, or what is counted in whole units.

    It is made from the buffers, since pyarrow.array() imports pandas to see whether it was given some of that.
    """
    valid = None
    if pa.types.is_floating(kind):
        numbers = np.array(values, dtype=np.float64)  # NaN for None
        data, valid = pa.py_buffer(numbers), bits(~np.isnan(numbers))
    elif pa.types.is_boolean(kind):
        data = bits(np.array(values, dtype=np.bool_))
    else:
        data = pa.py_buffer(np.array(values, dtype=f"i{kind.bit_width // 8}"))
    return pa.Array.from_buffers(kind, len(values), [valid, data])


def bits(flags: NDArray[np.bool_]) -> Any:
    """Flags as Arrow keeps them, eight in a byte."""
    return pa.py_buffer(np.packbits(flags, bitorder="little"))
