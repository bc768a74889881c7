"""Rows of plain data in Parquet: the columns of a file follow from the fields of a dataclass, and what is read back is
what was written, to the last bit.

A field that is a dataclass itself becomes a struct, a tuple or an array a list, a mapping a text in JSON. Every page
has a checksum, and a file has its name only when it is whole.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import Field, fields, is_dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import NoneType, TracebackType
from typing import Any, Generic, Self, TypeVar, get_args, get_origin, get_type_hints
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from eeds.meter.arrays import Instants, Mask, Numbers

# Rows are written together until they have so many elements in their arrays: that bounds the memory of who reads them.
ELEMENTS_AT_ONCE = 250_000
PART = ".part"  # behind the name of a file that is not whole
# By the type of an array: that of its elements in a file, where there is no time in seconds, and in memory.
ARRAYS: dict[Any, tuple[pa.DataType, str]] = {
    Numbers: (pa.float64(), "float64"),
    Instants: (pa.timestamp("ms"), "datetime64[s]"),
    Mask: (pa.bool_(), "bool"),
}
SCALARS: dict[Any, pa.DataType] = {
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    str: pa.string(),
    date: pa.date32(),
    datetime: pa.timestamp("us", tz="UTC"),
}
Row = TypeVar("Row")


class BatchFileError(ValueError):
    """A file is not what it should be; the text names it, and says what to do."""


def stored_fields(kind: type[Any]) -> Iterator[tuple[Field[Any], Any]]:
    """The fields that a dataclass is made from, each with its type."""
    hints = get_type_hints(kind)
    return ((field, hints[field.name]) for field in fields(kind) if field.init)


def arrow_type(hint: Any) -> pa.DataType:
    """The type of a column for values of a field's type."""
    if hint in ARRAYS:
        return list_of(ARRAYS[hint][0])
    if hint in SCALARS:
        return SCALARS[hint]
    if isinstance(hint, type) and is_dataclass(hint):
        return pa.struct(list(arrow_schema(hint)))
    if get_origin(hint) is tuple:
        return list_of(arrow_type(get_args(hint)[0]))
    if get_origin(hint) is Mapping:
        return pa.string()
    return arrow_type(without_none(hint))


def list_of(element: pa.DataType) -> pa.DataType:
    """A list, its element with the name that it has in Parquet."""
    return pa.list_(pa.field("element", element))


def without_none(hint: Any) -> Any:
    """X of `X | None`."""
    (one,) = (each for each in get_args(hint) if each is not NoneType)
    return one


def arrow_schema(kind: type[Any]) -> pa.Schema:
    """The columns of a file of such rows."""
    return pa.schema([pa.field(field.name, arrow_type(hint)) for field, hint in stored_fields(kind)])


def plain(value: Any) -> Any:
    """A value in types that Arrow takes."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field, _ in stored_fields(type(value))}
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    if isinstance(value, np.ndarray) and value.dtype.kind == "M":
        return value.astype("datetime64[ms]")  # Arrow takes the numbers of a nested array as they are
    return json.dumps(value) if isinstance(value, Mapping) else value


def restored(scalar: Any, hint: Any) -> Any:
    """The value of a field's type that was written as an Arrow scalar."""
    if not scalar.is_valid:
        return None
    if hint in ARRAYS:
        return scalar.values.to_numpy(zero_copy_only=False).astype(ARRAYS[hint][1], copy=False)
    if hint is datetime:
        return scalar.as_py().astimezone(UTC)
    if hint in SCALARS:
        return scalar.as_py()
    if isinstance(hint, type) and is_dataclass(hint):
        return hint(**{field.name: restored(scalar[field.name], type_) for field, type_ in stored_fields(hint)})
    if get_origin(hint) is tuple:
        return tuple(restored(each, get_args(hint)[0]) for each in scalar)
    if get_origin(hint) is Mapping:
        return json.loads(scalar.as_py())
    return restored(scalar, without_none(hint))


def elements(value: Any) -> int:
    """How many elements the arrays in a value have."""
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, dict):
        return sum(map(elements, value.values()))
    return sum(map(elements, value)) if isinstance(value, list) else 0


class RowWriter(Generic[Row]):
    """Writes rows of one kind into a file, which is there when the `with` block has ended without an error; without
    rows there is none."""

    def __init__(self, path: Path, kind: type[Row]) -> None:
        self.path, self.kind = path, kind
        self.part = path.with_name(f"{path.name}.{uuid4().hex}{PART}")  # another may be writing the same file
        self.waiting: list[dict[str, Any]] = []
        self.elements = self.rows = 0

    def __enter__(self) -> Self:
        self.file = pq.ParquetWriter(
            self.part, arrow_schema(self.kind), compression="zstd", use_dictionary=False, write_page_checksum=True
        )
        return self

    def write(self, row: Row) -> None:
        """Add a row."""
        values = plain(row)
        self.waiting.append(values)
        self.rows += 1
        self.elements += elements(values)
        if self.elements >= ELEMENTS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write the rows that wait, as a row group."""
        if self.waiting:
            self.file.write_table(pa.Table.from_pylist(self.waiting, schema=arrow_schema(self.kind)))
        self.waiting, self.elements = [], 0

    def __exit__(self, kind: type[BaseException] | None, error: object, traceback: TracebackType | None) -> None:
        try:
            if kind is None:
                self.flush()
            self.file.close()
            if kind is None and self.rows:
                self.part.replace(self.path)
        finally:
            self.part.unlink(missing_ok=True)


def read_rows(path: Path, kind: type[Row], what: str) -> Iterator[Row]:
    """The rows of a file, a row group in memory at a time; raises BatchFileError if it is broken, or no file of such
    rows, which are called `what`."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            if not file.schema_arrow.equals(arrow_schema(kind)):
                raise BatchFileError(
                    f"{path} is no {what} of this release of eeds; write it again with the release that reads it."
                )
            for number in range(file.num_row_groups):
                table = file.read_row_group(number)
                for i in range(table.num_rows):
                    values = {field.name: restored(table[field.name][i], hint) for field, hint in stored_fields(kind)}
                    yield kind(**values)
    except OSError as error:  # of the file, or of a page whose checksum is wrong
        raise BatchFileError(f"{path} cannot be read: {error}. Copy it, or have it written again.") from error
    except pa.ArrowException as error:
        raise BatchFileError(f"{path} is no whole Parquet file: {error}. Copy it, or have it written again.") from error
