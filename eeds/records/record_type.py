"""What a type of record is: its fields, and what must hold of their values."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeds.db.binary_copy import Columns
from eeds.records.batch import Batch, Names
from eeds.records.fields import FLAG, INSTANT, KEY, NAME, VALUE, ZONED_INSTANT, Field, read_fields
from eeds.records.refusals import Refusal

Faults = Iterator[tuple[str, str, NDArray[np.bool_]]]


@dataclass(frozen=True, eq=False)
class RecordType:
    """A type of record.

    `faults` looks at whole columns of well typed values: it gives a field, a message, and of which records that is
    true. It is a stored callable because that is all in which the types differ beside their fields.
    """

    name: str  # of its resource
    noun: str
    fields: Mapping[str, Field]
    faults: Callable[[Columns], Faults]
    one_of: tuple[str, ...] = ()  # fields of which a record has exactly one
    one_of_message: str = ""


def is_faultless(record_type: RecordType, columns: Columns) -> bool:
    """Whether nothing is wrong in whole columns."""
    return not any(mask.any() for _, _, mask in record_type.faults(columns))


def read_one_by_one(
    record_type: RecordType, fields: Mapping[str, Field], items: Sequence[Any], rows: Sequence[int]
) -> Batch:
    """Items read field by field, which finds what is wrong with each, and takes what is unusual but right."""
    good: list[int] = []
    records: list[dict[str, Any]] = []
    refusals: list[Refusal] = []
    for position, (row, item) in enumerate(zip(rows, items, strict=True)):
        values, wrong = read_fields(fields, row, item)
        wrong = wrong or one_of_refusals(record_type, row, item)
        refusals += wrong
        if not wrong:
            good.append(position)
            records.append(values)
    columns, names = columns_of_values(fields, {name: [record[name] for record in records] for name in fields})
    kept = np.ones(len(good), bool)
    for field, message, mask in record_type.faults(columns):
        for each in np.flatnonzero(mask & kept).tolist():
            item = items[good[each]]
            refusals.append(Refusal(rows[good[each]], field, item.get(field), message, item))
        kept &= ~mask
    columns = {**columns, "start": columns["start"].astype("datetime64[s]")}
    refusals.sort(key=lambda refusal: refusal.row)
    numbers = [rows[position] for position in good]
    return Batch(len(items), numbers, columns, names, refusals, is_unusual=True).part(kept)


def one_of_refusals(record_type: RecordType, row: int, item: Mapping[str, Any]) -> list[Refusal]:
    """The refusal of a record that has none or several of the fields of which it should have one."""
    given = [name for name in record_type.one_of if name in item]
    if len(record_type.one_of) == 0 or len(given) == 1:
        return []
    field = given[-1] if given else record_type.one_of[0]
    return [Refusal(row, field, item.get(field), record_type.one_of_message, item)]


def columns_of_values(fields: Mapping[str, Field], values: Mapping[str, Sequence[Any]]) -> tuple[Columns, Names]:
    """Lists of values that have been read as columns, and the names in them. Starts in datetime64[us]: what is wrong
    with parts of a second is not yet found."""
    columns = {name: array_of(field.type, values[name]) for name, field in fields.items() if field.type != NAME}
    parts = [values[name] for name, field in fields.items() if field.type == NAME]
    if not parts:
        return columns, ()
    numbers: dict[tuple[Any, ...], int] = {}
    name = np.array([numbers.setdefault(each, len(numbers)) for each in zip(*parts, strict=True)], np.int64)
    return {"name": name, **columns}, list(numbers)


def array_of(type: str, values: Sequence[Any]) -> NDArray[Any]:
    """Values of a field of that type as an array."""
    if type in (INSTANT, ZONED_INSTANT):
        return np.array([time.replace(tzinfo=None) for time in values], "datetime64[us]")
    if type == FLAG:
        return np.frombuffer(bytes(values), np.bool_)  # twice as fast as np.array
    return np.array(values, {KEY: np.int64, VALUE: np.float64}[type])
