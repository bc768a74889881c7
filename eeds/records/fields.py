"""The fields of a record: what each may be sent as, what tables call its column, and what its errors say."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from eeds.formats.messages import BLANK, NULL, NUMBER, REQUIRED, not_a_boolean, not_a_pk, not_an_object
from eeds.formats.timestamps import parse_instant
from eeds.formats.values import parse_bool, parse_int, parse_number
from eeds.records.refusals import Refusal

MISSING = object()
# How whole columns of a field are read. NAME: one of the fields that name a trace or a station together.
# ZONED_INSTANT: an instant with an offset, where a time without one is not UTC.
KEY, INSTANT, ZONED_INSTANT, VALUE, FLAG, NAME = "key", "instant", "zoned instant", "value", "flag", "name"
# What people write for a value that is missing, in capitals or not.
MISSING_WORDS = ("", "nan", "null", "none", "na", "n/a")


@dataclass(frozen=True)
class Field:
    """A field of a record. `read` turns what was sent into the value, or raises ValueError with what is wrong."""

    read: Callable[[Any], Any]
    type: str
    nullable: bool = False
    default: Any = MISSING  # for a field that may be left out
    null: Any = None  # the value of a null, where that is right
    null_message: str = NULL
    # What a table may call its column, in order of preference; nothing: what the API calls the field.
    column_names: tuple[str, ...] = ()
    never_empty_as: str = ""  # a column of this name has a value in every row
    # A table that calls the column by the first name must have a column of the second field.
    demands: tuple[str, str] = ("", "")
    advice: Mapping[str, str] = field(default_factory=dict)  # what to do, by a part of the message

    @property
    def is_optional(self) -> bool:
        """Whether a table may lack its column."""
        return self.default is not MISSING

    def value(self, sent: Any) -> Any:
        """The value of the field; raises ValueError with the message for the client."""
        if sent is MISSING:
            if self.default is MISSING:
                raise ValueError(REQUIRED)
            return self.default
        if sent is None:
            if not self.nullable:
                raise ValueError(self.null_message)
            return self.null
        return self.read(sent)

    def in_table(self, column_name: str) -> "Field":
        """The field as a table has it that calls its column so. Missing values may be written as words; an empty cell
        leaves out a field that may be left out."""
        if self.type == VALUE:
            return replace(self, read=read_cell_number)
        if self.is_optional and not self.nullable:
            return replace(self, nullable=True, null=self.default)
        if column_name and column_name == self.never_empty_as:
            return replace(self, nullable=False, default=MISSING, null_message=BLANK)
        return self


def read_fields(fields: Mapping[str, Field], row: int, item: Any) -> tuple[dict[str, Any], list[Refusal]]:
    """The values of one record by field, and what is wrong with it."""
    if not isinstance(item, Mapping):
        return {}, [Refusal(row, None, item, not_an_object(item), item)]
    values: dict[str, Any] = {}
    refusals = []
    for name, each in fields.items():
        sent = item.get(name, MISSING)
        try:
            values[name] = each.value(sent)
        except ValueError as error:
            refusals.append(Refusal(row, name, None if sent is MISSING else sent, str(error), item))
    return values, refusals


def read_key(sent: Any) -> int:
    """The id of another object."""
    key = parse_int(sent)
    if key is None:
        raise ValueError(not_a_pk(sent))
    return key


def read_number(sent: Any) -> float | None:
    """A number; NaN, which data frames send for a gap, is a missing one."""
    number = parse_number(sent)
    if number is None:
        raise ValueError(NUMBER)
    return None if math.isnan(number) else number


def read_cell_number(sent: Any) -> float | None:
    """A number, or one of the words for a missing one."""
    return None if isinstance(sent, str) and sent.strip().lower() in MISSING_WORDS else read_number(sent)


def read_boolean(sent: Any) -> bool:
    """True or false, or a word for it."""
    flag = parse_bool(sent)
    if flag is None:
        raise ValueError(not_a_boolean(sent))
    return flag


def read_time(sent: Any) -> Any:
    """An instant in UTC; a day alone is its first second, as daily readings are often dated."""
    return parse_instant(str(sent))
