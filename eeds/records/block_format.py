"""Readings as blocks: rows of consumption_blocks, each with consecutive readings of a trace in a calendar month (UTC).

`encode` makes rows of columns of readings, in the binary format of COPY, `decode` columns of rows. The columns are
metadata_id, start (datetime64[s]), value (NaN = missing) and estimated, sorted by trace and start.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeds.db.binary_arrays import FLOAT8, INT4, array_header, elements_of, read_arrays
from eeds.db.binary_copy import HEADER, NULL, POSTGRES_EPOCH, TRAILER, Columns
from eeds.records.balance import LARGEST

Places = NDArray[np.intp]

EMPTY: Columns = {
    "metadata_id": np.empty(0, np.int64),
    "start": np.empty(0, "datetime64[s]"),
    "value": np.empty(0),
    "estimated": np.empty(0, bool),
}
FIELDS = 10
# The fields of copy_blocks.sql that are never null: metadata_id, month (days since 2000), first_start and last_start
# (microseconds since 2000), readings and energy, each behind its length.
FIXED = struct.Struct(">h iq ii iq iq ii id")
INTEGER = struct.Struct(">ii")
LENGTH = struct.Struct(">i")
NULL_FIELD = LENGTH.pack(NULL)


def months_of(starts: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """The calendar months (UTC), datetime64[M]."""
    return starts.astype("datetime64[M]")


def block_heads(readings: Columns) -> Places:
    """Where in sorted readings another block begins."""
    ids, months = readings["metadata_id"], months_of(readings["start"])
    is_head = np.ones(len(ids), bool)
    is_head[1:] = (ids[1:] != ids[:-1]) | (months[1:] != months[:-1])
    return np.flatnonzero(is_head)


def encode(readings: Columns, more: Sequence[bytes] = ()) -> bytes:
    """The rows of sorted readings, several of one start too, for copy_blocks.sql and copy_staged_blocks.sql; for others
    with `more` fields, each behind its length, which end every row."""
    heads = block_heads(readings)
    if not len(heads):
        return HEADER + TRAILER
    counts = np.diff(np.append(heads, len(readings["start"])))
    values = memoryview(elements_of(readings["value"], FLOAT8))
    parts: list[bytes | memoryview] = [HEADER]
    rows = zip(
        heads.tolist(),
        counts.tolist(),
        fixed_fields(readings, heads, counts, FIELDS + len(more)),
        spacing_fields(readings["start"], heads, counts),
        flag_fields(readings["estimated"], heads, counts),
        strict=True,
    )
    for head, count, fixed, spacing, flags in rows:
        elements = values[head * FLOAT8.size : (head + count) * FLOAT8.size]
        parts += (fixed, spacing, array_header(FLOAT8, count), elements, flags, *more)
    parts.append(TRAILER)
    return b"".join(parts)


def fixed_fields(readings: Columns, heads: Places, counts: Places, fields: int) -> Iterator[bytes]:
    """The number of `fields` of each row, and those that are never null."""
    value, first = readings["value"], readings["start"][heads]
    last = readings["start"][heads + counts - 1]
    energy = np.add.reduceat(np.where(np.abs(value) <= LARGEST, value, 0), heads)
    epoch = POSTGRES_EPOCH.astype("datetime64[D]")
    columns = (
        readings["metadata_id"][heads],
        (months_of(first).astype("datetime64[D]") - epoch).astype(np.int64),
        (first - POSTGRES_EPOCH).astype(np.int64) * 1_000_000,
        (last - POSTGRES_EPOCH).astype(np.int64) * 1_000_000,
        counts,
        energy,
    )
    for id, month, start, end, count, sum in zip(*(column.tolist() for column in columns), strict=True):
        yield FIXED.pack(fields, 8, id, 4, month, 8, start, 8, end, 4, count, 8, sum)


def spacing_fields(starts: NDArray[np.datetime64], heads: Places, counts: Places) -> list[bytes]:
    """The fields `step` and `offsets` of each row, one of which is null."""
    seconds = starts.astype(np.int64)
    offsets = seconds - np.repeat(seconds[heads], counts)
    steps = offsets[np.minimum(heads + 1, heads + counts - 1)]  # 0 for a single reading
    is_off = offsets != places_in_block(heads, counts) * np.repeat(steps, counts)
    fields = [INTEGER.pack(4, step) + NULL_FIELD for step in steps.tolist()]
    for block in np.flatnonzero(np.logical_or.reduceat(is_off, heads)).tolist():
        own = offsets[heads[block] : heads[block] + counts[block]]
        fields[block] = NULL_FIELD + array_header(INT4, len(own)) + elements_of(own, INT4)
    return fields


def places_in_block(heads: Places, counts: Places) -> Places:
    """Of each reading, the how manieth of its block it is, from 0."""
    return np.arange(counts.sum()) - np.repeat(heads, counts)


def flag_fields(estimated: NDArray[np.bool_], heads: Places, counts: Places) -> list[bytes]:
    """The field `estimated` of each row: bits behind their number, null where none is set."""
    fields = [NULL_FIELD] * len(heads)
    for block in np.flatnonzero(np.logical_or.reduceat(estimated, heads)).tolist():
        own = estimated[heads[block] : heads[block] + counts[block]]
        bits = np.packbits(own).tobytes()
        fields[block] = INTEGER.pack(LENGTH.size + len(bits), len(own)) + bits
    return fields


def decode(rows: Sequence[Sequence[Any]]) -> Columns:
    """The readings of rows of metadata_id, first start in seconds since 1970, readings, step, offsets, value and
    estimated, the last three in Postgres' binary format or None."""
    if not rows:
        return EMPTY
    ids, first, readings, step, offsets, value, estimated = zip(*rows, strict=True)
    counts = np.array(readings)
    heads = np.cumsum(counts) - counts
    steps = np.array([0 if each is None else each for each in step])
    seconds = np.repeat(np.array(first), counts) + np.repeat(steps, counts) * places_in_block(heads, counts)
    is_off = np.array([each is not None for each in offsets])
    if is_off.any():
        seconds[np.repeat(is_off, counts)] += read_arrays(present(offsets), INT4)
    flags = np.zeros(len(seconds), bool)
    for head, count, bits in zip(heads.tolist(), readings, estimated, strict=True):
        if bits is not None:
            flags[head : head + count] = np.unpackbits(np.frombuffer(bits, np.uint8, offset=LENGTH.size), count=count)
    return {
        "metadata_id": np.repeat(np.array(ids, np.int64), counts),
        "start": seconds.astype("datetime64[s]"),
        "value": read_arrays(value, FLOAT8),
        "estimated": flags,
    }


def present(parts: Iterable[bytes | None]) -> list[bytes]:
    """Those that are not None."""
    return [part for part in parts if part is not None]


def utc_texts(starts: NDArray[np.datetime64]) -> list[str]:
    """The starts for Postgres, in UTC."""
    return np.datetime_as_string(starts, timezone="UTC").tolist()  # type: ignore[no-any-return]


def joined(parts: Sequence[Columns]) -> Columns:
    """The readings of all parts, one after the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in EMPTY} if parts else EMPTY


def part_of(readings: Columns, which: slice | NDArray[Any]) -> Columns:
    """Some of the readings."""
    return {name: column[which] for name, column in readings.items()}
