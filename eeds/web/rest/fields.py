"""Marshmallow fields that take what the original's clients send and answer in its words."""

import math
from collections.abc import Callable, Iterable
from typing import Any

from marshmallow import ValidationError, fields, validate

from eeds.db.tables import Base
from eeds.formats.messages import (
    BLANK,
    INTEGER,
    INVALID_PK,
    NULL,
    NUMBER,
    REQUIRED,
    invalid_pk,
    not_a_boolean,
    not_a_pk,
)
from eeds.formats.timestamps import parse_date, parse_datetime
from eeds.formats.values import parse_bool, parse_int, parse_number

fields.Field.default_error_messages |= {"required": REQUIRED, "null": NULL}


def breaks_integrity(message: str) -> bool:
    """Whether the database itself would have refused the value: null where it may not be, or a dangling key."""
    return message == NULL or message.startswith(INVALID_PK.partition("{")[0])


class Char(fields.String):
    """Text; numbers are taken as their digits and surrounding blanks are dropped, as the original did."""

    def __init__(self, max_length: int = 255, *, blank: bool = False, **kwargs: Any) -> None:
        error = f"Ensure this field has no more than {max_length} characters."
        super().__init__(validate=[validate.Length(max=max_length, error=error)], **kwargs)
        self.blank = blank

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValidationError("Not a valid string.")
        text = str(value).strip()
        if not text and not self.blank:
            raise ValidationError(BLANK)
        if "\0" in text or (not text.isprintable() and any("\ud800" <= c <= "\udfff" for c in text)):
            raise ValidationError("Null characters and unpaired surrogates are not allowed.")
        return text


class Choice(fields.String):
    """One of a fixed set of words."""

    def __init__(self, choices: Iterable[str], **kwargs: Any) -> None:
        self.choices = tuple(choices)
        super().__init__(metadata={"enum": list(self.choices)}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise ValidationError(f'"{value}" is not a valid choice.')
        return value


class Timestamp(fields.DateTime):
    """An instant, see eeds.formats.timestamps."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return _parsed(parse_datetime, value)


class Day(fields.Date):
    """A calendar day."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return _parsed(parse_date, value)


def _parsed(parse: Callable[[str], Any], value: Any) -> Any:
    try:
        return parse(str(value))
    except ValueError as error:
        raise ValidationError(str(error)) from error


class Number(fields.Float):
    """A finite number, or its text; NaN, which data frames send for a gap, is null where null may be."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        number = parse_number(value)
        if number is None or (math.isnan(number) and not self.allow_none):
            raise ValidationError(NUMBER)
        return None if math.isnan(number) else number


class WholeNumber(fields.Integer):
    """A whole number that fits a bigint, or its text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        number = parse_int(value)
        if number is None:
            raise ValidationError(INTEGER)
        return number


class Flag(fields.Boolean):
    """True or false, or a word for it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        flag = parse_bool(value)
        if flag is None:
            raise ValidationError(not_a_boolean(value))
        return flag


class Pk(fields.Integer):
    """The key of an object; that the asker can see it is checked by the schema, for a whole body at once."""

    def __init__(self, model: type[Base], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.model = model

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        key = parse_int(value)
        if key is None:
            if isinstance(value, int):
                raise ValidationError(invalid_pk(value))
            raise ValidationError(not_a_pk(value))
        return key


class Pks(fields.List[int]):
    """Keys of objects of one kind; what is wrong with any of them is said of the field."""

    def __init__(self, model: type[Base], *, allow_empty: bool = True, **kwargs: Any) -> None:
        super().__init__(Pk(model), **kwargs)
        self.model = model
        self.allow_empty = allow_empty

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list):
            raise ValidationError(f'Expected a list of items but got type "{type(value).__name__}".')
        if not value and not self.allow_empty:
            raise ValidationError("This list may not be empty.")
        return list(dict.fromkeys(self.inner.deserialize(item) for item in value))
