"""Reading whole columns at once: Arrow arrays, texts or typed, into numpy. What is unusual is read one by one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from eeds.db.binary_copy import Columns
from eeds.formats.table_readers import written_out
from eeds.records.batch import Names
from eeds.records.fields import FLAG, INSTANT, KEY, MISSING_WORDS, NAME, VALUE, ZONED_INSTANT, Field
from eeds.records.record_type import RecordType, is_faultless

MICROSECOND_UTC = pa.timestamp("us", tz="UTC")
MAX_CODES = 100_000  # of combinations of names, each of which costs eight bytes twice
DAY, COLON, SHORTEST_TIME = len("2015-01-01"), len("2015-01-01T00"), len("2015-01-01T00:00")


class Unusual(Exception):
    """A column has a value that has to be looked at by itself."""


def columns_of(
    record_type: RecordType, fields: Mapping[str, Field], arrays: Mapping[str, pa.Array], n: int
) -> tuple[Columns, Names] | None:
    """The columns of n records from Arrow arrays of their fields, and the names in them; None if any value is
    unusual."""
    sent = {name: written_out(arrays[name]) if name in arrays else pa.nulls(n) for name in fields}
    try:
        columns = {name: READERS[each.type](trimmed(sent[name])) for name, each in fields.items() if each.type != NAME}
        if not is_faultless(record_type, columns):
            return None
        names = [(each, sent[name]) for name, each in fields.items() if each.type == NAME]
        if not names:
            return columns, ()
        numbers, distinct = distinct_names(names)
    except (Unusual, pa.ArrowException):
        return None
    return {"name": numbers, **columns}, distinct


def distinct_names(fields: Sequence[tuple[Field, pa.Array]]) -> tuple[NDArray[Any], Names]:
    """The distinct names that some fields make together, in the order in which they come, and which of them each record
    has."""
    encoded = [distinct_values(field, array) for field, array in fields]
    n = len(fields[0][1])
    codes: NDArray[Any] = np.zeros(n, np.int64)
    size = 1
    for each, values in encoded:
        codes, size = codes * len(values) + each, size * len(values)
        if size > MAX_CODES:
            codes = np.unique(codes, return_inverse=True)[1]
            size = int(codes.max()) + 1
    # sorting the codes would take as long as all the rest
    first_rows = np.full(size, n)
    first_rows[codes[::-1]] = np.arange(n - 1, -1, -1)
    order = np.argsort(first_rows, kind="stable")[: np.count_nonzero(first_rows < n)]
    numbers = np.empty(size, np.int64)
    numbers[order] = np.arange(len(order))
    names = [tuple(values[each[row]] for each, values in encoded) for row in first_rows[order].tolist()]
    return numbers[codes], names


def distinct_values(field: Field, array: pa.Array) -> tuple[NDArray[Any], Sequence[Any]]:
    """The distinct values of a field, each of which is read once, and which of them each record has."""
    encoded = pc.dictionary_encode(array, null_encoding="encode")
    try:
        values = [field.value(sent) for sent in encoded.dictionary.to_pylist()]
    except ValueError as error:
        raise Unusual from error
    return values_of(encoded.indices, np.int32), values


def whole_numbers(array: pa.Array) -> NDArray[Any]:
    """Whole numbers, none missing."""
    require_all(array)
    require_numbers(array)
    if is_text(array):
        letters = np.frombuffer(array.buffers()[2] or b"", np.uint8)
        if (letters | 0x20 == ord("x")).any():  # hexadecimal numbers, which Arrow reads and nobody else
            raise Unusual
    return values_of(pc.cast(array, pa.int64()), np.int64)


def numbers(array: pa.Array) -> NDArray[Any]:
    """Numbers, NaN for missing ones; no infinities, which are no numbers to us."""
    require_numbers(array)
    try:
        array = pc.cast(array, pa.float64())
    except pa.ArrowInvalid:
        if not is_text(array):
            raise Unusual from None
        is_missing = pc.is_in(pc.utf8_lower(array), value_set=pa.array(MISSING_WORDS, array.type))
        array = pc.cast(pc.if_else(is_missing, None, array), pa.float64())
    numbers = np.where(is_there(array), values_of(array, np.float64), np.nan)
    if np.isinf(numbers).any():
        raise Unusual
    return numbers


def instants(array: pa.Array) -> NDArray[Any]:
    """Whole seconds since 1970, UTC, as datetime64[s]; times without an offset are UTC."""
    return seconds_of(parsed(array) if is_text(array) else array)


def zoned_instants(array: pa.Array) -> NDArray[Any]:
    """The same of times that all have an offset."""
    if is_text(array):
        require_minutes(array)
        array = pc.cast(array, MICROSECOND_UTC)
    if not pa.types.is_timestamp(array.type) or array.type.tz is None:
        raise Unusual
    return seconds_of(array)


def seconds_of(array: pa.Array) -> NDArray[Any]:
    """Timestamps in whole seconds, none missing."""
    require_all(array)
    if not pa.types.is_timestamp(array.type):
        raise Unusual
    microseconds = values_of(pc.cast(array, pa.timestamp("us", tz=array.type.tz)), np.int64)
    if (microseconds % 1_000_000).any():
        raise Unusual
    return (microseconds // 1_000_000).astype("datetime64[s]")


def parsed(texts: pa.Array) -> pa.Array:
    """Times from texts that all have an offset, or none of them."""
    require_minutes(texts)
    try:
        return pc.cast(texts, MICROSECOND_UTC)
    except pa.ArrowInvalid:
        return pc.cast(texts, pa.timestamp("us"))


def require_minutes(texts: pa.Array) -> None:
    """Raises Unusual for hours without minutes or without a colon, which Arrow takes."""
    wide = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    ends = np.frombuffer(texts.buffers()[1] or b"", wide)[texts.offset : texts.offset + len(texts) + 1]
    lengths, letters = np.diff(ends), np.frombuffer(texts.buffers()[2] or b"", np.uint8)
    has_time = lengths != DAY
    if (lengths[has_time] < SHORTEST_TIME).any() or (letters[ends[:-1][has_time] + COLON] != ord(":")).any():
        raise Unusual


def booleans(array: pa.Array) -> NDArray[Any]:
    """True or false, false where nothing was sent."""
    if pa.types.is_integer(array.type) or pa.types.is_floating(array.type):
        numbers = values_of(pc.cast(array, pa.int64()), np.int64)
        if ((numbers | 1) != 1)[is_there(array)].any():  # neither 0 nor 1, which Arrow takes for true
            raise Unusual
    array = pc.cast(array, pa.bool_())
    return is_there(array) & bits(array, array.buffers()[1])


READERS: Mapping[str, Callable[[pa.Array], NDArray[Any]]] = {
    KEY: whole_numbers,
    VALUE: numbers,
    INSTANT: instants,
    ZONED_INSTANT: zoned_instants,
    FLAG: booleans,
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


def require_numbers(array: pa.Array) -> None:
    """Raises Unusual for what Arrow would make numbers of, though nobody means them."""
    if pa.types.is_boolean(array.type) or pa.types.is_temporal(array.type):
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
