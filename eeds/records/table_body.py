"""Records in columns: CSV, an Arrow stream, a Parquet file. No loop of Python touches a row that is as usual."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from eeds.errors import MalformedBody
from eeds.formats.media_types import CSV
from eeds.formats.table_readers import arrow_table, read_header, time_as_text
from eeds.records.arrow_columns import columns_of
from eeds.records.batch import BATCH_BYTES, BATCH_RECORDS, Batch
from eeds.records.file_rows import ArrowRows, line_steps
from eeds.records.record_type import read_one_by_one
from eeds.records.refusals import Refusal
from eeds.records.table_columns import TableColumns

# Arrow reads 32 blocks of a CSV ahead, whatever is asked for: they are smaller than batches, which are held.
BLOCKS_A_BATCH = 8
UNUSUAL_AT_ONCE = 10_000  # rows and their refusals that are held as objects
MAX_SKIPPED, MAX_SKIPPED_TEXT = 50_000, 4 * BATCH_BYTES  # rows, and characters in them


def column_names(media_type: str, body: IO[bytes]) -> list[str]:
    """The names of the columns of a body in CSV, Arrow or Parquet; raises MalformedBody."""
    if media_type == CSV:
        return read_header(body)[0]
    with arrow_table(media_type, body) as (schema, _):
        return list(schema.names)


def table_batches(media_type: str, table: TableColumns, body: IO[bytes], *, keep_rows: bool) -> Iterator[Batch]:
    """The batches of a body from its beginning; with `keep_rows` they have their rows as the file has them, in all
    columns. Raises MalformedBody."""
    body.seek(0)
    places = [*range(len(table.header))] if keep_rows else sorted(table.places.values())
    reader = TableReader(table, places, [(0, 1)] if keep_rows else ())
    if media_type == CSV:
        header_lines = read_header(body)[1]
        if keep_rows:
            reader.steps = line_steps(body, header_lines)
        yield from reader.batches(csv_parts(reader, body))
    else:
        with arrow_table(media_type, body, places) as (_, parts):
            yield from reader.batches(parts)


@dataclass
class SkippedRows:
    """Rows of a CSV with too few or too many cells: noted while the reader skips them."""

    refusals: dict[int, Refusal] = field(default_factory=dict)  # by row number; those not yet taken
    count: int = 0
    characters: int = 0  # of the texts of those not yet taken

    @property
    def are_too_many(self) -> bool:
        """Whether so many come one after the other that this is no table of these columns."""
        return len(self.refusals) > MAX_SKIPPED or self.characters > MAX_SKIPPED_TEXT

    def note(self, row: Any) -> str:
        """Remember the row and go on, unless there are too many."""
        number = row.number - 1
        message = f"Expected {row.expected_columns} fields, but got {row.actual_columns}."
        self.refusals[number] = Refusal(number, None, row.text, message)
        self.count += 1
        self.characters += len(row.text)
        return "error" if self.are_too_many else "skip"

    def rows_and_refusals(self, n: int, first: int) -> tuple[Sequence[int], list[Refusal]]:
        """The numbers of the next n good rows, of which the first may be `first`, and the refusals of the rows that the
        reader has skipped between them."""
        if not self.refusals:
            return range(first, first + n), []
        numbers = np.arange(first, first + n + len(self.refusals))
        rows = np.setdiff1d(numbers, list(self.refusals))[:n].tolist()
        return rows, self.take(rows[-1] if rows else first)

    def take(self, end: int) -> list[Refusal]:
        """The refusals of the rows before a row number."""
        taken = [self.refusals.pop(row) for row in sorted(self.refusals) if row < end]
        self.characters -= sum(len(each.value) for each in taken)
        return taken


class TableReader:
    """Makes batches of a table, of which the columns at the `places` of its header are read. With `steps` (see
    line_steps) the batches keep their rows."""

    def __init__(self, table: TableColumns, places: Sequence[int], steps: Sequence[tuple[int, int]]) -> None:
        self.table = table
        self.places = places
        self.steps = steps
        self.skipped = SkippedRows()

    def batches(self, parts: Iterable[pa.RecordBatch]) -> Iterator[Batch]:
        """Parts of the table as batches of bounded length."""
        first = 0
        try:
            for part in parts:
                for start in range(0, part.num_rows, BATCH_RECORDS):
                    for batch in self.batches_of(part.slice(start, BATCH_RECORDS), first):
                        yield batch
                        first += batch.sent
        finally:
            pa.default_memory_pool().release_unused()  # else a process keeps what each of its threads has ever held
        left = self.skipped.take(first + len(self.skipped.refusals))
        if left:
            yield Batch(len(left), (), {}, (), left, self.kept(None, (), left))

    def batches_of(self, part: pa.RecordBatch, first: int) -> Iterator[Batch]:
        """Consecutive good rows as whole columns, read one by one if some of them are unusual, and those skipped
        between them; the first has this row number."""
        columns = columns_of(self.table.record_type, self.table.fields, self.arrays(part), part.num_rows)
        if columns is None:
            for start in range(0, part.num_rows, UNUSUAL_AT_ONCE):
                batch = self.unusual_batch(part.slice(start, UNUSUAL_AT_ONCE), first)
                yield batch
                first += batch.sent
        else:
            rows, skipped = self.skipped.rows_and_refusals(part.num_rows, first)
            kept = self.kept(part, rows, skipped)
            yield Batch(len(rows) + len(skipped), rows, *columns, skipped, kept, is_table=True)

    def unusual_batch(self, part: pa.RecordBatch, first: int) -> Batch:
        """The same of a few rows, read one by one."""
        rows, skipped = self.skipped.rows_and_refusals(part.num_rows, first)
        arrays = self.arrays(part)
        records = pa.RecordBatch.from_arrays([time_as_text(array) for array in arrays.values()], names=list(arrays))
        batch = read_one_by_one(self.table.record_type, self.table.fields, records.to_pylist(), rows)
        refusals, kept = [*skipped, *batch.refusals], self.kept(part, rows, skipped)
        return replace(batch, sent=len(rows) + len(skipped), refusals=refusals, file_rows=kept, is_table=True)

    def arrays(self, part: pa.RecordBatch) -> dict[str, pa.Array]:
        """The columns of the fields."""
        return {name: part.column(self.places.index(place)) for name, place in self.table.places.items()}

    def kept(self, part: pa.RecordBatch | None, rows: Sequence[int], skipped: Sequence[Refusal]) -> ArrowRows | None:
        """The rows of a batch as the file has them, where they are wanted."""
        return ArrowRows(part, rows, {each.row: each.value for each in skipped}, self.steps) if self.steps else None


def csv_parts(reader: TableReader, body: IO[bytes]) -> Iterator[pa.RecordBatch]:
    """The rows of a CSV below its header, as texts: as many blocks as make a batch, in one. Raises MalformedBody."""
    body.seek(0)
    read_header(body)
    rows = 0
    held: list[pa.RecordBatch] = []
    try:
        for block in csv_blocks(reader, body):
            rows += block.num_rows
            held.append(block)
            if len(held) == BLOCKS_A_BATCH:
                yield pa.concat_batches(held)
                held = []
    except pa.ArrowInvalid as error:
        reason = str(error)
        if reader.skipped.are_too_many:
            first = min(reader.skipped.refusals)
            reason = f"thousands of rows have another number of cells than its header, from row {first + 1:,} on"
        elif "straddling" in reason:
            where = f"behind its first {rows + reader.skipped.count:,} rows is one of more than {block_bytes():,} bytes"
            reason = f"{where}, as when a quote is not closed"
        if "Empty CSV" not in reason:  # a header and nothing else
            raise MalformedBody(f"The CSV cannot be read: {reason}.") from error
    if held:
        yield pa.concat_batches(held)


def csv_blocks(reader: TableReader, body: IO[bytes]) -> Any:
    """Arrow's reader of the rows. It calls the columns by their positions: names may be there twice."""
    names = [str(place) for place in range(len(reader.table.header))]
    return pa.csv.open_csv(
        body,
        read_options=pa.csv.ReadOptions(use_threads=False, block_size=block_bytes(), column_names=names),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=reader.skipped.note),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=[str(place) for place in reader.places],
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def block_bytes() -> int:
    """How much of a CSV is read at once."""
    return BATCH_BYTES // BLOCKS_A_BATCH
