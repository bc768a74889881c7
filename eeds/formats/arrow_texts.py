"""The columns of an Arrow stream or Parquet file as the texts that a CSV has for them."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc

from eeds.errors import BodyTooLarge, MalformedBody
from eeds.formats.row_limit import require_at_most
from eeds.formats.table_readers import UNREADABLE, arrow_table, size_written_out, time_as_text, written_out

AT_ONCE = 10_000  # rows that are made texts


def read_columns(media_type: str, file: IO[bytes], max_rows: int) -> tuple[list[str], list[list[str]]]:
    """The names of the columns, and the texts of each. Raises MalformedBody, and BodyTooLarge for more than
    `max_rows`."""
    columns = read_arrays(media_type, file, max_rows)
    return [name for name, _ in columns], [texts(name, array) for name, array in columns]


def read_rows(
    media_type: str, file: IO[bytes], max_rows: int, max_bytes: int
) -> tuple[list[str], Iterator[tuple[str, ...]]]:
    """The names of the columns, and the rows as texts, which may raise MalformedBody too. Raises MalformedBody, and
    BodyTooLarge for more than `max_rows`, or more than `max_bytes` in memory."""
    columns = read_arrays(media_type, file, max_rows, max_bytes)
    return [name for name, _ in columns], rows_of(columns)


def rows_of(columns: Sequence[tuple[str, pa.Array]]) -> Iterator[tuple[str, ...]]:
    """The rows of some columns as texts."""
    for first in range(0, len(columns[0][1]) if columns else 0, AT_ONCE):
        cells = [texts(name, array.slice(first, AT_ONCE)) for name, array in columns]
        yield from zip(*cells, strict=True)


def read_arrays(
    media_type: str, file: IO[bytes], max_rows: int, max_bytes: int | None = None
) -> list[tuple[str, pa.Array]]:
    """The names and columns, as their texts are made of them; see read_rows."""
    held, rows, size = [], 0, 0
    with arrow_table(media_type, file) as (schema, batches):
        for batch in batches:
            rows += batch.num_rows
            require_at_most(max_rows, rows)
            size += sum(map(size_written_out, batch.columns))
            if max_bytes is not None and size > max_bytes:
                raise BodyTooLarge(f"The table has more than {max_bytes / 2**20:,.0f} MB unpacked; send it in parts.")
            held.append(batch)
        table = pa.Table.from_batches(held, schema)
    names = [name.strip() for name in table.schema.names]
    return [(name, prepared(name, column)) for name, column in zip(names, table.columns, strict=True)]


def prepared(name: str, column: pa.ChunkedArray) -> pa.Array:
    """A column with times as they are written: in UTC, and as days if all of them are midnights of no time zone, which
    is what data frames make of days. Raises MalformedBody."""
    try:
        array = written_out(column.combine_chunks())
        return with_seconds_or_days(array) if pa.types.is_timestamp(array.type) else array
    except UNREADABLE as error:
        raise MalformedBody(f"The column {name} cannot be read: {error}.") from error


def texts(name: str, array: pa.Array) -> list[str]:
    """The values of a column, or of a part of it, as texts: numbers as Python writes them, times as ISO 8601. Raises
    MalformedBody."""
    try:
        values: list[Any] = time_as_text(array).to_pylist()
    except UNREADABLE as error:
        raise MalformedBody(f"The column {name} cannot be read: {error}.") from error
    return ["" if value is None or value != value else str(value).strip() for value in values]


def with_seconds_or_days(array: pa.Array) -> pa.Array:
    """Times without the fractions of a second that none of them has, or as days."""
    timezone = array.type.tz
    with suppress(pa.ArrowInvalid):  # which says that something would be lost
        array = array.cast(pa.timestamp("s", timezone))
        if timezone is None and pc.all(pc.equal(array, pc.floor_temporal(array, unit="day")), min_count=0).as_py():
            array = array.cast(pa.date32())
    return array
