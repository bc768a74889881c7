"""Readers of tables in CSV, Arrow and Parquet, each of which raises MalformedBody for what it cannot read."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

from eeds.errors import MalformedBody

MAX_HEADER = 64 * 1024
UNREADABLE = (pa.ArrowException, OSError, UnicodeDecodeError)


def header(file: IO[bytes]) -> list[str]:
    """The names of the columns, from the first line of a CSV; raises MalformedBody."""
    line = file.readline(MAX_HEADER)
    if len(line) == MAX_HEADER:
        raise MalformedBody(f"The first line of the CSV, which names the columns, has {MAX_HEADER:,} bytes or more.")
    try:
        rows = csv.reader([line.decode("utf-8-sig").rstrip("\r\n")], skipinitialspace=True)
        return [name.strip() for name in next(rows, [])]
    except UnicodeDecodeError as error:
        raise MalformedBody(f"The CSV is not UTF-8: {error}.") from error
    except csv.Error as error:
        raise MalformedBody("The lines of the CSV end with CR alone; they have to end with LF or CR LF.") from error


@contextmanager
def arrow_stream(file: IO[bytes]) -> Iterator[pa.RecordBatchReader]:
    """A reader of an Arrow IPC stream. Raises MalformedBody."""
    try:
        with pa.ipc.open_stream(file) as reader:
            yield reader
    except UNREADABLE as error:
        raise MalformedBody(f"The Arrow stream cannot be read: {error}.") from error


@contextmanager
def parquet_file(file: IO[bytes]) -> Iterator[pa.parquet.ParquetFile]:
    """A Parquet file. Raises MalformedBody."""
    try:
        with pa.parquet.ParquetFile(file) as parquet:
            yield parquet
    except UNREADABLE as error:
        raise MalformedBody(f"The Parquet file cannot be read: {error}.") from error


def time_as_text(array: pa.Array) -> pa.Array:
    """A column; as texts, if it is one of times or days."""
    kind = array.type
    if pa.types.is_timestamp(kind) and kind.tz:
        array = array.cast(pa.timestamp(kind.unit, "UTC"))
    return array.cast(pa.string()) if pa.types.is_timestamp(kind) or pa.types.is_date(kind) else array
