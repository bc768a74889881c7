"""Tables whose cells are numpy arrays, a column each: integers, numbers (NaN = missing), flags, and whole seconds as
datetime64[s] in UTC; written a row at a time they take several times as long."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeds.formats.csv_file import header_of
from eeds.formats.format import ARROW, CSV, JSON, Format
from eeds.formats.json_array import encode_inner, json_array, row_type
from eeds.formats.table import Column, Type

Arrays = Sequence[NDArray[Any]]
ROWS_AT_ONCE = 5000  # as objects
ROWS_OF_A_BATCH = 16_000  # of Arrow


def write_arrays(format: Format, columns: Sequence[Column], parts: Iterable[Arrays]) -> Iterator[bytes]:
    """The file of a table, in pieces, made as its parts are consumed; NaN and infinities are missing."""
    if format is JSON:
        return json_array([json_objects(columns, piece)] for piece in pieces_of(parts, ROWS_AT_ONCE))
    if format is CSV:
        return csv_lines(columns, parts)
    from eeds.formats import arrow

    numbers = ([as_number(array) for array in piece] for piece in pieces_of(parts, ROWS_OF_A_BATCH))
    return (arrow.write_stream if format is ARROW else arrow.write_parquet)(columns, numbers)


def pieces_of(parts: Iterable[Arrays], rows: int) -> Iterator[Arrays]:
    """The parts in pieces of at most so many rows."""
    for part in parts:
        for first in range(0, len(part[0]), rows):
            yield [array[first : first + rows] for array in part]


def json_objects(columns: Sequence[Column], arrays: Arrays) -> bytes:
    """The rows as JSON objects with commas between."""
    row = row_type(columns)
    return encode_inner([row(*cells) for cells in zip(*map(values_of, arrays), strict=True)])


def values_of(array: NDArray[Any]) -> list[Any]:
    """The values as Python has them; instants as texts."""
    if array.dtype.kind == "M":
        return np.datetime_as_string(array, timezone="UTC").tolist()  # type: ignore[no-any-return]
    return list(array.tolist())


def csv_lines(columns: Sequence[Column], parts: Iterable[Arrays]) -> Iterator[bytes]:
    """The CSV file: no cell of these types needs quotes."""
    yield header_of(columns)
    for piece in pieces_of(parts, ROWS_AT_ONCE):
        cells = [texts_of(column.type, array) for column, array in zip(columns, piece, strict=True)]
        yield "".join([f"{','.join(row)}\n" for row in zip(*cells, strict=True)]).encode()


def texts_of(type: Type, array: NDArray[Any]) -> list[str]:
    """The cells of a column."""
    match type:
        case Type.NUMBER:
            finite = np.isfinite(array).tolist()
            return [
                repr(value).removesuffix(".0") if is_finite else ""
                for value, is_finite in zip(array.tolist(), finite, strict=True)
            ]
        case Type.FLAG:
            return ["true" if flag else "false" for flag in array.tolist()]
        case _:
            return list(map(str, values_of(array)))


def as_number(array: NDArray[Any]) -> NDArray[Any]:
    """Instants as seconds since 1970, as Arrow has them."""
    return array.astype(np.int64) if array.dtype.kind == "M" else array
