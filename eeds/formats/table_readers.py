"""Readers of tables in CSV, Arrow and Parquet, each of which raises MalformedBody for what it cannot read."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

from eeds.errors import MalformedBody
from eeds.formats.media_types import ARROW, ARROW_FILE

MAX_HEADER = 64 * 1024
ROWS_A_BATCH = 50_000  # of Parquet
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
def arrow_table(
    media_type: str, file: IO[bytes], places: Sequence[int] | None = None
) -> Iterator[tuple[pa.Schema, Iterable[pa.RecordBatch]]]:
    """The schema of an Arrow IPC stream or file, or a Parquet file, and its batches: of all columns, or of those at the
    places. Raises MalformedBody, also for what is found wrong with the table meanwhile."""
    what = {ARROW: "Arrow stream", ARROW_FILE: "Arrow file"}.get(media_type, "Parquet file")
    try:
        if media_type == ARROW:
            with pa.ipc.open_stream(file) as stream:
                yield stream.schema, stream if places is None else (batch.select(places) for batch in stream)
        elif media_type == ARROW_FILE:
            with pa.ipc.open_file(file) as arrow:
                batches = map(arrow.get_batch, range(arrow.num_record_batches))
                yield arrow.schema, batches if places is None else (batch.select(places) for batch in batches)
        else:
            with pa.parquet.ParquetFile(file) as parquet:
                schema = parquet.schema_arrow
                names = None if places is None else [schema.names[place] for place in places]
                yield schema, parquet.iter_batches(ROWS_A_BATCH, columns=names, use_threads=False)
    except UNREADABLE as error:
        raise MalformedBody(f"The {what} cannot be read: {error}.") from error


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
