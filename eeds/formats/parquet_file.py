"""A table as Parquet. Imported when somebody asks for it, for pyarrow needs memory."""

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from eeds.formats.arrow import CHUNKS_OF_A_ROW_GROUP, taken
from eeds.formats.table import Batch, Column, Type, finite

TYPES = {
    Type.INTEGER: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.TEXT: pa.string(),
    Type.INSTANT: pa.timestamp("us", "UTC"),
    Type.FLAG: pa.bool_(),
}


def write(columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
    """The file, a row group for CHUNKS_OF_A_ROW_GROUP batches."""
    schema = pa.schema([pa.field(column.name, TYPES[column.type]) for column in columns])
    sink = io.BytesIO()
    made = (record_batch(columns, schema, batch) for batch in batches)
    with pq.ParquetWriter(sink, schema) as writer:
        while group := list(islice(made, CHUNKS_OF_A_ROW_GROUP)):
            writer.write_table(pa.Table.from_batches(group))
            yield taken(sink)
    yield taken(sink)


def record_batch(columns: Sequence[Column], schema: Any, batch: Batch) -> Any:
    """The rows as Arrow's columns."""
    arrays = [
        pa.array(map(finite, values) if column.type is Type.NUMBER else values, TYPES[column.type])
        for column, values in zip(columns, zip(*batch, strict=True), strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
