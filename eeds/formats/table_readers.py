"""Readers of tables in CSV, Arrow and Parquet, each of which raises MalformedBody for what it cannot read."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
import pyarrow.parquet

from eeds.errors import BodyTooLarge, MalformedBody
from eeds.formats.arrow_messages import MAX_BATCH_MB, TOO_LARGE, require_small_batches
from eeds.formats.media_types import ARROW, ARROW_FILE

MAX_HEADER = 64 * 1024
ROWS_A_BATCH = 50_000  # of Parquet
ARROW_FILE_HEAD = 8  # bytes
PARQUET_BUFFER = 2**20  # of each column
MAX_TEXTS_MB = 32  # of a column of a batch
MAX_PARTS = 1_000_000  # the same, of values in lists
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
        if media_type in (ARROW, ARROW_FILE):
            if media_type == ARROW_FILE:
                file.seek(ARROW_FILE_HEAD)  # behind that, a file is a stream with a table of contents
            require_small_batches(file)
            with pa.ipc.open_stream(file) as stream:
                yield stream.schema, stream if places is None else (batch.select(places) for batch in stream)
        else:
            with parquet_file(file) as parquet:
                schema = parquet.schema_arrow
                names = None if places is None else [schema.names[place] for place in places]
                yield schema, parquet.iter_batches(ROWS_A_BATCH, columns=names, use_threads=False)
    except UNREADABLE as error:
        raise MalformedBody(f"The {what} cannot be read: {error}.") from error


def parquet_file(file: IO[bytes]) -> pa.parquet.ParquetFile:
    """A Parquet file, of which some is held at a time. Raises BodyTooLarge for columns that would be held whole."""
    with pa.parquet.ParquetFile(file) as parquet:
        metadata, schema = parquet.metadata, parquet.schema_arrow
        for group in range(metadata.num_row_groups):
            columns = map(metadata.row_group(group).column, range(metadata.num_columns))
            if any(column.total_uncompressed_size > MAX_BATCH_MB * 2**20 for column in columns):
                raise BodyTooLarge(TOO_LARGE.format("column of a row group of the Parquet file"))
        texts = [each.name for each in schema if pa.types.is_string(each.type) or pa.types.is_large_string(each.type)]
    file.seek(0)
    # a text that many rows have stays one text: written out, they may fill the memory
    return pa.parquet.ParquetFile(file, read_dictionary=texts, buffer_size=PARQUET_BUFFER)


def require_few_parts(array: pa.Array) -> None:
    """Raises BodyTooLarge for lists of more values than can be held, which may take nothing sent."""
    if parts_of(array) > MAX_PARTS:
        raise BodyTooLarge(f"The lists of {len(array):,} rows have more than {MAX_PARTS:,} values; leave them out.")


def parts_of(array: pa.Array) -> int:
    """How many values the lists and structures of a column have in them."""
    if pa.types.is_struct(array.type):
        return sum(map(parts_of, array.flatten()))
    if pa.types.is_nested(array.type) and not pa.types.is_union(array.type):
        parts = array.flatten() if not pa.types.is_map(array.type) else array.items
        return len(parts) + (parts_of(parts) if len(parts) <= MAX_PARTS else 0)
    return len(array)


def written_out(array: pa.Array) -> pa.Array:
    """A column; numbers of values as the values themselves. Raises BodyTooLarge if that makes long texts many times."""
    if pa.types.is_run_end_encoded(array.type):
        array = pc.run_end_decode(array)
    if not pa.types.is_dictionary(array.type):
        return array
    if size_written_out(array) > MAX_TEXTS_MB * 2**20:
        raise BodyTooLarge(f"The texts of {len(array):,} rows have more than {MAX_TEXTS_MB} MB; leave them out.")
    return array.dictionary_decode()


def size_written_out(array: pa.Array) -> int:
    """Bytes of a column, with each text of it as often as it comes."""
    kind = array.type.value_type if pa.types.is_dictionary(array.type) else None
    if kind is None or not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return int(array.nbytes)
    lengths = pc.cast(pc.binary_length(array.dictionary), pa.int64())
    return pc.sum(pc.take(lengths, array.indices)).as_py() or 0


def time_as_text(array: pa.Array) -> pa.Array:
    """A column; times and days as texts, as Python has none beyond the year 9999."""
    array = written_out(array)
    require_few_parts(array)
    kind = array.type
    if pa.types.is_timestamp(kind) and kind.tz:
        array = array.cast(pa.timestamp(kind.unit, "UTC"))
    if pa.types.is_duration(kind):
        return array.cast(pa.int64())
    return array.cast(pa.string()) if pa.types.is_timestamp(kind) or pa.types.is_date(kind) else array
