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


def read_header(body: IO[bytes]) -> tuple[list[str], int]:
    """The names of the columns, from the first row of a CSV, and how many lines that ends at; raises MalformedBody."""
    rows = csv.reader(header_lines(body), skipinitialspace=True)
    try:
        names = next(filter(None, rows), [])
    except UnicodeDecodeError as error:
        raise MalformedBody(f"The CSV is not UTF-8: {error}.") from error
    except csv.Error as error:
        raise MalformedBody("The lines of the CSV end with CR alone; they have to end with LF or CR LF.") from error
    return [name.strip() for name in names], rows.line_num


def header_lines(body: IO[bytes]) -> Iterator[str]:
    """Line after line from the beginning; raises MalformedBody when that goes too far for a header."""
    encoding = "utf-8-sig"
    left = MAX_HEADER
    while line := body.readline(left):
        left -= len(line)
        if not left:
            raise MalformedBody(f"The first row of the CSV, which names the columns, has {MAX_HEADER:,} bytes or more.")
        yield line.decode(encoding)
        encoding = "utf-8"


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
    """A column; times and days as texts, as Python has none beyond the year 9999."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return time_as_text(array.dictionary_decode())
    if pa.types.is_timestamp(kind) and kind.tz:
        array = array.cast(pa.timestamp(kind.unit, "UTC"))
    if pa.types.is_duration(kind):
        return array.cast(pa.int64())
    return array.cast(pa.string()) if pa.types.is_timestamp(kind) or pa.types.is_date(kind) else array
