"""The columns of an Arrow stream or Parquet file as the texts that a CSV has for them."""

from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc

from eeds.errors import BodyTooLarge, MalformedBody
from eeds.formats.row_limit import require_at_most
from eeds.formats.table_readers import UNREADABLE, arrow_table, size_written_out, time_as_text, written_out


def read_columns(
    media_type: str, file: IO[bytes], max_rows: int, max_bytes: int | None = None
) -> tuple[list[str], list[list[str]]]:
    """The names of the columns, and the texts of each.

    Raises MalformedBody, and BodyTooLarge for more than `max_rows`, or more than `max_bytes` in memory.
    """
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
    return names, [list(texts(name, column)) for name, column in zip(names, table.columns, strict=True)]


def texts(name: str, column: pa.ChunkedArray) -> Iterator[str]:
    """The values of a column as texts: numbers as Python writes them, times in UTC as ISO 8601, and as days if all of
    them are midnights of no time zone, which is what data frames make of days. Raises MalformedBody."""
    try:
        array = written_out(column.combine_chunks())
        if pa.types.is_timestamp(array.type):
            array = with_seconds_or_days(array)
        values: list[Any] = time_as_text(array).to_pylist()
    except UNREADABLE as error:
        raise MalformedBody(f"The column {name} cannot be read: {error}.") from error
    return ("" if value is None or value != value else str(value).strip() for value in values)


def with_seconds_or_days(array: pa.Array) -> pa.Array:
    """Times without the fractions of a second that none of them has, or as days."""
    timezone = array.type.tz
    with suppress(pa.ArrowInvalid):  # which says that something would be lost
        array = array.cast(pa.timestamp("s", timezone))
        if timezone is None and pc.all(pc.equal(array, pc.floor_temporal(array, unit="day")), min_count=0).as_py():
            array = array.cast(pa.date32())
    return array
