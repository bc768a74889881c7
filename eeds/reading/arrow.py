"""Records as Arrow and Parquet. Imported when somebody asks for them, for pyarrow needs memory.

Columns: metadata_id int64, start timestamp[s, UTC], value float64 or null, estimated bool. Parquet knows no seconds:
there the starts are milliseconds.
"""

import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from eeds.reading.rows import Rows

SCHEMA = pa.schema(
    [
        pa.field("metadata_id", pa.int64(), nullable=False),
        pa.field("start", pa.timestamp("s", "UTC"), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("estimated", pa.bool_(), nullable=False),
    ]
)
CHUNKS_OF_A_ROW_GROUP = 32


def write_stream(chunks: Iterable[Rows]) -> Iterator[bytes]:
    """The Arrow streaming format, a record batch for each chunk of rows (metadata_id, seconds, value, estimated)."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, SCHEMA) as writer:
        for rows in chunks:
            writer.write_batch(batch(rows))
            yield taken(sink)
    yield taken(sink)


def write_parquet(chunks: Iterable[Rows]) -> Iterator[bytes]:
    """A Parquet file of the same, a row group for CHUNKS_OF_A_ROW_GROUP chunks."""
    sink = io.BytesIO()
    batches = (batch(rows) for rows in chunks)
    with pq.ParquetWriter(sink, SCHEMA) as writer:
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


def batch(rows: Rows) -> Any:
    """The rows as a record batch."""
    metadata_id, seconds, value, estimated = zip(*rows, strict=True)
    values = np.array(value, dtype=np.float64)  # NaN for None
    columns = [
        (np.array(metadata_id, dtype=np.int64), None),
        (np.array(seconds, dtype=np.int64), None),
        (values, bits(~np.isnan(values))),
        (bits(np.array(estimated, dtype=np.bool_)), None),
    ]
    # From the buffers, since pyarrow.array() imports pandas to see whether it was given some of that.
    arrays = [
        pa.Array.from_buffers(field.type, len(rows), [valid, pa.py_buffer(data)])
        for field, (data, valid) in zip(SCHEMA, columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def bits(flags: NDArray[np.bool_]) -> Any:
    """Flags as Arrow keeps them, eight in a byte."""
    return pa.py_buffer(np.packbits(flags, bitorder="little"))
