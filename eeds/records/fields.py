"""Reading one field of a record from whatever a client sent for it, in the words of the API."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eeds.formats.messages import NULL, NUMBER, REQUIRED, not_a_boolean, not_a_pk, not_an_object
from eeds.formats.timestamps import parse_instant
from eeds.formats.values import parse_bool, parse_int, parse_number
from eeds.records.refusals import Refusal

MISSING = object()
NAME = "name"  # the type of the fields that name a trace together


@dataclass(frozen=True)
class Column:
    """A field of a record. `read` turns what was sent into the value, or raises ValueError with what is wrong; `type`
    names how whole columns of it are read, see eeds.records.arrow_columns."""

    read: Callable[[Any], Any]
    type: str = ""
    nullable: bool = False
    default: Any = MISSING  # for a field that may be left out

    def value(self, sent: Any) -> Any:
        """The value of a field; raises ValueError with the message for the client."""
        if sent is MISSING:
            if self.default is MISSING:
                raise ValueError(REQUIRED)
            return self.default
        if sent is None:
            if not self.nullable:
                raise ValueError(NULL)
            return None
        return self.read(sent)


def read_fields(columns: Mapping[str, Column], index: int, item: Any) -> tuple[dict[str, Any], list[Refusal]]:
    """The values of one record by field, and what is wrong with it."""
    if not isinstance(item, Mapping):
        return {}, [Refusal(index, None, item, not_an_object(item), item)]
    values: dict[str, Any] = {}
    refusals = []
    for name, column in columns.items():
        sent = item.get(name, MISSING)
        try:
            values[name] = column.value(sent)
        except ValueError as error:
            refusals.append(Refusal(index, name, None if sent is MISSING else sent, str(error), item))
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


def read_boolean(sent: Any) -> bool:
    """True or false, or a word for it."""
    flag = parse_bool(sent)
    if flag is None:
        raise ValueError(not_a_boolean(sent))
    return flag


def read_time(sent: Any) -> Any:
    """An instant in UTC; a day alone is its first second, as daily readings are often dated."""
    return parse_instant(str(sent))
