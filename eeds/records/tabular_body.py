"""Records in columns: CSV, an Arrow stream, a Parquet file. No loop of Python touches a row that is as usual."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from eeds.errors import MalformedBody
from eeds.formats.media_types import ARROW, CSV
from eeds.formats.table_readers import arrow_stream, header, parquet_file, time_as_text
from eeds.records.arrow_columns import columns_of
from eeds.records.batch import SEGMENT_BYTES, SEGMENT_RECORDS, Segment
from eeds.records.fields import MISSING
from eeds.records.record_type import Kind
from eeds.records.refusals import Refusal

# Arrow reads 32 blocks of a CSV ahead, whatever is asked for: they are smaller than segments, to be held.
BLOCKS_A_SEGMENT = 8


def csv_segments(kind: Kind, file: IO[bytes]) -> Iterator[Segment]:
    """The segments of a CSV body with a header; an empty field is a missing value. Raises MalformedBody."""
    names = header(file)
    require_columns(kind, names)
    ragged = RaggedRows()
    yield from segments(kind, csv_batches(kind, names, file, ragged), ragged)


def csv_batches(kind: Kind, names: list[str], file: IO[bytes], ragged: "RaggedRows") -> Iterator[pa.RecordBatch]:
    """The rows of a CSV behind its header, as texts: as many blocks as make a segment, in one. Raises MalformedBody."""
    rows = 0
    held: list[pa.RecordBatch] = []
    try:
        for block in csv_reader(kind, names, file, ragged):
            rows += block.num_rows
            held.append(block)
            if len(held) == BLOCKS_A_SEGMENT:
                yield pa.concat_batches(held)
                held = []
    except pa.ArrowInvalid as error:
        if "Empty CSV" not in str(error):  # a header and nothing else
            raise MalformedBody(f"The CSV cannot be read: {fault(error, rows + ragged.count)}.") from error
    if held:
        yield pa.concat_batches(held)


def csv_reader(kind: Kind, names: list[str], file: IO[bytes], ragged: "RaggedRows") -> pa.csv.CSVStreamingReader:
    """Arrow's reader of the rows."""
    return pa.csv.open_csv(
        file,
        read_options=pa.csv.ReadOptions(use_threads=False, block_size=block_bytes(), column_names=names),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=ragged.note),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=[name for name in names if name in kind.columns],
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def block_bytes() -> int:
    """How much of a CSV is read at once."""
    return SEGMENT_BYTES // BLOCKS_A_SEGMENT


def fault(error: pa.ArrowInvalid, rows: int) -> str:
    """What is wrong with a CSV behind so many rows."""
    if "straddling" not in str(error):
        return str(error)
    return f"behind its first {rows:,} rows is one of more than {block_bytes():,} bytes, as when a quote is not closed"


def column_names(media_type: str, file: IO[bytes]) -> list[str]:
    """The names of the columns of a body in CSV, Arrow or Parquet; raises MalformedBody."""
    if media_type == CSV:
        return header(file)
    if media_type == ARROW:
        with arrow_stream(file) as reader:
            return list(reader.schema.names)
    with parquet_file(file) as parquet:
        return list(parquet.schema_arrow.names)


def require_columns(kind: Kind, names: Sequence[str]) -> None:
    """Raises MalformedBody if a column is missing that may not be, or stands there twice."""
    missing = [name for name, column in kind.columns.items() if column.default is MISSING and name not in names]
    if missing:
        found = ", ".join(names) or "nothing"
        raise MalformedBody(f"There is no column {' and no '.join(missing)}; found: {found}.")
    twice = sorted({name for name in names if name in kind.columns and names.count(name) > 1})
    if twice:
        raise MalformedBody(f"There is more than one column {' and '.join(twice)}.")


@dataclass
class RaggedRows:
    """Rows of a CSV with too few or too many fields: noted while the reader skips them."""

    refusals: dict[int, Refusal] = field(default_factory=dict)  # by place in the body; those not yet taken
    count: int = 0

    def note(self, row: Any) -> str:
        """Remember the row and go on."""
        place = row.number - 1
        message = f"Expected {row.expected_columns} fields, but got {row.actual_columns}."
        self.refusals[place] = Refusal(place, None, row.text, message)
        self.count += 1
        return "skip"

    def take(self, end: int) -> list[Refusal]:
        """The refusals of the rows before a place."""
        return [self.refusals.pop(place) for place in sorted(self.refusals) if place < end]


def arrow_segments(kind: Kind, file: IO[bytes]) -> Iterator[Segment]:
    """The segments of an Arrow IPC stream. Raises MalformedBody."""
    with arrow_stream(file) as reader:
        require_columns(kind, reader.schema.names)
        yield from segments(kind, reader)


def parquet_segments(kind: Kind, file: IO[bytes]) -> Iterator[Segment]:
    """The segments of a Parquet file. Raises MalformedBody."""
    with parquet_file(file) as parquet:
        names = parquet.schema_arrow.names
        require_columns(kind, names)
        ours = [name for name in names if name in kind.columns]
        yield from segments(kind, parquet.iter_batches(SEGMENT_RECORDS, columns=ours, use_threads=False))


def segments(kind: Kind, batches: Iterable[pa.RecordBatch], ragged: RaggedRows | None = None) -> Iterator[Segment]:
    """Batches of records as segments of bounded length."""
    first = 0
    try:
        for part in parts(batches):
            places, skipped = places_of(part.num_rows, first, ragged)
            segment = whole(kind, part, places) or one_by_one(kind, part, places)
            sent, refusals = segment.sent + len(skipped), [*skipped, *segment.refusals]
            yield replace(segment, sent=sent, refusals=refusals)
            first += part.num_rows + len(skipped)
    finally:
        pa.default_memory_pool().release_unused()  # else a process would keep what each of its threads has ever held
    if ragged and ragged.refusals:
        left = ragged.take(max(ragged.refusals) + 1)
        yield Segment(len(left), (), refusals=left)


def parts(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same records in batches that are not too long."""
    for batch in batches:
        for start in range(0, batch.num_rows, SEGMENT_RECORDS):
            yield batch.slice(start, SEGMENT_RECORDS)


def places_of(n: int, first: int, ragged: RaggedRows | None) -> tuple[Sequence[int], list[Refusal]]:
    """Where the next n good records stand in the body, and the rows between them that the reader skipped."""
    if ragged is None or not ragged.refusals:
        return range(first, first + n), []
    places: list[int] = []
    place = first
    while len(places) < n:
        if place not in ragged.refusals:
            places.append(place)
        place += 1
    return places, ragged.take(place)


def whole(kind: Kind, batch: pa.RecordBatch, places: Sequence[int]) -> Segment | None:
    """A batch as columns; None if some of it is unusual."""
    found = columns_of(kind, batch)
    return None if found is None else Segment(batch.num_rows, places, columns=found[0], names=found[1])


def one_by_one(kind: Kind, batch: pa.RecordBatch, places: Sequence[int]) -> Segment:
    """A batch read record by record; a field that may be left out is left out where it is empty."""
    optional = {n for n, column in kind.columns.items() if column.default is not MISSING and not column.nullable}
    items = (
        {name: value for name, value in item.items() if value is not None or name not in optional}
        for item in with_times_as_texts(batch).to_pylist()
    )
    found = kind.untyped(items, 0)
    where = np.asarray(places)
    refusals = [Refusal(places[r.index], r.field, r.value, r.message, r.item) for r in found.refusals]
    return Segment(found.sent, where[list(found.places)].tolist(), found.rows, refusals=refusals)


def with_times_as_texts(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same batch, its times as they are to be shown. (Python has none beyond the year 9999.)"""
    return pa.RecordBatch.from_arrays([time_as_text(array) for array in batch.columns], names=batch.schema.names)
