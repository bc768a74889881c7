"""Records in columns: CSV, an Arrow stream, a Parquet file. No loop of Python touches a row that is as usual."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet

from eeds.ingest.columns import MISSING
from eeds.ingest.kind import Kind
from eeds.ingest.report import MalformedBody, Refusal
from eeds.ingest.segment import SEGMENT_BYTES, SEGMENT_RECORDS, Segment
from eeds.ingest.vectors import columns_of

MAX_HEADER = 64 * 1024
UNREADABLE = (pa.ArrowException, OSError, UnicodeDecodeError)


def csv_segments(kind: Kind, file: IO[bytes]) -> Iterator[Segment]:
    """The segments of a CSV body with a header; an empty field is a missing value. Raises MalformedBody."""
    names = header(file)
    require_columns(kind, names)
    ragged = RaggedRows()
    try:
        reader = pa.csv.open_csv(
            file,
            read_options=pa.csv.ReadOptions(use_threads=False, block_size=SEGMENT_BYTES, column_names=names),
            parse_options=pa.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=ragged.note),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=[name for name in names if name in kind.columns],
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
        yield from segments(kind, reader, ragged)
    except StopIteration:
        return
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):  # a header and nothing else
            return
        raise MalformedBody(f"The CSV cannot be read: {error}.") from error


def header(file: IO[bytes]) -> list[str]:
    """The names of the columns, from the first line; raises MalformedBody."""
    try:
        line = file.readline(MAX_HEADER).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedBody(f"The CSV is not UTF-8: {error}.") from error
    return [name.strip() for name in next(csv.reader([line.rstrip("\r\n")], skipinitialspace=True), [])]


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

    refusals: dict[int, Refusal] = field(default_factory=dict)  # by place in the body

    def note(self, row: Any) -> str:
        """Remember the row and go on."""
        place = row.number - 1
        message = f"Expected {row.expected_columns} fields, but got {row.actual_columns}."
        self.refusals[place] = Refusal(place, None, row.text, message)
        return "skip"

    def take(self, end: int) -> list[Refusal]:
        """The refusals of the rows before a place."""
        return [self.refusals.pop(place) for place in sorted(self.refusals) if place < end]


def arrow_segments(kind: Kind, file: IO[bytes]) -> Iterator[Segment]:
    """The segments of an Arrow IPC stream. Raises MalformedBody."""
    try:
        with pa.ipc.open_stream(file) as reader:
            require_columns(kind, reader.schema.names)
            yield from segments(kind, reader)
    except UNREADABLE as error:
        raise MalformedBody(f"The Arrow stream cannot be read: {error}.") from error


def parquet_segments(kind: Kind, file: IO[bytes]) -> Iterator[Segment]:
    """The segments of a Parquet file. Raises MalformedBody."""
    try:
        with pa.parquet.ParquetFile(file) as parquet:
            names = parquet.schema_arrow.names
            require_columns(kind, names)
            ours = [name for name in names if name in kind.columns]
            yield from segments(kind, parquet.iter_batches(SEGMENT_RECORDS, columns=ours, use_threads=False))
    except UNREADABLE as error:
        raise MalformedBody(f"The Parquet file cannot be read: {error}.") from error


def segments(kind: Kind, batches: Iterable[pa.RecordBatch], ragged: RaggedRows | None = None) -> Iterator[Segment]:
    """Batches of records as segments of bounded length."""
    first = 0
    for batch in batches:
        for start in range(0, batch.num_rows, SEGMENT_RECORDS):
            part = batch.slice(start, SEGMENT_RECORDS)
            places, skipped = places_of(part.num_rows, first, ragged)
            segment = whole(kind, part, places) or one_by_one(kind, part, places)
            yield Segment(
                segment.sent + len(skipped),
                segment.places,
                segment.rows,
                segment.columns,
                [*skipped, *segment.refusals],
            )
            first += part.num_rows + len(skipped)
    if ragged and ragged.refusals:
        left = ragged.take(max(ragged.refusals) + 1)
        yield Segment(len(left), (), refusals=left)


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
    columns = columns_of(kind, batch)
    return None if columns is None else Segment(batch.num_rows, places, columns=columns)


def one_by_one(kind: Kind, batch: pa.RecordBatch, places: Sequence[int]) -> Segment:
    """A batch read record by record; a field that may be left out is left out where it is empty."""
    optional = {n for n, column in kind.columns.items() if column.default is not MISSING and not column.nullable}
    items = (
        {name: value for name, value in item.items() if value is not None or name not in optional}
        for item in batch.to_pylist()
    )
    found = kind.untyped(items, 0)
    where = np.asarray(places)
    refusals = [Refusal(places[r.index], r.field, r.value, r.message, r.item) for r in found.refusals]
    return Segment(found.sent, where[list(found.places)].tolist(), found.rows, refusals=refusals)
