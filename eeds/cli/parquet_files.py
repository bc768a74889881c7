"""Parquet files of records, read as the CSV that they would be."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from eeds.cli.record_files import Piece
from eeds.errors import EedsError

ROWS_A_PIECE = 25_000
# Without one, a column is read a row group at a time, and that may be the whole file.
BUFFER_BYTES = 2**20
# Arrow's own allocator holds on to far more than these pieces need.
pa.set_memory_pool(pa.system_memory_pool())


class RowsPiece(Piece):
    """Rows that are numbered as such: a Parquet file has no lines."""

    def numbered_rows(self) -> Iterator[tuple[int, list[str]]]:
        """The cells of every row, each with the number of the row."""
        return enumerate(self.rows(), self.first_line)


class ParquetRecords:
    """A Parquet file; its rows are numbered from 1. Columns of lists or structs are left out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self.opened() as file:
            self.header = [field.name for field in file.schema_arrow if not pa.types.is_nested(field.type)]

    def pieces(self) -> Iterator[Piece]:
        """All rows, in pieces of bounded size."""
        size, done = self.path.stat().st_size, 0
        with self.opened() as file:
            rows = file.metadata.num_rows
            for batch in file.iter_batches(ROWS_A_PIECE, columns=self.header, use_threads=False):
                first, done = done + 1, done + batch.num_rows
                yield RowsPiece(first, csv_lines(batch), size * done // rows)

    @contextmanager
    def opened(self) -> Iterator[pa.parquet.ParquetFile]:
        """The file; raises EedsError."""
        try:
            with pa.parquet.ParquetFile(self.path, buffer_size=BUFFER_BYTES) as file:
                yield file
        except (pa.ArrowException, OSError) as error:
            raise EedsError(f"{self.path} cannot be read as Parquet: {error} Make or copy it again.") from error


def csv_lines(batch: pa.RecordBatch) -> list[str]:
    """The rows of a batch as lines of CSV, without quotes where no text needs them."""
    table = pa.table([in_seconds(column) for column in batch.columns], names=batch.schema.names)
    try:
        return written(table, "none")
    except pa.ArrowInvalid:
        return written(table, "needed")


def written(table: pa.Table, quotes: str) -> list[str]:
    """A table as lines of CSV. Raises ArrowInvalid if `quotes` is "none" and some text needs them."""
    target = io.BytesIO()
    pa.csv.write_csv(table, target, pa.csv.WriteOptions(include_header=False, quoting_style=quotes))
    target.seek(0)
    return io.TextIOWrapper(target, "utf-8", newline="\n").readlines()


def in_seconds(column: pa.Array) -> pa.Array:
    """Times without the zeros behind their seconds, which the server reads more slowly."""
    if not pa.types.is_timestamp(column.type):
        return column
    try:
        return column.cast(pa.timestamp("s", tz=column.type.tz))
    except pa.ArrowInvalid:
        return column  # some have parts of a second, which the server shall see and refuse
