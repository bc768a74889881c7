"""Tables of Python values in every format: missing values, types, and no more rows held than have to be."""

import io
import json
import math
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from operator import length_hint

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Text, literal

from eeds.formats.arrow import ROWS_OF_A_GROUP
from eeds.formats.format import ARROW, BY_MEDIA_TYPE, CSV, JSON, OF_ANY_SIZE, PARQUET, Format, expressions, write
from eeds.formats.table import Batch, Column, Type, columns

NOON = datetime(2016, 2, 29, 12, 0, 0, 500_000, tzinfo=UTC)
COLUMNS = [Column(type.value, type) for type in Type]
FULL = (-1, 0.1 + 0.2, "=x", NOON, NOON.replace(microsecond=0), date(2016, 2, 29), True)
EMPTY = (None,) * len(COLUMNS)
BATCHES = [[FULL], [EMPTY, EMPTY]]
every_format = pytest.mark.parametrize("format", BY_MEDIA_TYPE.values(), ids=lambda format: format.name)
format_of_any_size = pytest.mark.parametrize("format", OF_ANY_SIZE, ids=lambda format: format.name)  # not of sheets


def whole(format: Format, batches: list[Batch]) -> bytes:
    return b"".join(write(format, COLUMNS, batches))


def as_table(format: Format, body: bytes) -> pa.Table:
    return pq.read_table(io.BytesIO(body)) if format is PARQUET else pa.ipc.open_stream(body).read_all()


def test_json() -> None:
    full, *empty = json.loads(whole(JSON, BATCHES))
    assert list(full.values()) == [
        *(-1, 0.1 + 0.2, "=x", "2016-02-29T12:00:00.500000Z", "2016-02-29T12:00:00Z", "2016-02-29", True)
    ]
    assert empty == [dict.fromkeys(full)] * 2


def test_csv() -> None:
    heads, full, *empty = whole(CSV, BATCHES).decode().splitlines()
    assert heads == "integer,number,text,instant,second,day,flag"
    assert full == (
        "-1,0.30000000000000004,'=x,2016-02-29T12:00:00.500000Z,2016-02-29T12:00:00Z,2016-02-29,true"  # text is guarded
    )
    assert empty == [",,,,,,"] * 2


@pytest.mark.parametrize("format", [ARROW, PARQUET], ids=lambda format: format.name)
def test_arrow_and_parquet(format: Format) -> None:
    table = as_table(format, whole(format, BATCHES))
    types = ["int64", "double", "string", "timestamp[us, tz=UTC]", "timestamp[s, tz=UTC]", "date32[day]", "bool"]
    if format is PARQUET:
        types[4] = "timestamp[ms, tz=UTC]"  # it knows no seconds
    assert [str(field.type) for field in table.schema] == types
    assert [tuple(row.values()) for row in table.to_pylist()] == [FULL, EMPTY, EMPTY]


@format_of_any_size
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_finite_number_is_missing(format: Format, value: float) -> None:
    number = columns(Type.NUMBER, "number")
    with_it, with_none = (b"".join(write(format, number, [[(1.5,), (cell,)]])) for cell in (value, None))
    if format in (JSON, CSV):
        assert with_it == with_none
    else:
        assert as_table(format, with_it).to_pylist() == [{"number": 1.5}, {"number": None}]


@format_of_any_size
def test_no_rows(format: Format) -> None:
    body = whole(format, [])
    if format in (JSON, CSV):
        assert body == (b"[]" if format is JSON else b"integer,number,text,instant,second,day,flag\n")
    else:
        assert as_table(format, body).num_rows == 0


@every_format
def test_batches_are_read_as_they_are_written(format: Format) -> None:
    """A piece comes before the next batch is read, in Parquet before the next row group."""
    numbers = iter(range(20))
    batches: Iterator[Batch] = ([FULL] * 8000 for _ in numbers)
    left = [length_hint(numbers) for _ in write(format, COLUMNS, batches)]
    held = [before - after for before, after in pairwise([20, *left])]
    assert sum(held) == 20
    assert max(held) == (ROWS_OF_A_GROUP // 8000 if format is PARQUET else 1)


def test_text_of_the_database_is_not_written_without_quotes() -> None:
    """Where Postgres makes the line, nothing would put quotes around it."""
    with pytest.raises(NotImplementedError, match="label"):
        expressions(CSV, [Column("label", Type.TEXT, literal("a,b", Text))])
