"""Reading whole columns at once: Arrow arrays, texts or typed, into numpy. What is unusual is read one by one."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from eeds.ingest.kind import Kind
from eeds.ingest.segment import Columns

MICROSECOND_UTC = pa.timestamp("us", tz="UTC")
SHORTEST_TIME = len("2015-01-01T00:00:00")


class Unusual(Exception):
    """A column has a value that has to be looked at by itself."""


def columns_of(kind: Kind, batch: pa.RecordBatch) -> Columns | None:
    """The columns of a kind from a batch of records; None if any value of any of them is unusual."""
    if kind.all_right is None:
        return None
    names = set(batch.schema.names)
    found: dict[str, NDArray[Any]] = {}
    try:
        for name, column in kind.columns.items():
            array = batch.column(name) if name in names else pa.nulls(batch.num_rows)
            found[name] = READERS[column.type](trimmed(array))
    except (Unusual, pa.ArrowException):
        return None
    return found if kind.all_right(found) else None


def whole_numbers(array: pa.Array) -> NDArray[Any]:
    """Whole numbers, none missing."""
    require_all(array)
    return values_of(pc.cast(array, pa.int64()), np.int64)


def numbers(array: pa.Array) -> NDArray[Any]:
    """Numbers, NaN for missing ones; no infinities, which are no numbers to us."""
    array = pc.cast(array, pa.float64())
    found = np.where(is_there(array), values_of(array, np.float64), np.nan)
    if np.isinf(found).any():
        raise Unusual
    return found


def instants(array: pa.Array) -> NDArray[Any]:
    """Whole seconds since 1970, UTC, as datetime64[s]; times without an offset are UTC."""
    require_all(array)
    if is_text(array):
        array = parsed(array)
    if not pa.types.is_timestamp(array.type):
        raise Unusual
    found = values_of(pc.cast(array, pa.timestamp("us", tz=array.type.tz)), np.int64)
    if (found % 1_000_000).any():
        raise Unusual
    return (found // 1_000_000).astype("datetime64[s]")


def parsed(texts: pa.Array) -> pa.Array:
    """Times from texts that all have an offset, or none of them."""
    try:
        return pc.cast(texts, MICROSECOND_UTC)
    except pa.ArrowInvalid:
        if values_of(pc.utf8_length(texts), np.int32).min() < SHORTEST_TIME:
            raise Unusual from None  # days without a time, which may stand among others
        return pc.cast(texts, pa.timestamp("us"))


def booleans(array: pa.Array) -> NDArray[Any]:
    """True or false, false where nothing was sent."""
    array = pc.cast(array, pa.bool_())
    return is_there(array) & bits(array, array.buffers()[1])


READERS: Mapping[str, Callable[[pa.Array], NDArray[Any]]] = {
    "whole number": whole_numbers,
    "number": numbers,
    "instant": instants,
    "boolean": booleans,
}


def trimmed(array: pa.Array) -> pa.Array:
    """Texts without the blanks around them."""
    return pc.utf8_trim_whitespace(array) if is_text(array) else array


def is_text(array: pa.Array) -> bool:
    """Whether a column was sent as texts."""
    return bool(pa.types.is_string(array.type) or pa.types.is_large_string(array.type))


def require_all(array: pa.Array) -> None:
    """Raises Unusual if a value is missing."""
    if array.null_count:
        raise Unusual


# pyarrow's own way to numpy imports pandas, which a web process does not otherwise need: 80 MB. So the buffers are read
# as they are; see the columnar format in Arrow's documentation.


def values_of(array: pa.Array, dtype: type[np.generic]) -> NDArray[Any]:
    """The values of an array of numbers; whatever stands there for missing ones."""
    return np.frombuffer(array.buffers()[1] or b"", dtype)[array.offset : array.offset + len(array)]


def is_there(array: pa.Array) -> NDArray[np.bool_]:
    """Which values are not missing."""
    validity = array.buffers()[0]
    return np.ones(len(array), bool) if validity is None else bits(array, validity)


def bits(array: pa.Array, buffer: Any) -> NDArray[np.bool_]:
    """A buffer of bits of an array."""
    packed = np.frombuffer(buffer or b"", np.uint8)
    return np.unpackbits(packed, bitorder="little")[array.offset : array.offset + len(array)].astype(bool)
