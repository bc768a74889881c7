"""Tables as Arrow and Parquet. Imported when somebody asks for them, for pyarrow needs memory."""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from eeds.formats.table import Column, Type

ROWS_OF_A_GROUP = 64_000
Cells = Sequence[Any]  # of each column, as a sequence or an array

TYPES = {
    Type.INTEGER: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.TEXT: pa.string(),
    Type.INSTANT: pa.timestamp("us", "UTC"),
    Type.SECOND: pa.timestamp("s", "UTC"),  # Parquet knows no seconds: milliseconds there
    Type.DAY: pa.date32(),
    Type.FLAG: pa.bool_(),
}


def write_stream(columns: Sequence[Column], batches: Iterable[Cells]) -> Iterator[bytes]:
    """The Arrow streaming format, a record batch for each batch."""
    schema, sink = schema_of(columns), io.BytesIO()
    with pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(record_batch(columns, schema, batch))
            yield take(sink)
    yield take(sink)


def write_parquet(columns: Sequence[Column], batches: Iterable[Cells]) -> Iterator[bytes]:
    """A Parquet file, with row groups of some ROWS_OF_A_GROUP rows."""
    schema, sink = schema_of(columns), io.BytesIO()
    converted = (record_batch(columns, schema, batch) for batch in batches)
    with pq.ParquetWriter(sink, schema) as writer:
        for group in groups_of(converted):
            writer.write_table(pa.Table.from_batches(group))
            yield take(sink)
    yield take(sink)


def groups_of(batches: Iterable[Any]) -> Iterator[list[Any]]:
    """Record batches, as many together as have ROWS_OF_A_GROUP rows."""
    group: list[Any] = []
    for batch in batches:
        group.append(batch)
        if sum(each.num_rows for each in group) >= ROWS_OF_A_GROUP:
            yield group
            group = []
    if group:
        yield group


def take(sink: io.BytesIO) -> bytes:
    """Empty the sink, and return what was in it. (pyarrow counts the bytes of a file by itself.)"""
    written = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return written


def schema_of(columns: Sequence[Column]) -> Any:
    """The Arrow schema; only a required column is not nullable."""
    return pa.schema([pa.field(column.name, TYPES[column.type], not column.is_required) for column in columns])


def record_batch(columns: Sequence[Column], schema: Any, cells: Cells) -> Any:
    """The cells of the columns as a record batch of the schema."""
    arrays = [array_of(column, values) for column, values in zip(columns, cells, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def array_of(column: Column, values: Sequence[Any]) -> Any:
    """The values of a column, Python's own; those of a required column as integers since 1970 in the unit of its type,
    as the database gives instants and days.

    Numbers and required columns are made from buffers, since pyarrow.array() imports pandas.
    """
    if column.type is Type.NUMBER:
        return numbers(values)
    if column.is_required:
        return not_null(TYPES[column.type], values)
    return pa.array(values, TYPES[column.type])


def numbers(values: Sequence[float | None]) -> Any:
    """An array of float64, null for None, NaN and infinities."""
    numbers = np.array(values, dtype=np.float64)  # NaN for None
    return pa.Array.from_buffers(pa.float64(), len(values), [bits(np.isfinite(numbers)), pa.py_buffer(numbers)])


def not_null(type: Any, values: Sequence[int]) -> Any:
    """An array without nulls: flags, or integers in the unit of the type."""
    if pa.types.is_boolean(type):
        data = bits(np.array(values, dtype=np.bool_))
    else:
        data = pa.py_buffer(np.array(values, dtype=f"i{type.bit_width // 8}"))
    return pa.Array.from_buffers(type, len(values), [None, data])


def bits(flags: NDArray[np.bool_]) -> Any:
    """Flags as Arrow keeps them, eight in a byte."""
    return pa.py_buffer(np.packbits(flags, bitorder="little"))
